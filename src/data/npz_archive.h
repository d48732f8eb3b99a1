/* Internal to the reader of .npz archives: the archive's directory of arrays, and the streams that
 * are open. */
#ifndef NCA_DATA_NPZ_ARCHIVE_H
#define NCA_DATA_NPZ_ARCHIVE_H

#include "base/zip.h"
#include "nca/npz.h"

typedef struct nca__npz_entry {
    char *name;    /* cleaned, without ".npy"; owned */
    size_t member; /* in the zip archive */
} nca__npz_entry;

/* An array whose header is read, and how far its values are. */
typedef struct nca__npz_stream {
    nca__zip_member *member; /* NULL: none */
    nca_array array;
    uint64_t position; /* bytes of values behind us */
} nca__npz_stream;

struct nca_npz {
    nca__zip *zip;
    uint64_t file_bytes;
    nca__npz_entry *entries;
    size_t count;
    /* Two, because images and their labels are read in turns, and a stream that is opened again has
     * to unpack from the array's beginning. */
    nca__npz_stream now, before;
    /* Progress of the read that runs. */
    nca_read_progress *progress;
    void *user;
    uint64_t done, total;
};

/* Makes `now` the stream of an array at its first value. The one that was there stays open as
 * `before`, if it is another array's. */
nca_status nca__npz_begin(nca_npz *npz, const char *name, nca_error *error);
void nca__npz_end(nca__npz_stream *stream);

#endif
