/* Commands by name: `nca COMMAND`, and `nca data COMMAND` below it. */
#ifndef NCA_CLI_DISPATCH_H
#define NCA_CLI_DISPATCH_H

#include "cli/help.h"

/* Runs the command named by the first argument with the remaining arguments; `help`, --help and -h
 * print the help page of the group, `help COMMAND` that of a command. Returns the exit code. */
int dispatch(const command_group *group, int count, char **arguments);

#endif
