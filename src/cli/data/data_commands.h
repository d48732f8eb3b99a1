/* The commands of `nca data`, each in its own file. */
#ifndef NCA_CLI_DATA_DATA_COMMANDS_H
#define NCA_CLI_DATA_DATA_COMMANDS_H

#include "cli/help.h"

/* Each function gets the arguments after the command's name and returns the exit code. */
int data_list(int count, char **arguments);
int data_info(int count, char **arguments);
int data_get(int count, char **arguments);
int data_show(int count, char **arguments);
int data_montage(int count, char **arguments);
int data_export(int count, char **arguments);
int data_verify(int count, char **arguments);
int data_synth(int count, char **arguments);

extern const help_page data_list_help, data_info_help, data_get_help, data_show_help,
    data_montage_help, data_export_help, data_verify_help, data_synth_help;

/* data info of a folder or table of images; returns the exit code. */
int data_info_files(const char *source, const option_values *given);

#endif
