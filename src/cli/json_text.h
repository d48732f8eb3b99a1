/* Strings in JSON that commands print. */
#ifndef NCA_CLI_JSON_TEXT_H
#define NCA_CLI_JSON_TEXT_H

/* Prints the text as a JSON string, quotes and all. A byte that is not UTF-8 (a path may hold any)
 * becomes U+FFFD. */
void print_json_string(const char *text);

#endif
