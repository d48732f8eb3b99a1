/* Perception kernels in a state dict. They are compared with the fixed filters of this library. If
 * they are multiples of a filter, the factor is applied to the columns of the first layer, so the
 * model keeps this library's definition of the filter. Other kernels become the taps of learned
 * filters without changes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/safetensors_dtype.h"
#include "model/torch_network.h"

enum {
    K = NCA__TORCH_MAPS,
    TAPS = 9,
    MOST_KERNELS = NCA_MAX_MAPS
};

/* A tensor of kernels and its values (rows, 9). */
typedef struct kernel {
    const nca_torch_tensor *tensor;
    float *values;
    size_t rows;
    double tolerance; /* relative: the rounding error of the tensor's type */
} kernel;

/* A kernel that is a known filter times a factor. */
typedef struct known {
    size_t slot; /* 0 identity, 1 filter x, 2 filter y */
    nca_filter filter;
    double factor;
} known;

bool nca__torch_is_kernel(const nca_torch_tensor *tensor)
{
    const size_t rank = tensor->rank;
    return rank >= 2 && rank <= 4 && tensor->shape[rank - 1] == 3 && tensor->shape[rank - 2] == 3 &&
           (rank < 4 || tensor->shape[1] == 1) && tensor->count > 0;
}

/* ---- One kernel ------------------------------------------------------------------------------*/

/* Whether `taps` are `filter` times a factor. */
static bool is_multiple(double *out_factor, const float *taps, const float *filter,
                        double tolerance)
{
    double product = 0, square = 0, largest = 0;
    for (size_t i = 0; i < TAPS; i++) {
        product += (double)taps[i] * (double)filter[i];
        square += (double)filter[i] * (double)filter[i];
        largest = fmax(largest, fabs((double)taps[i]));
    }
    *out_factor = product / square;
    bool same = largest > 0 && isfinite(*out_factor);
    for (size_t i = 0; same && i < TAPS; i++) {
        same = fabs((double)taps[i] - *out_factor * (double)filter[i]) <= tolerance * largest;
    }
    return same;
}

static bool recognise(known *out, const float *taps, double tolerance)
{
    static const float identity[TAPS] = {[4] = 1};
    if (is_multiple(&out->factor, taps, identity, tolerance)) {
        out->slot = 0;
        return true;
    }
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    for (int i = 0; i < NCA_FILTER_LEARNED; i++) {
        float filters[2][TAPS];
        automaton.filter = (nca_filter)i;
        nca_automaton_filters(filters[0], filters[1], &automaton);
        for (size_t k = 0; k < 2; k++) {
            if (is_multiple(&out->factor, taps, filters[k], tolerance)) {
                out->slot = 1 + k;
                out->filter = automaton.filter;
                return true;
            }
        }
    }
    return false;
}

/* Whether the taps are exactly the identity. */
static bool is_identity(const float *taps)
{
    bool same = true;
    for (size_t i = 0; i < TAPS; i++) {
        const float wanted = i == 4 ? 1.0f : 0.0f;
        same = same && taps[i] >= wanted && taps[i] <= wanted;
    }
    return same;
}

/* ---- All kernels of a file -------------------------------------------------------------------*/

static nca_status fail_kernel(const nca_torch *file, const kernel *k, size_t row, nca_error *error)
{
    char shape[NCA__SHAPE_TEXT];
    return nca__fail(error, NCA_UNSUPPORTED,
                     "%s: \"%.80s\" %s contains perception kernels, and number %zu is not a "
                     "multiple of identity, sobel, scharr, gaussian, laplacian, mean or a "
                     "transpose of these; learned filters need a kernel for each map",
                     file->name, k->tensor->name,
                     nca__shape_text(shape, sizeof shape, k->tensor->shape, k->tensor->rank), row);
}

static nca_status fail_form(const nca_torch *file, const char *names, const nca__torch_network *n,
                            nca_error *error)
{
    return nca__fail(error, NCA_UNSUPPORTED,
                     "%s: the perception kernels %s do not fit the first layer, which takes %zu "
                     "filters of %zu channels; expected kernels for each of them, with or without "
                     "identity, for every channel or the same for all",
                     file->name, names, n->filters, n->channels);
}

/* Describes how the kernels are arranged. `locate` finds the kernel and row for filter `k` of
 * `channel`, or returns false for an identity that has no kernel. */
