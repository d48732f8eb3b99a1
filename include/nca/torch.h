/* PyTorch's files: state dicts written by torch.save or as safetensors are read without running any
 * code; models are read from state dicts and written as such.
 *
 *   archive     a zip: FOLDER/data.pkl (a pickle), FOLDER/data/0, 1, ... (one storage each)
 *   state dict  a dictionary of names and tensors, at any place of the pickle: under any key, also
 *               some levels down, next to an optimiser, counters and objects of any class
 *   safetensors the same names and tensors, without the metadata of a model of this program
 *
 * The pickle interpreter calls no functions: objects other than tensors, numbers, strings, lists
 * and dictionaries are skipped (docs/pytorch.md). */
#ifndef NCA_TORCH_H
#define NCA_TORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/export.h"
#include "nca/model.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_TORCH_MAX_RANK = 8
};

/* Whether this module reads the file: a zip, the format before PyTorch 1.6 (which is recognised and
 * refused), or safetensors without the metadata of this program. False if it cannot be read. */
NCA_API bool nca_torch_is(const char *path);

/* ---- Reading a state dict --------------------------------------------------------------------*/

/* Used by one thread at a time, since reading values moves a position in the file; different
 * objects are independent of each other. */
typedef struct nca_torch nca_torch;

typedef struct nca_torch_tensor {
    const char *name;  /* as in the file, cleaned for messages; owned by the state dict */
    const char *dtype; /* "float32", "int64" ... */
    size_t rank;
    size_t shape[NCA_TORCH_MAX_RANK];
    size_t count; /* elements: the product of the shape */
} nca_torch_tensor;

/* Opens a file, reads its pickle and checks its state dict; the values of the tensors are not read
 * yet. The file stays open. Of several dictionaries with tensors, the one with an update network is
 * used; of several networks, the one under "state_dict", "model_state_dict" or "model". Memory is
 * linear in the file's size. Errors: NCA_NOT_FOUND, NCA_IO; NCA_FORMAT (not a zip archive,
 * truncated, a storage that is missing or too short, negative strides, no dictionary of tensors or
 * several that fit); NCA_UNSUPPORTED (the old format, an opcode that torch.save does not write;
 * libzip is not installed); NCA_LIMIT; NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_torch_open(nca_torch **out_file, const char *path, nca_error *error);
/* The same for bytes in memory, borrowed until close; `name` is used in messages. Errors as above,
 * except NCA_NOT_FOUND. */
NCA_API nca_status nca_torch_parse(nca_torch **out_file, const void *bytes, size_t size,
                                   const char *name, nca_error *error);
NCA_API void nca_torch_close(nca_torch *file); /* accepts NULL */

/* The tensors, in the file's order; NULL beyond the last. */
NCA_API size_t nca_torch_count(const nca_torch *file);
NCA_API const nca_torch_tensor *nca_torch_at(const nca_torch *file, size_t index);
/* NULL when there is none. */
NCA_API const nca_torch_tensor *nca_torch_find(const nca_torch *file, const char *name);

/* A tensor's values, row-major whatever its strides, in a new array of `count` floats (free() it).
 * float16 and bfloat16 are converted exactly, float64 is rounded to nearest. Values that are not
 * finite stay so; float64 values beyond the range of float32 become infinite. Errors:
 * NCA_UNSUPPORTED (other types), NCA_FORMAT (a storage that cannot be decompressed), NCA_LIMIT,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_torch_values(float **out_values, nca_torch *file,
                                    const nca_torch_tensor *tensor, nca_error *error);

/* ---- Models ----------------------------------------------------------------------------------
 * The update network is two dense layers under a common prefix, "NAME.weight" and "NAME.bias"
 * (optional), (N, 3C) and (C, N), with or without the trailing 1s of 1x1 convolutions:
 * update_module.0 and .2, fc0 and fc1, conv1 and conv2 ... Without a first bias b1 is 0; without a
 * second bias the model has no output bias. With learned filters the first layer is (N, K*C), and
 * 3x3 kernels in the state dict are the taps. */

/* The meaning of column j of the first layer, for filters k (identity, x, y; with learned filters
 * identity and K-1 others) and channels c. */
typedef enum nca_torch_order {
    NCA_TORCH_ORDER_CHANNEL,        /* j = c*K + k: a convolution grouped by channel */
    NCA_TORCH_ORDER_FILTER,         /* j = k*C + c: cat(x, dx, dy) */
    NCA_TORCH_ORDER_IDENTITY_FIRST, /* j = c, then C + c*(K-1) + k-1: cat(x, grouped convolution) */
    NCA_TORCH_ORDER_COUNT
} nca_torch_order;

