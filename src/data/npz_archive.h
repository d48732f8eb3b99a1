/* Internal to the reader of .npz archives: the list of arrays, and the open streams. */
#ifndef NCA_DATA_NPZ_ARCHIVE_H
#define NCA_DATA_NPZ_ARCHIVE_H

#include "base/zip.h"
#include "nca/npz.h"

typedef struct nca__npz_entry {
    char *name;    /* cleaned, without ".npy"; owned */
    size_t member; /* index in the zip archive */
} nca__npz_entry;

/* An array whose header was read, and the position in its values. */
typedef struct nca__npz_stream {
    nca__zip_member *member; /* NULL: none */
    nca_array array;
    uint64_t position; /* number of bytes of values already read */
} nca__npz_stream;

struct nca_npz {
    nca__zip *zip;
    uint64_t file_bytes;
    nca__npz_entry *entries;
    size_t count;
    /* Two streams, because images and their labels are read alternately, and a stream that is
     * opened again must decompress the array from its beginning. */
    nca__npz_stream now, before;
    /* Progress of the current read. */
    nca_read_progress *progress;
    void *user;
    uint64_t done, total;
};

/* Opens a stream at the first value of an array as `now`. The previous one stays open as `before`
 * if it belongs to another array. */
nca_status nca__npz_begin(nca_npz *npz, const char *name, nca_error *error);
void nca__npz_end(nca__npz_stream *stream);

#endif
