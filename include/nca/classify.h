/* Training a classifier: a session whose samples are the training images of nca/labelled.h. It is
 * advanced, saved and inspected like any other session (nca/train.h).
 *
 * docs/classification.md describes the task. Different sessions are independent of each other and
 * may have the same data; a session is used by one thread at a time. */
#ifndef NCA_CLASSIFY_H
#define NCA_CLASSIFY_H

#include "nca/export.h"
#include "nca/labelled.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "nca/train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* With settings->epochs, iterations becomes as many as use each training image so often; without,
 * nothing changes. nca_run_open does this; call it before the functions below, which go by
 * iterations. */
NCA_API void nca_classify_take_epochs(nca_settings *settings, const nca_labelled *data);

/* `data` is borrowed and must stay open until the session is destroyed. The settings are those of
 * recipe classify, or settings that fit them: alive_channel -1, enough n_channels for the image and
 * the read-out. Errors: NCA_INVALID_ARGUMENT (settings and data do not fit together; the message
 * names the setting), and those of nca_session_create. */
NCA_API nca_status nca_session_create_classify(nca_session **out_session,
                                               const nca_settings *settings,
                                               const nca_labelled *data, nca_error *error);
/* The same, but the initial parameters are copied from a classifier, as in nca_session_create_from:
 * its shape must be that of the settings and the data, with the same number of channels, classes
 * and features, and the same kind of labels; otherwise NCA_MISMATCH. The names of the classes may
 * differ. Other errors as above. */
NCA_API nca_status nca_session_create_classify_from(nca_session **out_session,
                                                    const nca_settings *settings,
                                                    const nca_labelled *data,
                                                    const nca_model *initial, nca_error *error);
/* Like nca_session_resume, with the data of the run. NCA_MISMATCH if the training images or their
 * labels are not those of the run. Other errors: those of nca_session_resume. */
NCA_API nca_status nca_session_resume_classify(nca_session **out_session, const char *path,
                                               const nca_settings *changed,
                                               const nca_labelled *data, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
