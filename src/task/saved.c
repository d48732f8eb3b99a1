/* Functions shared by the readers and writers of checkpoints. */
#include "task/saved.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/number.h"
#include "model/safetensors_dtype.h"

nca_status nca__saved_text(const char **out_text, const nca__saved *saved, const char *key,
                           nca_error *error)
{
    *out_text = nca_safetensors_metadata(saved->file, key);
    if (*out_text == NULL) {
        return nca__fail(error, NCA_FORMAT, "%s: metadata \"%s\" is missing; is it a checkpoint?",
                         saved->path, key);
    }
    return NCA_OK;
}

nca_status nca__saved_number(uint64_t *out_number, const nca__saved *saved, const char *key,
                             nca_error *error)
{
    const char *text;
    nca_status status = nca__saved_text(&text, saved, key, error);
    if (status == NCA_OK && !nca__parse_u64(text, out_number)) {
        status = nca__fail(error, NCA_FORMAT,
                           "%s: metadata \"%s\": expected a whole number, found \"%.40s\"",
                           saved->path, key, text);
    }
    return status;
}

/* "(3, any, 4)"; a side of SIZE_MAX is any. */
static void shape_text(char *out, size_t size, size_t rank, const size_t *shape)
{
    size_t length = (size_t)snprintf(out, size, "(");
    for (size_t i = 0; i < rank && length < size; i++) {
        const char *comma = i > 0 ? ", " : "";
        const int wrote = shape[i] == SIZE_MAX
                              ? snprintf(out + length, size - length, "%sany", comma)
                              : snprintf(out + length, size - length, "%s%zu", comma, shape[i]);
        length += (size_t)wrote;
    }
    if (length < size) {
        snprintf(out + length, size - length, ")");
    }
}

static const char *type_name(nca_dtype dtype)
{
    const char *name = nca__dtype_name(dtype);
    return name != NULL ? name : "another type";
}

nca_status nca__saved_tensor(const nca_tensor_view **out_view, const nca__saved *saved,
                             const char *name, nca_dtype dtype, size_t rank, const size_t *shape,
                             nca_error *error)
{
    const nca_tensor_view *view = nca_safetensors_find(saved->file, name);
    if (view == NULL) {
        return nca__fail(error, NCA_FORMAT, "%s: tensor \"%s\" is missing", saved->path, name);
    }
    bool fits = view->dtype == dtype && view->rank == rank;
    for (size_t i = 0; fits && i < rank; i++) {
        fits = shape[i] == SIZE_MAX || view->shape[i] == shape[i];
    }
    if (!fits) {
        char expected[256], found[256];
        shape_text(found, sizeof found, view->rank, view->shape);
        shape_text(expected, sizeof expected, rank, shape);
        return nca__fail(error, NCA_FORMAT, "%s: tensor \"%s\": expected %s %s, found %s %s",
                         saved->path, name, type_name(dtype), expected, type_name(view->dtype),
                         found);
    }
    *out_view = view;
    return NCA_OK;
}

nca_status nca__save_number(nca_safetensors_writer *writer, const char *key, uint64_t number,
                            nca_error *error)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return nca_safetensors_writer_metadata(writer, key, text, error);
}

nca_tensor_view nca__view_floats(const char *name, const float *data, size_t rank,
                                 const size_t *shape)
{
    nca_tensor_view view = {
        .name = name, .dtype = NCA_DTYPE_F32, .rank = rank, .data = data, .bytes = sizeof *data};
    for (size_t i = 0; i < rank; i++) {
        view.shape[i] = shape[i];
        view.bytes *= shape[i];
    }
    return view;
}
