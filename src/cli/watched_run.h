/* A run seen from outside, through its files: rows as they are written, weights as they are saved.
 */
#ifndef NCA_CLI_WATCHED_RUN_H
#define NCA_CLI_WATCHED_RUN_H

#include <stdio.h>
#include <sys/types.h>

#include "cli/live_feed.h"
#include "cli/run_folder.h"

enum {
    WATCHED_RECENT = 50 /* losses whose mean is told */
};

typedef struct watched_run {
    char name[128];
    run_path folder;
    nca_settings settings; /* of its config.yaml */
    FILE *rows;            /* its metrics.csv; NULL: not there yet */
    ino_t inode;           /* of that file: a resumed run replaces it */
    live_row last;         /* iteration 0: none yet */
    double recent[WATCHED_RECENT], recent_seconds[WATCHED_RECENT];
    size_t count;                                  /* rows so far */
    double news;                                   /* seconds_now() of the latest row */
    struct timespec model_saved, checkpoint_saved; /* when what was given last was saved */
} watched_run;

/* What a run has saved since it was asked last. */
typedef struct watched_news {
    nca_model *model;        /* the final one; NULL: none is new */
    nca_session *session;    /* the checkpoint's; NULL: none is new */
    const nca_model *newest; /* of the two, borrowed; NULL: nothing is new */
} watched_news;

/* Errors of reading the settings of a run in the folder. */
nca_status watched_run_read(watched_run *run, const char *folder, nca_error *error);
void watched_run_close(watched_run *run);

/* Calls back for every row that is new. */
void watched_run_rows(watched_run *run, void (*tell)(void *user, const live_row *row), void *user);
double watched_run_loss(const watched_run *run); /* mean of the recent ones; NaN: unknown */
double watched_run_rate(const watched_run *run); /* iterations a second; 0: unknown */
/* "running", "finished", or "silent" when it neither is done nor has written anything lately. */
const char *watched_run_state(const watched_run *run);

/* What cannot be read now is no news yet. The session works on one thread, beside the training. */
void watched_run_news(watched_news *out, watched_run *run);
void watched_news_free(watched_news *news); /* a zeroed one is fine */

#endif
