/* The catalogue of MedMNIST: its 18 sets, the addresses and checksums of their files. It is
 * compiled in: no function reads a file or uses the network. Any number of threads may call all
 * functions at once. */
#ifndef NCA_MEDMNIST_CATALOGUE_H
#define NCA_MEDMNIST_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_split {
    NCA_SPLIT_TRAIN,
    NCA_SPLIT_VAL,
    NCA_SPLIT_TEST,
    NCA_SPLIT_COUNT
} nca_split;

/* "train", "val", "test", the prefixes of the arrays in the files; any value gives a string. */
NCA_API const char *nca_split_name(nca_split split);

/* One published file of a set. */
typedef struct nca_medmnist_file {
    uint32_t size;   /* pixels along each axis of an image: 28, 64, 128 or 224 */
    const char *md5; /* 32 lower-case hexadecimal digits */
    const char *url;
} nca_medmnist_file;

typedef struct nca_medmnist_set {
    const char *name;          /* "breastmnist" */
    const char *title;         /* "BreastMNIST" */
    const char *task;          /* "multi-class", "binary-class", "multi-label, binary-class" or
                                * "ordinal-regression" */
    uint32_t dimensions;       /* of an image: 2 or 3 */
    uint32_t channels;         /* 1: grey, 3: RGB */
    uint32_t classes;          /* for a multi-label set: the number of labels of each image */
    const char *const *labels; /* (classes) names */
    uint32_t count[NCA_SPLIT_COUNT]; /* images */
    const char *licence; /* "CC BY 4.0"; for DermaMNIST "CC BY-NC 4.0", which does not allow
                            commercial use */
    const nca_medmnist_file *files; /* in ascending order of size */
    uint32_t file_count;
} nca_medmnist_set;

NCA_API size_t nca_medmnist_set_count(void);
/* The 2-D sets first; NULL beyond the last. */
NCA_API const nca_medmnist_set *nca_medmnist_set_at(size_t index);
/* By name in any case, "breastmnist" or "BreastMNIST"; NULL if not found. */
NCA_API const nca_medmnist_set *nca_medmnist_set_named(const char *name);

/* Removes the size from a name such as "breastmnist_64", in place, and returns it. 28, and the name
 * is unchanged, if it does not end in a line and a number. */
NCA_API uint32_t nca_medmnist_take_size(char *name);

/* The set's file with images of `size` pixels, or NULL. */
NCA_API const nca_medmnist_file *nca_medmnist_set_file(const nca_medmnist_set *set, uint32_t size);
/* The set and the file with this MD5 checksum, in any case; NULL, with *out_file unchanged, if the
 * catalogue does not contain it. `out_file` may be NULL. */
NCA_API const nca_medmnist_set *nca_medmnist_set_with_md5(const nca_medmnist_file **out_file,
                                                          const char *md5);

/* The path of a set's file in a folder of sets, with the names that the medmnist package for Python
 * uses: "ROOT/breastmnist.npz" for 28 pixels, "ROOT/breastmnist_64.npz" for 64. Writes at most
 * `out_size` bytes including the final 0. The file need not exist. Errors: NCA_INVALID_ARGUMENT (a
 * size that the set does not have; the message lists the sizes it has), NCA_LIMIT (the path does
 * not fit). */
NCA_API nca_status nca_medmnist_path(char *out, size_t out_size, const char *root,
                                     const nca_medmnist_set *set, uint32_t size, nca_error *error);

/* What to cite when the data are used: several lines, each with a newline and at most 96
 * characters. */
NCA_API const char *nca_medmnist_citation(void);

#ifdef __cplusplus
}
#endif
#endif
