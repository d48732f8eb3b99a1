/* A model: an automaton, its parameters and a description of their training; and its file.
 *
 * The file is safetensors (docs/file-formats.md): tensors update.w1 (N, K*C), update.b1 (N),
 * update.w2 (C, N) and the optional update.b2 (C), all F32 (F16 and BF16 are read too, and widened
 * exactly), and string metadata with everything that is needed to run it. The perception index of
 * w1's columns is k*C + c. */
#ifndef NCA_MODEL_H
#define NCA_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/classifier.h"
#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_MODEL_TEXT = 256
};

/* What the parameters were trained for; all fields are optional and 0 if unknown. */
typedef struct nca_model_info {
    uint32_t height, width;          /* the grid used in training, including padding */
    uint32_t padding;                /* empty cells around the target on each side */
    uint64_t iterations;             /* number of training iterations */
    double loss;                     /* mean of the last 50 batch losses; NaN if unknown */
    uint64_t seed;                   /* the random seed of the training */
    char target[NCA_MODEL_TEXT];     /* source of the target, e.g. "phantom" */
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
    nca_classifier *classifier; /* NULL: the model grows an image; owned */
} nca_model;

/* A model whose parameters are all 0. NCA_INVALID_ARGUMENT if the automaton is not valid. Release
 * with nca_model_destroy.
 * Other errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_create(nca_model **out_model, const nca_automaton *automaton,
                                    nca_error *error);
NCA_API void nca_model_destroy(nca_model *model); /* accepts NULL */

/* Copies a target (H,W,4) into the model, so that the quality of a model can be measured from its
 * file. Errors: NCA_INVALID_ARGUMENT (a side of 0 or over NCA_MAX_SIDE), NCA_LIMIT (too large for a
 * model file), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_set_target(nca_model *model, const float *target, uint32_t height,
                                        uint32_t width, nca_error *error);

/* Copies the description of a classifier into the model. Errors: NCA_INVALID_ARGUMENT (it does not
 * fit the automaton, or a value is out of range), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_set_classifier(nca_model *model, const nca_classifier *classifier,
                                            nca_error *error);

/* A deep copy of the model. Errors: NCA_OUT_OF_MEMORY; those of nca_model_create and
 * nca_model_set_target if the model has invalid fields. Release with nca_model_destroy. */
NCA_API nca_status nca_model_copy(nca_model **out_model, const nca_model *model, nca_error *error);

/* A digest of the parameters, their shapes and the filters: equal models have equal digests,
 * whatever else their files contain. It is 64-bit FNV-1a in hexadecimal: it distinguishes models
 * but gives no protection against deliberate collisions. */
NCA_API void nca_model_digest(char out[NCA_MODEL_DIGEST_SIZE], const nca_model *model);

/* Reads a file from any source; whatever its bytes, the result is a valid model or an error.
 * Errors: NCA_NOT_FOUND, NCA_IO, NCA_FORMAT (not safetensors, truncated, overlapping or missing
 * tensors, wrong shapes or types, values that are not finite), NCA_UNSUPPORTED (a later format
 * version), NCA_LIMIT (a file or an array that is too large), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_load(nca_model **out_model, const char *path, nca_error *error);

/* Writes the file whole or not at all. Errors: NCA_INVALID_ARGUMENT (what nca_model_load would
 * refuse: values that are not finite, a target without info.height and info.width), NCA_LIMIT,
 * NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_save(const nca_model *model, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
