/* Internal: "PATH.part", the file in which a download collects its bytes. Only one process at a
 * time may use it. */
#ifndef NCA_DATA_PART_FILE_H
#define NCA_DATA_PART_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

typedef struct nca__part {
    char *path; /* path of the complete file */
    char *name; /* path of the part */
    int descriptor;
    uint64_t size; /* number of bytes in it */
} nca__part;

/* Opens and locks the part that an earlier download left, or a new one. Refuses a `path` that a
 * rename must not replace, and a part that another process is using. */
nca_status nca__part_open(nca__part *out_part, const char *path, nca_error *error);
/* Appends bytes. If the disk accepts only some of them, these are counted and stay. */
nca_status nca__part_append(nca__part *part, const void *bytes, size_t size, nca_error *error);
/* Removes the contents, to start the download again. */
nca_status nca__part_restart(nca__part *part, nca_error *error);
/* Flushes the file to the disk and renames it to its final path. */
nca_status nca__part_commit(nca__part *part, nca_error *error);
/* Deletes the file. */
void nca__part_remove(nca__part *part);
/* Closes the file and keeps its contents; an empty file is removed. Allowed after a failed open. */
void nca__part_close(nca__part *part);

#endif
