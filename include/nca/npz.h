/* NumPy's files: .npz archives of .npy arrays, read with suspicion, written whole or not at all. */
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

/* NumPy's name, "uint8"; NULL and 0 for any other value. */
NCA_API const char *nca_array_type_name(nca_array_type type);
NCA_API size_t nca_array_type_size(nca_array_type type); /* bytes of one value */

/* What an array is; its values stay in the file. */
typedef struct nca_array {
    const char *name; /* without ".npy"; borrowed from the archive */
    nca_array_type type;
    bool big_endian, fortran_order; /* how the file has them; reading undoes both */
    size_t rank, shape[NCA_ARRAY_MAX_RANK];
    size_t items; /* product of the shape; 1 for rank 0 */
} nca_array;

/* ---- Reading ---------------------------------------------------------------------------------*/

/* Used by one thread at a time, since reading moves a position in the file; different objects are
 * independent of each other. */
typedef struct nca_npz nca_npz;

/* Opens an archive and looks at the names in it; members may lie in any order, stored or deflated.
 * The file stays open until nca_npz_close. NCA_FORMAT when it is no zip archive, NCA_NOT_FOUND when
 * there is no file.
 * Other errors: NCA_IO, NCA_UNSUPPORTED (libzip is not installed), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_open(nca_npz **out_npz, const char *path, nca_error *error);
/* The same on bytes in memory, borrowed until close; `name` stands in messages.
 * Errors: NCA_FORMAT, NCA_UNSUPPORTED and NCA_OUT_OF_MEMORY as above. */
NCA_API nca_status nca_npz_parse(nca_npz **out_npz, const void *bytes, size_t size,
                                 const char *name, nca_error *error);
NCA_API void nca_npz_close(nca_npz *npz); /* accepts NULL */

NCA_API size_t nca_npz_count(const nca_npz *npz); /* members that end in ".npy" */
/* The name of an array, without ".npy", control characters replaced; NULL beyond the last. */
NCA_API const char *nca_npz_name(const nca_npz *npz, size_t index);

/* Reads an array's header: .npy versions 1 to 3. NCA_NOT_FOUND names what the file has instead;
 * NCA_FORMAT when the header is none, two members have the name, or the shape does not fit the
 * member's bytes; NCA_UNSUPPORTED for Python objects, texts, structured types, complex numbers and
 * more than NCA_ARRAY_MAX_RANK axes. `out_array->name` lives as long as the archive.
 * Other errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_describe(nca_array *out_array, nca_npz *npz, const char *name,
                                    nca_error *error);

/* Entries first .. first + count - 1 along the first axis, in C order and native byte order,
 * whatever the file's. `out` takes count * (items of one entry) values of array->type; an array of
 * rank 0 is one entry. Memory stays bounded whatever the file claims. A deflated member is unpacked
 * up to the last entry asked for and no further, and a read that begins where an earlier one of the
 * same array ended, or after it, goes on from there. Reading an array's last entry also checks its
 * checksum if all of it was read. NCA_INVALID_ARGUMENT beyond the last entry; after NCA_FORMAT and
 * NCA_INTERRUPTED what `out` holds is undefined.
 * Other errors: NCA_NOT_FOUND (an array of another archive), NCA_UNSUPPORTED (a compression that
 * libzip does not have), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_read(void *out, nca_npz *npz, const nca_array *array, size_t first,
                                size_t count, nca_error *error);

/* Called about every MiB that is unpacked while a read runs, with the bytes that it has unpacked
 * and will unpack in all; returning false stops the read with NCA_INTERRUPTED. */
typedef bool nca_read_progress(uint64_t done_bytes, uint64_t total_bytes, void *user);
NCA_API void nca_npz_watch(nca_npz *npz, nca_read_progress *progress,
                           void *user); /* NULL: nobody */

/* ---- Writing ---------------------------------------------------------------------------------
 * Arrays are described first, with where their values come from; the commit asks for the values in
 * that order and writes the file, so that no more than a piece of it is ever in memory. Members are
 * stored, not deflated, as numpy.savez does. The same content gives the same bytes. */
/* Used by one thread at a time; different objects are independent of each other. */
typedef struct nca_npz_writer nca_npz_writer;

/* Hands over the next `size` bytes of an array: values in C order and native byte order, of which a
 * piece may end anywhere. What it returns other than NCA_OK ends the commit with that status and
 * the error that it filled. */
typedef nca_status nca_npz_fill(void *user, void *out, size_t size, nca_error *error);

/* Nothing is written before the commit. Release with nca_npz_writer_destroy.
 * Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_writer_create(nca_npz_writer **out_writer, const char *path,
                                         nca_error *error);
/* An array from memory that is borrowed until the commit. NCA_INVALID_ARGUMENT for a name that is
 * empty, holds a slash or a control character or is taken, and for more than NCA_ARRAY_MAX_RANK
 * axes; NCA_LIMIT when the array's bytes cannot be counted.
 * Other errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_npz_writer_add(nca_npz_writer *writer, const char *name, nca_array_type type,
                                      size_t rank, const size_t *shape, const void *values,
                                      nca_error *error);
/* The same from a function, which is called during the commit only. Errors as above. */
NCA_API nca_status nca_npz_writer_add_stream(nca_npz_writer *writer, const char *name,
                                             nca_array_type type, size_t rank, const size_t *shape,
                                             nca_npz_fill *fill, void *user, nca_error *error);
/* Makes the file appear, whole, or leaves what was there and says why. Once per writer.
 * Errors: NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_UNSUPPORTED (libzip is not
 * installed), NCA_OUT_OF_MEMORY, and what an nca_npz_fill returns. */
NCA_API nca_status nca_npz_writer_commit(nca_npz_writer *writer, nca_error *error);
NCA_API void nca_npz_writer_destroy(nca_npz_writer *writer); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
