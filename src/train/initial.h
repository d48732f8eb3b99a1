/* Internal: whether a session can begin from a model. */
#ifndef NCA_TRAIN_INITIAL_H
#define NCA_TRAIN_INITIAL_H

#include <stdint.h>

#include "nca/model.h"
#include "nca/settings.h"

/* NCA_MISMATCH where the model has another shape than the settings (and the problem, which says how
 * many channels are inputs), or another digest than init_digest; NCA_INVALID_ARGUMENT for weights
 * that are not finite. */
nca_status nca__session_check_initial(const nca_settings *settings, uint32_t input_channels,
                                      const nca_model *initial, nca_error *error);

#endif
