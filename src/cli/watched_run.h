/* A run seen from outside, through its files: rows as they are written, weights as they are saved.
 */
#ifndef NCA_CLI_WATCHED_RUN_H
#define NCA_CLI_WATCHED_RUN_H

#include "cli/live_feed.h"
#include "cli/row_file.h"
#include "cli/run_folder.h"

enum {
    WATCHED_RECENT = 50 /* losses whose mean is told */
};

typedef struct watched_run {
    char name[128];
    run_path folder;
    nca_settings settings; /* of its config.yaml */
    row_file rows;         /* its metrics.csv; not open: not there yet. A resumed run replaces it */
    time_t written;        /* when it was last written to; 0: not there yet */
    live_row last;         /* iteration 0: none yet */
    double recent[WATCHED_RECENT], recent_seconds[WATCHED_RECENT];
    size_t count;         /* rows so far */
    nca_error rows_error; /* why its metrics.csv could not be read; status NCA_OK: it could */
    size_t bad_rows;      /* lines that are no rows of a training */
    bool given;           /* weights, ever */
    /* When what was read or given last was saved. */
    struct timespec config_saved, model_saved, checkpoint_saved;
} watched_run;

/* What a run has saved since it was asked last. Before it has saved anything: what its settings
 * begin with. */
typedef struct watched_news {
    nca_model *model;     /* the newest weights; NULL: nothing is new */
    nca_session *session; /* of the checkpoint, where that is new and was asked for */
} watched_news;

/* Errors of reading the settings of a run in the folder. */
nca_status watched_run_read(watched_run *run, const char *folder, nca_error *error);
void watched_run_close(watched_run *run);

/* Reads the settings again where they have changed since: by a knob, or to go on for longer. */
bool watched_run_changed(watched_run *run);
/* Calls back for every row that is new. */
void watched_run_rows(watched_run *run, void (*tell)(void *user, const live_row *row), void *user);
double watched_run_loss(const watched_run *run); /* mean of the recent ones; NaN: unknown */
double watched_run_rate(const watched_run *run); /* iterations a second; 0: unknown */
/* "running", "finished", or "silent" when it neither is done nor has written anything lately. */
const char *watched_run_state(const watched_run *run);

/* What a page is told of it. */
void watched_run_told(live_run *out, const watched_run *run);

/* Its next news are those of its checkpoint as it is, with the session. */
void watched_run_forget(watched_run *run);
/* What cannot be read now is no news yet; `error` (NULL: not wanted) then says why. A session takes
 * much memory; it works on one thread, beside the training. */
void watched_run_news(watched_news *out, watched_run *run, bool with_session, nca_error *error);
void watched_news_free(watched_news *news); /* a zeroed one is fine */

#endif
