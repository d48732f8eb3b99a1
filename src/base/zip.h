/* Internal: zip archives (libzip), read as untrusted input and written atomically. Archives of
 * NumPy (.npz) and of PyTorch (.pt) are zips. */
#ifndef NCA_BASE_ZIP_H
#define NCA_BASE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

/* ---- Reading --------------------------------------------------------------------------------*/

typedef struct nca__zip nca__zip;

/* The file stays open; only the directory is read. NCA_FORMAT if it is not a zip archive,
 * NCA_NOT_FOUND if the file does not exist. */
nca_status nca__zip_open(nca__zip **out_zip, const char *path, nca_error *error);
/* The same for bytes in memory, borrowed until close; `name` is used in messages. */
nca_status nca__zip_parse(nca__zip **out_zip, const void *bytes, size_t size, const char *name,
                          nca_error *error);
void nca__zip_close(nca__zip *zip); /* accepts NULL */

/* The path, or the name given to parse; cleaned for messages. */
const char *nca__zip_path(const nca__zip *zip);
size_t nca__zip_count(const nca__zip *zip);
const char *nca__zip_name(const nca__zip *zip, size_t index);
/* Finds the member with exactly this name; the first one if there are several. */
bool nca__zip_find(size_t *out_index, const nca__zip *zip, const char *name);
/* The size according to the directory. It is untrusted: do not allocate this much memory. */
uint64_t nca__zip_claimed_size(const nca__zip *zip, size_t index);

/* A member, decompressed as a stream. Several members of one archive may be open at the same
 * time. */
typedef struct nca__zip_member nca__zip_member;
nca_status nca__zip_member_open(nca__zip_member **out_member, nca__zip *zip, size_t index,
                                nca_error *error);
/* Reads exactly `size` bytes; NCA_FORMAT if the member ends early or is damaged. */
nca_status nca__zip_member_read(void *out, nca__zip_member *member, size_t size, nca_error *error);
/* Skips bytes: by seeking in a stored member, by decompressing in a deflated one. */
nca_status nca__zip_member_skip(nca__zip_member *member, uint64_t size, nca_error *error);
/* NCA_FORMAT unless the member ends here and its checksum is correct (only verified if all of it
 * was read). */
nca_status nca__zip_member_end(nca__zip_member *member, nca_error *error);
void nca__zip_member_close(nca__zip_member *member); /* accepts NULL */

/* Reads a whole member of at most `limit` bytes into a new buffer (free() it). Memory grows with
 * the actual data, so a zip bomb cannot use more than `limit`. */
nca_status nca__zip_read_all(uint8_t **out_bytes, size_t *out_size, nca__zip *zip, size_t index,
                             size_t limit, nca_error *error);

/* ---- Writing --------------------------------------------------------------------------------*/

/* Members are described first; commit requests the bytes of each in order and writes the file. The
 * same content gives the same bytes: all time stamps are 1980-01-01. */
typedef struct nca__zip_writer nca__zip_writer;

/* Writes the next `size` bytes of a member to `out`. */
typedef nca_status nca__zip_fill(void *user, void *out, size_t size, nca_error *error);

nca_status nca__zip_writer_create(nca__zip_writer **out_writer, const char *path, nca_error *error);
/* `size` is the member's exact size; deflated or stored. */
nca_status nca__zip_writer_add(nca__zip_writer *writer, const char *name, uint64_t size,
                               bool deflate, nca__zip_fill *fill, void *user, nca_error *error);
/* The same for bytes in memory, borrowed until the commit. */
nca_status nca__zip_writer_add_bytes(nca__zip_writer *writer, const char *name, const void *bytes,
                                     size_t size, bool deflate, nca_error *error);
/* Writes the complete file, or returns the error and writes nothing. */
nca_status nca__zip_writer_commit(nca__zip_writer *writer, nca_error *error);
void nca__zip_writer_destroy(nca__zip_writer *writer); /* accepts NULL */

#endif
