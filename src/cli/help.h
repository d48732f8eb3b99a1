/* Help pages, made from the tables that the program runs on, so that they cannot disagree. */
#ifndef NCA_CLI_HELP_H
#define NCA_CLI_HELP_H

#include "cli/options.h"

typedef struct command {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *purpose; /* one line */
    bool group;          /* whether it has commands of its own */
} command;

/* Commands under one name; their table ends with a row without a name. */
typedef struct command_group {
    const char *name;    /* "nca", "nca data" */
    const char *purpose; /* paragraphs */
    const command *commands;
    bool version;         /* whether --version is one of its options */
    const char *examples; /* lines, each a command */
} command_group;

typedef struct help_page {
    const char *usage;    /* lines after "usage: " */
    const char *purpose;  /* paragraphs */
    const option *table;  /* the command's own options */
    bool settings;        /* whether every setting is an option */
    const char *examples; /* lines, each a command */
} help_page;

void help_print(const help_page *page);
void help_print_group(const command_group *group);

#endif
