/* A NumPy array (a .npy file) as a picture: grey, RGB, RGBA, or a slice of a volume. npy.c reads
 * its header. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "data/codec.h"
#include "data/medmnist_shape.h"
#include "data/npy.h"

/* The position of the picture in the array: channel c of pixel (x, y) is value start + y * row + x
 * * column + c * channel. */
typedef struct layout {
    size_t height, width, channels; /* of the picture */
    size_t start, row, column, channel;
} layout;

/* The distance between adjacent values along each axis. */
static void set_strides(size_t strides[NCA_ARRAY_MAX_RANK], const nca_array *array)
{
    size_t stride = 1;
    for (size_t i = 0; i < array->rank; i++) {
        const size_t axis = array->fortran_order ? i : array->rank - 1 - i;
        strides[axis] = stride;
        stride *= array->shape[axis];
    }
}

static nca_status fail_shape(const nca_array *array, const char *name, const char *advice,
                             nca_error *error)
{
    char shape[192];
    size_t length = 0;
    for (size_t i = 0; i < array->rank; i++) {
        length += (size_t)snprintf(shape + length, sizeof shape - length, "%s%zu", i > 0 ? "," : "",
                                   array->shape[i]);
    }
    shape[length] = 0;
    return nca__fail(error, NCA_UNSUPPORTED,
                     "%s: expected an array (H,W), (H,W,1), (H,W,3), (H,W,4), (3,H,W), (D,H,W) or "
                     "(D,H,W,1), found (%s)%s",
                     name, shape, advice);
}

/* Selects a slice of the axes 0 to 2; if it was not chosen, `notice` mentions it. */
static nca_status choose_slice(layout *out, const nca_array *array, const size_t *strides,
                               const nca__slice_choice *choice, const char *name, char *notice,
                               nca_error *error)
{
    const size_t axis = choice->axis, slices = array->shape[axis];
    const size_t slice = choice->has_slice ? choice->slice : slices / 2;
    const size_t rows = axis == 0 ? 1 : 0, columns = axis == 2 ? 1 : 2;
    if (slice >= slices) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the array has %zu slices along %s, 0 to %zu; found slice %zu", name,
                         slices, nca_axis_name(choice->axis), slices - 1, slice);
    }
    if (!choice->has_slice && slices > 1) {
        const size_t length = strlen(notice);
        snprintf(notice + length, NCA__NOTICE_SIZE - length,
                 "%sslice %zu of %zu along %s of a volume is used; \"?slice=N\" after the name "
                 "selects another",
                 length > 0 ? "; " : "", slice, slices, nca_axis_name(choice->axis));
    }
    *out = (layout){array->shape[rows], array->shape[columns], 1, slice * strides[axis],
                    strides[rows],      strides[columns],      0};
    return NCA_OK;
}

/* Decides between colours and slices by the rules of MedMNIST's files (medmnist_shape.c). If a
 * slice was chosen, the array is a volume. */
static nca_status find_layout(layout *out, const nca_array *array, const nca__slice_choice *choice,
                              const char *name, char *notice, nca_error *error)
{
    size_t strides[NCA_ARRAY_MAX_RANK];
    const size_t *shape = array->shape;
    const bool chosen = choice->has_axis || choice->has_slice;
    set_strides(strides, array);
    if (array->rank == 2 && chosen) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the array (%zu,%zu) is not a volume; remove the part after the \"?\"",
                         name, shape[0], shape[1]);
    }
    if (array->rank == 2) {
        *out = (layout){shape[0], shape[1], 1, 0, strides[0], strides[1], 0};
        return NCA_OK;
    }
    if (array->rank == 4 && shape[3] == 1) {
        return choose_slice(out, array, strides, choice, name, notice, error);
    }
    if (array->rank != 3) {
        return fail_shape(array, name, "", error);
    }
    const size_t a = shape[0], b = shape[1], c = shape[2];
    if (chosen) {
        return choose_slice(out, array, strides, choice, name, notice, error);
    }
    nca__three_axes_notice(notice, "", a, b, c);
    switch (nca__read_three_axes(a, b, c)) {
    case NCA__AXES_CHANNELS_LAST:
        *out = (layout){a, b, c, 0, strides[0], strides[1], strides[2]};
        break;
    case NCA__AXES_CHANNELS_FIRST:
        *out = (layout){b, c, a, 0, strides[1], strides[2], strides[0]};
        break;
    case NCA__AXES_VOLUME:
        return choose_slice(out, array, strides, choice, name, notice, error);
    case NCA__AXES_UNCERTAIN:
        return fail_shape(array, name,
                          ", which may be slices or channels; choose a slice with \"?slice=N\" "
                          "after the name, or save colour images as (H,W,3) or (H,W,4)",
                          error);
    }
    return NCA_OK;
}

