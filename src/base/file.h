/* Internal: reading whole files up to a limit, and atomic writing. The public part is in
 * nca/files.h. No other file of the library opens files by their names.
 *
 * A nca__writer collects a file under a temporary name in the destination's folder; commit
 * flushes it to the disk (fsync), renames it over the destination and flushes the folder, so
 * that a crash at any moment leaves either the old file or the new one, whole. A killed writer
 * leaves its temporary file, which the next writer of the same file removes: a running writer
 * holds a lock on its temporary file (flock). */
#ifndef NCA_BASE_FILE_H
#define NCA_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "nca/status.h"

/* Whether the path ends in `ending` (".png"), ignoring case. */
bool nca__path_ends_with(const char *path, const char *ending);

/* Opens a file for reading and returns its size; close() the descriptor. Refuses folders, devices
 * and pipes, without ever waiting for one. */
nca_status nca__file_open(int *out_descriptor, uint64_t *out_size, const char *path,
                          nca_error *error);

/* Reads all of `path` into a new buffer (free() it), with a 0 after the last byte. Refuses folders,
 * devices and files over `limit` bytes, and detects a file whose size changes while it is read. An
 * empty file gives size 0 and a buffer that may be freed. */
nca_status nca__file_read(uint8_t **out_bytes, size_t *out_size, const char *path, size_t limit,
                          nca_error *error);

typedef struct nca__writer {
    FILE *stream;    /* for callers that use stdio; NULL if closed */
    char *path;      /* the destination */
    char *temporary; /* path of the temporary file */
    bool synced;     /* commit waits for the disk */
} nca__writer;

/* Immediately refuses a destination that a commit could not replace: a folder, a device, a pipe. An
 * existing file keeps its permissions; a symbolic link stays and the file it points to is replaced.
 * On failure the writer is zeroed. */
nca_status nca__writer_open(nca__writer *writer, const char *path, nca_error *error);
nca_status nca__writer_write(nca__writer *writer, const void *bytes, size_t size, nca_error *error);
/* Moves the file to its destination, or removes it and returns the error. Closes the writer. */
nca_status nca__writer_commit(nca__writer *writer, nca_error *error);
/* Removes the temporary file; allowed for a closed or zeroed writer. */
void nca__writer_abort(nca__writer *writer);

/* "a folder", "a pipe", ... for the st_mode of something other than a regular file. */
const char *nca__kind_of_file(unsigned mode);
/* "; WHAT TO DO" about a failed write; "" if there is no advice beyond the reason. */
const char *nca__write_advice(int code);
/* "PATH: cannot be written: REASON; WHAT TO DO" for an errno. */
nca_status nca__fail_write(nca_error *error, const char *path, int code);
/* Makes a rename in the folder of `path` durable, if the system supports it. */
void nca__sync_folder(const char *path);

/* Open, write, commit in one call. */
nca_status nca__file_write(const char *path, const void *bytes, size_t size, nca_error *error);

#endif
