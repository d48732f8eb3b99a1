/* Internal: access to an open checkpoint for its readers. All error messages begin with its
 * path. */
#ifndef NCA_TASK_SAVED_H
#define NCA_TASK_SAVED_H

#include <stddef.h>
#include <stdint.h>

#include "nca/safetensors.h"
#include "nca/status.h"

typedef struct nca__saved {
    nca_safetensors *file;
    const char *path;
} nca__saved;

/* A metadata value, as text or as an integer. NCA_FORMAT if it is missing or not valid. */
nca_status nca__saved_text(const char **out_text, const nca__saved *saved, const char *key,
                           nca_error *error);
nca_status nca__saved_number(uint64_t *out_number, const nca__saved *saved, const char *key,
                             nca_error *error);
/* A tensor with exactly this type and shape; a side of SIZE_MAX may have any length. */
nca_status nca__saved_tensor(const nca_tensor_view **out_view, const nca__saved *saved,
                             const char *name, nca_dtype dtype, size_t rank, const size_t *shape,
                             nca_error *error);

/* Writes an integer as metadata. */
nca_status nca__save_number(nca_safetensors_writer *writer, const char *key, uint64_t number,
                            nca_error *error);
/* A view of fp32 values, for writing. */
nca_tensor_view nca__view_floats(const char *name, const float *data, size_t rank,
                                 const size_t *shape);

#endif
