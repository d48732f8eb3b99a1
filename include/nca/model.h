/* A model: an automaton, its parameters and what they were trained for; and its file.
 *
 * The file is safetensors (docs/file-formats.md): tensors update.w1 (N, K*C), update.b1 (N),
 * update.w2 (C, N), update.b2 (C, when there is one), all F32 (F16 and BF16 are read too, and
 * widened exactly), and string metadata with everything that is needed to run it. The perception
 * index of w1's columns is k*C + c. */
#ifndef NCA_MODEL_H
#define NCA_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_MODEL_TEXT = 256
};

/* What the parameters were trained for; all optional, zero when unknown. */
typedef struct nca_model_info {
    uint32_t height, width;          /* the grid trained on, padding included */
    uint32_t padding;                /* empty cells around the target on each side */
    uint64_t iterations;             /* training iterations behind the parameters */
    double loss;                     /* mean of the last 50 batch losses; NaN when unknown */
    uint64_t seed;                   /* the run's random seed */
    char target[NCA_MODEL_TEXT];     /* where the target came from, e.g. "phantom" */
    char loss_name[NCA_MODEL_TEXT];  /* "L2" ... */
    char experiment[NCA_MODEL_TEXT]; /* "growing", "persistent", "regenerating" */
    char recipe[NCA_MODEL_TEXT];     /* "robust", "medmnist" */
} nca_model_info;

/* A plain struct: any number of threads may read it at once, or one may change it. */
typedef struct nca_model {
    nca_automaton automaton;
    nca_model_info info;
    float *parameters; /* flat, see nca/automaton.h; owned */
    float *target;     /* (H,W,4) premultiplied RGBA of info.height x info.width, or NULL; owned */
} nca_model;

/* A model with parameters all 0. NCA_INVALID_ARGUMENT when the automaton is not valid.
 * Release with nca_model_destroy.
 * Other errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_create(nca_model **out_model, const nca_automaton *automaton,
                                    nca_error *error);
NCA_API void nca_model_destroy(nca_model *model); /* accepts NULL */

/* Copies a target (H,W,4) into the model, so that a model file can say how well it does.
 * Errors: NCA_INVALID_ARGUMENT (a side of 0 or over NCA_MAX_SIDE), NCA_LIMIT (too large for a model
 * file), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_set_target(nca_model *model, const float *target, uint32_t height,
                                        uint32_t width, nca_error *error);

/* A copy that shares nothing with the model. Errors: NCA_OUT_OF_MEMORY; as of nca_model_create and
 * nca_model_set_target for a model that was filled wrongly. Release with nca_model_destroy. */
NCA_API nca_status nca_model_copy(nca_model **out_model, const nca_model *model, nca_error *error);

/* A digest of the parameters, the shape that they have and the filters that they belong to: equal
 * models have the same, whatever else their files say. 64 bits of FNV-1a as hexadecimal digits: it
 * tells another model from this one, and is no protection from somebody who means harm. */
NCA_API void nca_model_digest(char out[NCA_MODEL_DIGEST_SIZE], const nca_model *model);

/* Reads a file of any origin; whatever its bytes, the answer is a model or an error:
 * NCA_NOT_FOUND, NCA_IO, NCA_FORMAT (not safetensors, cut short, overlapping or missing tensors,
 * wrong shapes or types, values that are not finite), NCA_UNSUPPORTED (a later format version),
 * NCA_LIMIT (a file or an array that is too large), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_load(nca_model **out_model, const char *path, nca_error *error);

/* Writes the file whole or not at all. Errors: NCA_INVALID_ARGUMENT (what nca_model_load would
 * refuse: values that are not finite, a target without info.height and info.width), NCA_LIMIT,
 * NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_save(const nca_model *model, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
