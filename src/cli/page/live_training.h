/* A training that a page shows and can change. */
#ifndef NCA_CLI_PAGE_LIVE_TRAINING_H
#define NCA_CLI_PAGE_LIVE_TRAINING_H

#include "cli/page/live_feed.h"

typedef struct live_training {
    live_feed feed;
    char name[128]; /* of the run */
    bool paused;
    double told;          /* nca_seconds() of the last status */
    double next_pictures; /* likewise, before which no pictures are told again */
    double next_model;    /* likewise, of weights */
    double rate;          /* iterations a second, smoothed */
    double last;          /* nca_seconds() of the last iteration */
    uint64_t modelled;    /* the iteration whose weights were told last */
    char said[192];       /* what became of the last knob, or why the run failed */
} live_training;

/* Opens the page of a training that has been prepared; prints nothing. */
nca_status live_training_open(live_training *live, nca_run *run, const nca_server_options *serve,
                              nca_error *error);
const char *live_training_address(const live_training *live);
/* When it has begun: tells the rows and changes that a resumed run has already. */
void live_training_begin(live_training *live, const nca_run *run, bool resumes);
/* After each iteration: tells the page and does what it asks. False when the training is to stop.
 */
bool live_training_watch(live_training *live, nca_run *run);
/* Sends the final state ("finished", "stopped", "failed") and waits a moment for the pages to
 * receive it. */
void live_training_close(live_training *live, const nca_run *run, const char *state);
/* The same after a failure, which the page is told. */
void live_training_fail(live_training *live, const nca_run *run, const nca_error *error);

#endif
