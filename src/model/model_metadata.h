/* Internal: the metadata of a model file. */
#ifndef NCA_MODEL_METADATA_H
#define NCA_MODEL_METADATA_H

#include "nca/model.h"
#include "nca/safetensors.h"

enum {
    NCA__MODEL_FORMAT = 1 /* of files written by this version; later formats are refused */
};

/* Adds everything except the tensors. The model must be valid. */
nca_status nca__model_metadata_write(nca_safetensors_writer *writer, const nca_model *model,
                                     nca_error *error);
/* Fills the automaton and the info from a file; `name` is used in messages. */
nca_status nca__model_metadata_read(nca_automaton *out_automaton, nca_model_info *out_info,
                                    const nca_safetensors *file, const char *name,
                                    nca_error *error);
/* Checks that all values are in range and fit together; `status` is returned if they do not. */
nca_status nca__model_metadata_check(const nca_automaton *automaton, const nca_model_info *info,
                                     nca_status status, const char *name, nca_error *error);

#endif
