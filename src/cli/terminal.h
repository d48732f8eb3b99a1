/* What progress displays know of the terminal behind standard error. */
#ifndef NCA_CLI_TERMINAL_H
#define NCA_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether lines can be drawn again. */
bool terminal_is_there(void);
/* Whether the locale says that block characters are understood. */
bool terminal_is_unicode(void);
/* In columns, asked again each time, so that a resized window needs no signal. */
size_t terminal_width(void);
/* In lines, likewise. */
size_t terminal_height(void);
/* The columns that UTF-8 text takes when every character is one wide. */
size_t terminal_columns(const char *text);
/* A bar of `width` columns (and two brackets without Unicode), `share` of it full. */
void terminal_bar(char *out, size_t size, size_t width, double share, bool unicode);
/* "2:05" or "1:02:05". */
void terminal_duration(char *out, size_t size, double seconds);

#endif
