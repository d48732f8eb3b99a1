/* Synthetic MedMNIST files: writes procedural images and their labels to an archive as a stream. */
#include "nca/medmnist_synthetic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/synthetic_image.h"
#include "nca/npz.h"

static const uint32_t most_images = 1u << 24; /* the number that a Philox counter can distinguish */

/* An array that is generated image by image; requests may end anywhere. */
typedef struct source {
    const nca_synthetic_options *options;
    nca_split split;
    bool labels;
    uint32_t next;              /* index of the next image */
    uint8_t *image;             /* the image being written */
    size_t image_bytes, handed; /* handed: number of its bytes already written, of image_bytes */
} source;

static nca_status fill(void *user, void *out, size_t size, nca_error *error)
{
    source *from = user;
    uint8_t *bytes = out;
    (void)error;
    while (size > 0) {
        if (from->handed == from->image_bytes) {
            (from->labels ? nca__synthetic_labels : nca__synthetic_image)(
                from->image, from->options, from->split, from->next++);
            from->handed = 0;
        }
        size_t left = from->image_bytes - from->handed, part = size < left ? size : left;
        memcpy(bytes, from->image + from->handed, part);
        from->handed += part;
        bytes += part;
        size -= part;
    }
    return NCA_OK;
}

void nca_synthetic_options_default(nca_synthetic_options *out)
{
    *out = (nca_synthetic_options){.size = 28, .count = {64, 16, 16}};
}

static nca_status check(const nca_synthetic_options *options, nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_synthetic_options", error);
    if (room != NCA_OK) {
        return room;
    }
    const nca_medmnist_set *set = options->set;
    if (nca_medmnist_set_file(set, options->size) == NULL) {
        char sizes[64] = "";
        size_t used = 0;
        for (uint32_t i = 0; i < set->file_count && used < sizeof sizes; i++) {
            used += (size_t)snprintf(sizes + used, sizeof sizes - used, "%s%lu", i > 0 ? ", " : "",
                                     (unsigned long)set->files[i].size);
        }
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s is available in the sizes %s; found %lu",
                         set->title, sizes, (unsigned long)options->size);
    }
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        if (options->count[split] > most_images) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "%s: expected at most %lu synthetic images, found %lu",
                             nca_split_name((nca_split)split), (unsigned long)most_images,
                             (unsigned long)options->count[split]);
        }
    }
    return NCA_OK;
}

static nca_status add(nca_npz_writer *writer, source *from, nca_error *error)
{
    const nca_synthetic_options *options = from->options;
    const nca_medmnist_set *set = options->set;
    const size_t count = options->count[from->split], size = options->size;
    size_t shape[4] = {count, size, size, set->dimensions == 3 ? size : set->channels}, rank = 4;
    if (from->labels) {
        shape[1] = nca__synthetic_label_count(set);
        rank = 2;
    } else if (set->dimensions == 2 && set->channels == 1) {
        rank = 3;
    }
    from->image_bytes = 1;
    for (size_t i = 1; i < rank; i++) {
        from->image_bytes *= shape[i];
    }
    from->handed = from->image_bytes;
    from->image = malloc(from->image_bytes);
    if (from->image == NULL) {
        return nca__fail_memory(error, "a synthetic image", from->image_bytes);
    }
    char name[32];
    snprintf(name, sizeof name, "%s_%s", nca_split_name(from->split),
             from->labels ? "labels" : "images");
    return nca_npz_writer_add_stream(writer, name, NCA_ARRAY_U8, rank, shape, fill, from, error);
}

nca_status nca_medmnist_synthesise(const char *path, const nca_synthetic_options *options,
                                   nca_error *error)
{
    source sources[2 * NCA_SPLIT_COUNT] = {{0}};
    nca_npz_writer *writer = NULL;
    nca_status status = check(options, error);
    if (status == NCA_OK) {
        status = nca_npz_writer_create(&writer, path, error);
    }
    for (unsigned i = 0; i < 2 * NCA_SPLIT_COUNT && status == NCA_OK; i++) {
        sources[i].options = options;
        sources[i].split = (nca_split)(i % NCA_SPLIT_COUNT);
        sources[i].labels = i >= NCA_SPLIT_COUNT;
        status = add(writer, &sources[i], error);
    }
    if (status == NCA_OK) {
        status = nca_npz_writer_commit(writer, error);
    }
    nca_npz_writer_destroy(writer);
    for (unsigned i = 0; i < 2 * NCA_SPLIT_COUNT; i++) {
        free(sources[i].image);
    }
    return status;
}