typedef struct form {
    const kernel *kernels;
    size_t count, channels, maps;
    bool for_all_maps; /* whether each map has a kernel; else the identity has none */
    bool transposed;   /* whether filter y is the transpose of the only kernel */
} form;

static bool locate(const kernel **out, size_t *out_row, const form *f, size_t k, size_t channel)
{
    const size_t given = f->for_all_maps ? f->maps : f->transposed ? 1 : f->maps - 1;
    if (!f->for_all_maps && k == 0) {
        return false;
    }
    size_t index = f->for_all_maps ? k : f->transposed ? 0 : k - 1;
    if (f->count > 1) {
        *out = &f->kernels[index];
        *out_row = f->kernels[index].rows == 1 ? 0 : channel;
        return true;
    }
    *out = &f->kernels[0];
    *out_row = f->kernels[0].rows == given ? index : channel * given + index;
    return true;
}

/* Determines the arrangement of the kernels from their number and rows. */
static bool find_form(form *out, nca_torch_order *out_order, const kernel *kernels, size_t count,
                      const nca__torch_network *n)
{
    const size_t channels = n->channels, maps = n->filters;
    *out = (form){.kernels = kernels, .count = count, .channels = channels, .maps = maps};
    *out_order = NCA_TORCH_ORDER_FILTER; /* one kernel per filter: their outputs are concatenated */
    for (size_t i = 0; count > 1 && i < count; i++) {
        if (kernels[i].rows != 1 && kernels[i].rows != channels) {
            return false;
        }
    }
    if (count > 1) {
        out->for_all_maps = count == maps;
        return count == maps || count == maps - 1;
    }
    const size_t rows = kernels[0].rows;
    out->for_all_maps = rows == maps || rows == maps * channels;
    out->transposed = maps == K && (rows == 1 || rows == channels);
    *out_order = out->for_all_maps || out->transposed ? NCA_TORCH_ORDER_CHANNEL
                                                      : NCA_TORCH_ORDER_IDENTITY_FIRST;
    return out->for_all_maps || out->transposed || rows == maps - 1 ||
           rows == (maps - 1) * channels;
}

/* ---- Fixed filters ---------------------------------------------------------------------------*/

/* Determines filter and factor of a column. *filter is NCA_FILTER_COUNT until one was found. False
 * if the kernel is unknown or belongs to another filter. */
static bool fill_column(nca__torch_column *column, nca_filter *filter, bool *symmetric_x,
                        const form *f)
{
    const kernel *from = NULL;
    size_t row = 0;
    known what = {.slot = 0, .factor = 1};
    const size_t k = column->filter, channel = column->channel;
    if (locate(&from, &row, f, k, channel)) {
        float taps[TAPS];
        const float *values = from->values + row * TAPS;
        for (size_t i = 0; i < TAPS; i++) {
            taps[i] = values[f->transposed && k == K - 1 ? i % 3 * 3 + i / 3 : i];
        }
        if (!recognise(&what, taps, from->tolerance)) {
            return false;
        }
    }
    if (what.slot != 0) {
        if (*filter != NCA_FILTER_COUNT && *filter != what.filter) {
            return false;
        }
        *filter = what.filter;
        /* For a symmetric filter x and y are equal: the second one is y. */
        const bool symmetric = what.filter != NCA_FILTER_SOBEL && what.filter != NCA_FILTER_SCHARR;
        if (symmetric && *symmetric_x) {
            what.slot = 2;
        }
        *symmetric_x = symmetric;
    }
    column->filter = what.slot;
    column->factor = what.factor;
    return true;
}

/* Fills the columns of all channels. Each channel must have each map of the same filter once;
 * otherwise returns false. */
static bool fill_columns(nca__torch_column *columns, nca_filter *filter, const form *f,
                         nca_torch_order order)
{
    for (size_t channel = 0; f->maps == K && channel < f->channels; channel++) {
        unsigned seen = 0;
        bool symmetric_x = false;
        for (size_t k = 0; k < K; k++) {
            nca__torch_column column = {k, channel, 1};
            if (!fill_column(&column, filter, &symmetric_x, f)) {
                return false;
            }
            seen |= 1u << column.filter;
            columns[nca__torch_index(order, k, channel, f->channels, K)] = column;
        }
        if (seen != (1u << K) - 1) {
            return false;
        }
    }
    return f->maps == K && *filter != NCA_FILTER_COUNT;
}

