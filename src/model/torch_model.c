/* Models from state dicts: finds the update network, converts its columns to our order and scale,
 * and reports what was assumed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/safetensors_dtype.h"
#include "model/torch_network.h"

const char *nca_torch_order_name(nca_torch_order order)
{
    static const char *const names[] = {"channel", "filter", "identity-first"};
    return (unsigned)order < NCA_TORCH_ORDER_COUNT ? names[order] : NULL;
}

void nca_torch_options_default(nca_torch_options *out)
{
    *out = (nca_torch_options){
        .filter = NCA_FILTER_COUNT, .order = NCA_TORCH_ORDER_COUNT, .boundary = NCA_BOUNDARY_COUNT};
}

/* ---- Finding the network ---------------------------------------------------------------------*/

/* "update_module.0.weight [128, 48, 1, 1], ...", truncated to fit into a message. */
static void list_tensors(char *out, size_t size, const nca_torch *file)
{
    out[0] = 0;
    for (size_t i = 0; i < file->list.count; i++) {
        if (!nca__torch_append(out, size - sizeof ", and 12345 more", &file->list.tensors[i])) {
            size_t length = strlen(out);
            snprintf(out + length, size - length, ", and %zu more", file->list.count - i);
            return;
        }
    }
}

static nca_status find_network(nca__torch_network *out, const nca_torch *file, nca_error *error)
{
    size_t found = 0;
    nca_status status = nca__torch_networks(&found, out, &file->list, file->name, error);
    if (status != NCA_OK) {
        return status;
    }
    if (found != 1) {
        char list[600];
        list_tensors(list, sizeof list, file);
        return nca__fail(error, NCA_FORMAT,
                         "%.100s: expected one update network (two layers NAME.weight, [N, 3C] and "
                         "[C, N], with or without biases), found %s; the file has %s",
                         file->name, found == 0 ? "none" : "several", list);
    }
    char shape[NCA__SHAPE_TEXT];
    const nca_torch_tensor *first = out->tensors[NCA__TORCH_W1];
    if (out->further != NULL) {
        return nca__fail(
            error, NCA_UNSUPPORTED,
            "%s: \"%.80s\" %s is a third layer; only update networks of two layers are supported",
            file->name, out->further->name,
            nca__shape_text(shape, sizeof shape, out->further->shape, out->further->rank));
    }
    bool kernels = false;
    for (size_t i = 0; i < file->list.count; i++) {
        kernels = kernels || nca__torch_is_kernel(&file->list.tensors[i]);
    }
    if (kernels ? out->filters < 2 || out->filters > NCA_MAX_MAPS
                : out->filters != NCA__TORCH_MAPS) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: \"%.80s\" %s takes %zu filters of %zu channels; expected three "
                         "(identity, a filter and its transpose) or, with perception kernels in "
                         "the file, two to nine (identity and learned filters)",
                         file->name, first->name,
                         nca__shape_text(shape, sizeof shape, first->shape, first->rank),
                         out->filters, out->channels);
    }
    return NCA_OK;
}

/* ---- Values ----------------------------------------------------------------------------------*/

