/* NumPy's files: .npz archives of .npy arrays. Files are checked when read, and written whole or
 * not at all. */
#ifndef NCA_NPZ_H
#define NCA_NPZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_ARRAY_MAX_RANK = 8
};

typedef enum nca_array_type {
    NCA_ARRAY_BOOL, /* one byte, 0 or 1 */
    NCA_ARRAY_I8,
    NCA_ARRAY_U8,
    NCA_ARRAY_I16,
    NCA_ARRAY_U16,
    NCA_ARRAY_I32,
    NCA_ARRAY_U32,
    NCA_ARRAY_I64,
    NCA_ARRAY_U64,
    NCA_ARRAY_F32,
    NCA_ARRAY_F64,
    NCA_ARRAY_COUNT
} nca_array_type;

/* NumPy's name ("uint8") and the bytes of one value; NULL and 0 for any other value. */
NCA_API const char *nca_array_type_name(nca_array_type type);
NCA_API size_t nca_array_type_size(nca_array_type type); /* bytes of one value */

/* Description of an array; the values stay in the file. */
typedef struct nca_array {
    const char *name; /* without ".npy"; borrowed from the archive */
    nca_array_type type;
    bool big_endian, fortran_order; /* as stored; nca_npz_read converts both */
    size_t rank, shape[NCA_ARRAY_MAX_RANK];
    size_t items; /* product of the shape; 1 for rank 0 */
} nca_array;

/* ---- Reading ---------------------------------------------------------------------------------*/

/* Used by one thread at a time, since reading moves a position in the file; different objects are
 * independent of each other. */
typedef struct nca_npz nca_npz;

/* Opens an archive and reads the names of its members, which may be in any order, stored or
 * deflated. The file stays open until nca_npz_close.
 * Errors: NCA_FORMAT (not a zip archive), NCA_NOT_FOUND (the file does not exist), NCA_IO,
 * NCA_UNSUPPORTED (libzip is not installed), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_open(nca_npz **out_npz, const char *path, nca_error *error);
/* The same for bytes in memory, borrowed until close; `name` is used in messages.
 * Errors: NCA_FORMAT, NCA_UNSUPPORTED and NCA_OUT_OF_MEMORY as above. */
NCA_API nca_status nca_npz_parse(nca_npz **out_npz, const void *bytes, size_t size,
                                 const char *name, nca_error *error);
NCA_API void nca_npz_close(nca_npz *npz); /* accepts NULL */

NCA_API size_t nca_npz_count(const nca_npz *npz); /* number of members whose name ends in ".npy" */
/* The name of an array, without ".npy", control characters replaced; NULL beyond the last. */
NCA_API const char *nca_npz_name(const nca_npz *npz, size_t index);

/* Reads the header of an array, .npy versions 1 to 3. `out_array->name` is valid until the archive
 * is closed. Errors: NCA_NOT_FOUND (the message lists the arrays of the file), NCA_FORMAT (an
 * invalid header, two members of the same name, a shape that does not match the member's size),
 * NCA_UNSUPPORTED (Python objects, strings, structured types, complex numbers, more than
 * NCA_ARRAY_MAX_RANK axes), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_describe(nca_array *out_array, nca_npz *npz, const char *name,
                                    nca_error *error);

/* Reads entries first .. first + count - 1 along the first axis, in C order and native byte order,
 * whatever the file's. `out` takes count * (items of one entry) values of array->type; an array of
 * rank 0 is one entry. The memory needed is bounded, whatever the file claims. A deflated member is
 * decompressed only up to the last entry requested; a read at or after the end of the previous read
 * of the same array continues from there. Reading the last entry also verifies the array's
 * checksum, if all of it was read.
 * Errors: NCA_INVALID_ARGUMENT (beyond the last entry); NCA_FORMAT and NCA_INTERRUPTED, after which
 * the contents of `out` are undefined; NCA_NOT_FOUND (an array of another archive), NCA_UNSUPPORTED
 * (a compression that libzip does not support), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_read(void *out, nca_npz *npz, const nca_array *array, size_t first,
                                size_t count, nca_error *error);

/* Called about once per MiB that a read decompresses, with the bytes done and the bytes in total;
 * returning false stops the read with NCA_INTERRUPTED. */
typedef bool nca_read_progress(uint64_t done_bytes, uint64_t total_bytes, void *user);
NCA_API void nca_npz_watch(nca_npz *npz, nca_read_progress *progress, void *user); /* NULL: none */

/* ---- Writing ---------------------------------------------------------------------------------
 * Arrays are described first, each with the source of its values. The commit reads the values in
 * that order and writes the file, so only a small part of it is ever in memory. Members are stored,
 * not deflated, as numpy.savez does. The same content gives the same bytes. */
/* Used by one thread at a time; different objects are independent of each other. */
typedef struct nca_npz_writer nca_npz_writer;

/* Writes the next `size` bytes of an array to `out`: values in C order and native byte order; a
 * call may end in the middle of a value. A status other than NCA_OK ends the commit with that
 * status and the error that the function has filled. */
typedef nca_status nca_npz_fill(void *user, void *out, size_t size, nca_error *error);

/* Nothing is written before the commit. Release with nca_npz_writer_destroy.
 * Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_writer_create(nca_npz_writer **out_writer, const char *path,
                                         nca_error *error);
/* Adds an array in memory, which is borrowed until the commit. Errors: NCA_INVALID_ARGUMENT (a name
 * that is empty, contains a slash or a control character or is already used; more than
 * NCA_ARRAY_MAX_RANK axes), NCA_LIMIT (the size in bytes overflows), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_writer_add(nca_npz_writer *writer, const char *name, nca_array_type type,
                                      size_t rank, const size_t *shape, const void *values,
                                      nca_error *error);
/* The same with a function that supplies the values; it is called only during the commit. Errors as
 * above. */
NCA_API nca_status nca_npz_writer_add_stream(nca_npz_writer *writer, const char *name,
                                             nca_array_type type, size_t rank, const size_t *shape,
                                             nca_npz_fill *fill, void *user, nca_error *error);
/* Writes the file, whole or not at all; call it once per writer. Errors: NCA_NOT_FOUND and NCA_IO
 * (the file cannot be written), NCA_UNSUPPORTED (libzip is not installed), NCA_OUT_OF_MEMORY, and
 * the status that an nca_npz_fill returns. */
NCA_API nca_status nca_npz_writer_commit(nca_npz_writer *writer, nca_error *error);
NCA_API void nca_npz_writer_destroy(nca_npz_writer *writer); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
