/* What a command's options change about the model that it loaded: its target, angle, fire rate. */
#ifndef NCA_CLI_CHANGED_MODEL_H
#define NCA_CLI_CHANGED_MODEL_H

#include "cli/options.h"

/* --target, --img-size, --padding: the model gets another target. Sizes that are not given are
 * those that keep the grid it was trained on. Returns EXIT_OK, or the exit code after a message. */
int change_target(nca_model *model, const option_values *given);

/* --angle turns model and target together; --fire-rate replaces the model's. */
int change_automaton(nca_model *model, const option_values *given);

#endif
