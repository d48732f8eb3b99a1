/* Detects trainings that cannot succeed any more, and reports them. */
#include "base/error.h"
#include "core/loss_terms.h"
#include "train/session.h"

enum {
    MOST_DROPPED = 10, /* iterations in a row with values that are not finite */
    MOST_DEAD = 50,    /* iterations in a row in which no sample has a living cell at the end */
    MOST_ENDLESS = 20  /* iterations in a row whose loss the task considers hopeless */
};
/* The message, with advice that is the same for all cases. */
static nca_status fail(const nca_session *session, const char *what, unsigned iterations,
                       nca_error *error)
{
    const nca_settings *settings = &session->in_effect;
    return nca__fail(error, NCA_DIVERGED,
                     "training diverged: %s in the last %u iterations, up to iteration %llu; try "
                     "a seed other than %llu, or lower learning_rate (%g) or step_size (%g)%s",
                     what, iterations, (unsigned long long)session->counters.iteration,
                     (unsigned long long)settings->seed, (double)settings->learning_rate,
                     (double)settings->step_size,
                     settings->normalise_gradient ? "" : ", or set normalise_gradient to true");
}

nca_status nca__session_check_progress(nca_session *session, const nca_iteration *report,
                                       nca_error *error)
{
    nca__counters *counters = &session->counters;
    const nca__task *task = session->problem.task;
    counters->dead_in_a_row = report->alive_cells == 0 ? counters->dead_in_a_row + 1 : 0;
    counters->endless_in_a_row =
        report->loss > task->hopeless(session->problem.data) ? counters->endless_in_a_row + 1 : 0;
    if (counters->dropped_in_a_row >= MOST_DROPPED) {
        return fail(session, "values were not finite and no update was made", MOST_DROPPED, error);
    }
    if (counters->dead_in_a_row >= MOST_DEAD) {
        return fail(session, "all cells died in every sample", MOST_DEAD, error);
    }
    if (counters->endless_in_a_row >= MOST_ENDLESS) {
        return fail(session, "the values grew without limit", MOST_ENDLESS, error);
    }
    return NCA_OK;
}
