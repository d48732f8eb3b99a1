/* Internal: the texts that describe a model in a file, a key and a value each, whatever the format
 * of the file. */
#ifndef NCA_MODEL_MODEL_TEXTS_H
#define NCA_MODEL_MODEL_TEXTS_H

#include "nca/status.h"

/* Where they are read from: the value of a key, or NULL. */
typedef struct nca__texts {
    const char *(*find)(const void *file, const char *key);
    const void *file;
} nca__texts;

/* Where they are written to. */
typedef struct nca__texts_out {
    nca_status (*add)(void *file, const char *key, const char *value, nca_error *error);
    void *file;
} nca__texts_out;

#endif
