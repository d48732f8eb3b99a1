/* Internal: the meaning of the axes of an array of images. */
#ifndef NCA_DATA_MEDMNIST_SHAPE_H
#define NCA_DATA_MEDMNIST_SHAPE_H

#include "nca/npz.h"

typedef struct nca__image_shape {
    size_t depth, height, width; /* depth 1 is a picture */
    size_t channels;             /* 1 grey, 3 RGB, 4 RGBA */
    bool channels_first;         /* the channels come before rows and columns in the file */
} nca__image_shape;

/* The meaning of three axes with sides a, b and c. */
typedef enum nca__three_axes {
    NCA__AXES_CHANNELS_LAST,  /* rows, columns, channels */
    NCA__AXES_CHANNELS_FIRST, /* channels, rows, columns */
    NCA__AXES_VOLUME,         /* slices, rows, columns */
    NCA__AXES_UNCERTAIN       /* two or four slices are as likely as channels */
} nca__three_axes;
nca__three_axes nca__read_three_axes(size_t a, size_t b, size_t c);

enum {
    NCA__AXES_NOTICE = 192
};
/* If the three axes also fit another order, which is only possible for small sides, the notice says
 * which order is assumed; else it is "". `before` is the axes before them: "N," or "". */
void nca__three_axes_notice(char out[NCA__AXES_NOTICE], const char *before, size_t a, size_t b,
                            size_t c);

/* The shape of one image in an array of uint8 images, with N images along its first axis; `notice`
 * as above. `path` is used in messages. Errors: NCA_UNSUPPORTED and NCA_FORMAT (not an array of
 * images), NCA_UNSUPPORTED (an axis that could be channels or slices), NCA_LIMIT (images that are
 * too large). */
nca_status nca__medmnist_shape(nca__image_shape *out, char notice[NCA__AXES_NOTICE],
                               const nca_array *images, const char *path, nca_error *error);

#endif
