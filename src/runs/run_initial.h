/* Internal: the model that a run starts from. */
#ifndef NCA_RUNS_RUN_INITIAL_H
#define NCA_RUNS_RUN_INITIAL_H

#include "nca/model.h"
#include "nca/run.h"
#include "nca/target.h"
#include "nca/train.h"

/* The model that settings->init names; *out_model is NULL where it is empty. What a PyTorch file
 * leaves open (filter, boundary, fire rate) is as in the settings, where they are `given` (by
 * index; NULL: all), which is noticed through `options` (may be NULL). */
nca_status nca__run_initial(nca_model **out_model, const nca_settings *settings, const bool *given,
                            const nca_run_options *options, nca_error *error);
/* The same from the copy in the folder of a run that has begun. */
nca_status nca__run_initial_copy(nca_model **out_model, const nca_settings *settings,
                                 const char *folder, nca_error *error);

/* A session that begins from `initial`, or with drawn weights where that is NULL. */
nca_status nca__run_new_session(nca_session **out_session, const nca_settings *settings,
                                const nca_target *target, const nca_model *initial,
                                nca_error *error);

#endif
