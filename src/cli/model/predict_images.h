/* The images that the arguments of nca predict name, in the form that a classifier takes. */
#ifndef NCA_CLI_MODEL_PREDICT_IMAGES_H
#define NCA_CLI_MODEL_PREDICT_IMAGES_H

#include "cli/cli.h"

/* An image: a file, or an entry of an archive. */
typedef struct image_item {
    char *name;      /* as printed; owned. Of a file also its path */
    size_t archive;  /* index of the archive; NO_ARCHIVE: a file */
    nca_split split; /* in the archive */
    size_t index;
} image_item;

enum {
    NO_ARCHIVE = 1 << 20
};

/* What was done to images, for notices. */
typedef struct image_tally {
    size_t transparent, stretched, grey;
} image_tally;

/* An archive that is open, and its path. */
typedef struct open_archive {
    nca_medmnist *file;
    char *path;
} open_archive;

typedef struct image_list {
    image_item *items;
    size_t count, capacity;
    open_archive *archives;
    size_t archive_count;
    size_t channels;      /* of the model */
    size_t height, width; /* of all images; 0: their own */
    image_tally tally;
} image_list;

/* Adds what an argument names: an image file; the visible files of a folder and of the folders in
 * it that end in .png, .jpg, .jpeg, .tif, .tiff, .webp or .npy, sorted by name; medmnist:SET/SPLIT
 * or medmnist:SET/SPLIT/INDEX, where SET is a name in `root` or the path of an .npz file. Returns
 * EXIT_OK, or the exit code after a message. */
int image_list_add(image_list *list, const char *argument, const char *root);
/* Reads an image: *out (height,width,channels); free() it. Errors: those of nca_image_load,
 * nca_medmnist_read and nca_labelled_pixels; each message names the image. */
nca_status image_list_read(uint8_t **out, size_t *out_height, size_t *out_width, image_list *list,
                           size_t index, nca_error *error);
/* The true class of an image of an archive, or (classes) labels of 0 and 1: whether they are known
 * and those of the model. */
bool image_list_labels(uint8_t out[NCA_MAX_CLASSES], const image_list *list, size_t index,
                       const nca_classifier *classifier);
void image_list_clear(image_list *list); /* a zeroed list is allowed */

#endif
