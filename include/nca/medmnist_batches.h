/* Shuffled batches of a split, for training on its images.
 *
 *     nca_batches_create(&batches, data, NCA_SPLIT_TRAIN, 32, seed, 1 << 30, &error);
 *     do {
 *         nca_batches_next(images, labels, NULL, &count, batches, &error);
 *         ... count images, at most 32 ...
 *     } while (nca_batches_epoch(batches) == 0);
 */
#ifndef NCA_MEDMNIST_BATCHES_H
#define NCA_MEDMNIST_BATCHES_H

#include "nca/export.h"
#include "nca/medmnist.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time; different objects are independent of each other. */
typedef struct nca_batches nca_batches;

/* Every epoch hands out each image once, in an order that is a function of the seed and the epoch
 * alone. A split of at most `memory_limit` bytes is read into memory; a larger one is unpacked, in
 * pieces of that size, into an unnamed file, beside the set's or where that cannot be, in the
 * system's folder for temporary files, which the system removes whatever happens. Order and labels
 * are kept in memory besides, 8 bytes each, at most 64 MiB or `memory_limit` of them (NCA_LIMIT).
 * Afterwards `data` may be closed. NCA_INVALID_ARGUMENT for a batch of 0 or a split without images,
 * NCA_LIMIT for 2^32 images and more, NCA_IO where the file cannot be written, NCA_OUT_OF_MEMORY;
 * other errors as of nca_medmnist_read. A watch on `data` (nca_medmnist_watch) sees the reading.
 * Release with nca_batches_destroy.
 */
NCA_API nca_status nca_batches_create(nca_batches **out_batches, nca_medmnist *data,
                                      nca_split split, size_t batch, uint64_t seed,
                                      uint64_t memory_limit, nca_error *error);
NCA_API void nca_batches_destroy(nca_batches *batches); /* accepts NULL */

/* The next batch: *out_count images of at most `batch`, since the last of an epoch may be smaller.
 * out_images (batch,D,H,W,channels), out_labels (batch, labels), out_indices (batch), which are the
 * images' places in the split; any of the three may be NULL. Nothing is written to out_labels when
 * the split has no labels (nca_medmnist_info.labelled). NCA_IO when the unnamed file cannot be
 * read. */
NCA_API nca_status nca_batches_next(uint8_t *out_images, int64_t *out_labels, size_t *out_indices,
                                    size_t *out_count, nca_batches *batches, nca_error *error);

NCA_API size_t nca_batches_per_epoch(const nca_batches *batches);
/* Which epoch, counted from 0, the next batch is of, and which batch of it. */
NCA_API uint32_t nca_batches_epoch(const nca_batches *batches);
NCA_API size_t nca_batches_position(const nca_batches *batches);
/* Makes that batch the next one, as a resumed training wants it; position < nca_batches_per_epoch.
 */
NCA_API void nca_batches_seek(nca_batches *batches, uint32_t epoch, size_t position);

#ifdef __cplusplus
}
#endif
#endif
