/* Internal: the tensors of a model as a PyTorch module has them: names, shapes, and the order of
 * their values. With K maps, I input channels and a head of R inputs and M outputs:
 *
 *   perception.weight       (C*K, 1, 3, 3)  a convolution grouped by channel, identity first
 *   update_module.0.weight  (N, K*C, 1, 1)  input c*K + k is map k of channel c
 *   update_module.0.bias    (N)
 *   update_module.2.weight  (C-I, N, 1, 1)
 *   update_module.2.bias    (C-I)           with an output bias
 *   head.weight, head.bias  (M, R), (M)     with a head
 *
 * The kernels are there with learned filters, and always in a classifier. */
#ifndef NCA_MODEL_TORCH_TENSORS_H
#define NCA_MODEL_TORCH_TENSORS_H

#include "nca/model.h"

#define NCA__TORCH_KERNEL_WEIGHT "perception.weight"
#define NCA__TORCH_FIRST_WEIGHT  "update_module.0.weight"
#define NCA__TORCH_FIRST_BIAS    "update_module.0.bias"
#define NCA__TORCH_SECOND_WEIGHT "update_module.2.weight"
#define NCA__TORCH_SECOND_BIAS   "update_module.2.bias"
#define NCA__TORCH_HEAD_WEIGHT   "head.weight"
#define NCA__TORCH_HEAD_BIAS     "head.bias"

enum {
    NCA__TORCH_ENTRIES = 7
};

typedef struct nca__torch_entry {
    const char *name;
    size_t rank, shape[4];
    size_t count; /* elements */
    enum {
        NCA__TORCH_KERNELS,
        NCA__TORCH_FIRST_LAYER,
        NCA__TORCH_PLAIN /* values in our order */
    } form;
    size_t offset; /* of a plain one, in the parameters of the model */
} nca__torch_entry;

/* The kernels of any model: also those of its fixed filters. */
nca__torch_entry nca__torch_kernels(const nca_model *model);
/* Fills the list for a model, in the order of its layers, and returns the number. */
size_t nca__torch_entries(nca__torch_entry out[NCA__TORCH_ENTRIES], const nca_model *model);

/* Copies the values (entry->count) of a tensor out of the model. */
void nca__torch_get(float *out, const nca_model *model, const nca__torch_entry *entry);
/* Copies them into the model. False if kernels are not those that the model must have: the identity
 * first, and then its fixed filters if it has such. */
bool nca__torch_set(nca_model *model, const nca__torch_entry *entry, const float *values);

#endif
