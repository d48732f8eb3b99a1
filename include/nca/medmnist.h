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
 * With four axes, an image is RGB if its last axis has 3 entries and grey if its first or last axis
 * has 1 entry; (N,3,H,W) and (N,H,W,4) are colours if the other two sides have at least 8 pixels.
 * (N,2,H,W), (N,4,H,W) and (N,H,W,2) with such sides could be slices or channels and are refused.
 *
 * A file must have the images of at least one split; other splits and labels are optional. The file
 * may be far larger than memory: functions read only what is requested and cache nothing. */
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
    const nca_medmnist_set *set;   /* found by the file's name ("breastmnist_64.npz"); NULL if it is
                                      not in the catalogue */
    size_t depth, height, width;   /* of an image; depth 1 is a picture, else a volume */
    size_t channels;               /* 1 grey, 3 RGB, 4 RGBA (straight alpha) */
    size_t labels;                 /* values per image; 0 if no split has labels */
    size_t count[NCA_SPLIT_COUNT]; /* number of images; may be 0 */
    bool present[NCA_SPLIT_COUNT]; /* whether the file has images of the split */
    bool labelled[NCA_SPLIT_COUNT]; /* whether the file has labels for the split */
    const char *notice; /* the assumed order of axes, in one line; NULL if the shape is not
                           ambiguous. Valid until the file is closed */
} nca_medmnist_info;

/* Opens a file and reads the headers of its arrays. The file stays open until nca_medmnist_close.
 * Errors name the array: NCA_NOT_FOUND (no such file, no images of any split), NCA_FORMAT (also
 * splits of different shapes, and a number of labels that is not the number of images),
 * NCA_UNSUPPORTED (images that are not uint8 or whose shape is ambiguous, labels that are not
 * integers), NCA_LIMIT (a side over NCA_IMAGE_MAX_SIDE, an image over 2^28 bytes). Other errors:
 * NCA_IO, NCA_OUT_OF_MEMORY; NCA_UNSUPPORTED also if libzip is not installed. */
NCA_API nca_status nca_medmnist_open(nca_medmnist **out_data, const char *path, nca_error *error);
NCA_API void nca_medmnist_close(nca_medmnist *data); /* accepts NULL */
NCA_API const nca_medmnist_info *nca_medmnist_about(const nca_medmnist *data);

/* Bytes of one image: depth * height * width * channels. */
NCA_API size_t nca_medmnist_image_bytes(const nca_medmnist_info *info);

/* Sets a function that is called periodically during long reads (nca/npz.h); NULL: none. */
NCA_API void nca_medmnist_watch(nca_medmnist *data, nca_read_progress *progress, void *user);

/* Reads images first .. first + count - 1 of a split: out (count,D,H,W,channels), C order, where D
 * is 1 for pictures. The channels are last in `out` whatever the file's order. Reading an image in
 * the middle requires decompressing everything before it. Continuing at or after the end of the
 * last read of the same split costs only the bytes in between, even if labels of the split were
 * read in the meantime.
 * Errors: NCA_INVALID_ARGUMENT (the message names the valid range), NCA_NOT_FOUND (the message
 * names the splits in the file), NCA_FORMAT (the file is damaged) and NCA_INTERRUPTED (the read was
 * stopped), after which the contents of `out` are undefined; NCA_OUT_OF_MEMORY; NCA_UNSUPPORTED (a
 * compression that libzip does not support). */
NCA_API nca_status nca_medmnist_read(uint8_t *out, nca_medmnist *data, nca_split split,
                                     size_t first, size_t count, nca_error *error);
/* Reads the labels of images: out (count, labels). NCA_NOT_FOUND if the split has no labels
 * (info->labelled). Other errors: those of nca_medmnist_read. */
NCA_API nca_status nca_medmnist_labels(int64_t *out, nca_medmnist *data, nca_split split,
                                       size_t first, size_t count, nca_error *error);

/* An axis of a volume (N,D,H,W). Slices along z are the planes (H,W), along y (D,W), along x (D,H),
 * rows first. A picture has one slice, along z. */
typedef enum nca_axis {
    NCA_AXIS_Z,
    NCA_AXIS_Y,
    NCA_AXIS_X,
    NCA_AXIS_COUNT
} nca_axis;
NCA_API const char *nca_axis_name(nca_axis axis); /* "z", "y", "x"; NULL for any other value */
/* The number of slices of an image along an axis: depth, height or width. */
NCA_API size_t nca_medmnist_slices(const nca_medmnist_info *info, nca_axis axis);

/* One image, or one slice of a volume, as a picture at its original size. It is opaque unless the
 * image is RGBA; a single channel is coloured by the colormap. For 2-D images, axis and slice are
 * NCA_AXIS_Z and 0. Release with nca_image_destroy.
 * Errors: those of nca_medmnist_read; NCA_INVALID_ARGUMENT also for an axis or a slice that the
 * image does not have; NCA_LIMIT (more than 2^28 pixels). */
NCA_API nca_status nca_medmnist_picture(nca_image **out_image, nca_medmnist *data, nca_split split,
                                        size_t index, nca_axis axis, size_t slice, nca_colormap map,
                                        nca_error *error);
/* The same for an image in memory: values (D,H,W,channels), with the shape in `info`.
 * Errors: NCA_INVALID_ARGUMENT (an axis or a slice that the image does not have), NCA_LIMIT,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_medmnist_draw(nca_image **out_image, const nca_medmnist_info *info,
                                     const uint8_t *values, nca_axis axis, size_t slice,
                                     nca_colormap map, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
