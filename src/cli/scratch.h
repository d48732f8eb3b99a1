/* A folder for files that a command needs while it works. It goes when the command ends; the folder
 * of a command that was killed goes when a command of the same name begins. */
#ifndef NCA_CLI_SCRATCH_H
#define NCA_CLI_SCRATCH_H

#include "cli/cli.h"

typedef struct scratch {
    char folder[NCA_RUN_PATH_SIZE]; /* "": none */
    int lock;                       /* says that its owner lives */
} scratch;

/* Makes nca-COMMAND-XXXXXX in TMPDIR, or in /tmp. */
nca_status scratch_open(scratch *s, const char *command, nca_error *error);
/* Removes the folder and the files in it; a zeroed object is fine. */
void scratch_close(scratch *s);

#endif
