/* Internal: the model that a run starts from. */
#ifndef NCA_RUNS_RUN_INITIAL_H
#define NCA_RUNS_RUN_INITIAL_H

#include "nca/model.h"
#include "nca/run.h"
#include "nca/target.h"
#include "nca/train.h"

/* Loads the model that settings->init names; *out_model is NULL if it is empty. Properties that a
 * PyTorch file does not contain (filter, boundary, fire rate) are taken from the settings if they
 * are `given` (by index; NULL: all), which is reported through `options` (may be NULL). */
nca_status nca__run_initial(nca_model **out_model, const nca_settings *settings, const bool *given,
                            const nca_run_options *options, nca_error *error);
/* The same from the copy in the folder of a run that has begun. */
nca_status nca__run_initial_copy(nca_model **out_model, const nca_settings *settings,
                                 const char *folder, nca_error *error);

/* A session that starts from `initial`, or from random weights if that is NULL. */
nca_status nca__run_new_session(nca_session **out_session, const nca_settings *settings,
                                const nca_target *target, const nca_model *initial,
                                nca_error *error);

#endif
