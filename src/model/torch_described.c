/* Models from files that describe them: the file of a classifier has the texts of a model file
 * beside its state dict, so that nothing is assumed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/model_metadata.h"
#include "model/safetensors_dtype.h"
#include "model/torch_network.h"
#include "model/torch_tensors.h"

/* Files of other models have no task. */
bool nca__torch_is_described(const nca_torch *file)
{
    const char *format = nca__torch_text_of(file, "format");
    return format != NULL && strcmp(format, "nca-model") == 0 &&
           nca__torch_text_of(file, "task") != NULL;
}

/* ---- Options ---------------------------------------------------------------------------------*/

static nca_status fail_option(const nca_torch *file, const char *option, const char *own,
                              nca_error *error)
{
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%s: the file describes its model: %s %s; leave the option out", file->name,
                     option, own);
}

/* Completes the options with what the file says. */
static nca_status settle_options(nca_torch_options *used, nca_model *model, const nca_torch *file,
                                 nca_error *error)
{
    nca_automaton *a = &model->automaton;
    const double scale = 1 / nca_filter_divisor(a->filter);
    if (used->filter != NCA_FILTER_COUNT && used->filter != a->filter) {
        return fail_option(file, "filter", nca_filter_name(a->filter), error);
    }
    if (used->order != NCA_TORCH_ORDER_COUNT && used->order != NCA_TORCH_ORDER_CHANNEL) {
        return fail_option(file, "column order", nca_torch_order_name(NCA_TORCH_ORDER_CHANNEL),
                           error);
    }
    if (used->boundary != NCA_BOUNDARY_COUNT && used->boundary != a->boundary) {
        return fail_option(file, "boundary", nca_boundary_name(a->boundary), error);
    }
    if (used->filter_scale > 0 && (used->filter_scale < scale || used->filter_scale > scale)) {
        return fail_option(file, "filter scale", "that of its kernels", error);
    }
    a->fire_rate = used->fire_rate > 0 ? used->fire_rate : a->fire_rate;
    *used = (nca_torch_options){.filter = a->filter,
                                .order = NCA_TORCH_ORDER_CHANNEL,
                                .boundary = a->boundary,
                                .filter_scale = scale,
                                .fire_rate = a->fire_rate};
    return NCA_OK;
}

/* ---- Tensors ---------------------------------------------------------------------------------*/

static nca_status check_shape(const nca_torch_tensor *tensor, const nca__torch_entry *entry,
                              const nca_torch *file, nca_error *error)
{
    char wanted[NCA__SHAPE_TEXT], found[NCA__SHAPE_TEXT];
    nca__shape_text(wanted, sizeof wanted, entry->shape, entry->rank);
    if (tensor == NULL) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: tensor \"%s\" is missing; the metadata require one of shape %s",
                         file->name, entry->name, wanted);
    }
    nca__shape_text(found, sizeof found, tensor->shape, tensor->rank);
    if (tensor->rank != entry->rank ||
        memcmp(tensor->shape, entry->shape, entry->rank * sizeof *entry->shape) != 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: tensor \"%s\": the metadata require shape %s, found %s", file->name,
                         entry->name, wanted, found);
    }
    return NCA_OK;
}

static nca_status read_tensor(nca_model *model, nca_torch *file, const nca__torch_entry *entry,
                              nca_error *error)
{
    const nca_torch_tensor *tensor = nca_torch_find(file, entry->name);
    float *values = NULL;
    nca_status status = check_shape(tensor, entry, file, error);
    if (status == NCA_OK) {
        status = nca_torch_values(&values, file, tensor, error);
    }
    if (status == NCA_OK) {
        status = nca__torch_check_finite(tensor, values, file->name, error);
    }
    if (status == NCA_OK && !nca__torch_set(model, entry, values)) {
        status = nca__fail(error, NCA_FORMAT,
                           "%s: tensor \"%s\": expected the identity as the first kernel of every "
                           "channel%s; do not train these kernels",
                           file->name, entry->name,
                           model->automaton.filter == NCA_FILTER_LEARNED
                               ? ""
                               : ", and then those of the model's filter");
    }
    free(values);
    return status;
}

static void report_unused(nca_torch_report *r, const nca_torch *file,
                          const nca__torch_entry *entries, size_t count)
{
    const size_t room = sizeof r->unused - sizeof ", ...";
    for (size_t i = 0; i < file->list.count; i++) {
        const nca_torch_tensor *tensor = &file->list.tensors[i];
        bool used = false;
        for (size_t k = 0; k < count; k++) {
            used = used || strcmp(entries[k].name, tensor->name) == 0;
        }
        if (!used && !nca__torch_append(r->unused, room, tensor)) {
            strcat(r->unused, ", ...");
            return;
        }
    }
}

nca_status nca__torch_described(nca_model **out_model, nca_torch *file, nca_torch_report *report,
                                nca_error *error)
{
    const nca__texts texts = {nca__torch_text_of, file};
    nca__torch_entry entries[NCA__TORCH_ENTRIES];
    nca_model *model = NULL;
    nca_status status = nca__model_metadata_read(&model, &texts, file->name, error);
    const size_t count = status == NCA_OK ? nca__torch_entries(entries, model) : 0;
    if (status == NCA_OK) {
        status = settle_options(&report->used, model, file, error);
    }
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        status = read_tensor(model, file, &entries[i], error);
    }
    if (status != NCA_OK) {
        nca_model_destroy(model);
        return status;
    }
    report_unused(report, file, entries, count);
    snprintf(report->elsewhere, sizeof report->elsewhere, "%s", file->elsewhere);
    snprintf(report->unread, sizeof report->unread, "%s", file->foreign);
    *out_model = model;
    return NCA_OK;
}
