/* Internal: the update network in a list of tensors, and the meaning of the columns of its first
 * layer. */
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
    NCA__TORCH_MAPS = 3 /* per channel with fixed filters: identity, a filter and its transpose */
};

/* NULL for an absent bias. */
typedef struct nca__torch_network {
    const nca_torch_tensor *tensors[NCA__TORCH_TENSORS];
    size_t channels, hidden, filters; /* filters: number of maps per channel in the first layer */
    const nca_torch_tensor *further;  /* a third layer, or NULL */
} nca__torch_network;

/* The number of networks in a list; *out_network is the last one, if there is any. Networks with a
 * further layer or with too many filters are counted too. */
nca_status nca__torch_networks(size_t *out_count, nca__torch_network *out_network,
                               const nca__torch_list *list, const char *name, nca_error *error);

/* The meaning of a column of the first layer: its perception index in our order is filter * C +
 * channel, and its weights are multiplied by the factor. */
typedef struct nca__torch_column {
    size_t filter, channel;
    double factor;
} nca__torch_column;

/* The perception of the model that is made from a file. */
typedef struct nca__torch_maps {
    nca__torch_column *columns; /* of the file's first layer: filters*C */
    float *taps; /* of learned filters, ((count-1)*9, C); NULL: the filter is fixed */
    size_t
        count; /* maps of the model, at least `filters`; no column has the maps that were added */
} nca__torch_maps;

/* The column of a filter of a channel in the given order, where there are `maps` filters. */
size_t nca__torch_index(nca_torch_order order, size_t filter, size_t channel, size_t channels,
                        size_t maps);

/* Reads the 3x3 kernels among the tensors. If there are any, fills maps->columns (which the caller
 * has allocated) and the filter, scale and order of *options, and writes their names to `out_names`
 * (NCA_TORCH_TEXT bytes); otherwise out_names is "" and nothing else changes. If the kernels are
 * not multiples of a known filter, or if the filter `learned` is requested, they become maps->taps
 * (free() it); if a channel has no identity among them, all of them become learned filters and the
 * identity is added as a map (maps->count). NCA_UNSUPPORTED if they are neither,
 * NCA_INVALID_ARGUMENT if they contradict the options. Sets *out_assumed_order if the order was
 * derived only from the shapes of the kernels. */
nca_status nca__torch_perception(nca__torch_maps *maps, nca_torch_options *options,
                                 bool *out_assumed_order, char *out_names, nca_torch *file,
                                 const nca__torch_network *network, nca_error *error);
/* Whether nca__torch_perception uses the tensor. */
bool nca__torch_is_kernel(const nca_torch_tensor *tensor);

/* Whether the file describes its model, as that of a classifier does. */
bool nca__torch_is_described(const nca_torch *file);
/* The model of such a file. `report` has the options of the caller in `used`, which must not
 * contradict the file; only a fire rate replaces that of the file. */
nca_status nca__torch_described(nca_model **out_model, nca_torch *file, nca_torch_report *report,
                                nca_error *error);

/* NCA_FORMAT, with the tensor's name, if one of its values is not finite. */
nca_status nca__torch_check_finite(const nca_torch_tensor *tensor, const float *values,
                                   const char *name, nca_error *error);

/* Appends "name [3, 3]" to a list of at most `size` bytes; false if it does not fit. */
bool nca__torch_append(char *list, size_t size, const nca_torch_tensor *tensor);

#endif