nca_status nca__torch_check_finite(const nca_torch_tensor *tensor, const float *values,
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

/* All values are read before a model of their size is allocated, because the file might not contain
 * data for the claimed shapes. */
static nca_status read_values(float *values[NCA__TORCH_TENSORS], nca_torch *file,
                              const nca__torch_network *n, nca_error *error)
{
    nca_status status = NCA_OK;
    for (int i = 0; i < NCA__TORCH_TENSORS && status == NCA_OK; i++) {
        if (n->tensors[i] != NULL) {
            status = nca_torch_values(&values[i], file, n->tensors[i], error);
        }
        if (n->tensors[i] != NULL && status == NCA_OK) {
            status = nca__torch_check_finite(n->tensors[i], values[i], file->name, error);
        }
    }
    return status;
}

/* Fills W1 (N, count*C) from the columns of the file; the columns of added maps become 0. */
static void fill_w1(float *ours, const float *theirs, const nca__torch_maps *maps,
                    const nca__torch_network *n)
{
    const size_t width = n->channels * maps->count, given = n->channels * n->filters;
    memset(ours, 0, n->hidden * width * sizeof *ours);
    for (size_t row = 0; row < n->hidden; row++) {
        for (size_t j = 0; j < given; j++) {
            const nca__torch_column *column = &maps->columns[j];
            ours[row * width + column->filter * n->channels + column->channel] =
                (float)((double)theirs[row * given + j] * column->factor);
        }
    }
}

/* A weight times a factor may exceed the range of a float. */
static nca_status fill_model(nca_model *model, float *values[NCA__TORCH_TENSORS],
                             const nca__torch_maps *maps, const nca__torch_network *n,
                             const char *name, nca_error *error)
{
    nca_parameters ours = nca_parameters_view(model->parameters, &model->automaton);
    if (maps->taps != NULL) {
        memcpy(ours.taps, maps->taps, (maps->count - 1) * 9 * n->channels * sizeof *maps->taps);
    }
    if (values[NCA__TORCH_B1] != NULL) {
        memcpy(ours.b1, values[NCA__TORCH_B1], n->hidden * sizeof *ours.b1);
    }
    memcpy(ours.w2, values[NCA__TORCH_W2], n->channels * n->hidden * sizeof *ours.w2);
    if (ours.b2 != NULL) {
        memcpy(ours.b2, values[NCA__TORCH_B2], n->channels * sizeof *ours.b2);
    }
    fill_w1(ours.w1, values[NCA__TORCH_W1], maps, n);
    return nca__torch_check_finite(n->tensors[NCA__TORCH_W1], ours.w1, name, error);
}

/* ---- Unknown options ------------------------------------------------------------------------- */

static nca_status check_options(const nca_torch_options *o, nca_error *error)
{
    nca_status room = nca__check_reserved(o->reserved, NCA_RESERVED, "nca_torch_options", error);
    if (room != NCA_OK) {
        return room;
    }
    const bool scale = o->filter_scale >= 0 && o->filter_scale <= 1e6;
    const bool rate = o->fire_rate >= 0 && o->fire_rate <= 1;
    return scale && rate ? NCA_OK
                         : nca__fail(error, NCA_INVALID_ARGUMENT, "%s",
                                     !scale ? "filter_scale: expected a number above 0, at "
                                              "most 1e6"
                                            : "fire_rate: expected a number in (0, 1]");
}

/* Unknown options become those of the PyTorch reimplementation; this is reported. */
static void assume(nca_torch_report *r)
{
    nca_automaton usual;
    nca_automaton_default(&usual);
    nca_torch_options *o = &r->used;
    if ((r->assumed_filter = o->filter == NCA_FILTER_COUNT)) {
        o->filter = usual.filter;
    }
    if (o->order == NCA_TORCH_ORDER_COUNT) {
        r->assumed_order = true;
        o->order = NCA_TORCH_ORDER_CHANNEL;
    }
    if ((r->assumed_boundary = o->boundary == NCA_BOUNDARY_COUNT)) {
        o->boundary = usual.boundary;
    }
    if ((r->assumed_scale = !(o->filter_scale > 0))) { /* learned filters have one */
        o->filter_scale = 1 / nca_filter_divisor(o->filter);
    }
    if ((r->assumed_fire_rate = !(o->fire_rate > 0))) {
        o->fire_rate = usual.fire_rate;
    }
}

static void fill_columns(nca__torch_column *columns, const nca_torch_options *o, size_t channels)
{
    const double factor = o->filter_scale * nca_filter_divisor(o->filter);
    for (size_t k = 0; k < NCA__TORCH_MAPS; k++) {
        for (size_t c = 0; c < channels; c++) {
            columns[nca__torch_index(o->order, k, c, channels, NCA__TORCH_MAPS)] =
                (nca__torch_column){k, c, k == 0 ? 1 : factor};
        }
    }
}

/* Perception kernels are evaluated first, since then fewer options must be assumed. */
static nca_status settle_maps(nca__torch_maps *maps, nca_torch_report *r, nca_torch *file,
                              const nca__torch_network *n, nca_error *error)
{
    nca_status status =
        nca__torch_perception(maps, &r->used, &r->assumed_order, r->perception, file, n, error);
    if (status == NCA_OK && r->used.filter == NCA_FILTER_LEARNED && maps->taps == NULL) {
        status = nca__fail(error, NCA_INVALID_ARGUMENT,
                           "%s: filter learned was requested, but the file contains no perception "
                           "kernels (3x3) to read it from",
                           file->name);
    }
    if (status == NCA_OK) {
        assume(r);
        r->added_identity = maps->count > n->filters;
        if (r->perception[0] == 0) {
            fill_columns(maps->columns, &r->used, n->channels);
        }
    }
    return status;
}

static void report_rest(nca_torch_report *r, const nca_torch *file, const nca__torch_network *n)
{
    const size_t room = sizeof r->unused - sizeof ", ...";
    snprintf(r->path, sizeof r->path, "%s", file->path);
    snprintf(r->elsewhere, sizeof r->elsewhere, "%s", file->elsewhere);
    snprintf(r->unread, sizeof r->unread, "%s", file->foreign);
    for (size_t i = 0; i < file->list.count; i++) {
        const nca_torch_tensor *tensor = &file->list.tensors[i];
        bool used = r->perception[0] != 0 && nca__torch_is_kernel(tensor);
        for (int k = 0; k < NCA__TORCH_TENSORS; k++) {
            used = used || tensor == n->tensors[k];
        }
        if (!used && !nca__torch_append(r->unused, room, tensor)) {
            strcat(r->unused, ", ...");
            return;
        }
    }
}

/* ---- The model -------------------------------------------------------------------------------*/

static nca_automaton automaton_of(const nca__torch_network *n, const nca__torch_maps *maps,
                                  const nca_torch_options *used)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = (uint32_t)n->channels;
    automaton.hidden = (uint32_t)n->hidden;
    automaton.filter = used->filter;
    if (used->filter == NCA_FILTER_LEARNED) {
        automaton.filter_count = (uint32_t)maps->count - 1;
    }
    automaton.boundary = used->boundary;
    automaton.fire_rate = used->fire_rate;
    automaton.output_bias = n->tensors[NCA__TORCH_B2] != NULL;
    return automaton;
}

