/* Internal: an open checkpoint file, for the parts of the reader. */
#ifndef NCA_TRAIN_CHECKPOINT_READ_H
#define NCA_TRAIN_CHECKPOINT_READ_H

#include <stddef.h>

#include "nca/safetensors.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "train/pool.h"
#include "train/session.h"

/* An open checkpoint and what every message about it starts with. */
typedef struct nca__checkpoint_file {
    nca_safetensors *file;
    const char *path;
    nca_settings settings;
    nca__counters counters;
} nca__checkpoint_file;

/* A tensor of exactly that type and shape; a side of SIZE_MAX may have any length. */
nca_status nca__checkpoint_tensor(const nca_tensor_view **out_view,
                                  const nca__checkpoint_file *checkpoint, const char *name,
                                  nca_dtype dtype, size_t rank, const size_t *shape,
                                  nca_error *error);

/* Fills a pool in which every slot is the seed. After a failure it may be filled in part. */
nca_status nca__checkpoint_pool(nca__pool *pool, const nca__checkpoint_file *checkpoint,
                                nca_error *error);

#endif
