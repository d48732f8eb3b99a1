/* Safetensors files: checked when read, and written whole or not at all.
 *
 *   1. 8 bytes: length L of the header, little-endian
 *   2. L bytes: a JSON object; "__metadata__" maps strings to strings, every other key is a tensor
 *      {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]} with offsets into part 3
 *   3. the tensors' bytes, little-endian, row-major, without gaps or overlaps
 *
 * The writer pads the header with spaces so that part 3 starts on a multiple of 64. */
#ifndef NCA_SAFETENSORS_H
#define NCA_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_SAFETENSORS_MAX_RANK = 8
};

typedef enum nca_dtype {
    NCA_DTYPE_F32,
    NCA_DTYPE_U8,
    NCA_DTYPE_U32,
    NCA_DTYPE_U64,
    NCA_DTYPE_F16,
    NCA_DTYPE_BF16, /* the upper half of an F32 */
    NCA_DTYPE_F64,
    NCA_DTYPE_OTHER /* a valid safetensors type that this library does not use */
} nca_dtype;

typedef struct nca_tensor_view {
    const char *name;
    nca_dtype dtype;
    size_t rank;
    size_t shape[NCA_SAFETENSORS_MAX_RANK];
    const void *data; /* borrowed; aligned to at least 4 bytes if read from a file */
    size_t bytes;
} nca_tensor_view;

/* ---- Reading: the whole file is kept in memory; views are valid as long as the object. */
/* Functions with a const parameter only read it: any number of threads may call them at once. */
typedef struct nca_safetensors nca_safetensors;

/* `limit` is the largest accepted file size in bytes. All checks are made before it returns:
 * lengths, JSON, types, shapes against byte counts, offsets without gaps or overlaps, unique names.
 * Errors: NCA_NOT_FOUND, NCA_IO, NCA_FORMAT, NCA_LIMIT (a larger file, or a header that is too
 * large), NCA_UNSUPPORTED (more than NCA_SAFETENSORS_MAX_RANK dimensions), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_safetensors_open(nca_safetensors **out_file, const char *path, size_t limit,
                                        nca_error *error);
/* The same for bytes in memory (copied); `name` is used in messages. Errors as above, except
 * NCA_NOT_FOUND and NCA_IO. */
NCA_API nca_status nca_safetensors_parse(nca_safetensors **out_file, const void *bytes, size_t size,
                                         const char *name, nca_error *error);
NCA_API void nca_safetensors_close(nca_safetensors *file);

NCA_API size_t nca_safetensors_count(const nca_safetensors *file);
/* The tensors in the file's order, NULL beyond the last; and the tensor of that name, NULL if there
 * is none. */
NCA_API const nca_tensor_view *nca_safetensors_at(const nca_safetensors *file, size_t index);
NCA_API const nca_tensor_view *nca_safetensors_find(const nca_safetensors *file, const char *name);
/* The metadata value of a key, or NULL; and the pairs by index (false beyond the last). */
NCA_API const char *nca_safetensors_metadata(const nca_safetensors *file, const char *key);
NCA_API bool nca_safetensors_metadata_at(const nca_safetensors *file, size_t index,
                                         const char **out_key, const char **out_value);

/* ---- Writing: describe everything, then write the tensors' bytes in the order described, in
 * pieces of any size, then commit. The memory needed is small however large the file is. */
/* Used by one thread at a time; different objects are independent of each other. */
typedef struct nca_safetensors_writer nca_safetensors_writer;

/* Errors: NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_safetensors_writer_open(nca_safetensors_writer **out_writer,
                                               const char *path, nca_error *error);
/* Only before the first write. Errors: NCA_INVALID_ARGUMENT (too late, a key that exists already,
 * text that is not UTF-8), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_safetensors_writer_metadata(nca_safetensors_writer *writer, const char *key,
                                                   const char *value, nca_error *error);
/* Only before the first write; `data` is ignored. Errors: NCA_INVALID_ARGUMENT (too late, a name
 * that exists already, a description that no reader accepts), NCA_LIMIT (the number of bytes
 * overflows), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_safetensors_writer_tensor(nca_safetensors_writer *writer,
                                                 const nca_tensor_view *tensor, nca_error *error);
/* Errors: NCA_MISMATCH (more bytes than described), NCA_LIMIT (a header that is too large),
 * NCA_NOT_FOUND, NCA_IO, NCA_OUT_OF_MEMORY. After an error all later calls fail too. */
NCA_API nca_status nca_safetensors_writer_write(nca_safetensors_writer *writer, const void *bytes,
                                                size_t size, nca_error *error);
/* NCA_MISMATCH if fewer or more bytes were written than described. Other errors: those of
 * nca_safetensors_writer_write. */
NCA_API nca_status nca_safetensors_writer_commit(nca_safetensors_writer *writer, nca_error *error);
/* Releases the object and, unless it was committed, its temporary file. Accepts NULL. */
NCA_API void nca_safetensors_writer_destroy(nca_safetensors_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
