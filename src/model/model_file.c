/* Loading and saving model files: which tensors belong to an automaton. safetensors_read.c reads
 * the container, model_metadata.c the metadata. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/model_limits.h"
#include "model/model_metadata.h"
#include "model/safetensors_dtype.h"
#include "model/widen.h"

/* The tensors of a model: those of its automaton's list, then the target. */
static size_t target_index(const nca_model *model)
{
    return nca_tensor_count(&model->automaton);
}

static size_t tensor_count(const nca_model *model)
{
    return target_index(model) + 1;
}

/* The description of a tensor in a file of this model; `data` points into the model. False if the
 * model has no such tensor. */
static bool expected_tensor(nca_tensor_view *out, const nca_model *model, size_t index)
{
    *out = (nca_tensor_view){.dtype = NCA_DTYPE_F32};
    if (index == target_index(model)) {
        out->name = "target.rgba";
        out->rank = 3;
        out->shape[0] = model->info.height;
        out->shape[1] = model->info.width;
        out->shape[2] = 4;
        out->data = model->target;
        /* NCA_MAX_SIDE prevents overflow on 64-bit machines, NCA__MODEL_TARGET_MAX on all. */
        out->bytes = out->shape[0] * out->shape[1] * 4 * sizeof(float);
        return model->target != NULL;
    }
    const nca_tensor tensor = nca_tensor_at(&model->automaton, index);
    out->name = tensor.name;
    out->rank = tensor.rank;
    out->shape[0] = tensor.rows;
    out->shape[1] = tensor.columns;
    out->data = model->parameters + tensor.offset;
    out->bytes = tensor.rows * tensor.columns * sizeof(float);
    return tensor.rows != 0;
}

/* Training never keeps a value that is not finite, so such a value in a file means damage. */
static nca_status check_finite(const nca_tensor_view *tensor, const float *values,
                               nca_status status, const char *name, nca_error *error)
{
    for (size_t i = 0; i < tensor->bytes / sizeof *values; i++) {
        if (isfinite(values[i])) {
            continue;
        }
        size_t index[NCA_SAFETENSORS_MAX_RANK];
        size_t rest = i;
        char text[NCA__SHAPE_TEXT];
        for (size_t axis = tensor->rank; axis-- > 0;) {
            index[axis] = rest % tensor->shape[axis];
            rest /= tensor->shape[axis];
        }
        return nca__fail(error, status,
                         "%s: tensor \"%s\"%s is %s; expected finite values only: the file is "
                         "damaged or its training diverged",
                         name, tensor->name,
                         nca__shape_text(text, sizeof text, index, tensor->rank),
                         isnan(values[i]) ? "not a number"
                         : values[i] > 0  ? "infinite"
                                          : "minus infinity");
    }
    return NCA_OK;
}

/* ---- Loading ---------------------------------------------------------------------------------*/

/* Finds a tensor in the file and compares it with the description from the metadata. */
static nca_status find_tensor(const nca_tensor_view **out, const nca_safetensors *file,
                              const nca_tensor_view *expected, const char *name, nca_error *error)
{
    char wanted[NCA__SHAPE_TEXT];
    char found[NCA__SHAPE_TEXT];
    const nca_tensor_view *tensor = nca_safetensors_find(file, expected->name);
    nca__shape_text(wanted, sizeof wanted, expected->shape, expected->rank);
    if (tensor == NULL) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: tensor \"%s\" is missing; the metadata require one of shape %s", name,
                         expected->name, wanted);
    }
    nca__shape_text(found, sizeof found, tensor->shape, tensor->rank);
    if (tensor->dtype != NCA_DTYPE_F32 && tensor->dtype != NCA_DTYPE_F16 &&
        tensor->dtype != NCA_DTYPE_BF16) {
        return nca__fail(
            error, NCA_FORMAT, "%s: tensor \"%s\": expected type F32, F16 or BF16, found %s", name,
            expected->name,
            tensor->dtype == NCA_DTYPE_OTHER ? "another" : nca__dtype_name(tensor->dtype));
    }
    if (tensor->rank != expected->rank ||
        memcmp(tensor->shape, expected->shape, tensor->rank * sizeof tensor->shape[0]) != 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: tensor \"%s\": the metadata require shape %s, found %s", name,
                         expected->name, wanted, found);
    }
    *out = tensor;
    return NCA_OK;
}

/* Copies the values of a tensor; half floats are converted. */
static nca_status take_values(float *out, const nca_tensor_view *tensor,
                              const nca_tensor_view *expected, const char *name, nca_error *error)
{
    nca__widen(out, tensor);
    return check_finite(expected, out, NCA_FORMAT, name, error);
}

/* Unknown tensors are refused, because they would be lost when the model is saved again. */
static nca_status refuse_others(const nca_safetensors *file, const nca_model *model,
                                const char *name, nca_error *error)
{
    for (size_t i = 0; i < nca_safetensors_count(file); i++) {
        const char *found = nca_safetensors_at(file, i)->name;
        bool known = false;
        for (size_t tensor = 0; tensor < tensor_count(model) && !known; tensor++) {
            nca_tensor_view expected;
            known = expected_tensor(&expected, model, tensor) && strcmp(expected.name, found) == 0;
        }
        if (!known) {
            return nca__fail(error, NCA_FORMAT,
                             "%s: tensor \"%.80s\" does not belong to this model; expected only "
                             "those that the metadata require",
                             name, found);
        }
    }
    return NCA_OK;
}

