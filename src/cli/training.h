/* One training in its run folder: begun or resumed, iterated with its checkpoints, saved and drawn.
 * Knows nothing of command lines and of progress on the terminal: it is told its settings, and
 * reports each iteration to a callback.
 *
 *     training_open(t, &settings)
 *     training_prepare(t, TRAINING_NEW)
 *     training_begin(t)
 *     training_run(t, watch, user)
 *     training_draw(t)
 *     training_close(t)
 *
 * Each returns a status; t->error says what went wrong. */
#ifndef NCA_CLI_TRAINING_H
#define NCA_CLI_TRAINING_H

#include "cli/metrics.h"
#include "cli/results.h"
#include "cli/run_folder.h"

/* How a training begins. */
typedef enum training_kind {
    TRAINING_NEW,     /* in a folder without a run */
    TRAINING_REPLACE, /* likewise, or in place of the run that is there */
    TRAINING_RESUME   /* from the folder's checkpoint */
} training_kind;

typedef struct training {
    nca_settings settings; /* complete; `output` is the run folder */
    run_path folder; /* where its files are now: that, or what will take the old run's place */
    bool replaces;   /* an old run stays until this one has a checkpoint */
    training_kind kind;
    nca_session *session;
    metrics metrics;
    nca_stability stability; /* of the last test; 0 rollouts: none */
    bool complete;           /* all iterations are done, and no test asks for more */
    nca_iteration last;      /* the last iteration's report; iteration 0 before the first */
    uint64_t next_event;     /* iteration of the first change that is not in events.csv */
    double started;          /* seconds_now() */
    nca_error error;
} training;

/* A zeroed training of these settings. */
void training_open(training *t, const nca_settings *settings);
/* Releases everything; a new run that has not come to replace the old one goes. */
void training_close(training *t);

/* Makes the session: what can be refused is refused here. Changes no run; one that is to be resumed
 * is locked. */
nca_status training_prepare(training *t, training_kind kind);
/* Then makes the folder ready. In place of a run that has a model or a checkpoint, the new one is
 * written beside it and takes its place with the first checkpoint; should it end before, the old
 * one is as it was. */
nca_status training_begin(training *t);
/* The changes to settings that are to come after iteration `done`, the checkpoint's, as the
 * folder's config.yaml has them: one that was made on the way is written there at once, and into a
 * checkpoint later. A file that is not there, or is not that of this run, changes nothing. Errors
 * of reading it. */
nca_status training_recall_changes(nca_settings *settings, const char *folder, uint64_t done,
                                   nca_error *error);

/* Called after each iteration; false stops the training in order. */
typedef bool training_watch(training *t, void *user);
/* Called when a model has failed the stability test (t->stability) and iterations were added. */
typedef void training_extended(training *t, void *user);
/* Iterates until the end, a signal (cli/stop.h) or the callback's word, then saves checkpoint and
 * model. Stopped early is NCA_OK too: training_is_complete tells. `extended` may be NULL. */
nca_status training_run(training *t, training_watch *watch, training_extended *extended,
                        void *user);
bool training_is_complete(const training *t);
/* After a training that diverged: removes what it has written and begins again in its place with
 * the next random seed. Its changes of settings are kept. */
nca_status training_retry(training *t);
/* Gives a setting another value from the next iteration on (nca_session_change), between
 * iterations. config.yaml has it before the training knows: killed at any moment, the run is
 * resumed to the bits of one that was told so from the start. On failure nothing has changed. */
nca_status training_change(training *t, const char *key, const char *value);
/* Writes a checkpoint now, between iterations. */
nca_status training_checkpoint(training *t);

/* The pictures of a finished training, and what results_print prints. */
results training_results(const training *t);
nca_status training_draw(training *t);

#endif
