/* Finds the update network in a list of tensors: two consecutive dense layers, whatever their
 * names. */
#include "model/torch_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/safetensors_dtype.h"

/* A dense layer: "PREFIX" "NAME" ".weight", with the number in its name. */
typedef struct layer {
    const nca_torch_tensor *weight;
    size_t prefix; /* length of the name up to and including the last '.' before NAME */
    size_t stem;   /* length of the name up to the number */
    unsigned long number;
    size_t place; /* index in the file */
} layer;

static const char weight_ending[] = ".weight";

/* (rows, columns), with or without the trailing 1 of 1x1 convolutions. */
static bool is_matrix(const nca_torch_tensor *tensor)
{
    bool matrix = tensor->rank >= 2 && tensor->rank <= 4 && tensor->shape[0] > 0 &&
                  tensor->shape[1] > 0 && !nca__torch_is_kernel(tensor);
    for (size_t i = 2; matrix && i < tensor->rank; i++) {
        matrix = tensor->shape[i] == 1;
    }
    return matrix;
}

static bool is_layer(layer *out, const nca_torch_tensor *tensor, size_t place)
{
    const size_t length = strlen(tensor->name), tail = sizeof weight_ending - 1;
    if (length <= tail || strcmp(tensor->name + length - tail, weight_ending) != 0 ||
        !is_matrix(tensor)) {
        return false;
    }
    const char *name = tensor->name;
    size_t end = length - tail, prefix = end, stem = end;
    while (prefix > 0 && name[prefix - 1] != '.') {
        prefix--;
    }
    while (stem > prefix && name[stem - 1] >= '0' && name[stem - 1] <= '9') {
        stem--;
    }
    *out = (layer){tensor, prefix, stem, strtoul(name + stem, NULL, 10), place};
    return true;
}

static int compare_places(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

/* Sorts by prefix, then by the order in the file. */
static int compare_layers(const void *a, const void *b)
{
    const layer *left = a, *right = b;
    const size_t shorter = left->prefix < right->prefix ? left->prefix : right->prefix;
    int order = memcmp(left->weight->name, right->weight->name, shorter);
    if (order == 0 && left->prefix != right->prefix) {
        order = left->prefix < right->prefix ? -1 : 1;
    }
    return order != 0 ? order : compare_places(left->place, right->place);
}

static bool same_prefix(const layer *a, const layer *b)
{
    return a->prefix == b->prefix && memcmp(a->weight->name, b->weight->name, a->prefix) == 0;
}

static bool same_stem(const layer *a, const layer *b)
{
    return a->stem == b->stem && memcmp(a->weight->name, b->weight->name, a->stem) == 0;
}

static int compare_numbers(const void *a, const void *b)
{
    const layer *left = a, *right = b;
    return left->number != right->number ? (left->number < right->number ? -1 : 1)
                                         : compare_places(left->place, right->place);
}

/* If the layers are numbered, the numbers give their order more reliably than a file that may be
 * sorted by name. */
static void sort_group(layer *group, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (!same_stem(&group[0], &group[i])) {
            return;
        }
    }
    qsort(group, count, sizeof *group, compare_numbers);
}

/* "PREFIX" "NAME" ".bias" of a layer, or NULL. */
static const nca_torch_tensor *bias_of(const nca__torch_list *list, const layer *l)
{
    char name[NCA__TORCH_NAME_MAX + 8];
    snprintf(name, sizeof name, "%.*s.bias",
             (int)(strlen(l->weight->name) - (sizeof weight_ending - 1)), l->weight->name);
    return nca__torch_list_find(list, name);
}

static bool fits_bias(const nca_torch_tensor *bias, size_t length)
{
    return bias == NULL || (bias->rank == 1 && bias->shape[0] == length);
}

static bool follows(const layer *first, const layer *second)
{
    return second->weight->shape[1] == first->weight->shape[0];
}

/* A chain of layers, in which each is the input of the next, is a network if one after the first
 * has as many outputs as there are channels, for some number of filters in the first. */
