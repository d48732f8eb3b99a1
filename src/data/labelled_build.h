/* Internal: a data set of labelled images while it is read. The readers of the sources fill it:
 * first kind, classes and label_width of `shown`, then nca__labelled_reserve, then the images in
 * the order of the splits. */
#ifndef NCA_DATA_LABELLED_BUILD_H
#define NCA_DATA_LABELLED_BUILD_H

#include "base/growing_text.h"
#include "data/image_store.h"
#include "nca/labelled.h"

/* How many images have a peculiarity, and the first one; a notice in the end. */
typedef struct nca__labelled_tally {
    size_t count;
    char *first; /* owned */
} nca__labelled_tally;

typedef struct nca__labelled {
    nca_labelled shown;                  /* first: the caller's pointer is that of the whole */
    const nca_labelled_options *options; /* while it is read, like `path` */
    const char *path;                    /* of the archive, folder or table */
    nca__image_store store;
    nca__growing_text notices;
    uint8_t *labels;  /* (total,label_width) */
    uint64_t *hashes; /* (total) of the pixels */
    char **names;     /* (total) owned paths; NULL: the images of an archive have none */
    size_t total;     /* images that are expected */
    size_t done;      /* images read or skipped */
    nca__labelled_tally stretched, transparent;
} nca__labelled;

/* Room for class names; shown.classes is set. */
nca_status nca__labelled_name_classes(nca__labelled *data, size_t classes, nca_error *error);
/* Room for the images. NCA_NOT_FOUND (0 images), NCA_LIMIT (2^32 or more), NCA_OUT_OF_MEMORY. */
nca_status nca__labelled_reserve(nca__labelled *data, size_t total, bool named, nca_error *error);

typedef struct nca__labelled_image {
    nca_split split;
    const uint8_t *pixels; /* (height,width,channels) */
    size_t height, width;
    size_t channels;       /* 1 grey, 3 RGB, 4 RGBA (straight alpha, composited on black) */
    bool may_be_grey;      /* RGBA without colour is stored as grey */
    const uint8_t *labels; /* (label_width) */
    const char *path;      /* copied; NULL: an image of an archive */
} nca__labelled_image;

/* Adds an image and reports progress. Errors: NCA_INVALID_ARGUMENT (sizes differ),
 * NCA_INTERRUPTED, NCA_OUT_OF_MEMORY, NCA_IO. */
nca_status nca__labelled_add(nca__labelled *data, const nca__labelled_image *image,
                             nca_error *error);
/* "PATH", or "train/12" for image 12 of an archive, counted over all splits. */
void nca__labelled_name(char *out, size_t size, const nca__labelled *data, size_t index);
/* Counts an image that is left out. Errors: NCA_INTERRUPTED. */
nca_status nca__labelled_skip(nca__labelled *data, nca_error *error);
/* Counts an image in a tally; `name` is copied if it is the first one. */
nca_status nca__labelled_tally_add(nca__labelled_tally *tally, const char *name, nca_error *error);

/* Adds a line to the notices: one sentence without a newline. */
void nca__labelled_notice(nca__labelled *data, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Refuses fewer than two classes with images, and a class of val or test without an image in train,
 * if there is a train; notices classes without images. NCA_INVALID_ARGUMENT. counts (classes) of
 * each split. */
nca_status nca__labelled_check_classes(nca__labelled *data,
                                       size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES],
                                       bool with_notices, nca_error *error);

/* Notices images with the same pixels in two splits, or in one class and another. */
nca_status nca__labelled_find_repeats(nca__labelled *data, nca_error *error);

/* The sources. */
nca_status nca__labelled_read_archive(nca__labelled *data, const char *path, nca_error *error);
nca_status nca__labelled_read_set(nca__labelled *data, const char *name, nca_error *error);
nca_status nca__labelled_read_folder(nca__labelled *data, const char *path, nca_error *error);
nca_status nca__labelled_read_table(nca__labelled *data, const char *path, nca_error *error);

#endif
