/* Models from state dicts: which tensors are the update network, and their order of perceptions
 * turned into ours. Knows nothing of archives and pickles. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/safetensors_dtype.h"
#include "model/torch_file.h"
#include "model/torch_network.h"

/* The tensors of one network in a state dict, in the order of nca_tensor; NULL for an absent b2. */
typedef struct network {
    const nca_torch_tensor *tensors[NCA_TENSOR_COUNT];
    size_t channels, hidden;
} network;

/* ---- Finding it ------------------------------------------------------------------------------*/

/* "prefix" + "2.weight", or NULL. */
static const nca_torch_tensor *find_beside(const nca_torch *file, const char *first, size_t prefix,
                                           const char *ending)
{
    char name[NCA__TORCH_NAME_MAX + 16];
    snprintf(name, sizeof name, "%.*s%s", (int)prefix, first, ending);
    return nca_torch_find(file, name);
}

/* (rows, columns), with or without the two trailing 1 of a 1x1 convolution. */
static bool is_matrix(const nca_torch_tensor *tensor, size_t rows, size_t columns)
{
    return (tensor->rank == 2 ||
            (tensor->rank == 4 && tensor->shape[2] == 1 && tensor->shape[3] == 1)) &&
           tensor->shape[0] == rows && tensor->shape[1] == columns;
}

static bool is_vector(const nca_torch_tensor *tensor, size_t length)
{
    return tensor->rank == 1 && tensor->shape[0] == length;
}

/* Whether `first` is the first layer of an update network. */
static bool is_network(network *out, const nca_torch *file, const nca_torch_tensor *first)
{
    static const char ending[] = "0.weight";
    size_t length = strlen(first->name), tail = sizeof ending - 1;
    if (length < tail || strcmp(first->name + length - tail, ending) != 0 ||
        (length > tail && first->name[length - tail - 1] != '.') || first->rank < 2) {
        return false;
    }
    size_t hidden = first->shape[0], inputs = first->shape[1];
    size_t channels = inputs / NCA_PERCEPTION_FILTERS, prefix = length - tail;
    network n = {.channels = channels, .hidden = hidden};
    n.tensors[NCA_TENSOR_W1] = first;
    n.tensors[NCA_TENSOR_B1] = find_beside(file, first->name, prefix, "0.bias");
    n.tensors[NCA_TENSOR_W2] = find_beside(file, first->name, prefix, "2.weight");
    n.tensors[NCA_TENSOR_B2] = find_beside(file, first->name, prefix, "2.bias");
    if (n.tensors[NCA_TENSOR_B1] == NULL || n.tensors[NCA_TENSOR_W2] == NULL ||
        channels < NCA_MIN_CHANNELS || channels > NCA_MAX_CHANNELS || hidden < 1 ||
        hidden > NCA_MAX_HIDDEN || !is_matrix(first, hidden, channels * NCA_PERCEPTION_FILTERS) ||
        !is_vector(n.tensors[NCA_TENSOR_B1], hidden) ||
        !is_matrix(n.tensors[NCA_TENSOR_W2], channels, hidden) ||
        (n.tensors[NCA_TENSOR_B2] != NULL && !is_vector(n.tensors[NCA_TENSOR_B2], channels))) {
        return false;
    }
    *out = n;
    return true;
}

/* "update_module.0.weight [128, 48, 1, 1], ...", cut where a message would be too long. */
static void list_tensors(char *out, size_t size, const nca_torch *file)
{
    size_t length = 0;
    for (size_t i = 0; i < nca_torch_count(file); i++) {
        const nca_torch_tensor *tensor = nca_torch_at(file, i);
        char shape[NCA__SHAPE_TEXT], item[NCA__SHAPE_TEXT + 96];
        int wanted = snprintf(item, sizeof item, "%s%.80s %s", i > 0 ? ", " : "", tensor->name,
                              nca__shape_text(shape, sizeof shape, tensor->shape, tensor->rank));
        if (length + (size_t)wanted + sizeof ", and 12345 more" > size) {
            snprintf(out + length, size - length, ", and %zu more", nca_torch_count(file) - i);
            return;
        }
        memcpy(out + length, item, (size_t)wanted + 1);
        length += (size_t)wanted;
    }
}

