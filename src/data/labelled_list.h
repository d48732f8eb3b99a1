/* Internal: image files with their classes, before they are read. Folders and tables give such a
 * list. */
#ifndef NCA_DATA_LABELLED_LIST_H
#define NCA_DATA_LABELLED_LIST_H

#include "data/labelled_build.h"

typedef struct nca__listed_image {
    char *path;     /* owned */
    size_t line;    /* of the table; 0: none */
    uint32_t class; /* index */
    uint8_t split;  /* nca_split */
} nca__listed_image;

typedef struct nca__image_list {
    nca__listed_image *images;
    size_t count, capacity;
    char (*class_names)[NCA_CLASS_NAME]; /* (NCA_MAX_CLASSES), owned */
    size_t classes;
    bool has_splits; /* otherwise nca__image_list_draw chooses them */
} nca__image_list;

/* An empty list. NCA_OUT_OF_MEMORY. Release with nca__image_list_clear. */
nca_status nca__image_list_create(nca__image_list *out, nca_error *error);
void nca__image_list_clear(nca__image_list *list); /* allowed for a zeroed list */

/* The index of a class, which is added if it is new; `where` is used in messages. Errors:
 * NCA_FORMAT (an empty name, or one that is not printable UTF-8), NCA_LIMIT (a name that is too
 * long, too many classes). */
nca_status nca__image_list_class(uint32_t *out, nca__image_list *list, const char *name,
                                 const char *where, nca_error *error);
/* Adds an image, line 0. "FOLDER/NAME" is its path; an absolute name or an empty folder gives
 * NAME. */
nca_status nca__image_list_add(nca__image_list *list, const char *folder, const char *name,
                               uint32_t class, nca_split split, nca_error *error);

/* The order of names: numbers by value, then other texts by their bytes. */
int nca__compare_names(const char *a, const char *b);
/* Puts the classes into that order. */
void nca__image_list_sort_classes(nca__image_list *list);
/* Moves train before val before test; the order within a split stays. */
nca_status nca__image_list_sort_splits(nca__image_list *list, nca_error *error);

/* Chooses the splits of every class by Philox: of n images, val_share * n and test_share * n,
 * rounded, but at least one each if their share is not 0 and the class has three images; at least
 * one image of train remains. */
nca_status nca__image_list_draw(nca__image_list *list, double val_share, double test_share,
                                uint64_t seed, nca_error *error);

/* Splits, checks, reads all images of the list into the data set. */
nca_status nca__labelled_read_list(nca__labelled *data, nca__image_list *list, nca_error *error);

/* The images of a table. `text` is changed: size bytes and a 0. `name` and `folder` are those of
 * its file. Errors: NCA_FORMAT, NCA_LIMIT, NCA_OUT_OF_MEMORY. */
nca_status nca__table_parse(nca__image_list *list, char *text, size_t size, const char *name,
                            const char *folder, nca_error *error);

#endif
