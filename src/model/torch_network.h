/* Internal: the update network in a list of tensors, and what its first layer's columns are. */
#ifndef NCA_MODEL_TORCH_NETWORK_H
#define NCA_MODEL_TORCH_NETWORK_H

#include "model/torch_file.h"

/* The tensors of one network: two dense layers. */
enum {
    NCA__TORCH_W1,
    NCA__TORCH_B1,
    NCA__TORCH_W2,
    NCA__TORCH_B2,
    NCA__TORCH_TENSORS
};

enum {
    NCA__TORCH_MAPS = 3 /* per channel: identity, a filter and its transpose */
};

/* NULL for an absent bias. */
typedef struct nca__torch_network {
    const nca_torch_tensor *tensors[NCA__TORCH_TENSORS];
    size_t channels, hidden, filters;
    const nca_torch_tensor *further; /* a third layer, or NULL */
} nca__torch_network;

/* How many networks a list has; the last of them becomes *out_network when there is one. A network
 * with a further layer, or with other than three filters, counts. */
nca_status nca__torch_networks(size_t *out_count, nca__torch_network *out_network,
                               const nca__torch_list *list, const char *name, nca_error *error);

/* What stands in a column of the first layer: our perception index is filter * C + channel, and the
 * weight is multiplied by the factor. */
typedef struct nca__torch_column {
    size_t filter, channel;
    double factor;
} nca__torch_column;

/* The column in which an order has a filter of a channel. */
size_t nca__torch_index(nca_torch_order order, size_t filter, size_t channel, size_t channels);

/* Compares the 3x3 kernels among the tensors with the known filters. Where there are some, fills
 * the columns (3C), the filter, scale and order of *options, and lists their names in `out_names`
 * (NCA_TORCH_TEXT bytes); else out_names is "" and nothing changes. NCA_UNSUPPORTED when they are
 * none that are known, NCA_INVALID_ARGUMENT when they contradict the options. Sets
 * *out_assumed_order when the order follows from the form of the kernels alone. */
nca_status nca__torch_perception(nca__torch_column *columns, nca_torch_options *options,
                                 bool *out_assumed_order, char *out_names, nca_torch *file,
                                 const nca__torch_network *network, nca_error *error);
/* Whether nca__torch_perception would look at the tensor. */
bool nca__torch_is_kernel(const nca_torch_tensor *tensor);

/* Appends "name [3, 3]" to a list of at most `size` bytes; false when there is no room for it. */
bool nca__torch_append(char *list, size_t size, const nca_torch_tensor *tensor);

#endif
