/* Internal: "PATH.part", where a download collects its bytes. Only one process at a time may use
 * it. */
#ifndef NCA_DATA_PART_FILE_H
#define NCA_DATA_PART_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

typedef struct nca__part {
    char *path; /* of the finished file */
    char *name; /* of the part */
    int descriptor;
    uint64_t size; /* bytes in it */
} nca__part;

/* Opens what an earlier download left, or an empty one, and locks it. Refuses a `path` that a
 * rename must not replace, and a part that another process is using. */
nca_status nca__part_open(nca__part *out_part, const char *path, nca_error *error);
/* Appends. When the disk takes only some of the bytes, those count and stay. */
nca_status nca__part_append(nca__part *part, const void *bytes, size_t size, nca_error *error);
/* Removes the contents: the download starts again. */
nca_status nca__part_restart(nca__part *part, nca_error *error);
/* Flushes it to the disk and gives it the finished file's name. */
nca_status nca__part_commit(nca__part *part, nca_error *error);
/* Removes it from the disk. */
void nca__part_remove(nca__part *part);
/* Closes it and keeps what is in it; an empty one is removed. Harmless after a failed open. */
void nca__part_close(nca__part *part);

#endif
