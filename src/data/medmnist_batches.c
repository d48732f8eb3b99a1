/* Shuffled batches of a split. The images are kept in memory or in an unnamed file.
 *
 * Images of a deflated array can only be read sequentially, so a shuffled order requires all of
 * them to be decompressed first. */
#include "nca/medmnist_batches.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/saturate.h"
#include "core/shuffle.h"
#include "data/medmnist_file.h"
#include "data/unnamed_file.h"

enum {
    LISTS_ALWAYS = 64 << 20 /* bytes of order and labels that are always allowed: 4 million */
};

struct nca_batches {
    size_t count, image_bytes, labels; /* number of images, bytes per image, labels per image */
    size_t batch;
    uint64_t seed;
    uint32_t epoch;
    size_t next;     /* position in the order */
    uint32_t *order; /* (count) */
    int64_t *values; /* (count, labels) */
    uint8_t *images; /* (count, image_bytes), or NULL if the images are in the file */
    int file;        /* the unnamed file */
};

static void shuffle(nca_batches *b)
{
    nca__shuffle(b->order, b->count, b->seed, b->epoch);
}

/* ---- The unnamed file ------------------------------------------------------------------------*/

static nca_status read_at(uint8_t *out, int file, size_t size, uint64_t offset, nca_error *error)
{
    while (size > 0) {
        ssize_t done = pread(file, out, size, (off_t)offset);
        if (done == 0 || (done < 0 && errno != EINTR)) {
            return nca__unnamed_fail(error, "read", done < 0 ? errno : 0);
        }
        out += done > 0 ? done : 0;
        offset += done > 0 ? (uint64_t)done : 0;
        size -= done > 0 ? (size_t)done : 0;
    }
    return NCA_OK;
}

/* ---- Creating --------------------------------------------------------------------------------*/

static nca_status unpack(nca_batches *b, nca_medmnist *data, nca_split split, uint64_t memory_limit,
                         nca_error *error)
{
    nca_status status = nca__unnamed_open(&b->file, nca__medmnist_path(data), error);
    if (status != NCA_OK) {
        return status;
    }
    size_t piece = (size_t)(memory_limit / b->image_bytes);
    piece = piece > 0 ? piece : 1;
    uint8_t *images = malloc(piece * b->image_bytes);
    if (images == NULL) {
        return nca__fail_memory(error, "images", piece * b->image_bytes);
    }
    for (size_t first = 0; first < b->count && status == NCA_OK; first += piece) {
        size_t count = b->count - first < piece ? b->count - first : piece;
        status = nca_medmnist_read(images, data, split, first, count, error);
        if (status == NCA_OK) {
            status = nca__unnamed_append(b->file, images, count * b->image_bytes, error);
        }
    }
    free(images);
    return status;
}

static nca_status read_images(nca_batches *b, nca_medmnist *data, nca_split split,
                              uint64_t memory_limit, nca_error *error)
{
    uint64_t all = (uint64_t)b->count * b->image_bytes; /* the reader has checked the product */
    if (all > memory_limit) {
        return unpack(b, data, split, memory_limit, error);
    }
    b->images = malloc((size_t)all);
    if (b->images == NULL) {
        return nca__fail_memory(error, "images", (size_t)all);
    }
    return nca_medmnist_read(b->images, data, split, 0, b->count, error);
}

static nca_status check(const nca_medmnist *data, nca_split split, size_t batch, nca_error *error)
{
    const char *path = nca__medmnist_path(data);
    if ((unsigned)split >= NCA_SPLIT_COUNT || batch == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected a split and batches of at least 1 image, found split %u and "
                         "%zu",
                         path, (unsigned)split, batch);
    }
    size_t count = nca_medmnist_about(data)->count[split];
    if (count == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: %s has no images for batches", path,
                         nca_split_name(split));
    }
    if (count > UINT32_MAX) {
        return nca__fail(error, NCA_LIMIT, "%s: %s: expected at most 2^32 - 1 images, found %zu",
                         path, nca_split_name(split), count);
    }
    return NCA_OK;
}

