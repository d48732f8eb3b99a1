/* A picture in the terminal that is redrawn in place. It uses the alternate screen, so that a
 * resized window leaves no remains, and queries the size for each drawing. */
#include "cli/terminal_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/stop.h"
#include "cli/terminal.h"
#include "cli/terminal_picture.h"

enum {
    LEAST_COLUMNS = 8,
    LEAST_ROWS = 4,
    USUAL_COLUMNS = 80,
    USUAL_ROWS = 24,
    USUAL_CELL_WIDTH = 8, /* pixels per character if the terminal does not report it */
    USUAL_CELL_HEIGHT = 16
};

/* Switches to the alternate screen and hides the cursor; restores both. */
static const char enter[] = "\033[?1049h\033[?25l\033[2J";
static const char leave[] = "\033[0m\033[?25h\033[?1049l";
/* Terminals that support it show everything between them at once. */
static const char begin_frame[] = "\033[?2026h\033[H", end_frame[] = "\033[?2026l";
static const char kitty_delete[] = "\033_Ga=d,q=2\033\\";

/* ---- Capabilities of the terminal ------------------------------------------------------------ */

static bool variable_has(const char *name, const char *part)
{
    const char *value = getenv(name);
    return value != NULL && strstr(value, part) != NULL;
}

/* Uses environment variables, because querying the terminal would require waiting for a response.
 * Inside tmux and screen, the pixels of the outer terminal cannot be used. */
static screen_method method_of_terminal(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const bool colour = no_colour == NULL || *no_colour == 0;
    const bool inside =
        getenv("TMUX") != NULL || variable_has("TERM", "screen") || variable_has("TERM", "tmux");
    if (!inside && (getenv("KITTY_WINDOW_ID") != NULL || variable_has("TERM", "kitty") ||
                    variable_has("TERM", "ghostty") || variable_has("TERM_PROGRAM", "WezTerm"))) {
        return SCREEN_KITTY;
    }
    if (!inside && (variable_has("TERM", "foot") || variable_has("TERM", "mlterm") ||
                    variable_has("TERM", "contour") || variable_has("TERM", "sixel"))) {
        return SCREEN_SIXEL;
    }
    return terminal_is_unicode() && colour ? SCREEN_BLOCKS : SCREEN_CHARACTERS;
}

static bool read_method(screen_method *out, const char *text)
{
    static const struct {
        const char *name;
        screen_method method;
    } known[] = {{"blocks", SCREEN_BLOCKS}, {"kitty", SCREEN_KITTY}, {"sixel", SCREEN_SIXEL}};
    if (*text == 0 || strcmp(text, "auto") == 0) {
        *out = method_of_terminal();
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(text, known[i].name) == 0) {
            *out = known[i].method;
            return true;
        }
    }
    complain_usage("--terminal: expected auto, blocks, kitty or sixel, found \"%s\"", text);
    return false;
}

bool terminal_screen_choose(terminal_screen *out, const option_values *given)
{
    *out = (terminal_screen){.method = SCREEN_BLOCKS};
    if (!read_method(&out->method, options_value(given, "terminal"))) {
        return false;
    }
    const char *term = getenv("TERM");
    const bool dumb = term == NULL || *term == 0 || strcmp(term, "dumb") == 0;
    if (!isatty(STDOUT_FILENO) || dumb) {
        complain_usage("--terminal: standard output is not a terminal%s; draw to a file with -o, "
                       "for example -o growth.gif",
                       isatty(STDOUT_FILENO) ? " that can move its cursor (TERM)" : "");
        return false;
    }
    return true;
}

/* ---- Drawing ---------------------------------------------------------------------------------*/

static struct winsize size_of_terminal(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        size = (struct winsize){.ws_col = USUAL_COLUMNS, .ws_row = USUAL_ROWS};
    }
    size.ws_col = size.ws_col < LEAST_COLUMNS ? LEAST_COLUMNS : size.ws_col;
    size.ws_row = size.ws_row < LEAST_ROWS ? LEAST_ROWS : size.ws_row;
    if (size.ws_xpixel == 0 || size.ws_ypixel == 0) {
        size.ws_xpixel = (unsigned short)(size.ws_col * USUAL_CELL_WIDTH);
        size.ws_ypixel = (unsigned short)(size.ws_row * USUAL_CELL_HEIGHT);
    }
    return size;
}

