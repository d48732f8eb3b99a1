/* Images of a set as pictures: slices of volumes, colormaps. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/medmnist.h"

const char *nca_axis_name(nca_axis axis)
{
    static const char *const names[NCA_AXIS_COUNT] = {"z", "y", "x"};
    return (unsigned)axis < NCA_AXIS_COUNT ? names[axis] : NULL;
}

size_t nca_medmnist_slices(const nca_medmnist_info *info, nca_axis axis)
{
    return axis == NCA_AXIS_Z ? info->depth : axis == NCA_AXIS_Y ? info->height : info->width;
}

static nca_status check_slice(const nca_medmnist_info *info, nca_axis axis, size_t slice,
                              nca_error *error)
{
    if (nca_axis_name(axis) == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected the axis z, y or x, found number %u", (unsigned)axis);
    }
    if (info->depth == 1 && (axis != NCA_AXIS_Z || slice != 0)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected no axis and no slice, because these images are not volumes; "
                         "found axis %s, slice %zu",
                         nca_axis_name(axis), slice);
    }
    size_t slices = nca_medmnist_slices(info, axis);
    if (slice >= slices) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "the volumes have %zu slices along %s, 0 to %zu; found slice %zu", slices,
                         nca_axis_name(axis), slices - 1, slice);
    }
    return NCA_OK;
}

nca_status nca_medmnist_draw(nca_image **out_image, const nca_medmnist_info *info,
                             const uint8_t *values, nca_axis axis, size_t slice, nca_colormap map,
                             nca_error *error)
{
    nca_status status = check_slice(info, axis, slice, error);
    if (status != NCA_OK) {
        return status;
    }
    /* Strides of a row and a column in values, and the offset of the slice. */
    size_t plane = info->height * info->width;
    size_t rows = axis == NCA_AXIS_Z ? info->height : info->depth;
    size_t columns = axis == NCA_AXIS_X ? info->height : info->width;
    size_t row_stride = axis == NCA_AXIS_Z ? info->width : plane;
    size_t column_stride = axis == NCA_AXIS_X ? info->width : 1;
    size_t start = slice * (axis == NCA_AXIS_Z ? plane : axis == NCA_AXIS_Y ? info->width : 1);
    nca_image *image = NULL;
    status = nca_image_create(&image, columns, rows, error);
    if (status != NCA_OK) {
        return status;
    }
    uint8_t *pixel = image->pixels;
    for (size_t y = 0; y < rows; y++) {
        for (size_t x = 0; x < columns; x++, pixel += 4) {
            const uint8_t *value =
                values + (start + y * row_stride + x * column_stride) * info->channels;
            if (info->channels >= 3) {
                pixel[3] = 255;
                memcpy(pixel, value, info->channels);
            } else {
                nca_colormap_apply(pixel, map, value, 1);
            }
        }
    }
    *out_image = image;
    return NCA_OK;
}

nca_status nca_medmnist_picture(nca_image **out_image, nca_medmnist *data, nca_split split,
                                size_t index, nca_axis axis, size_t slice, nca_colormap map,
                                nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(data);
    nca_status status = check_slice(info, axis, slice, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t size = nca_medmnist_image_bytes(info);
    uint8_t *values = malloc(size);
    if (values == NULL) {
        return nca__fail_memory(error, "an image", size);
    }
    status = nca_medmnist_read(values, data, split, index, 1, error);
    if (status == NCA_OK) {
        status = nca_medmnist_draw(out_image, info, values, axis, slice, map, error);
    }
    free(values);
    return status;
}
