/* A training that a page shows and can change. */
#ifndef NCA_CLI_PAGE_LIVE_TRAINING_H
#define NCA_CLI_PAGE_LIVE_TRAINING_H

#include "cli/page/live_feed.h"

typedef struct live_training {
    live_feed feed;
    char name[128]; /* name of the run */
    bool paused;
    double told;          /* nca_seconds() of the last status */
    double next_pictures; /* nca_seconds() before which no pictures are sent */
    double next_model;    /* the same for weights */
    double rate;          /* iterations per second, smoothed */
    double last;          /* nca_seconds() of the last iteration */
    uint64_t modelled;    /* iteration of the weights that were sent last */
    size_t validated;     /* validations that were sent */
    char said[192];       /* result of the last request, or the reason why the run failed */
} live_training;

/* Opens the page of a prepared training; prints nothing. */
nca_status live_training_open(live_training *live, nca_run *run, const nca_server_options *serve,
                              nca_error *error);
const char *live_training_address(const live_training *live);
/* When the training has begun: sends the rows and changes that a resumed run already has. */
void live_training_begin(live_training *live, const nca_run *run, bool resumes);
/* After each iteration: sends data to the page and executes its requests. False if the training
 * should stop. */
bool live_training_watch(live_training *live, nca_run *run);
/* Sends the final state ("finished", "stopped", "failed") and waits a moment for the pages to
 * receive it. */
void live_training_close(live_training *live, const nca_run *run, const char *state);
/* The same after a failure, which is sent to the page. */
void live_training_fail(live_training *live, const nca_run *run, const nca_error *error);

#endif