/* Enlarged by the largest integer factor that fits, or reduced if it does not fit. */
static nca_status draw_pixels(const nca_image *picture, nca_graphics graphics,
                              const struct winsize *size, size_t rows, nca_error *error)
{
    const size_t width = size->ws_xpixel, height = rows * size->ws_ypixel / size->ws_row;
    const size_t factor = width / picture->width < height / picture->height
                              ? width / picture->width
                              : height / picture->height;
    nca_image *fitting = NULL;
    nca_status status;
    if (factor > 0) {
        status = nca_image_scale_nearest(&fitting, picture, factor, error);
    } else {
        const bool wide = picture->width * height > picture->height * width;
        const size_t columns = wide ? width : picture->width * height / picture->height;
        const size_t lines = wide ? picture->height * width / picture->width : height;
        status = nca_image_resize_lanczos(&fitting, picture, columns > 0 ? columns : 1,
                                          lines > 0 ? lines : 1, error);
    }
    char *text = NULL;
    size_t length = 0;
    if (status == NCA_OK) {
        status = nca_image_encode_graphics(&text, &length, fitting, graphics, error);
    }
    if (status == NCA_OK) {
        fwrite(text, 1, length, stdout);
        fputc('\n', stdout);
    }
    free(text);
    nca_image_destroy(fitting);
    return status;
}

static nca_status draw_picture(const terminal_screen *screen, const nca_image *picture,
                               const struct winsize *size, nca_error *error)
{
    const size_t rows = size->ws_row - 2u; /* without the line above and the cursor's line below */
    if (screen->method == SCREEN_KITTY || screen->method == SCREEN_SIXEL) {
        const nca_graphics graphics =
            screen->method == SCREEN_KITTY ? NCA_GRAPHICS_KITTY : NCA_GRAPHICS_SIXEL;
        return draw_pixels(picture, graphics, size, rows, error);
    }
    return terminal_picture(stdout, picture, size->ws_col, rows, screen->method == SCREEN_BLOCKS,
                            error);
}

static nca_status keep(terminal_screen *screen, const nca_image *picture, nca_error *error)
{
    nca_image_destroy(screen->last);
    screen->last = NULL;
    return nca_image_scale_nearest(&screen->last, picture, 1, error);
}

static void wait_for_next(terminal_screen *screen)
{
    const double now = nca_seconds();
    const double due = screen->next > 0 ? screen->next : now;
    /* A terminal that is too slow gets later frames later, instead of all at once. */
    screen->next = (due > now ? due : now) + screen->frame_seconds;
    const double left = screen->next - now;
    const struct timespec time = {.tv_sec = (time_t)left,
                                  .tv_nsec = (long)((left - (double)(time_t)left) * 1e9)};
    nanosleep(&time, NULL); /* a signal ends it early, as intended */
}

nca_status terminal_screen_draw(terminal_screen *screen, const nca_image *picture, const char *line,
                                nca_error *error)
{
    const struct winsize size = size_of_terminal();
    if (!screen->open) {
        stop_last_words(leave);
        fputs(enter, stdout);
        screen->open = true;
    } else if (size.ws_col != screen->columns || size.ws_row != screen->rows) {
        fputs("\033[2J", stdout);
    }
    screen->columns = size.ws_col;
    screen->rows = size.ws_row;
    fputs(begin_frame, stdout);
    printf("%.*s\033[K\n", (int)size.ws_col - 1, shown(line));
    nca_status status = draw_picture(screen, picture, &size, error);
    fputs(end_frame, stdout);
    fflush(stdout);
    if (status == NCA_OK) {
        status = keep(screen, picture, error);
    }
    if (status == NCA_OK) {
        wait_for_next(screen);
    }
    return status;
}

void terminal_screen_close(terminal_screen *screen)
{
    if (screen->open) {
        const struct winsize size = size_of_terminal();
        fputs(screen->method == SCREEN_KITTY ? kitty_delete : "", stdout);
        fputs(leave, stdout);
        if (screen->last != NULL) {
            draw_picture(screen, screen->last, &size, NULL);
        }
        fflush(stdout);
        stop_last_words(NULL);
    }
    nca_image_destroy(screen->last);
    *screen = (terminal_screen){.method = screen->method};
}