/* "channel", "filter", "identity-first"; NULL beyond the last. */
NCA_API const char *nca_torch_order_name(nca_torch_order order);

/* What a state dict does not contain. */
typedef struct nca_torch_options {
    nca_filter filter; /* NCA_FILTER_COUNT: unknown; NCA_FILTER_LEARNED: kernels of a fixed filter
                          are also read as taps */
    nca_torch_order order; /* NCA_TORCH_ORDER_COUNT: unknown */
    nca_boundary boundary; /* NCA_BOUNDARY_COUNT: unknown */
    double filter_scale;   /* factor of the filter's integer taps in that model: 1 for an unscaled
                              Sobel; 0: unknown */
    float fire_rate;       /* 0: unknown */
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_torch_options;

/* Everything is unknown. */
NCA_API void nca_torch_options_default(nca_torch_options *out);

enum {
    NCA_TORCH_TEXT = 400
};

/* How a model was obtained. */
typedef struct nca_torch_report {
    nca_torch_options used; /* all known: given, found in the file, or assumed: */
    bool assumed_filter, assumed_order, assumed_boundary, assumed_scale, assumed_fire_rate;
    bool added_identity;       /* the kernels have no identity: it was added, with zero weights */
    char path[NCA_TORCH_TEXT]; /* the keys that lead to the state dict; "": top level */
    char perception[NCA_TORCH_TEXT]; /* the perception kernels that were read, or "" */
    char unused[NCA_TORCH_TEXT];     /* tensors that are not part of the network, or "" */
    char elsewhere[NCA_TORCH_TEXT];  /* other keys that hold tensors, or "" */
    char unread[NCA_TORCH_TEXT];     /* classes and functions whose objects were skipped, or "" */
} nca_torch_report;

/* The model in a state dict; `options` NULL: everything is unknown; `out_report` may be NULL.
 * Unknown options are assumed: sobel, order channel, zero boundary, the filter scale of this
 * library (1/8 for sobel), fire rate 0.5; the rest is as in nca_automaton_default. 3x3 kernels in
 * the state dict are compared with the known filters and determine filter and scale. Another scale
 * becomes a factor of the weights. If some kernels are not multiples of a known filter, all kernels
 * become the taps of learned filters, exactly. Map 0 of a model is the identity; if a channel has
 * no identity among its kernels, the identity is added with columns of zeros in the first layer,
 * which change nothing. The file of a classifier describes its model, so that nothing is assumed;
 * of the options, only a fire rate changes it.
 * Errors: NCA_FORMAT (no network or several fit, with a list of what the file contains; values that
 * are not finite), NCA_UNSUPPORTED (a third layer; other than three filters without kernels;
 * kernels that do not fit or have a bias; nine maps without identity), NCA_INVALID_ARGUMENT
 * (options disagree with kernels or with the description of a classifier), NCA_LIMIT,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_from_torch(nca_model **out_model, nca_torch *file,
                                        const nca_torch_options *options,
                                        nca_torch_report *out_report, nca_error *error);
/* Opens the file, reads the model and closes it. Errors: those of nca_torch_open and
 * nca_model_from_torch. */
NCA_API nca_status nca_model_load_torch(nca_model **out_model, const char *path,
                                        const nca_torch_options *options, nca_error *error);
/* Writes the state dict of a model, whole or not at all; torch.load(path, weights_only=True) can
 * read it. An output bias becomes update_module.2.bias, learned filters become perception.weight
 * (C*K, 1, 3, 3): the kernels of a convolution grouped by channel, identity first. The file of a
 * classifier is {"state_dict": ..., "metadata": the texts of a model file}. The same model gives
 * the same bytes. Errors: NCA_INVALID_ARGUMENT (values that are not finite), NCA_UNSUPPORTED
 * (a model that the format cannot represent; libzip is not installed), NCA_NOT_FOUND and NCA_IO
 * (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_save_torch(const nca_model *model, const char *path, nca_error *error);

/* Whether the path has the extension of PyTorch's files: .pt or .pth. */
NCA_API bool nca_torch_has_ending(const char *path);
/* Writes a model with nca_model_save_torch or nca_model_save, depending on the path's extension.
 * Errors: those of these functions. */
NCA_API nca_status nca_model_save_as(const nca_model *model, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
