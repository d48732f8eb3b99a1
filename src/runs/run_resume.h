/* Internal: the settings of an existing run, without settling its folder. */
#ifndef NCA_RUNS_RUN_RESUME_H
#define NCA_RUNS_RUN_RESUME_H

#include "nca/settings.h"

/* Like nca_run_resume_settings, but another program may be training in the folder. */
nca_status nca__run_checkpoint_settings(nca_settings *out_settings, uint64_t *out_done,
                                        nca_error *out_notice, const char *folder,
                                        nca_error *error);

#endif
