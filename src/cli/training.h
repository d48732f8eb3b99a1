/* One training in its run folder: begun or resumed, iterated with its checkpoints, saved and drawn.
 * Knows nothing of command lines and of progress on the terminal: it is told its settings, and
 * reports each iteration to a callback.
 *
 *     training_begin(t, true)  or  training_resume(t)
 *     training_run(t, watch, user)
 *     training_draw(t)
 *     training_close(t)
 *
 * Each returns a status; t->error says what went wrong. */
#ifndef NCA_CLI_TRAINING_H
#define NCA_CLI_TRAINING_H

#include "cli/metrics.h"
#include "cli/results.h"

typedef struct training {
    nca_settings settings; /* complete; `output` is the run folder */
    nca_session *session;
    metrics metrics;
    nca_iteration last; /* the last iteration's report; iteration 0 before the first */
    double started;     /* seconds_now() */
    nca_error error;
} training;

/* A zeroed training of these settings. */
void training_open(training *t, const nca_settings *settings);
/* Releases everything. */
void training_close(training *t);

/* Makes the target, the session and the folder, in this order, so that what can be refused is
 * before the first byte is written. `clear` removes the files of a run that is there. */
nca_status training_begin(training *t, bool clear);
/* Continues from the folder's checkpoint. */
nca_status training_resume(training *t);

/* Called after each iteration; false stops the training in order. */
typedef bool training_watch(training *t, void *user);
/* Iterates until the end, a signal (cli/stop.h) or the callback's word, then saves checkpoint and
 * model. Stopped early is NCA_OK too: training_is_complete tells. */
nca_status training_run(training *t, training_watch *watch, void *user);
bool training_is_complete(const training *t);
/* Writes a checkpoint now, between iterations. */
nca_status training_checkpoint(training *t);

/* The pictures of a finished training, and what results_print prints. */
results training_results(const training *t);
nca_status training_draw(training *t);

#endif
