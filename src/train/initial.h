/* Internal: checks whether a session can start from a model. */
#ifndef NCA_TRAIN_INITIAL_H
#define NCA_TRAIN_INITIAL_H

#include <stdint.h>

#include "nca/model.h"
#include "nca/settings.h"

/* NCA_MISMATCH if the shape of the model differs from that in the settings (and from the problem's
 * number of input channels), or its digest from init_digest; NCA_INVALID_ARGUMENT if weights are
 * not finite. */
nca_status nca__session_check_initial(const nca_settings *settings, uint32_t input_channels,
                                      const nca_model *initial, nca_error *error);

#endif
