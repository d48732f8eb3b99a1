/* Determines the meaning of the axes of an array of images: rows, columns, slices or channels.
 *
 * Three axes are (N,H,W). Four axes have no names, and programs write them in several orders:
 *
 *   (N,H,W,1)  (N,H,W,3)  (N,H,W,4)   channels last, as in Pillow, OpenCV and TensorFlow
 *   (N,1,H,W)  (N,3,H,W)              channels first, as in PyTorch
 *   (N,D,H,W)                         volumes
 *
 * A side of 1, 3 or 4 together with sides of at least IMAGE_SIDE is treated as channels, because a
 * volume is unlikely. Two or four slices of a volume are as likely as channels, so such an array is
 * refused: with a fifth axis, (N,D,H,W,1), it would be unambiguous. Small sides fit two orders:
 * (N,3,3,3) is read, with a notice. */
#include "data/medmnist_shape.h"

#include <stdio.h>

#include "base/error.h"
#include "nca/image.h"

static const size_t most_image_bytes = (size_t)1 << 28;

enum {
    IMAGE_SIDE = 8 /* pictures have more pixels along a side than channels */
};

static const char understood[] = "(N,H,W), (N,H,W,1), (N,H,W,3), (N,H,W,4), (N,1,H,W), (N,3,H,W), "
                                 "(N,D,H,W), (N,D,H,W,1) or (N,1,D,H,W)";

/* "(N,4,28,28)". */
typedef struct shape_text {
    char text[256];
} shape_text;

static shape_text show_shape(const nca_array *images)
{
    shape_text shown = {"(N"};
    size_t length = 2;
    for (size_t i = 1; i < images->rank; i++) {
        length += (size_t)snprintf(shown.text + length, sizeof shown.text - length, ",%zu",
                                   images->shape[i]);
    }
    snprintf(shown.text + length, sizeof shown.text - length, images->rank == 0 ? "..." : ")");
    return shown;
}

static nca_status fail_shape(const nca_array *images, nca_status status, const char *path,
                             const char *advice, nca_error *error)
{
    shape_text shown = show_shape(images);
    return nca__fail(error, status, "%s: %s: expected images of shape %s, found %s%s", path,
                     images->name, understood, shown.text, advice);
}

static nca_status check_sides(const nca_array *images, const char *path, nca_error *error)
{
    size_t bytes = 1;
    for (size_t i = 1; i < images->rank; i++) {
        size_t side = images->shape[i];
        if (side == 0) {
            return nca__fail(error, NCA_FORMAT,
                             "%s: %s: expected images of at least one pixel, found a side of 0",
                             path, images->name);
        }
        if (side > NCA_IMAGE_MAX_SIDE || bytes * side > most_image_bytes) {
            return nca__fail(error, NCA_LIMIT,
                             "%s: %s: expected images of at most %d pixels per side and %zu bytes, "
                             "found a larger one",
                             path, images->name, NCA_IMAGE_MAX_SIDE, most_image_bytes);
        }
        bytes *= side;
    }
    return NCA_OK;
}

static bool are_image_sides(size_t height, size_t width)
{
    return height >= IMAGE_SIDE && width >= IMAGE_SIDE;
}

nca__three_axes nca__read_three_axes(size_t a, size_t b, size_t c)
{
    if (c == 1 || c == 3 || (c == 4 && are_image_sides(a, b))) {
        return NCA__AXES_CHANNELS_LAST;
    }
    if (a == 1 || (a == 3 && are_image_sides(b, c))) {
        return NCA__AXES_CHANNELS_FIRST;
    }
    return ((a == 2 || a == 4) && are_image_sides(b, c)) || (c == 2 && are_image_sides(a, b))
               ? NCA__AXES_UNCERTAIN
               : NCA__AXES_VOLUME;
}