/* Reads a value of the file's type and byte order. */
static float value_at(const uint8_t *values, size_t index, const nca_array *array)
{
    const size_t size = nca_array_type_size(array->type);
    uint8_t bytes[8];
    const bool swap = array->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = values[index * size + (swap ? size - 1 - i : i)];
    }
    switch (array->type) {
#define CASE(name, c_type)                   \
    case NCA_ARRAY_##name: {                 \
        c_type value;                        \
        memcpy(&value, bytes, sizeof value); \
        return (float)value;                 \
    }
        CASE(I8, int8_t)
        CASE(I16, int16_t)
        CASE(U16, uint16_t)
        CASE(I32, int32_t)
        CASE(U32, uint32_t)
        CASE(I64, int64_t)
        CASE(U64, uint64_t)
        CASE(F32, float)
        CASE(F64, double)
#undef CASE
    case NCA_ARRAY_BOOL:
    case NCA_ARRAY_U8:
    case NCA_ARRAY_COUNT:
        break;
    }
    return bytes[0];
}

/* Sets the natural range of the type; low == high if it has none. */
static void set_range(nca__samples *samples, nca_array_type type)
{
    samples->low = 0;
    samples->high = type == NCA_ARRAY_U8     ? UINT8_MAX
                    : type == NCA_ARRAY_U16  ? UINT16_MAX
                    : type == NCA_ARRAY_BOOL ? 1
                                             : 0;
}

static void fill(nca__samples *samples, const uint8_t *values, const nca_array *array,
                 const layout *from)
{
    float *pixel = samples->rgba;
    set_range(samples, array->type);
    samples->grey = from->channels == 1;
    samples->opaque = samples->high > 0 ? samples->high : 1;
    for (size_t y = 0; y < from->height; y++) {
        for (size_t x = 0; x < from->width; x++, pixel += 4) {
            const size_t at = from->start + y * from->row + x * from->column;
            pixel[3] = samples->opaque;
            for (size_t c = 0; c < 3; c++) {
                pixel[c] =
                    value_at(values, at + (from->channels > 1 ? c : 0) * from->channel, array);
            }
            if (from->channels == 4) {
                pixel[3] = value_at(values, at + 3 * from->channel, array);
            }
        }
    }
}

/* Reads everything before the values; *out_offset is their offset. */
static nca_status read_header(nca_array *out, size_t *out_offset, const uint8_t *bytes, size_t size,
                              const char *name, nca_error *error)
{
    size_t field = 0, length = 0;
    nca_status status = NCA_OK;
    if (size >= NCA__NPY_MAGIC) {
        status = nca__npy_magic(&field, bytes, name, error);
    }
    if (status == NCA_OK && size >= NCA__NPY_MAGIC && size - NCA__NPY_MAGIC >= field) {
        status = nca__npy_header_length(&length, bytes + NCA__NPY_MAGIC, field, name, error);
        *out_offset = NCA__NPY_MAGIC + field + length;
    }
    if (status != NCA_OK) {
        return status;
    }
    if (length == 0 || *out_offset > size) {
        return nca__fail(error, NCA_FORMAT, "%s: the array is truncated; get a fresh copy of it",
                         name);
    }
    status = nca__npy_parse(out, (const char *)bytes + *out_offset - length, length, name, error);
    if (status == NCA_OK && out->items * nca_array_type_size(out->type) != size - *out_offset) {
        status = nca__fail(error, NCA_FORMAT,
                           "%s: expected an array of %zu values in %zu bytes, found %zu bytes; it "
                           "is truncated or damaged, get a fresh copy of it",
                           name, out->items, out->items * nca_array_type_size(out->type),
                           size - *out_offset);
    }
    return status;
}

static void clamp_alpha(nca__samples *samples)
{
    float *pixel = samples->rgba;
    for (size_t i = 0; i < samples->width * samples->height; i++, pixel += 4) {
        pixel[3] = pixel[3] > 0 ? pixel[3] < samples->opaque ? pixel[3] : samples->opaque : 0;
    }
}

nca_status nca__npy_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                           const nca__slice_choice *choice, nca_error *error)
{
    nca_array array;
    layout from = {0};
    size_t offset = 0;
    nca__picture picture = {0};
    nca_status status = read_header(&array, &offset, bytes, size, name, error);
    if (status == NCA_OK && array.items == 0) {
        status =
            nca__fail(error, NCA_FORMAT, "%s: expected an array with values, found none", name);
    }
    if (status == NCA_OK) {
        status = find_layout(&from, &array, choice, name, picture.notice, error);
    }
    if (status == NCA_OK) {
        status = nca__image_check_size(name, from.width, from.height, error);
    }
    if (status == NCA_OK) {
        status = nca__samples_create(&picture.samples, from.width, from.height, name, error);
    }
    if (status == NCA_OK) {
        if (from.channels == 4 && array.type != NCA_ARRAY_U8 && array.type != NCA_ARRAY_U16 &&
            array.type != NCA_ARRAY_F32 && array.type != NCA_ARRAY_F64) {
            nca__picture_clear(&picture);
            return nca__fail(
                error, NCA_UNSUPPORTED,
                "%s: expected colour with alpha as uint8, uint16 or floats of 0 to 1, found %s",
                name, nca_array_type_name(array.type));
        }
        fill(picture.samples, bytes + offset, &array, &from);
        status = nca__samples_check_finite(picture.samples, from.channels == 4, name, error);
    }
    if (status == NCA_OK) {
        clamp_alpha(picture.samples);
        *out = picture;
    } else {
        nca__picture_clear(&picture);
    }
    return status;
}
