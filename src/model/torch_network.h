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
    NCA__TORCH_MAPS = 3 /* of fixed filters, per channel: identity, a filter and its transpose */
};

/* NULL for an absent bias. */
typedef struct nca__torch_network {
    const nca_torch_tensor *tensors[NCA__TORCH_TENSORS];
    size_t channels, hidden, filters; /* filters: maps per channel that the first layer takes */
    const nca_torch_tensor *further;  /* a third layer, or NULL */
} nca__torch_network;

/* How many networks a list has; the last of them becomes *out_network when there is one. A network
 * with a further layer, or with more filters than can be, counts. */
nca_status nca__torch_networks(size_t *out_count, nca__torch_network *out_network,
                               const nca__torch_list *list, const char *name, nca_error *error);

/* What stands in a column of the first layer: our perception index is filter * C + channel, and the
 * weight is multiplied by the factor. */
typedef struct nca__torch_column {
    size_t filter, channel;
    double factor;
} nca__torch_column;

/* The column in which an order has a filter of a channel, of `maps` filters. */
size_t nca__torch_index(nca_torch_order order, size_t filter, size_t channel, size_t channels,
                        size_t maps);

/* Reads the 3x3 kernels among the tensors. Where there are some, fills the columns (filters*C), the
 * filter, scale and order of *options, and lists their names in `out_names` (NCA_TORCH_TEXT bytes);
 * else out_names is "" and nothing changes. Kernels that are not multiples of a known filter, and
 * all when filter learned is asked for, become *out_taps ((filters-1)*9, C) (free() it), which is
 * not touched otherwise. NCA_UNSUPPORTED when they fit neither, NCA_INVALID_ARGUMENT when they
 * contradict the options. Sets *out_assumed_order when the order follows from the form of the
 * kernels alone. */
nca_status nca__torch_perception(nca__torch_column *columns, float **out_taps,
                                 nca_torch_options *options, bool *out_assumed_order,
                                 char *out_names, nca_torch *file,
                                 const nca__torch_network *network, nca_error *error);
/* Whether nca__torch_perception would look at the tensor. */
bool nca__torch_is_kernel(const nca_torch_tensor *tensor);

/* NCA_FORMAT, with the tensor's name, where one of its values is not finite. */
nca_status nca__torch_check_finite(const nca_torch_tensor *tensor, const float *values,
                                   const char *name, nca_error *error);

/* Appends "name [3, 3]" to a list of at most `size` bytes; false when there is no room for it. */
bool nca__torch_append(char *list, size_t size, const nca_torch_tensor *tensor);

#endif
