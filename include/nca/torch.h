/* PyTorch's files: a state dict written by torch.save or as safetensors, read without running any
 * code; and models as state dicts, both ways.
 *
 *   archive     a zip: FOLDER/data.pkl (a pickle), FOLDER/data/0, 1, ... (one storage each)
 *   state dict  a dictionary of names and tensors, at any place of the pickle: under any key, also
 *               some levels down, beside an optimizer, counters and objects of any class
 *   safetensors the same names and tensors, without the metadata of a model of this program
 *
 * The pickle is read by a machine that calls nothing: what is no tensor, number, text, list or
 * dictionary stays unread (docs/pytorch.md). */
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

/* Whether a file is one to be read here: a zip, the form before PyTorch 1.6 (which is recognised
 * and refused), or safetensors without the metadata of this program. False too when it cannot be
 * read. */
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

/* The file stays open; its pickle is read and its state dict is checked, the tensors' values are
 * not read yet. Of several dictionaries with tensors the one counts that holds an update network;
 * of several networks the one under "state_dict", "model_state_dict" or "model". NCA_NOT_FOUND,
 * NCA_IO; NCA_FORMAT (no zip, cut short, a storage that is missing or too short, negative strides,
 * no dictionary of tensors or several that fit); NCA_UNSUPPORTED (the old form, an instruction that
 * torch.save does not write); NCA_LIMIT. Memory is linear in the file's size. NCA_OUT_OF_MEMORY.
 * NCA_UNSUPPORTED also where libzip is not installed. */
NCA_API nca_status nca_torch_open(nca_torch **out_file, const char *path, nca_error *error);
/* The same on bytes in memory, borrowed until close; `name` stands in messages.
 * Errors as above, but for NCA_NOT_FOUND. */
NCA_API nca_status nca_torch_parse(nca_torch **out_file, const void *bytes, size_t size,
                                   const char *name, nca_error *error);
NCA_API void nca_torch_close(nca_torch *file); /* accepts NULL */

/* The tensors, in the file's order; NULL beyond the last. */
NCA_API size_t nca_torch_count(const nca_torch *file);
NCA_API const nca_torch_tensor *nca_torch_at(const nca_torch *file, size_t index);
/* NULL when there is none. */
NCA_API const nca_torch_tensor *nca_torch_find(const nca_torch *file, const char *name);

/* A tensor's values, row-major whatever its strides, in a new array of `count` floats (free() it).
 * float16 and bfloat16 become float32 exactly, float64 is rounded to the nearest. Other types are
 * NCA_UNSUPPORTED. Values that are not finite stay so, float64 beyond float32 becomes infinite.
 * Other errors: NCA_FORMAT (a storage that cannot be unpacked), NCA_LIMIT, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_torch_values(float **out_values, nca_torch *file,
                                    const nca_torch_tensor *tensor, nca_error *error);

/* ---- Models ----------------------------------------------------------------------------------
 * The update network is two dense layers under one prefix, "NAME.weight" and "NAME.bias"
 * (optional), (N, 3C) and (C, N), with or without the trailing 1s of 1x1 convolutions:
 * update_module.0 and .2, fc0 and fc1, conv1 and conv2 ... Without a first bias b1 is 0, without a
 * second the model has no output bias. With learned filters the first layer is (N, K*C), and 3x3
 * kernels in the state dict are the taps. */

/* What stands in column j of the first layer, over filters k (identity, x, y; with learned filters
 * identity and K-1 others) and channels c. */
typedef enum nca_torch_order {
    NCA_TORCH_ORDER_CHANNEL,        /* j = c*K + k: a convolution grouped by channel */
    NCA_TORCH_ORDER_FILTER,         /* j = k*C + c: cat(x, dx, dy) */
    NCA_TORCH_ORDER_IDENTITY_FIRST, /* j = c, then C + c*(K-1) + k-1: cat(x, grouped convolution) */
    NCA_TORCH_ORDER_COUNT
} nca_torch_order;

