/* Messages on standard error, and their exit codes. The program writes to standard error only here,
 * and external text is made safe for terminals (tests/house/test_messages.sh). */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stop.h"

/* A single write, so that lines of several processes are not mixed. If the reader has closed the
 * pipe, a running command is stopped, as by SIGPIPE. */
static void put(const char *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, stderr) < size && errno == EPIPE) {
        stop_ask(SIGPIPE);
    }
    clearerr(stderr);
}

/* `before` and `after` are the program's own; the text between them is cleaned. */
static void say(const char *before, const char *after, const char *format, va_list arguments)
{
    char *text = NULL, *line = NULL;
    if (vasprintf(&text, format, arguments) < 0) {
        text = NULL;
    } else {
        nca_clean_text(text);
    }
    int length = asprintf(&line, "%s%s%s", before, text != NULL ? text : "out of memory", after);
    if (length > 0) {
        put(line, (size_t)length);
    }
    free(text);
    free(line);
}

static void say_message(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("nca: ", "\n", format, arguments);
    va_end(arguments);
}

int complain(const nca_error *error)
{
    say_message("%s", error->message);
    switch (error->status) {
    case NCA_INVALID_ARGUMENT:
    case NCA_MISMATCH:
    case NCA_EXISTS:
        return EXIT_USAGE;
    case NCA_DIVERGED:
        return EXIT_DIVERGED;
    case NCA_OK:
    case NCA_OUT_OF_MEMORY:
    case NCA_IO:
    case NCA_NOT_FOUND:
    case NCA_FORMAT:
    case NCA_UNSUPPORTED:
    case NCA_LIMIT:
    case NCA_INTERRUPTED:
    case NCA_DEVICE_LOST:
        break;
    }
    return EXIT_FAILED;
}

int complain_usage(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("nca: ", "\n", format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

void note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("nca: ", "\n", format, arguments);
    va_end(arguments);
}

void note_text(const char *text, void *user)
{
    (void)user;
    note("%s", text);
}

void report_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("", "\n", format, arguments);
    va_end(arguments);
}

void status_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("\r", "\033[K", format, arguments);
    va_end(arguments);
}

void status_clear(void)
{
    static const char clear[] = "\r\033[K";
    put(clear, sizeof clear - 1);
}

void status_leave(void)
{
    put("\n", 1);
}

void status_picture(const char *text, size_t size)
{
    put(text, size);
}

const char *shown(const char *text)
{
    enum {
        AT_ONCE = 8 /* names per call of printf */
    };
    static char *copies[AT_ONCE];
    static size_t next;
    if (!isatty(STDOUT_FILENO)) {
        return text;
    }
    char **copy = &copies[next++ % AT_ONCE];
    free(*copy);
    *copy = strdup(text);
    if (*copy != NULL) {
        nca_clean_text(*copy);
    }
    return *copy != NULL ? *copy : "?";
}

void print_lines(const char *text)
{
    while (*text != 0) {
        const size_t length = strcspn(text, "\n");
        char *line = strndup(text, length);
        printf("%s%s", line != NULL ? shown(line) : "?", text[length] != 0 ? "\n" : "");
        free(line);
        text += length + (text[length] != 0);
    }
}

void note_device(nca_device device, nca_precision precision)
{
    nca_device_info used;
    if (nca_device_kind(device) == NCA_DEVICE_CPU ||
        nca_device_choose(&used, device, precision, NULL) != NCA_OK) {
        return; /* an error is reported by what uses the device */
    }
    if (used.problem[0] != 0 && nca_device_kind(device) != NCA_DEVICE_AUTO) {
        note("device: the CPU is used: %s", used.problem);
    } else if (used.problem[0] == 0) {
        note("device: %s, %s", used.name, used.title);
    }
}

unsigned losses_behind(const nca_model_info *info)
{
    enum {
        MEAN_WINDOW = 50
    }; /* nca_model_info.loss */
    return info->iterations < MEAN_WINDOW ? (unsigned)info->iterations : MEAN_WINDOW;
}
