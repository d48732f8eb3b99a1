/* For tests: MedMNIST files built byte by byte. Value k of the images of split s is (7 k + k / 11 +
 * s) mod 256; label k is k mod 5. */
#ifndef NCA_TESTS_DATA_MADE_SET_H
#define NCA_TESTS_DATA_MADE_SET_H

#include "base/temporary_folder.h"
#include "data/raw_zip.h"
#include "nca/medmnist.h"

typedef struct made_set {
    const char *image_type, *label_type;   /* of NumPy */
    const char *image_shape, *label_shape; /* after N: ", 4, 5" and ", 1" */
    size_t image_bytes, label_bytes;       /* of one image */
    size_t count[NCA_SPLIT_COUNT], labels[NCA_SPLIT_COUNT];
} made_set;

static inline uint8_t made_value(unsigned split, size_t k)
{
    return (uint8_t)(7 * k + k / 11 + split);
}

static inline raw_bytes made_part(const char *type, size_t count, const char *shape, size_t each,
                                  unsigned split, bool labels)
{
    char text[64];
    raw_bytes values = {0};
    snprintf(text, sizeof text, "(%zu%s%s)", count, shape, *shape != 0 ? "" : ",");
    for (size_t k = 0; k < count * each; k++) {
        uint8_t value = labels ? (uint8_t)(k % each == 0 ? k / each % 5 : 0) : made_value(split, k);
        raw_put(&values, &value, 1);
    }
    raw_bytes array = raw_array(type, text, values.bytes, values.size);
    free(values.bytes);
    return array;
}

/* The archive in memory; labels of more than one byte are little-endian. The order of the arrays is
 * unusual: labels first, test before train. */
static inline raw_bytes make_set(const made_set *set)
{
    raw_zip zip = {0};
    for (unsigned i = 0; i < 2 * NCA_SPLIT_COUNT; i++) {
        unsigned split = NCA_SPLIT_COUNT - 1 - i % NCA_SPLIT_COUNT;
        bool labels = i < NCA_SPLIT_COUNT;
        char name[32];
        snprintf(name, sizeof name, "%s_%s", nca_split_name((nca_split)split),
                 labels ? "labels" : "images");
        raw_zip_add_array(&zip, name,
                          labels ? made_part(set->label_type, set->labels[split], set->label_shape,
                                             set->label_bytes, split, true)
                                 : made_part(set->image_type, set->count[split], set->image_shape,
                                             set->image_bytes, split, false));
    }
    return raw_zip_finish(&zip);
}

/* Pictures of 4 x 5 pixels: 7 for training, 2 and 3 for the others. */
static inline made_set small_set(void)
{
    return (made_set){"|u1", "|u1", ", 4, 5", ", 1", 20, 1, {7, 2, 3}, {7, 2, 3}};
}

/* Writes the archive to folder/name; the path is valid until the next call. */
static inline const char *write_set(temporary_folder *folder, const char *name, const made_set *set)
{
    const char *path = path_in(folder, name);
    raw_bytes file = make_set(set);
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
    return path;
}

static inline nca_medmnist *open_set(const char *path)
{
    nca_medmnist *data = NULL;
    nca_error error = {0};
    if (nca_medmnist_open(&data, path, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return data;
}

#endif