static nca_status find_network(network *out, const nca_torch *file, nca_error *error)
{
    size_t found = 0;
    for (size_t i = 0; i < nca_torch_count(file); i++) {
        network candidate;
        if (is_network(&candidate, file, nca_torch_at(file, i))) {
            *out = candidate;
            found++;
        }
    }
    if (found == 1) {
        return NCA_OK;
    }
    char list[600];
    list_tensors(list, sizeof list, file);
    return nca__fail(error, NCA_FORMAT,
                     "%.100s: expected one update network (0.weight [N, 3C, 1, 1], 0.bias [N], "
                     "2.weight [C, N, 1, 1], behind any prefix), found %s; the file has %s",
                     file->name, found == 0 ? "none" : "several", list);
}

/* ---- Taking it -------------------------------------------------------------------------------*/

static nca_status check_finite(const nca_torch_tensor *tensor, const float *values,
                               const char *name, nca_error *error)
{
    for (size_t i = 0; i < tensor->count; i++) {
        if (!isfinite(values[i])) {
            return nca__fail(error, NCA_FORMAT,
                             "%s: tensor \"%.80s\" is not finite at element %zu; expected finite "
                             "values of at most 3.4e38: the file is damaged or its training "
                             "diverged",
                             name, tensor->name, i);
        }
    }
    return NCA_OK;
}

/* All values are read before a model of their size is made: the shapes alone prove nothing. */
static nca_status read_values(float *values[NCA_TENSOR_COUNT], nca_torch *file, const network *n,
                              nca_error *error)
{
    nca_status status = NCA_OK;
    for (int i = 0; i < NCA_TENSOR_COUNT && status == NCA_OK; i++) {
        if (n->tensors[i] != NULL) {
            status = nca_torch_values(&values[i], file, n->tensors[i], error);
        }
        if (n->tensors[i] != NULL && status == NCA_OK) {
            status = check_finite(n->tensors[i], values[i], file->name, error);
        }
    }
    return status;
}

nca_status nca_model_from_torch(nca_model **out_model, nca_torch *file, nca_filter filter,
                                nca_error *error)
{
    network n = {0};
    float *values[NCA_TENSOR_COUNT] = {NULL};
    nca_model *model = NULL;
    nca_status status = find_network(&n, file, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_automaton automaton = nca_automaton_default();
    automaton.channels = (uint32_t)n.channels;
    automaton.hidden = (uint32_t)n.hidden;
    automaton.filter = filter;
    automaton.output_bias = n.tensors[NCA_TENSOR_B2] != NULL;
    status = read_values(values, file, &n, error);
    if (status == NCA_OK) {
        status = nca_model_create(&model, &automaton, error);
    }
    if (status == NCA_OK) {
        nca_parameters ours = nca_parameters_view(model->parameters, &automaton);
        nca__torch_w1_to_ours(ours.w1, values[NCA_TENSOR_W1], n.hidden, n.channels);
        memcpy(ours.b1, values[NCA_TENSOR_B1], n.hidden * sizeof *ours.b1);
        memcpy(ours.w2, values[NCA_TENSOR_W2], n.channels * n.hidden * sizeof *ours.w2);
        if (automaton.output_bias) {
            memcpy(ours.b2, values[NCA_TENSOR_B2], n.channels * sizeof *ours.b2);
        }
        *out_model = model;
    }
    for (int i = 0; i < NCA_TENSOR_COUNT; i++) {
        free(values[i]);
    }
    return status;
}

nca_status nca_model_load_torch(nca_model **out_model, const char *path, nca_filter filter,
                                nca_error *error)
{
    nca_torch *file = NULL;
    nca_status status = nca_torch_open(&file, path, error);
    if (status == NCA_OK) {
        status = nca_model_from_torch(out_model, file, filter, error);
    }
    nca_torch_close(file);
    return status;
}