static nca_status load_target(nca_model *model, const nca_safetensors *file, const char *name,
                              nca_error *error)
{
    nca_tensor_view expected;
    expected_tensor(&expected, model, target_index(model));
    if (nca_safetensors_find(file, expected.name) == NULL) {
        return NCA_OK;
    }
    if (model->info.height == 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: tensor \"%s\" needs metadata \"training.height\" and "
                         "\"training.width\", which are missing",
                         name, expected.name);
    }
    const nca_tensor_view *tensor = NULL;
    nca_status status = find_tensor(&tensor, file, &expected, name, error);
    if (status != NCA_OK) {
        return status;
    }
    float *target = malloc(expected.bytes);
    if (target == NULL) {
        return nca__fail_memory(error, name, expected.bytes);
    }
    status = take_values(target, tensor, &expected, name, error);
    if (status == NCA_OK) {
        status = nca_model_set_target(model, target, model->info.height, model->info.width, error);
    }
    free(target);
    return status;
}

static nca_status load_tensors(nca_model *model, const nca_safetensors *file, const char *name,
                               nca_error *error)
{
    for (size_t i = 0; i < nca_tensor_count(&model->automaton); i++) {
        nca_tensor_view expected;
        if (!expected_tensor(&expected, model, i)) {
            continue;
        }
        const nca_tensor_view *tensor = NULL;
        float *values = model->parameters + nca_tensor_at(&model->automaton, i).offset;
        nca_status status = find_tensor(&tensor, file, &expected, name, error);
        if (status == NCA_OK) {
            status = take_values(values, tensor, &expected, name, error);
        }
        if (status != NCA_OK) {
            return status;
        }
    }
    nca_status status = load_target(model, file, name, error);
    return status != NCA_OK ? status : refuse_others(file, model, name, error);
}

static const char *find_text(const void *file, const char *key)
{
    return nca_safetensors_metadata(file, key);
}

nca_status nca_model_load(nca_model **out_model, const char *path, nca_error *error)
{
    nca_safetensors *file = NULL;
    nca_model *model = NULL;
    nca_status status = nca_safetensors_open(&file, path, NCA__MODEL_FILE_MAX, error);
    if (status == NCA_OK) {
        const nca__texts texts = {find_text, file};
        status = nca__model_metadata_read(&model, &texts, path, error);
    }
    if (status == NCA_OK) {
        status = load_tensors(model, file, path, error);
    }
    nca_safetensors_close(file);
    if (status != NCA_OK) {
        nca_model_destroy(model);
        return status;
    }
    *out_model = model;
    return NCA_OK;
}

/* ---- Saving ----------------------------------------------------------------------------------*/

nca_status nca__model_check(const nca_model *model, const char *path, nca_error *error)
{
    nca_status status = nca__model_metadata_check(&model->automaton, &model->info,
                                                  NCA_INVALID_ARGUMENT, path, error);
    for (size_t i = 0; i < tensor_count(model) && status == NCA_OK; i++) {
        nca_tensor_view tensor;
        if (!expected_tensor(&tensor, model, i)) {
            continue;
        }
        if (tensor.bytes == 0 || tensor.bytes > NCA__MODEL_TARGET_MAX) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "%s: the target needs info.height and info.width; found %u x %u", path,
                             model->info.height, model->info.width);
        }
        status = check_finite(&tensor, tensor.data, NCA_INVALID_ARGUMENT, path, error);
    }
    return status;
}

static nca_status add_text(void *writer, const char *key, const char *value, nca_error *error)
{
    return nca_safetensors_writer_metadata(writer, key, value, error);
}

static nca_status write_model(nca_safetensors_writer *writer, const nca_model *model,
                              nca_error *error)
{
    nca_tensor_view tensor;
    const nca__texts_out texts = {add_text, writer};
    nca_status status = nca__model_metadata_write(&texts, model, error);
    for (size_t i = 0; i < tensor_count(model) && status == NCA_OK; i++) {
        if (expected_tensor(&tensor, model, i)) {
            status = nca_safetensors_writer_tensor(writer, &tensor, error);
        }
    }
    for (size_t i = 0; i < tensor_count(model) && status == NCA_OK; i++) {
        if (expected_tensor(&tensor, model, i)) {
            status = nca_safetensors_writer_write(writer, tensor.data, tensor.bytes, error);
        }
    }
    return status != NCA_OK ? status : nca_safetensors_writer_commit(writer, error);
}

nca_status nca_model_save(const nca_model *model, const char *path, nca_error *error)
{
    nca_safetensors_writer *writer = NULL;
    nca_status status = nca__model_check(model, path, error);
    if (status == NCA_OK) {
        status = nca_safetensors_writer_open(&writer, path, error);
    }
    if (status == NCA_OK) {
        status = write_model(writer, model, error);
    }
    nca_safetensors_writer_destroy(writer);
    return status;
}
