/* The public functions for sessions that classify images, like grow_session.c. */
#include "nca/classify.h"

#include "base/error.h"
#include "task/classify_task.h"
#include "train/session.h"

void nca_classify_take_epochs(nca_settings *settings, const nca_labelled *data)
{
    if (settings->epochs > 0) {
        const size_t images = data->split[NCA_SPLIT_TRAIN].count;
        settings->iterations =
            settings->epochs * nca__epoch_iterations(images, settings->batch_size);
    }
}

nca_status nca_session_create_classify(nca_session **out_session, const nca_settings *settings,
                                       const nca_labelled *data, nca_error *error)
{
    nca__problem problem;
    nca_status status = nca_settings_check(settings, error);
    status =
        status == NCA_OK ? nca__session_check_task(settings, &nca__classification, error) : status;
    status = status == NCA_OK ? nca__classify_create(&problem, settings, data, error) : status;
    return status == NCA_OK ? nca__session_create(out_session, settings, &problem, error) : status;
}

/* Shapes are compared by the session; these have no influence on them. */
static nca_status check_classes(const nca_labelled *data, const nca_model *initial,
                                nca_error *error)
{
    const nca_classifier *model = initial->classifier;
    return model == NULL || (model->kind == data->kind && model->classes == data->classes)
               ? NCA_OK
               : nca__fail(error, NCA_MISMATCH,
                           "init: the model does not fit the data; it has %lu classes (%s), and "
                           "the data has %lu (%s); choose another model, or remove init",
                           (unsigned long)model->classes, nca_label_kind_name(model->kind),
                           (unsigned long)data->classes, nca_label_kind_name(data->kind));
}

nca_status nca_session_create_classify_from(nca_session **out_session, const nca_settings *settings,
                                            const nca_labelled *data, const nca_model *initial,
                                            nca_error *error)
{
    nca__problem problem;
    nca_status status = nca_settings_check(settings, error);
    status =
        status == NCA_OK ? nca__session_check_task(settings, &nca__classification, error) : status;
    status = status == NCA_OK ? check_classes(data, initial, error) : status;
    status = status == NCA_OK ? nca__classify_create(&problem, settings, data, error) : status;
    return status == NCA_OK
               ? nca__session_create_from(out_session, settings, &problem, initial, error)
               : status;
}

nca_status nca_session_resume_classify(nca_session **out_session, const char *path,
                                       const nca_settings *changed, const nca_labelled *data,
                                       nca_error *error)
{
    return nca__session_resume(out_session, path, changed, NULL, data, error);
}
