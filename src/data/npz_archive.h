/* Internal to the reader of .npz archives: the archive's directory of arrays, and the one stream
 * that is open at a time. */
#ifndef NCA_DATA_NPZ_ARCHIVE_H
#define NCA_DATA_NPZ_ARCHIVE_H

#include "base/zip.h"
#include "nca/npz.h"

typedef struct nca__npz_entry {
    char *name;    /* cleaned, without ".npy"; owned */
    size_t member; /* in the zip archive */
} nca__npz_entry;

struct nca_npz {
    nca__zip *zip;
    uint64_t file_bytes;
    nca__npz_entry *entries;
    size_t count;
    /* The stream: an array whose header is read, and how far its values are. */
    nca__zip_member *stream; /* NULL: none */
    nca_array array;
    uint64_t position; /* bytes of values behind us */
    /* Progress of the read that runs. */
    nca_read_progress *progress;
    void *user;
    uint64_t done, total;
};

/* Opens the stream of an array at its first value; replaces the one that was open. */
nca_status nca__npz_begin(nca_npz *npz, const char *name, nca_error *error);
void nca__npz_end(nca_npz *npz);

#endif
