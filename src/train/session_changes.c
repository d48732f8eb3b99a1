/* Settings that change during training. The settings in effect depend only on the settings, their
 * list of changes and the number of iterations done. Therefore a resumed session, and one whose
 * settings were changed during training, have the same bits as a session that had all changes from
 * the start. */
#include "base/error.h"
#include "nca/changes.h"
#include "train/session.h"

void nca__session_settle(nca_session *session)
{
    const uint64_t next = session->counters.iteration + 1;
    const char *at = session->settings.changes;
    nca_change change;
    nca_settings_in_effect(&session->in_effect, &session->settings, next);
    session->next_change = UINT64_MAX;
    while (session->next_change == UINT64_MAX && nca_change_next(&change, &at)) {
        if (change.iteration > next) {
            session->next_change = change.iteration;
        }
    }
}

void nca__session_settle_when_due(nca_session *session)
{
    if (session->counters.iteration + 1 >= session->next_change) {
        nca__session_settle(session);
    }
}

void nca__session_set_fire_rate(nca_session *session, float fire_rate)
{
    session->model->automaton.fire_rate = fire_rate;
    nca__batch_set_fire_rate(session->batch, fire_rate);
}

nca_status nca_session_change(nca_session *session, const char *key, const char *value,
                              nca_error *error)
{
    const uint64_t next = session->counters.iteration + 1;
    if (next > UINT32_MAX) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected a future iteration, but all %lu possible iterations are "
                         "done; start a new run",
                         key, (unsigned long)UINT32_MAX);
    }
    nca_settings changed = session->settings;
    nca_status status = nca_settings_change(&changed, next, key, value, error);
    status = status == NCA_OK ? nca_settings_check(&changed, error) : status;
    if (status == NCA_OK) {
        session->settings = changed;
        nca__session_settle(session);
    }
    return status;
}

const nca_settings *nca_session_in_effect(const nca_session *session)
{
    return &session->in_effect;
}