/* The scale of filter x relative to its integer taps. */
static double scale_of(const nca__torch_column *columns, nca_filter filter, size_t channels)
{
    double factor = 1;
    for (size_t i = 0; i < K * channels; i++) {
        factor = columns[i].filter == 1 ? columns[i].factor : factor;
    }
    return factor / nca_filter_divisor(filter);
}

/* ---- Learned filters -------------------------------------------------------------------------*/

static nca_status fail_full(const nca_torch *file, const kernel *k, size_t channel,
                            nca_error *error)
{
    char shape[NCA__SHAPE_TEXT];
    return nca__fail(error, NCA_UNSUPPORTED,
                     "%s: \"%.80s\" %s: none of the perception kernels of channel %zu is the "
                     "identity, and there are %d maps already; a model has at most %d, of which "
                     "the first is the identity",
                     file->name, k->tensor->name,
                     nca__shape_text(shape, sizeof shape, k->tensor->shape, k->tensor->rank),
                     channel, NCA_MAX_MAPS, NCA_MAX_MAPS);
}

/* The map of a channel that is the identity, the first if there are several; `maps` if none is. */
static size_t find_identity(const form *f, size_t channel)
{
    const kernel *from = NULL;
    size_t row = 0, k = 0;
    while (k < f->maps && locate(&from, &row, f, k, channel) &&
           !is_identity(from->values + row * TAPS)) {
        k++;
    }
    return k;
}

/* Fills the taps ((count-1)*9, C) and the columns of all channels, with the filters in the order of
 * the file. If the identity was added, the first map of the file is filter 1. */
static void fill_taps(nca__torch_maps *maps, const form *f, nca_torch_order order)
{
    const bool added = maps->count > f->maps;
    for (size_t channel = 0; channel < f->channels; channel++) {
        const size_t identity = added ? f->maps : find_identity(f, channel);
        size_t filter = 0;
        for (size_t k = 0; k < f->maps; k++) {
            const kernel *from = NULL;
            size_t row = 0;
            nca__torch_column column = {0, channel, 1};
            if (k != identity && locate(&from, &row, f, k, channel)) {
                for (size_t i = 0; i < TAPS; i++) {
                    maps->taps[(filter * TAPS + i) * f->channels + channel] =
                        from->values[row * TAPS + i];
                }
                column.filter = ++filter;
            }
            maps->columns[nca__torch_index(order, k, channel, f->channels, f->maps)] = column;
        }
    }
}

/* The kernels as learned filters. Where a channel has no identity among its kernels, the identity
 * becomes one more map of all channels, whose weights are zero. */
static nca_status read_learned(nca__torch_maps *maps, const form *f, nca_torch_order order,
                               const nca_torch *file, nca_error *error)
{
    if (f->transposed) {
        return fail_kernel(file, &f->kernels[0], 0, error);
    }
    size_t without = 0;
    while (without < f->channels && find_identity(f, without) < f->maps) {
        without++;
    }
    maps->count = without < f->channels ? f->maps + 1 : f->maps;
    if (maps->count > NCA_MAX_MAPS) {
        return fail_full(file, &f->kernels[0], without, error);
    }
    const size_t bytes = (maps->count - 1) * TAPS * f->channels * sizeof(float);
    maps->taps = malloc(bytes);
    if (maps->taps == NULL) {
        return nca__fail_memory(error, file->name, bytes);
    }
    fill_taps(maps, f, order);
    return NCA_OK;
}

/* ---- Comparison with the options ------------------------------------------------------------- */

static nca_status settle(nca_torch_options *options, nca_filter filter, double scale,
                         const char *names, const nca_torch *file, nca_error *error)
{
    if (options->filter != NCA_FILTER_COUNT && options->filter != filter) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the perception kernels %s are %s; filter %s was requested",
                         file->name, names, nca_filter_name(filter),
                         nca_filter_name(options->filter));
    }
    if (options->filter_scale > 0 && filter == NCA_FILTER_LEARNED) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the perception kernels %s are learned filters, which have no scale; "
                         "scale %g was requested",
                         file->name, names, options->filter_scale);
    }
    if (options->filter_scale > 0 &&
        fabs(options->filter_scale - fabs(scale)) > 1e-3 * fabs(scale)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the perception kernels %s have the scale %g; scale %g was requested",
                         file->name, names, fabs(scale), options->filter_scale);
    }
    options->filter = filter;
    options->filter_scale = fabs(scale);
    return NCA_OK;
}

