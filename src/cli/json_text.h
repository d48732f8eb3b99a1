/* Strings in JSON. */
#ifndef NCA_CLI_JSON_TEXT_H
#define NCA_CLI_JSON_TEXT_H

#include <stdio.h>

/* Writes the text as a JSON string, quotes and all. A byte that is not UTF-8 (a path may hold any)
 * becomes U+FFFD. */
void write_json_string(FILE *to, const char *text);
/* The same on standard output. */
void print_json_string(const char *text);

#endif
