/* Internal: an open checkpoint file, for the parts of the reader. */
#ifndef NCA_TRAIN_CHECKPOINT_READ_H
#define NCA_TRAIN_CHECKPOINT_READ_H

#include <stddef.h>

#include "nca/settings.h"
#include "nca/status.h"
#include "train/pool.h"
#include "train/session.h"

/* An open checkpoint and what every message about it starts with. */
typedef struct nca__checkpoint_file {
    nca__saved saved;
    nca_settings settings;
    nca__counters counters;
} nca__checkpoint_file;

/* Fills a pool in which nothing has grown. After a failure it may be filled in part. */
nca_status nca__checkpoint_pool(nca__pool *pool, const nca__checkpoint_file *checkpoint,
                                nca_error *error);

#endif
