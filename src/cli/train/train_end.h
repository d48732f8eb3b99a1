/* The end of a training. */
#ifndef NCA_CLI_TRAIN_TRAIN_END_H
#define NCA_CLI_TRAIN_TRAIN_END_H

#include "cli/cli.h"

/* Whether the model has failed the stability test. */
bool run_is_unstable(const nca_run *run);
/* Prints how it has failed. */
void note_unstable(const nca_stability *test);
/* Says that a resumed run is finished, and how to train it for longer. */
void note_finished(const nca_settings *settings, uint64_t done);
/* Draws a complete run and prints its summary. Returns the exit code. */
int train_end(nca_run *run);

#endif
