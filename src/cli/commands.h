/* The commands of the program and their help pages. */
#ifndef NCA_CLI_COMMANDS_H
#define NCA_CLI_COMMANDS_H

#include "cli/help.h"

/* Each function gets the arguments after the command's name and returns the exit code. */
int command_train(int count, char **arguments);
int command_visualize(int count, char **arguments);
int command_sweep(int count, char **arguments);
int command_info(int count, char **arguments);
int command_convert(int count, char **arguments);
int command_data(int count, char **arguments);
int command_export(int count, char **arguments);
int command_report(int count, char **arguments);
int command_watch(int count, char **arguments);
int command_play(int count, char **arguments);
int command_bench(int count, char **arguments);
int command_benchmark_medmnist(int count, char **arguments);
int command_evaluate(int count, char **arguments);
int command_predict(int count, char **arguments);
int command_rollout(int count, char **arguments);

extern const help_page train_help, visualize_help, sweep_help, info_help, convert_help, export_help,
    report_help, watch_help, play_help, bench_help, benchmark_medmnist_help, evaluate_help,
    predict_help, rollout_help;
extern const command_group data_commands;
extern const command_group all_commands; /* `nca` itself */

#endif
