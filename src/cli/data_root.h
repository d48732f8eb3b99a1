/* Folders in the user's home folder. */
#ifndef NCA_CLI_DATA_ROOT_H
#define NCA_CLI_DATA_ROOT_H

#include "cli/cli.h"

/* `given` (--root) if it is neither NULL nor empty, else ".medmnist" in the user's home folder.
 * This is the folder of the medmnist package for Python, so both share the files. Empty if the home
 * folder is unknown. The folder need not exist. */
nca_run_path data_root(const char *given);

/* Lets devices keep the kernels that they have built in $XDG_CACHE_HOME/nca or ~/.cache/nca.
 * `notice` gets their lines for the user, and may be NULL. */
void set_up_devices(void (*notice)(const char *text, void *user));

#endif
