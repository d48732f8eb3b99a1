/* The terminal on standard error, and text that fits it. */
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is_there(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && (term == NULL || strcmp(term, "dumb") != 0);
}

bool terminal_is_unicode(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && *value != 0) {
            return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL ||
                   strstr(value, "utf-8") != NULL;
        }
    }
    return false;
}

size_t terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return 80;
}

size_t terminal_height(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
        return size.ws_row;
    }
    return 24;
}

size_t terminal_columns(const char *text)
{
    size_t count = 0;
    for (; *text != 0; text++) {
        count += ((unsigned char)*text & 0xC0u) != 0x80u;
    }
    return count;
}

void terminal_bar(char *out, size_t size, size_t width, double share, bool unicode)
{
    size_t full = share > 0 ? (size_t)(share * (double)width + 0.5) : 0, used = 0;
    used += (size_t)snprintf(out, size, "%s", unicode ? "" : "[");
    for (size_t i = 0; i < width && used < size; i++) {
        const char *mark = i < full ? (unicode ? "\u2588" : "#") : (unicode ? "\u2591" : ".");
        used += (size_t)snprintf(out + used, size - used, "%s", mark);
    }
    if (used < size && !unicode) {
        snprintf(out + used, size - used, "]");
    }
}

void terminal_duration(char *out, size_t size, double seconds)
{
    unsigned long whole = seconds > 0 && seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;
    if (whole >= 3600) {
        snprintf(out, size, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        snprintf(out, size, "%lu:%02lu", whole / 60, whole % 60);
    }
}