/* "channel", "filter", "identity-first"; NULL beyond the last. */
NCA_API const char *nca_torch_order_name(nca_torch_order order);

/* What a state dict leaves open. */
typedef struct nca_torch_options {
    nca_filter filter;     /* NCA_FILTER_COUNT: not known; NCA_FILTER_LEARNED: kernels that a fixed
                              filter has are read as taps too */
    nca_torch_order order; /* NCA_TORCH_ORDER_COUNT: not known */
    nca_boundary boundary; /* NCA_BOUNDARY_COUNT: not known */
    double filter_scale;   /* what the filter's whole numbers are multiplied with there: 1 for an
                              unscaled Sobel; 0: not known */
    float fire_rate;       /* 0: not known */
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_torch_options;

/* Nothing is known. */
NCA_API void nca_torch_options_default(nca_torch_options *out);

enum {
    NCA_TORCH_TEXT = 400
};

/* What a model was made of. */
typedef struct nca_torch_report {
    nca_torch_options used; /* all known: given, found in the file, or assumed: */
    bool assumed_filter, assumed_order, assumed_boundary, assumed_scale, assumed_fire_rate;
    char path[NCA_TORCH_TEXT];       /* the keys that lead to the state dict; "": the file itself */
    char perception[NCA_TORCH_TEXT]; /* the perception kernels that were read, or "" */
    char unused[NCA_TORCH_TEXT];     /* tensors beside the network, or "" */
    char elsewhere[NCA_TORCH_TEXT];  /* other keys that hold tensors, or "" */
    char unread[NCA_TORCH_TEXT];     /* classes and functions whose objects were not read, or "" */
} nca_torch_report;

/* The model in a state dict; `options` NULL: nothing is known; `out_report` may be NULL. What is
 * not known is assumed: sobel, order channel, zero boundary, the filter's scale of this library
 * (1/8 for sobel), fire rate 0.5; the rest is as in nca_automaton_default. 3x3 kernels in the state
 * dict are compared with the known filters and decide filter and scale. Another scale becomes a
 * factor of the weights. Kernels of which some are no multiple of a known filter are the taps of
 * learned filters, exactly; one map of each channel has to be the identity, or the kernels follow
 * it. NCA_FORMAT when no network fits or several do, with a list of what is in the file; when a
 * value is not finite. NCA_UNSUPPORTED for a third layer, other than three filters without
 * kernels, kernels that do not fit, without an identity or with a bias. NCA_INVALID_ARGUMENT when
 * options and kernels disagree. Other errors: NCA_LIMIT, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_from_torch(nca_model **out_model, nca_torch *file,
                                        const nca_torch_options *options,
                                        nca_torch_report *out_report, nca_error *error);
/* Opens, takes the model, closes. Errors as of nca_torch_open and nca_model_from_torch. */
NCA_API nca_status nca_model_load_torch(nca_model **out_model, const char *path,
                                        const nca_torch_options *options, nca_error *error);
/* Writes the state dict of a model, whole or not at all; torch.load(path, weights_only=True) reads
 * it. An output bias becomes update_module.2.bias, learned filters perception.weight (C*K, 1, 3,
 * 3): the kernels of a convolution grouped by channel, identity first. The same model gives the
 * same bytes. Errors: NCA_INVALID_ARGUMENT (values that are not finite), NCA_UNSUPPORTED (what such
 * a file cannot say; libzip is not installed), NCA_NOT_FOUND and NCA_IO (the file cannot be
 * written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_model_save_torch(const nca_model *model, const char *path, nca_error *error);

/* Whether the path has the ending of PyTorch's files: .pt or .pth. */
NCA_API bool nca_torch_has_ending(const char *path);
/* Writes a model by the ending of the path: nca_model_save_torch or nca_model_save.
 * Errors as of these. */
NCA_API nca_status nca_model_save_as(const nca_model *model, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
