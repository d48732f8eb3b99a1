/* The files that the build makes from the tables of commands and options: manual pages, and what
 * shells need to complete commands. Each function writes one file. */
#ifndef NCA_MANUAL_MANUAL_H
#define NCA_MANUAL_MANUAL_H

#include <stdio.h>

#include "cli/commands.h"

/* A manual page in the language of man(7). `name` is the command's full name ("nca data get"); the
 * row gives its purpose, and its page or group the rest. */
void write_man_page(FILE *out, const char *name, const char *purpose, const help_page *page,
                    const command_group *group);

void write_bash_completion(FILE *out);
void write_zsh_completion(FILE *out);
void write_fish_completion(FILE *out);

#endif
