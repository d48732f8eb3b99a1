/* MedMNIST's files: images and labels of the train, val and test splits of one set.
 *
 * A file is an .npz archive of up to six arrays: train_images, val_images, test_images, uint8, and
 * train_labels, val_labels, test_labels of any integer type, (N,), (N,1) or (N,L). Images have the
 * shape
 *
 *   (N,H,W)   (N,H,W,1)   (N,1,H,W)           grey
 *   (N,H,W,3) (N,3,H,W)                       RGB
 *   (N,H,W,4)                                 RGBA
 *   (N,D,H,W) (N,D,H,W,1) (N,1,D,H,W)         volumes
 *
 * Four axes whose last has 3 entries are RGB, whose first or last has 1 are grey; (N,3,H,W) and
 * (N,H,W,4) are colours when the other two sides have at least 8 pixels. (N,2,H,W), (N,4,H,W) and
 * (N,H,W,2) of such sides may be slices or channels and are refused.
 *
 * A file needs the images of one split at least; other splits and labels may be missing. It may be
 * far larger than memory: everything here reads what is asked for and keeps nothing. */
#ifndef NCA_MEDMNIST_H
#define NCA_MEDMNIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/colormap.h"
#include "nca/export.h"
#include "nca/image.h"
#include "nca/medmnist_catalogue.h"
#include "nca/npz.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time, since reading moves a position in the file; different objects are
 * independent of each other. */
typedef struct nca_medmnist nca_medmnist;

typedef struct nca_medmnist_info {
    const nca_medmnist_set *set; /* by the file's name ("breastmnist_64.npz"); NULL when it is none
                                  * of the catalogue's */
    size_t depth, height, width; /* of an image; depth 1: a picture, else a volume */
    size_t channels;             /* 1 grey, 3 RGB, 4 RGBA (straight alpha) */
    size_t labels;               /* values per image; 0 when no split has labels */
    size_t count[NCA_SPLIT_COUNT];  /* images; may be 0 */
    bool present[NCA_SPLIT_COUNT];  /* whether the file has images of the split */
    bool labelled[NCA_SPLIT_COUNT]; /* whether it has labels of them */
    const char *notice; /* which order of axes was assumed, one line, as long as the file is open;
                         * NULL when the shape fits one alone */
} nca_medmnist_info;

/* Opens a file and reads the headers of its arrays. The file stays open until nca_medmnist_close.
 * Errors name the array: NCA_NOT_FOUND (no such file, no images of any split), NCA_FORMAT (also
 * splits of different shapes, and labels that are not one for each image), NCA_UNSUPPORTED (images
 * that are not uint8 or of a shape that is not certain, labels that are no integers), NCA_LIMIT (a
 * side over NCA_IMAGE_MAX_SIDE, an image over 2^28 bytes). Other errors: NCA_IO, NCA_OUT_OF_MEMORY;
 * NCA_UNSUPPORTED also where libzip is not installed. */
NCA_API nca_status nca_medmnist_open(nca_medmnist **out_data, const char *path, nca_error *error);
NCA_API void nca_medmnist_close(nca_medmnist *data); /* accepts NULL */
NCA_API const nca_medmnist_info *nca_medmnist_about(const nca_medmnist *data);

/* Bytes of one image: depth * height * width * channels. */
NCA_API size_t nca_medmnist_image_bytes(const nca_medmnist_info *info);

/* Lets `progress` be called now and then while a long read runs (nca/npz.h); NULL: nobody. */
NCA_API void nca_medmnist_watch(nca_medmnist *data, nca_read_progress *progress, void *user);

/* Images first .. first + count - 1 of a split: out (count,D,H,W,channels), C order, of which D is
 * 1 for pictures. An image in the middle costs unpacking up to it; reading on from where the last
 * read of the same split ended, or from further on, costs no more than what lies between, also when
 * labels of the split were read meanwhile.
 * NCA_INVALID_ARGUMENT names the range that there is, NCA_NOT_FOUND the splits that there are; the
 * channels are last in `out` whatever the file's order. When the file is damaged (NCA_FORMAT) or
 * the read was stopped (NCA_INTERRUPTED), what `out` holds is undefined.
 * Other errors: NCA_OUT_OF_MEMORY, and NCA_UNSUPPORTED for a compression that libzip does not have.
 */
NCA_API nca_status nca_medmnist_read(uint8_t *out, nca_medmnist *data, nca_split split,
                                     size_t first, size_t count, nca_error *error);
/* Their labels: out (count, labels). A split without labels (info->labelled) is NCA_NOT_FOUND.
 * Other errors: as of nca_medmnist_read. */
NCA_API nca_status nca_medmnist_labels(int64_t *out, nca_medmnist *data, nca_split split,
                                       size_t first, size_t count, nca_error *error);

/* An axis of a volume (N,D,H,W): slices along z are the planes (H,W), along y (D,W), along x (D,H),
 * rows first. A picture has one slice, along z. */
typedef enum nca_axis {
    NCA_AXIS_Z,
    NCA_AXIS_Y,
    NCA_AXIS_X,
    NCA_AXIS_COUNT
} nca_axis;
NCA_API const char *nca_axis_name(nca_axis axis); /* "z", "y", "x"; NULL for any other value */
/* How many slices an image has along an axis: depth, height or width. */
NCA_API size_t nca_medmnist_slices(const nca_medmnist_info *info, nca_axis axis);

/* One image, or one slice of a volume, as a picture of its own size, opaque unless it is RGBA; a
 * single channel goes through the map. The axis and the slice of a 2-D image are NCA_AXIS_Z and 0.
 * Release with nca_image_destroy.
 * Errors: as of nca_medmnist_read; NCA_INVALID_ARGUMENT also for an axis or a slice that the image
 * does not have; NCA_LIMIT (more than 2^28 pixels). */
NCA_API nca_status nca_medmnist_picture(nca_image **out_image, nca_medmnist *data, nca_split split,
                                        size_t index, nca_axis axis, size_t slice, nca_colormap map,
                                        nca_error *error);
/* The same of an image in memory: values (D,H,W,channels), of which `info` says the shape.
 * Errors: NCA_INVALID_ARGUMENT (an axis or a slice that the image does not have), NCA_LIMIT,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_medmnist_draw(nca_image **out_image, const nca_medmnist_info *info,
                                     const uint8_t *values, nca_axis axis, size_t slice,
                                     nca_colormap map, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