static nca_status take_model(nca_model **out_model, nca_torch *file, const nca__torch_network *n,
                             nca_torch_report *report, nca_error *error)
{
    float *values[NCA__TORCH_TENSORS] = {NULL};
    nca_model *model = NULL;
    const size_t width = n->channels * n->filters;
    nca__torch_maps maps = {.columns = calloc(width, sizeof *maps.columns), .count = n->filters};
    nca_status status = maps.columns != NULL
                            ? settle_maps(&maps, report, file, n, error)
                            : nca__fail_memory(error, file->name, width * sizeof *maps.columns);
    if (status == NCA_OK) {
        status = read_values(values, file, n, error);
    }
    if (status == NCA_OK) {
        const nca_automaton automaton = automaton_of(n, &maps, &report->used);
        status = nca_model_create(&model, &automaton, error);
    }
    if (status == NCA_OK) {
        status = fill_model(model, values, &maps, n, file->name, error);
    }
    for (int i = 0; i < NCA__TORCH_TENSORS; i++) {
        free(values[i]);
    }
    free(maps.taps);
    free(maps.columns);
    if (status != NCA_OK) {
        nca_model_destroy(model);
        return status;
    }
    *out_model = model;
    return NCA_OK;
}

nca_status nca_model_from_torch(nca_model **out_model, nca_torch *file,
                                const nca_torch_options *options, nca_torch_report *out_report,
                                nca_error *error)
{
    nca__torch_network n = {.channels = 0};
    nca_torch_report report = {0};
    if (options != NULL) {
        report.used = *options;
    } else {
        nca_torch_options_default(&report.used);
    }
    nca_status status = check_options(&report.used, error);
    if (status == NCA_OK && nca__torch_is_described(file)) {
        status = nca__torch_described(out_model, file, &report, error);
        if (status == NCA_OK && out_report != NULL) {
            *out_report = report;
        }
        return status;
    }
    if (status == NCA_OK) {
        status = find_network(&n, file, error);
    }
    if (status == NCA_OK) {
        status = take_model(out_model, file, &n, &report, error);
    }
    if (status == NCA_OK && out_report != NULL) {
        report_rest(&report, file, &n);
        *out_report = report;
    }
    return status;
}

nca_status nca_model_load_torch(nca_model **out_model, const char *path,
                                const nca_torch_options *options, nca_error *error)
{
    nca_torch *file = NULL;
    nca_status status = nca_torch_open(&file, path, error);
    if (status == NCA_OK) {
        status = nca_model_from_torch(out_model, file, options, NULL, error);
    }
    nca_torch_close(file);
    return status;
}
