/* The public functions for sessions that classify images, like grow_session.c. */
#include "nca/classify.h"
#include "task/classify_task.h"
#include "train/session.h"

nca_status nca_session_create_classify(nca_session **out_session, const nca_settings *settings,
                                       const nca_labelled *data, nca_error *error)
{
    nca__problem problem;
    nca_status status = nca_settings_check(settings, error);
    status = status == NCA_OK ? nca__classify_create(&problem, settings, data, error) : status;
    return status == NCA_OK ? nca__session_create(out_session, settings, &problem, error) : status;
}

nca_status nca_session_resume_classify(nca_session **out_session, const char *path,
                                       const nca_settings *changed, const nca_labelled *data,
                                       nca_error *error)
{
    return nca__session_resume(out_session, path, changed, NULL, data, error);
}