nca_status nca_batches_create(nca_batches **out_batches, nca_medmnist *data, nca_split split,
                              size_t batch, uint64_t seed, uint64_t memory_limit, nca_error *error)
{
    nca_status status = check(data, split, batch, error);
    if (status != NCA_OK) {
        return status;
    }
    const nca_medmnist_info *info = nca_medmnist_about(data);
    nca_batches *b = calloc(1, sizeof *b);
    if (b == NULL) {
        return nca__fail_memory(error, "batches", sizeof *b);
    }
    *b = (nca_batches){.count = info->count[split],
                       .image_bytes = nca_medmnist_image_bytes(info),
                       .labels = info->labelled[split] ? info->labels : 0,
                       .batch = batch,
                       .seed = seed,
                       .file = -1};
    size_t lists = nca__saturating_multiply(
        b->count, nca__saturating_add(sizeof *b->order,
                                      nca__saturating_multiply(b->labels, sizeof *b->values)));
    size_t most = memory_limit > LISTS_ALWAYS ? (size_t)memory_limit : LISTS_ALWAYS;
    if (lists > most) {
        free(b);
        return nca__fail(error, NCA_LIMIT,
                         "batches: the order and the labels of %zu images need %zu bytes, the "
                         "limit is %zu; raise the limit",
                         info->count[split], lists, most);
    }
    b->order = calloc(b->count, sizeof *b->order);
    b->values = calloc(b->count, (b->labels > 0 ? b->labels : 1) * sizeof *b->values);
    if (b->order == NULL || b->values == NULL) {
        nca_batches_destroy(b);
        return nca__fail_memory(error, "labels", lists);
    }
    if (b->labels > 0) {
        status = nca_medmnist_labels(b->values, data, split, 0, b->count, error);
    }
    if (status == NCA_OK) {
        status = read_images(b, data, split, memory_limit, error);
    }
    if (status != NCA_OK) {
        nca_batches_destroy(b);
        return status;
    }
    shuffle(b);
    *out_batches = b;
    return NCA_OK;
}

void nca_batches_destroy(nca_batches *batches)
{
    if (batches != NULL) {
        if (batches->file >= 0) {
            close(batches->file);
        }
        free(batches->images);
        free(batches->values);
        free(batches->order);
        free(batches);
    }
}

/* ---- Returning batches ----------------------------------------------------------------------- */

static nca_status copy_image(uint8_t *out, const nca_batches *b, size_t index, nca_error *error)
{
    if (b->images == NULL) {
        return read_at(out, b->file, b->image_bytes, (uint64_t)index * b->image_bytes, error);
    }
    memcpy(out, b->images + index * b->image_bytes, b->image_bytes);
    return NCA_OK;
}

nca_status nca_batches_next(uint8_t *out_images, int64_t *out_labels, size_t *out_indices,
                            size_t *out_count, nca_batches *batches, nca_error *error)
{
    nca_batches *b = batches;
    size_t left = b->count - b->next, count = left < b->batch ? left : b->batch;
    const uint32_t *order = b->order + b->next;
    for (size_t i = 0; i < count; i++) {
        if (out_images != NULL) {
            nca_status status = copy_image(out_images + i * b->image_bytes, b, order[i], error);
            if (status != NCA_OK) {
                return status;
            }
        }
        if (out_labels != NULL && b->labels > 0) {
            memcpy(out_labels + i * b->labels, b->values + order[i] * b->labels,
                   b->labels * sizeof *out_labels);
        }
        if (out_indices != NULL) {
            out_indices[i] = order[i];
        }
    }
    *out_count = count;
    b->next += count;
    if (b->next == b->count) {
        b->next = 0;
        b->epoch++;
        shuffle(b);
    }
    return NCA_OK;
}

size_t nca_batches_per_epoch(const nca_batches *batches)
{
    return (batches->count - 1) / batches->batch + 1;
}

uint32_t nca_batches_epoch(const nca_batches *batches)
{
    return batches->epoch;
}

size_t nca_batches_position(const nca_batches *batches)
{
    return batches->next / batches->batch;
}

void nca_batches_seek(nca_batches *batches, uint32_t epoch, size_t position)
{
    assert(position < nca_batches_per_epoch(batches));
    batches->epoch = epoch;
    batches->next = position * batches->batch;
    shuffle(batches);
}
