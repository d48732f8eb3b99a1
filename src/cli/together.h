/* The program as one of several processes that a launcher (mpirun, srun) has started. */
#ifndef NCA_CLI_TOGETHER_H
#define NCA_CLI_TOGETHER_H

#include <stdbool.h>

/* Whether this process was started together with others. */
bool is_together(void);
/* Calls `run` in the process of rank 0, while the others work for it. Returns the exit code. */
int run_together(int (*run)(int count, char **arguments), int count, char **arguments);

#endif
