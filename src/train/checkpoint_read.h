/* Internal: an open checkpoint file, shared by the files of the reader. */
#ifndef NCA_TRAIN_CHECKPOINT_READ_H
#define NCA_TRAIN_CHECKPOINT_READ_H

#include <stddef.h>

#include "nca/settings.h"
#include "nca/status.h"
#include "train/pool.h"
#include "train/session.h"

/* An open checkpoint, and its path for messages. */
typedef struct nca__checkpoint_file {
    nca__saved saved;
    nca_settings settings;
    nca__counters counters;
} nca__checkpoint_file;

/* Fills a pool in which no slot has grown. After a failure it may be partly filled. */
nca_status nca__checkpoint_pool(nca__pool *pool, const nca__checkpoint_file *checkpoint,
                                nca_error *error);

#endif
