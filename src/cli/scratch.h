/* A folder for temporary files of a command. It is removed when the command ends; the folder of a
 * command that was killed is removed when the same command is started again. */
#ifndef NCA_CLI_SCRATCH_H
#define NCA_CLI_SCRATCH_H

#include "cli/cli.h"

typedef struct scratch {
    char folder[NCA_RUN_PATH_SIZE]; /* "": none */
    int lock;                       /* shows that its owner is running */
} scratch;

/* Creates nca-COMMAND-XXXXXX in TMPDIR, or in /tmp. */
nca_status scratch_open(scratch *s, const char *command, nca_error *error);
/* Removes the folder and the files in it; a zeroed object is allowed. */
void scratch_close(scratch *s);

#endif
