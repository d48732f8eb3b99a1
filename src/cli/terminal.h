/* Properties of the terminal on standard error, for progress displays. */
#ifndef NCA_CLI_TERMINAL_H
#define NCA_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether lines can be redrawn. */
bool terminal_is_there(void);
/* Whether block characters can be used according to the locale. */
bool terminal_is_unicode(void);
/* In columns. It is queried for each call, so that a resized window needs no signal. */
size_t terminal_width(void);
/* In lines, queried in the same way. */
size_t terminal_height(void);
/* The number of columns of UTF-8 text if every character is one column wide. */
size_t terminal_columns(const char *text);
/* A bar of `width` columns (plus two brackets without Unicode), filled to the fraction `share`. */
void terminal_bar(char *out, size_t size, size_t width, double share, bool unicode);
/* "2:05" or "1:02:05". */
void terminal_duration(char *out, size_t size, double seconds);

#endif