static bool is_network(nca__torch_network *out, const nca__torch_list *list, const layer *chain,
                       size_t count)
{
    const size_t inputs = chain[0].weight->shape[1], hidden = chain[0].weight->shape[0];
    for (size_t end = count; end >= 2 && hidden <= NCA_MAX_HIDDEN; end--) {
        const layer *last = &chain[end - 1];
        const size_t channels = last->weight->shape[0];
        nca__torch_network n = {.channels = channels, .hidden = hidden};
        if (channels < NCA_MIN_CHANNELS || channels > NCA_MAX_CHANNELS || inputs % channels != 0) {
            continue;
        }
        n.filters = inputs / channels;
        n.tensors[NCA__TORCH_W1] = chain[0].weight;
        n.tensors[NCA__TORCH_B1] = bias_of(list, &chain[0]);
        n.tensors[NCA__TORCH_W2] = last->weight;
        n.tensors[NCA__TORCH_B2] = bias_of(list, last);
        n.further = count > 2 ? chain[2].weight : NULL;
        if (fits_bias(n.tensors[NCA__TORCH_B1], hidden) &&
            fits_bias(n.tensors[NCA__TORCH_B2], channels)) {
            *out = n;
            return true;
        }
    }
    return false;
}

/* Counts the networks among the layers of one group. */
static size_t search_group(nca__torch_network *out, const nca__torch_list *list, layer *group,
                           size_t count)
{
    size_t found = 0;
    if (count == 2 && !follows(&group[0], &group[1]) && follows(&group[1], &group[0])) {
        const layer first = group[1];
        group[1] = group[0];
        group[0] = first;
    }
    for (size_t i = 0; i < count;) {
        size_t length = 1;
        while (i + length < count && follows(&group[i + length - 1], &group[i + length])) {
            length++;
        }
        found += is_network(out, list, &group[i], length);
        i += length;
    }
    return found;
}

nca_status nca__torch_networks(size_t *out_count, nca__torch_network *out_network,
                               const nca__torch_list *list, const char *name, nca_error *error)
{
    layer *layers = malloc((list->count + 1) * sizeof *layers);
    if (layers == NULL) {
        return nca__fail_memory(error, name, list->count * sizeof *layers);
    }
    size_t count = 0, found = 0;
    for (size_t i = 0; i < list->count; i++) {
        count += is_layer(&layers[count], &list->tensors[i], i);
    }
    qsort(layers, count, sizeof *layers, compare_layers);
    for (size_t i = 0; i < count;) {
        size_t length = 1;
        while (i + length < count && same_prefix(&layers[i], &layers[i + length])) {
            length++;
        }
        sort_group(&layers[i], length);
        found += search_group(out_network, list, &layers[i], length);
        i += length;
    }
    if (found == 0 && count == 2) { /* two modules with one layer each */
        found = search_group(out_network, list, layers, count);
    }
    free(layers);
    *out_count = found;
    return NCA_OK;
}

size_t nca__torch_index(nca_torch_order order, size_t filter, size_t channel, size_t channels,
                        size_t maps)
{
    switch (order) {
    case NCA_TORCH_ORDER_FILTER:
        return filter * channels + channel;
    case NCA_TORCH_ORDER_IDENTITY_FIRST:
        return filter == 0 ? channel : channels + channel * (maps - 1) + filter - 1;
    case NCA_TORCH_ORDER_CHANNEL:
    case NCA_TORCH_ORDER_COUNT:
        break;
    }
    return channel * maps + filter;
}

bool nca__torch_append(char *list, size_t size, const nca_torch_tensor *tensor)
{
    char shape[NCA__SHAPE_TEXT];
    const size_t length = strlen(list);
    int wanted =
        snprintf(list + length, size - length, "%s%.80s %s", length > 0 ? ", " : "", tensor->name,
                 nca__shape_text(shape, sizeof shape, tensor->shape, tensor->rank));
    if (wanted < 0 || length + (size_t)wanted >= size) {
        list[length] = 0;
        return false;
    }
    return true;
}
