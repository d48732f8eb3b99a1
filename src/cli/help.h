/* Help pages, generated from the option tables that the parser uses. */
#ifndef NCA_CLI_HELP_H
#define NCA_CLI_HELP_H

#include "cli/options.h"

typedef struct command {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *purpose; /* one line */
    bool group;          /* whether it has commands of its own */
} command;

/* Commands under a common name; the table ends with a row without a name. */
typedef struct command_group {
    const char *name;    /* "nca", "nca data" */
    const char *purpose; /* paragraphs */
    const command *commands;
    bool version;         /* whether --version is one of its options */
    const char *examples; /* lines, each with one command */
} command_group;

typedef struct help_page {
    const char *usage;    /* lines after "usage: " */
    const char *purpose;  /* paragraphs */
    const option *table;  /* options of the command */
    bool settings;        /* whether every setting is an option */
    const char *examples; /* lines, each with one command */
} help_page;

void help_print(const help_page *page);

/* The first call of every command: parses the arguments, prints the help page if it was requested,
 * and prints an error if the required first argument, `expected` ("a set"; NULL: none is required),
 * is missing. Returns false, with the exit code, if the command should end. */
bool command_begin(int *out_code, option_values *out_given, const char *name, const help_page *page,
                   size_t most_positionals, const char *expected, int count, char **arguments);
void help_print_group(const command_group *group);

#endif
