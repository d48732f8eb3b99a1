/* Internal: the description of a classifier in a model and in its file's metadata. */
#ifndef NCA_MODEL_CLASSIFIER_FILE_H
#define NCA_MODEL_CLASSIFIER_FILE_H

#include "model/model_texts.h"
#include "nca/model.h"

void nca__classifier_destroy(nca_classifier *classifier); /* accepts NULL */

/* Adds the texts of model->classifier; nothing if it is NULL. */
nca_status nca__classifier_write(const nca__texts_out *out, const nca_model *model,
                                 nca_error *error);
/* Sets model->classifier if the texts describe one; the automaton has been read. `name` is used in
 * messages. NCA_FORMAT for values that are missing, invalid or do not fit the automaton. */
nca_status nca__classifier_read(nca_model *model, const nca__texts *texts, const char *name,
                                nca_error *error);

#endif
