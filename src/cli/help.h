/* Help pages, generated from the option tables that the parser uses. */
#ifndef NCA_CLI_HELP_H
#define NCA_CLI_HELP_H

#include "cli/options.h"

typedef struct help_page {
    const char *usage;    /* lines after "usage: " */
    const char *purpose;  /* paragraphs */
    const option *table;  /* options of the command */
    bool settings;        /* whether every setting is an option */
    const char *examples; /* lines, each with one command */
} help_page;

typedef struct command_group command_group;

typedef struct command {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *purpose;        /* one line */
    const help_page *page;      /* NULL for a group */
    const command_group *group; /* its own commands, or NULL */
} command;

/* Commands under a common name; the table ends with a row without a name. */
struct command_group {
    const char *name;    /* "nca", "nca data" */
    const char *purpose; /* paragraphs */
    const command *commands;
    bool version;         /* whether --version is one of its options */
    const char *examples; /* lines, each with one command */
};

/* An option as it is described: a row of a command's table, --help, or a setting. */
typedef struct help_option {
    char name[48];     /* without the dashes */
    char letter;       /* short form, or 0 */
    bool negated;      /* whether --no-NAME is an option too */
    char value[48];    /* placeholder of its value, as in a row of the table; "": it takes none */
    const char *group; /* of a setting; NULL for other options */
    char help[768];
} help_option;

/* The index-th option of a page, in the order of the page; false beyond the last one. */
bool help_option_at(help_option *out, const help_page *page, size_t index);

void help_print(const help_page *page);

/* The first call of every command: parses the arguments, prints the help page if it was requested,
 * and prints an error if the required first argument, `expected` ("a set"; NULL: none is required),
 * is missing. Returns false, with the exit code, if the command should end. */
bool command_begin(int *out_code, option_values *out_given, const char *name, const help_page *page,
                   size_t most_positionals, const char *expected, int count, char **arguments);
void help_print_group(const command_group *group);

#endif
