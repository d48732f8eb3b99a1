/* Internal: what the axes of an array of images mean. */
#ifndef NCA_DATA_MEDMNIST_SHAPE_H
#define NCA_DATA_MEDMNIST_SHAPE_H

#include "nca/npz.h"

typedef struct nca__image_shape {
    size_t depth, height, width; /* depth 1: a picture */
    size_t channels;             /* 1 grey, 3 RGB, 4 RGBA */
    bool channels_first;         /* the file has the channels before rows and columns */
} nca__image_shape;

/* What three axes of sides a, b and c are. */
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
/* When the three axes fit another order as well, which is so for small sides alone, says which is
 * assumed; else "". `before` are the axes in front of them: "N," or "". */
void nca__three_axes_notice(char out[NCA__AXES_NOTICE], const char *before, size_t a, size_t b,
                            size_t c);

/* The shape of one image of an array of uint8 images, N images along its first axis; `notice` as
 * above. Refuses what is no array of images (NCA_UNSUPPORTED, NCA_FORMAT), what may be channels
 * as well as slices (NCA_UNSUPPORTED), and images that are too large (NCA_LIMIT). `path` is used
 * in messages. */
nca_status nca__medmnist_shape(nca__image_shape *out, char notice[NCA__AXES_NOTICE],
                               const nca_array *images, const char *path, nca_error *error);

#endif
