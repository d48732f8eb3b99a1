/* Where MedMNIST's files are kept. */
#ifndef NCA_CLI_DATA_ROOT_H
#define NCA_CLI_DATA_ROOT_H

#include "cli/cli.h"

/* `given` (--root) when it is neither NULL nor empty, else ".medmnist" in the user's home, the
 * folder of the medmnist package for Python, so that both share files. Empty if the home folder
 * is unknown. The folder need not exist. */
nca_run_path data_root(const char *given);

#endif
