/* Labelled images: the data of a classification, from a set of MedMNIST, a folder of images, or a
 * table of files. All images have one size and one number of channels.
 *
 *     nca_labelled_options options;
 *     nca_labelled_options_default(&options);
 *     nca_labelled *data;
 *     nca_labelled_open(&data, "medmnist:breastmnist", &options, &error);
 *     data->split[NCA_SPLIT_TRAIN].images ...
 *     nca_labelled_close(data);
 *
 * docs/classification.md describes the sources. */
#ifndef NCA_LABELLED_H
#define NCA_LABELLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/class_loss.h"
#include "nca/export.h"
#include "nca/image.h"
#include "nca/labels.h"
#include "nca/medmnist_catalogue.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The images of one split, in a fixed order. */
typedef struct nca_labelled_split {
    size_t count;
    const uint8_t *images;    /* (count,H,W,channels) */
    const uint8_t *labels;    /* (count,label_width): a class, or 0 and 1 for each label */
    const char *const *names; /* (count) paths of the files; NULL: images of an archive */
} nca_labelled_split;

/* A plain struct: any number of threads may read it at once. */
typedef struct nca_labelled {
    size_t height, width;
    size_t channels; /* 1 grey, 3 RGB or the three middle slices of a volume */
    bool slices;     /* whether the channels are slices of volumes */
    bool drawn;      /* whether the splits were drawn, because the source has none */
    nca_label_kind kind;
    size_t classes;                            /* or labels, for NCA_LABELS_MULTI_LABEL */
    size_t label_width;                        /* 1, or `classes` for NCA_LABELS_MULTI_LABEL */
    char (*class_names)[NCA_CLASS_NAME];       /* (classes) */
    nca_labelled_split split[NCA_SPLIT_COUNT]; /* count 0: the source has no images of it */
    size_t skipped;                            /* images that could not be read, with skip_broken */
    char *source;                              /* as passed to nca_labelled_open */
    /* What the user should know, one line each, each ending with a newline: splits that were drawn,
     * images with the same pixels in two splits or with two labels, classes without images, images
     * that were left out, stretched, drawn on black or are dark; "" if nothing. */
    char *notices;
} nca_labelled;

typedef struct nca_labelled_options {
    const char *root; /* folder of MedMNIST's files; NULL is allowed for other sources */
    size_t size; /* images become size x size; 0: their own size, which must be the same for all */
    bool colour; /* RGB even if all images are grey */
    bool skip_broken;      /* leave out images that cannot be read, instead of failing */
    double val_share;      /* fraction of each class that becomes val, for sources without splits */
    double test_share;     /* the same for test; the sum must be below 1 */
    uint64_t seed;         /* random seed of that choice */
    uint64_t memory_limit; /* bytes of images to keep in memory; more go into an unnamed temporary
                              file that is mapped into memory */
    /* Called with the completed fraction, 0 to 1; if it returns false, the reading stops with
     * NCA_INTERRUPTED. May be NULL. */
    bool (*progress)(double share, void *user);
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_labelled_options;

/* Own size, val_share 0.15, test_share 0.15, seed 0, 1 GiB. */
NCA_API void nca_labelled_options_default(nca_labelled_options *out);

/* Reads a source:
 *
 *     medmnist:SET, medmnist:SET_64   a set of the catalogue, from its file in `root`
 *     FILE.npz                        a file of this form (nca/medmnist.h)
 *     FOLDER                          FOLDER/train/CLASS/IMAGE, with val/ and test/; or
 *                                     FOLDER/CLASS/IMAGE, from which the splits are drawn
 *     FILE.csv                        lines "path,label" or "path,label,split"
 *
 * The kind of the labels of an archive is that of the catalogue if it knows the file's name.
 * Otherwise, several values for each image are labels of 0 and 1, and one is its class. The
 * catalogue's name of a class is cut after 95 bytes. Volumes become three channels: their middle
 * slices along z, y and x; all sides must be equal.
 *
 * Folders and tables: the images are those of nca_image_load. Classes are sorted by name, numbers
 * by value, other names by their bytes; so are the images of a folder. A table keeps its order
 * within each split. It may have a heading with the columns path, label and split, in any order and
 * among others; relative paths start at the folder of the table. Splits are drawn for each class by
 * Philox from `seed`; of three images or more, val and test get at least one each unless their
 * fraction is 0. Hidden files, Thumbs.db, ehthumbs.db, desktop.ini and __MACOSX are ignored;
 * folders in the folder of a class are refused. Images become grey (1 channel) if red, green and
 * blue are equal in every pixel of all of them, and otherwise RGB. Archives keep their channels,
 * except that RGBA becomes RGB.
 *
 * Transparent pixels are drawn on black. With options->size, images are resized as by
 * nca_image_resize_lanczos, whatever their proportions. A source without training images is
 * accepted, to evaluate a model on it. If the images need more than memory_limit bytes, they are
 * kept in an unnamed temporary file next to the source (or, if that is not possible, in
 * the system's folder for temporary files), which is mapped into memory, read-only. Release with
 * nca_labelled_close.
 *
 * Errors: NCA_NOT_FOUND (no such file, folder or set; no images; no labels), NCA_FORMAT (a broken
 * image, named; labels out of range; a line of a table), NCA_INVALID_ARGUMENT (images of different
 * sizes without options->size; fewer than two classes; a class of val or test without an image in
 * train; a folder in the folder of a class; an option out of range), NCA_LIMIT (more than
 * NCA_MAX_CLASSES classes, a longer name of a class, 2^32 images or more), NCA_INTERRUPTED, NCA_IO
 * (a folder or an image cannot be read, the temporary file cannot be written), NCA_UNSUPPORTED (as
 * nca_image_load and nca_medmnist_open; volumes with different sides), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_labelled_open(nca_labelled **out_data, const char *source,
                                     const nca_labelled_options *options, nca_error *error);
NCA_API void nca_labelled_close(nca_labelled *data); /* accepts NULL */

/* Counts the images of each class (or with each label) in a split: out (classes). */
NCA_API void nca_labelled_class_counts(size_t *out, const nca_labelled *data, nca_split split);

/* One image in the form in which nca_labelled_open stores those of files: out
 * (height,width,channels), drawn on black, resized as by nca_image_resize_lanczos if its size is
 * another. `channels` is 1 or 3; a grey image has three equal channels with 3. Errors:
 * NCA_MISMATCH (a colour image for 1 channel), NCA_INVALID_ARGUMENT (other numbers of channels, a
 * side of 0), NCA_LIMIT (as for nca_image_create), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_labelled_pixels(uint8_t *out, const nca_image *image, size_t channels,
                                       size_t height, size_t width, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
