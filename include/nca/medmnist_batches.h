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

/* Every epoch returns each image once, in an order that depends only on the random seed and the
 * epoch. A split of at most `memory_limit` bytes is read into memory. A larger split is
 * decompressed, in pieces of that size, into an unnamed temporary file in the folder of the set or,
 * if that is not possible, in the system's folder for temporary files; the system removes it in any
 * case. Order and labels are also kept in memory, 8 bytes each, at most 64 MiB or `memory_limit`
 * (else NCA_LIMIT). `data` may be closed afterwards. A progress function of `data`
 * (nca_medmnist_watch) is called during the reading. Release with nca_batches_destroy.
 * Errors: NCA_INVALID_ARGUMENT (a batch of 0, a split without images), NCA_LIMIT (2^32 images or
 * more), NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY, and those of nca_medmnist_read. */
NCA_API nca_status nca_batches_create(nca_batches **out_batches, nca_medmnist *data,
                                      nca_split split, size_t batch, uint64_t seed,
                                      uint64_t memory_limit, nca_error *error);
NCA_API void nca_batches_destroy(nca_batches *batches); /* accepts NULL */

/* The next batch of *out_count images: `batch`, or fewer at the end of an epoch. out_images
 * (batch,D,H,W,channels), out_labels (batch, labels) and out_indices (batch), the positions of the
 * images in the split; any of the three may be NULL. out_labels is not written if the split has no
 * labels (nca_medmnist_info.labelled). NCA_IO if the temporary file cannot be read. */
NCA_API nca_status nca_batches_next(uint8_t *out_images, int64_t *out_labels, size_t *out_indices,
                                    size_t *out_count, nca_batches *batches, nca_error *error);

NCA_API size_t nca_batches_per_epoch(const nca_batches *batches);
/* The epoch of the next batch, counted from 0, and the batch's position in it. */
NCA_API uint32_t nca_batches_epoch(const nca_batches *batches);
NCA_API size_t nca_batches_position(const nca_batches *batches);
/* Makes the given batch the next one, for resuming a training; position < nca_batches_per_epoch. */
NCA_API void nca_batches_seek(nca_batches *batches, uint32_t epoch, size_t position);

#ifdef __cplusplus
}
#endif
#endif
