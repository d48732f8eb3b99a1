/* Labels of several things in one picture: their names without what they share. */
#ifndef NCA_CLI_SHORT_NAMES_H
#define NCA_CLI_SHORT_NAMES_H

#include <stddef.h>

enum {
    SHORT_NAME_SIZE = 160
};

/* Names are words joined by '_', as a sweep names its runs. Words that all names have in the same
 * place are left out, and the rest is joined by spaces, in lines of about `width` characters. A
 * name that is left empty keeps its words and gets its number (from 1), and so do those that are
 * alike. */
void short_names(char (*out)[SHORT_NAME_SIZE], const char *const *names, size_t count,
                 size_t width);

#endif