/* "(N,H,W,3)". */
static void show_order(char out[48], const char *before, nca__three_axes order, size_t channels)
{
    switch (order) {
    case NCA__AXES_CHANNELS_LAST:
        snprintf(out, 48, "(%sH,W,%zu)", before, channels);
        break;
    case NCA__AXES_CHANNELS_FIRST:
        snprintf(out, 48, "(%s%zu,H,W)", before, channels);
        break;
    case NCA__AXES_VOLUME:
    case NCA__AXES_UNCERTAIN:
        snprintf(out, 48, "(%sD,H,W)", before);
        break;
    }
}

void nca__three_axes_notice(char out[NCA__AXES_NOTICE], const char *before, size_t a, size_t b,
                            size_t c)
{
    const nca__three_axes order = nca__read_three_axes(a, b, c);
    nca__three_axes other = order;
    out[0] = 0;
    if (order != NCA__AXES_CHANNELS_FIRST && (a == 1 || a == 3) && a * b * c > 1) {
        other = NCA__AXES_CHANNELS_FIRST;
    } else if (order != NCA__AXES_CHANNELS_LAST && c == 4) {
        other = NCA__AXES_CHANNELS_LAST;
    }
    if (order == NCA__AXES_UNCERTAIN || order == other) {
        return;
    }
    char assumed[48], possible[48];
    show_order(assumed, before, order, order == NCA__AXES_CHANNELS_FIRST ? a : c);
    show_order(possible, before, other, other == NCA__AXES_CHANNELS_FIRST ? a : c);
    snprintf(out, NCA__AXES_NOTICE, "the shape (%s%zu,%zu,%zu) fits %s and %s; %s is assumed",
             before, a, b, c, assumed, possible, assumed);
}

static nca_status shape_of_four(nca__image_shape *out, char notice[NCA__AXES_NOTICE],
                                const nca_array *images, const char *path, nca_error *error)
{
    const size_t a = images->shape[1], b = images->shape[2], c = images->shape[3];
    nca__three_axes_notice(notice, "N,", a, b, c);
    switch (nca__read_three_axes(a, b, c)) {
    case NCA__AXES_CHANNELS_LAST:
        *out = (nca__image_shape){1, a, b, c, false};
        break;
    case NCA__AXES_CHANNELS_FIRST:
        *out = (nca__image_shape){1, b, c, a, a > 1};
        break;
    case NCA__AXES_VOLUME:
        *out = (nca__image_shape){a, b, c, 1, false};
        break;
    case NCA__AXES_UNCERTAIN:
        return fail_shape(images, NCA_UNSUPPORTED, path,
                          ", which may be slices or channels; save volumes as (N,D,H,W,1) and "
                          "colour images as (N,H,W,3) or (N,H,W,4)",
                          error);
    }
    return NCA_OK;
}

nca_status nca__medmnist_shape(nca__image_shape *out, char notice[NCA__AXES_NOTICE],
                               const nca_array *images, const char *path, nca_error *error)
{
    const size_t *shape = images->shape;
    notice[0] = 0;
    if (images->type != NCA_ARRAY_U8) {
        return nca__fail(error, NCA_UNSUPPORTED, "%s: %s: expected uint8 images, found %s", path,
                         images->name, nca_array_type_name(images->type));
    }
    if (images->rank < 3 || images->rank > 5) {
        return fail_shape(images, NCA_FORMAT, path, "", error);
    }
    nca_status status = check_sides(images, path, error);
    if (status != NCA_OK) {
        return status;
    }
    switch (images->rank) {
    case 3:
        *out = (nca__image_shape){1, shape[1], shape[2], 1, false};
        return NCA_OK;
    case 4:
        return shape_of_four(out, notice, images, path, error);
    default:
        if (shape[4] != 1 && shape[1] != 1) {
            return fail_shape(images, NCA_UNSUPPORTED, path, "; volumes have one channel", error);
        }
        const size_t first = shape[4] == 1 ? 1 : 2;
        *out = (nca__image_shape){shape[first], shape[first + 1], shape[first + 2], 1, false};
        return NCA_OK;
    }
}
