/* A run as the files that implement nca/run.h share it: run_open.c creates or resumes it,
 * run_begin.c writes its first files, run_training.c trains it. */
#ifndef NCA_RUNS_RUN_PARTS_H
#define NCA_RUNS_RUN_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "nca/labelled.h"
#include "nca/run.h"
#include "runs/metrics.h"
#include "runs/run_validation.h"
#include "runs/tensorboard.h"

struct nca_run {
    nca_settings settings; /* complete; `output` is the run folder */
    nca_run_options options;
    nca_run_path folder;      /* current folder of its files: the run folder, or the one that will
                                 replace the old run */
    char root[NCA_PATH_SIZE]; /* folder of MedMNIST's files, unless settings.root says it; "": none
                               */
    int lock;                 /* of the folder; -1: none */
    bool begun;
    bool replaces;      /* an old run is kept until this one has a checkpoint */
    nca_labelled *data; /* of a classification, else NULL; outlives the session */
    nca__validations validations;
    nca_session *session;
    nca_model *initial; /* of the session; NULL: random weights, or not loaded yet */
    nca__metrics metrics;
    nca__tensorboard tensorboard; /* closed unless settings.tensorboard */
    nca_stability stability;      /* of the last test; 0 rollouts: none */
    bool complete;            /* all iterations are done, including those that the test requires */
    nca_iteration last;       /* report of the last iteration; iteration 0 before the first */
    nca_metrics_row last_row; /* the same as a row */
    uint64_t next_event;      /* iteration of the first change that is not in events.csv yet */
};

/* Replaces the session of a run that failed by a new one of its settings, whose random seed has
 * changed. On failure the run keeps the old one. */
nca_status nca__run_begin_again(nca_run *run, nca_error *error);

/* Refuses a run that has not begun: its folder may contain another run. */
nca_status nca__run_check_begun(const nca_run *run, nca_error *error);

#endif
