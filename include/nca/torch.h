/* PyTorch's files: a state dict written by torch.save, read without running any code; and models as
 * state dicts, both ways.
 *
 *   archive     a zip: FOLDER/data.pkl (a pickle), FOLDER/data/0, 1, ... (one storage each)
 *   state dict  a dictionary of names and tensors, or a dictionary that holds one under the key
 *               "state_dict", "model_state_dict" or "model"; entries that are no tensors are
 * skipped
 *
 * The pickle is read by a machine that knows what such a dictionary needs and nothing else; any
 * other name or instruction is refused by its name (docs/pytorch.md). */
#ifndef NCA_TORCH_H
#define NCA_TORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/model.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_TORCH_MAX_RANK = 8
};

/* Whether a file begins like one that torch.save writes: a zip, or the form before PyTorch 1.6,
 * which is recognised and refused. False too when it cannot be read. */
bool nca_torch_is(const char *path);

/* ---- Reading a state dict --------------------------------------------------------------------*/

typedef struct nca_torch nca_torch;

typedef struct nca_torch_tensor {
    const char *name;  /* as in the file, cleaned for messages; owned by the state dict */
    const char *dtype; /* "float32", "int64" ... */
    size_t rank;
    size_t shape[NCA_TORCH_MAX_RANK];
    size_t count; /* elements: the product of the shape */
} nca_torch_tensor;

/* The file stays open; its pickle is read and everything is checked, the tensors' values are not
 * read yet. NCA_NOT_FOUND, NCA_IO; NCA_FORMAT (no zip, cut short, a storage that is missing or too
 * short, negative strides); NCA_UNSUPPORTED (the old form, a name or an instruction that a state
 * dict does not need); NCA_LIMIT. Memory is linear in the file's size. */
nca_status nca_torch_open(nca_torch **out_file, const char *path, nca_error *error);
/* The same on bytes in memory, borrowed until close; `name` stands in messages. */
nca_status nca_torch_parse(nca_torch **out_file, const void *bytes, size_t size, const char *name,
                           nca_error *error);
void nca_torch_close(nca_torch *file); /* accepts NULL */

/* The tensors, in the file's order. */
size_t nca_torch_count(const nca_torch *file);
const nca_torch_tensor *nca_torch_at(const nca_torch *file, size_t index);
/* NULL when there is none. */
const nca_torch_tensor *nca_torch_find(const nca_torch *file, const char *name);

/* A tensor's values, row-major whatever its strides, in a new array of `count` floats (free() it).
 * float16 and bfloat16 become float32 exactly, float64 is rounded to the nearest. Other types are
 * NCA_UNSUPPORTED. Values that are not finite stay so, float64 beyond float32 becomes infinite. */
nca_status nca_torch_values(float **out_values, nca_torch *file, const nca_torch_tensor *tensor,
                            nca_error *error);

/* ---- Models ----------------------------------------------------------------------------------
 * The update network's names and shapes in a state dict, behind any prefix ("", "module.", ...):
 *   update_module.0.weight (N, 3C, 1, 1), perception index c*3 + k (ours is k*C + c)
 *   update_module.0.bias (N)   update_module.2.weight (C, N, 1, 1)   update_module.2.bias (C)
 * The last is optional: without it the model has no output bias. The whole name before "0.weight"
 * counts as the prefix, so a network under another name is found too; (N, 3C) and (C, N), as linear
 * layers have them, are accepted. */

/* The model in a state dict. The file has tensors and nothing else: filter is the caller's, what
 * else the automaton has is as in nca_automaton_default. NCA_FORMAT when no prefix fits or several
 * do, with a list of what is in the file; when a value is not finite. */
nca_status nca_model_from_torch(nca_model **out_model, nca_torch *file, nca_filter filter,
                                nca_error *error);
/* Opens, takes the model, closes. */
nca_status nca_model_load_torch(nca_model **out_model, const char *path, nca_filter filter,
                                nca_error *error);
/* Writes the state dict of a model, whole or not at all; torch.load(path, weights_only=True) reads
 * it. An output bias becomes update_module.2.bias. The same model gives the same bytes. */
nca_status nca_model_save_torch(const nca_model *model, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
