/* Internal: checks whether a session can start from a model. */
#ifndef NCA_TRAIN_INITIAL_H
#define NCA_TRAIN_INITIAL_H

#include "nca/model.h"
#include "nca/settings.h"

/* NCA_MISMATCH if the model's parameters have another shape than those of the automaton to be
 * trained, or another digest than init_digest; NCA_INVALID_ARGUMENT for weights that are not
 * finite.
 */
nca_status nca__session_check_initial(const nca_settings *settings, const nca_automaton *automaton,
                                      const nca_model *initial, nca_error *error);

#endif
