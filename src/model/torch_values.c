/* The values of a tensor: its storage from the archive, strides undone, every floating point type
 * turned into float32. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/model_limits.h"
#include "model/torch_file.h"

/* Keeps the storage in `file` until another one is read. */
static nca_status read_storage(nca_torch *file, const nca__torch_place *place, nca_error *error)
{
    if (file->storage != NULL && file->storage_member == place->member) {
        return NCA_OK;
    }
    if (place->storage_bytes > NCA__MODEL_FILE_MAX) {
        return nca__fail(error, NCA_LIMIT, "%s: a storage of %zu bytes; at most %llu are read",
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

/* IEEE 754 binary16: 1 bit sign, 5 exponent, 10 fraction. */
static float from_half(uint16_t bits)
{
    int exponent = bits >> 10 & 31;
    float fraction = (float)(bits & 1023);
    float value;
    if (exponent == 31) {
        value = fraction == 0 ? INFINITY : NAN;
    } else if (exponent == 0) {
        value = fraction * 0x1p-24f;
    } else {
        value = ldexpf(fraction + 1024, exponent - 25);
    }
    return bits >> 15 ? -value : value;
}

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float decode(const uint8_t *at, const nca__pickle_name *type, bool swapped)
{
    uint8_t bytes[8];
    uint16_t half;
    uint32_t single;
    double wide;
    for (size_t i = 0; i < type->bytes && i < sizeof bytes; i++) {
        bytes[i] = at[swapped ? type->bytes - 1 - i : i];
    }
    switch (type->element) {
    case NCA__PICKLE_FLOAT32:
        memcpy(&single, bytes, sizeof single);
        return from_bits(single);
    case NCA__PICKLE_FLOAT16:
        memcpy(&half, bytes, sizeof half);
        return from_half(half);
    case NCA__PICKLE_BFLOAT16: /* the upper half of a float32 */
        memcpy(&half, bytes, sizeof half);
        return from_bits((uint32_t)half << 16);
    case NCA__PICKLE_FLOAT64:
        memcpy(&wide, bytes, sizeof wide);
        return (float)wide;
    case NCA__PICKLE_OTHER:
        break;
    }
    return NAN; /* refused before */
}

/* Walks the indices in row-major order: the last runs fastest, each step adds its stride. */
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
    const nca__torch_place *place = &file->places[tensor - file->tensors];
    if (place->type->element == NCA__PICKLE_OTHER) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: tensor \"%.80s\" has type %s; expected float32, float16, bfloat16 or "
                         "float64",
                         file->name, tensor->name, tensor->dtype);
    }
    if (tensor->count > 0) {
        nca_status status = read_storage(file, place, error);
        if (status != NCA_OK) {
            return status;
        }
    }
    /* No more than the storage has elements, and that was really there. */
    float *values = malloc((tensor->count + 1) * sizeof *values);
    if (values == NULL) {
        return nca__fail_memory(error, file->name, tensor->count * sizeof *values);
    }
    gather(values, file, tensor, place);
    *out_values = values;
    return NCA_OK;
}
