/* Commands by their names: `nca COMMAND`, and `nca data COMMAND` below it. */
#ifndef NCA_CLI_DISPATCH_H
#define NCA_CLI_DISPATCH_H

#include "cli/help.h"

/* Runs the command that the first argument names with the other arguments; `help`, --help and -h
 * print the group's page, `help COMMAND` a command's. Returns the exit code. */
int dispatch(const command_group *group, int count, char **arguments);

#endif
