/* Targets as the program's commands need them. */
#ifndef NCA_CLI_TARGET_NAMES_H
#define NCA_CLI_TARGET_NAMES_H

#include "cli/cli.h"

/* The target that the settings describe; an empty root is the folder of data_root. Release with
 * nca_target_destroy. */
nca_status target_of_settings(nca_target **out, const nca_settings *settings, nca_error *error);
/* Says on standard error what was odd about the picture. */
void note_target(const nca_target *target);

#endif
