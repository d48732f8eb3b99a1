/* Moving pictures in the terminal on standard output. */
#ifndef NCA_CLI_TERMINAL_SCREEN_H
#define NCA_CLI_TERMINAL_SCREEN_H

#include "cli/options.h"

typedef enum screen_method {
    SCREEN_CHARACTERS, /* without blocks or colours */
    SCREEN_BLOCKS,     /* two pixels per character, in 24-bit colour */
    SCREEN_KITTY,
    SCREEN_SIXEL
} screen_method;

typedef struct terminal_screen {
    screen_method method;
    double frame_seconds;
    double next; /* nca_seconds() of the next frame; 0 before the first */
    unsigned short columns, rows;
    bool open;
    nca_image *last; /* the last picture drawn */
} terminal_screen;

/* The option of a command that can draw in the terminal. */
#define TERMINAL_OPTION                                                                      \
    {                                                                                        \
        "terminal", 0, "[=HOW]",                                                             \
            "Draw in the terminal instead of writing a file. HOW is auto, blocks, kitty or " \
            "sixel; without it the method is chosen automatically. Ctrl-C stops it."         \
    }

/* Reads option --terminal; false after a message, also if standard output is not a terminal. */
bool terminal_screen_choose(terminal_screen *out, const option_values *given);
/* Draws a picture, one pixel per cell and as large as possible, below a line of text, and then
 * waits until the next one is due. After the window was resized, everything is redrawn. */
nca_status terminal_screen_draw(terminal_screen *screen, const nca_image *picture, const char *line,
                                nca_error *error);
/* Restores the terminal, with the last picture on it and the cursor visible. */
void terminal_screen_close(terminal_screen *screen);

#endif