/* A bias of the perception cannot be represented. */
static nca_status check_bias(nca_torch *file, const kernel *k, nca_error *error)
{
    static const char ending[] = "weight";
    char name[NCA__TORCH_NAME_MAX + 8];
    const size_t length = strlen(k->tensor->name), tail = sizeof ending - 1;
    if (length < tail || strcmp(k->tensor->name + length - tail, ending) != 0) {
        return NCA_OK;
    }
    snprintf(name, sizeof name, "%.*sbias", (int)(length - tail), k->tensor->name);
    const nca_torch_tensor *bias = nca__torch_list_find(&file->list, name);
    float *values = NULL;
    nca_status status = bias != NULL ? nca_torch_values(&values, file, bias, error) : NCA_OK;
    for (size_t i = 0; status == NCA_OK && bias != NULL && i < bias->count; i++) {
        if (!(values[i] >= 0 && values[i] <= 0)) {
            status = nca__fail(error, NCA_UNSUPPORTED,
                               "%s: \"%.80s\": a perception layer with a bias is not supported",
                               file->name, bias->name);
        }
    }
    free(values);
    return status;
}

static nca_status read_kernel(kernel *out, nca_torch *file, const nca_torch_tensor *tensor,
                              nca_error *error)
{
    *out = (kernel){.tensor = tensor, .rows = tensor->count / TAPS, .tolerance = 2e-6};
    if (strcmp(tensor->dtype, "float16") == 0) {
        out->tolerance = 1e-3;
    } else if (strcmp(tensor->dtype, "bfloat16") == 0) {
        out->tolerance = 4e-3;
    }
    nca_status status = check_bias(file, out, error);
    if (status == NCA_OK) {
        status = nca_torch_values(&out->values, file, tensor, error);
    }
    return status == NCA_OK ? nca__torch_check_finite(tensor, out->values, file->name, error)
                            : status;
}

/* Reads the kernels of a file; too many are refused. */
static nca_status read_kernels(kernel kernels[MOST_KERNELS], size_t *out_count, char *out_names,
                               nca_torch *file, const nca__torch_network *n, nca_error *error)
{
    size_t count = 0;
    nca_status status = NCA_OK;
    out_names[0] = 0;
    for (size_t i = 0; i < file->list.count && status == NCA_OK; i++) {
        const nca_torch_tensor *tensor = &file->list.tensors[i];
        if (!nca__torch_is_kernel(tensor)) {
            continue;
        }
        nca__torch_append(out_names, NCA_TORCH_TEXT, tensor);
        if (count == MOST_KERNELS) {
            status = fail_form(file, out_names, n, error);
        } else {
            status = read_kernel(&kernels[count++], file, tensor, error);
        }
    }
    *out_count = count;
    return status;
}

/* Interprets the kernels as a fixed filter if possible, else as learned filters. */
static nca_status interpret(nca__torch_maps *maps, nca_torch_options *options, const form *f,
                            const char *names, const nca_torch *file, nca_error *error)
{
    nca_filter filter = NCA_FILTER_COUNT;
    if (options->filter != NCA_FILTER_LEARNED &&
        fill_columns(maps->columns, &filter, f, options->order)) {
        const double scale = scale_of(maps->columns, filter, f->channels);
        return settle(options, filter, scale, names, file, error);
    }
    nca_status status = settle(options, NCA_FILTER_LEARNED, 1, names, file, error);
    return status == NCA_OK ? read_learned(maps, f, options->order, file, error) : status;
}

nca_status nca__torch_perception(nca__torch_maps *maps, nca_torch_options *options,
                                 bool *out_assumed_order, char *out_names, nca_torch *file,
                                 const nca__torch_network *network, nca_error *error)
{
    kernel kernels[MOST_KERNELS] = {{0}};
    size_t count = 0;
    nca_torch_options found = *options;
    nca_torch_order order;
    form f;
    nca_status status = read_kernels(kernels, &count, out_names, file, network, error);
    if (status == NCA_OK && count > 0 && !find_form(&f, &order, kernels, count, network)) {
        status = fail_form(file, out_names, network, error);
    }
    if (status == NCA_OK && count > 0) {
        /* A convolution grouped by channel has only one possible order of outputs. */
        const bool given = options->order != NCA_TORCH_ORDER_COUNT;
        *out_assumed_order = !given && kernels[0].rows != network->filters * network->channels;
        found.order = given ? options->order : order;
        status = interpret(maps, &found, &f, out_names, file, error);
    }
    if (status == NCA_OK) {
        *options = found;
    }
    for (size_t i = 0; i < count; i++) {
        free(kernels[i].values);
    }
    return status;
}
