/* A training of nca train: what each of its parts needs. */
#ifndef NCA_CLI_TRAIN_JOB_H
#define NCA_CLI_TRAIN_JOB_H

#include "cli/options.h"
#include "cli/page/live_training.h"
#include "cli/progress.h"
#include "cli/train/preview.h"
#include "cli/train/refit.h"

typedef struct train_job {
    option_values given;
    nca_settings settings;
    nca_settings_file file; /* what --config has; zeroed: there is none */
    refits refits;          /* what that file has, but is fitted to other iterations again */
    uint64_t recipe_warmup; /* the recipe's, where it was shortened; 0: it was not */
    nca_run *run;
    progress progress;
    preview preview;
    size_t retries;           /* left */
    bool nothing_to_do;       /* a finished run is resumed, and all its files are there */
    live_training live;       /* zeroed: no page */
    nca_server_options serve; /* of that page */
    nca_profile profile;      /* of --profile */
    uint64_t profiled;        /* iterations that it covers */
    nca_error error;
} train_job;

/* These three return an exit code. Opens a new run with the settings of file and options. */
int train_begin(train_job *job);
/* Opens the run of --resume. */
int train_resume(train_job *job);
/* Trains until the end or a signal and saves. */
int train_run(train_job *job);
/* Prints the table of --profile, if any iteration was measured. */
void train_show_profile(const train_job *job);

/* What a run calls: after an iteration, and when it is extended. */
bool train_show(nca_run *run, const nca_iteration *last, void *job);
void train_show_extended(nca_run *run, const nca_stability *test, void *job);

#endif
