/* The values of a tensor: reads its storage from the archive, applies the strides, and converts
 * every floating point type to float32. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/model_limits.h"
#include "model/torch_file.h"
#include "model/widen.h"

/* Keeps the storage in `file` until another one is read. */
static nca_status read_storage(nca_torch *file, const nca__torch_place *place, nca_error *error)
{
    if (file->storage != NULL && file->storage_member == place->member) {
        return NCA_OK;
    }
    if (place->storage_bytes > NCA__MODEL_FILE_MAX) {
        return nca__fail(error, NCA_LIMIT, "%s: a storage of %zu bytes; at most %llu are supported",
                         file->name, place->storage_bytes, (unsigned long long)NCA__MODEL_FILE_MAX);
    }
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_status status =
        nca__zip_read_all(&bytes, &size, file->zip, place->member, place->storage_bytes, error);
    if (status != NCA_OK) {
        return status;
    }
    if (size != place->storage_bytes) {
        free(bytes);
        return nca__fail(error, NCA_FORMAT,
                         "%s: a storage should have %zu bytes, found %zu; the file is damaged",
                         file->name, place->storage_bytes, size);
    }
    free(file->storage);
    file->storage = bytes;
    file->storage_member = place->member;
    return NCA_OK;
}

static float decode(const uint8_t *at, const nca__pickle_name *type, bool swapped)
{
    uint8_t bytes[8];
    uint16_t half;
    float single;
    double wide;
    for (size_t i = 0; i < type->bytes && i < sizeof bytes; i++) {
        bytes[i] = at[swapped ? type->bytes - 1 - i : i];
    }
    switch (type->element) {
    case NCA__PICKLE_FLOAT32:
        memcpy(&single, bytes, sizeof single);
        return single;
    case NCA__PICKLE_FLOAT16:
        memcpy(&half, bytes, sizeof half);
        return nca__float_from_half(half);
    case NCA__PICKLE_BFLOAT16:
        memcpy(&half, bytes, sizeof half);
        return nca__float_from_bfloat16(half);
    case NCA__PICKLE_FLOAT64:
        memcpy(&wide, bytes, sizeof wide);
        return (float)wide;
    case NCA__PICKLE_OTHER:
        break;
    }
    return NAN; /* refused earlier */
}

/* Iterates over the indices in row-major order: the last changes fastest, each step adds its
 * stride. */
static void gather(float *out, const nca_torch *file, const nca_torch_tensor *tensor,
                   const nca__torch_place *place)
{
    size_t index[NCA_TORCH_MAX_RANK] = {0};
    size_t at = place->offset;
    for (size_t i = 0; i < tensor->count; i++) {
        out[i] = decode(file->storage + at * place->type->bytes, place->type, file->swapped);
        for (size_t axis = tensor->rank; axis-- > 0;) {
            at += place->strides[axis];
            if (++index[axis] < tensor->shape[axis]) {
                break;
            }
            at -= index[axis] * place->strides[axis];
            index[axis] = 0;
        }
    }
}

nca_status nca_torch_values(float **out_values, nca_torch *file, const nca_torch_tensor *tensor,
                            nca_error *error)
{
    const nca__torch_place *place = &file->list.places[tensor - file->list.tensors];
    const bool readable = place->view != NULL ? nca__can_widen(place->view->dtype)
                                              : place->type->element != NCA__PICKLE_OTHER;
    if (!readable) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: tensor \"%.80s\" has type %s; expected float32, float16, bfloat16 or "
                         "float64",
                         file->name, tensor->name, tensor->dtype);
    }
    if (place->view == NULL && tensor->count > 0) {
        nca_status status = read_storage(file, place, error);
        if (status != NCA_OK) {
            return status;
        }
    }
    /* At most the number of elements of the storage, which has been read. */
    float *values = malloc((tensor->count + 1) * sizeof *values);
    if (values == NULL) {
        return nca__fail_memory(error, file->name, tensor->count * sizeof *values);
    }
    if (place->view != NULL) {
        nca__widen(values, place->view);
    } else {
        gather(values, file, tensor, place);
    }
    *out_values = values;
    return NCA_OK;
}
