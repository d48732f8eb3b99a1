/* The public functions for sessions that grow a target. This is the only file of the folder that
 * uses a task by name, and the others do not call it. */
#include "task/grow_task.h"
#include "train/session.h"

nca_session_memory nca_session_memory_needed(const nca_settings *settings, size_t height,
                                             size_t width)
{
    const nca__problem problem = nca__grow_shape(settings, height, width);
    return nca__session_memory_needed(settings, &problem);
}

nca_status nca_session_fits(const nca_settings *settings, size_t height, size_t width,
                            nca_error *error)
{
    const nca__problem problem = nca__grow_shape(settings, height, width);
    return nca__session_fits(settings, &problem, error);
}

nca_status nca_session_create(nca_session **out_session, const nca_settings *settings,
                              const nca_target *target, nca_error *error)
{
    nca__problem problem;
    nca_status status = nca_settings_check(settings, error);
    status = status == NCA_OK ? nca__session_check_task(settings, &nca__growth, error) : status;
    status = status == NCA_OK ? nca__grow_create(&problem, settings, target, error) : status;
    return status == NCA_OK ? nca__session_create(out_session, settings, &problem, error) : status;
}

nca_status nca_session_create_from(nca_session **out_session, const nca_settings *settings,
                                   const nca_target *target, const nca_model *initial,
                                   nca_error *error)
{
    nca__problem problem;
    nca_status status = nca_settings_check(settings, error);
    status = status == NCA_OK ? nca__session_check_task(settings, &nca__growth, error) : status;
    status = status == NCA_OK ? nca__grow_create(&problem, settings, target, error) : status;
    return status == NCA_OK
               ? nca__session_create_from(out_session, settings, &problem, initial, error)
               : status;
}

const nca_target *nca_session_target(const nca_session *session)
{
    return nca__grow_target(&session->problem);
}
