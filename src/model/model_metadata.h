/* Internal: the metadata of a model file. */
#ifndef NCA_MODEL_METADATA_H
#define NCA_MODEL_METADATA_H

#include "model/model_texts.h"
#include "nca/model.h"

enum {
    NCA__MODEL_FORMAT = 1 /* of files written by this version; later formats are refused */
};

/* Adds everything except the tensors. The model must be valid. */
nca_status nca__model_metadata_write(const nca__texts_out *out, const nca_model *model,
                                     nca_error *error);
/* A model as the texts describe it, whose parameters are 0; `name` is used in messages. */
nca_status nca__model_metadata_read(nca_model **out_model, const nca__texts *texts,
                                    const char *name, nca_error *error);
/* Checks that all values are in range and fit together; `status` is returned if they do not. */
nca_status nca__model_metadata_check(const nca_automaton *automaton, const nca_model_info *info,
                                     nca_status status, const char *name, nca_error *error);

/* Refuses to write what nca_model_load would refuse to read (model_file.c). Errors:
 * NCA_INVALID_ARGUMENT. */
nca_status nca__model_check(const nca_model *model, const char *path, nca_error *error);

#endif
