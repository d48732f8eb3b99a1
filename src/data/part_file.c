/* The file "PATH.part": locked, appended to, and renamed when it is complete.
 *
 * The lock is flock's, which ends with the process, however that ends. A part that no process holds
 * can therefore be continued. */
#include "data/part_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

/* Refuses destinations that a rename over `path` would destroy unintentionally. */
static nca_status check_destination(const char *path, nca_error *error)
{
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
        return nca__fail(error, NCA_IO,
                         "%s: cannot be written: expected a file or an unused name, found %s", path,
                         S_ISDIR(about.st_mode) ? "a folder" : "a device");
    }
    return NCA_OK;
}

/* Opens and locks the part. Returns NCA_OK with `*out_descriptor` -1 if another process renamed or
 * removed it between these two operations: then a new one can be created. */
static nca_status open_locked(int *out_descriptor, const char *name, nca_error *error)
{
    *out_descriptor = -1;
    int descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor < 0) {
        return nca__fail_write(error, name, errno);
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(descriptor);
        return nca__fail(error, NCA_IO,
                         "%s: another process is downloading this file; wait until it has finished",
                         name);
    } /* other errors: a file system without locks, for which there is no alternative */
    struct stat held, there;
    if (fstat(descriptor, &held) != 0 || stat(name, &there) != 0 || held.st_ino != there.st_ino ||
        held.st_dev != there.st_dev) {
        close(descriptor);
        return NCA_OK;
    }
    if (!S_ISREG(held.st_mode)) {
        close(descriptor);
        return nca__fail(error, NCA_IO, "%s: expected a file or an unused name; remove it", name);
    }
    *out_descriptor = descriptor;
    return NCA_OK;
}

nca_status nca__part_open(nca__part *out_part, const char *path, nca_error *error)
{
    static const char ending[] = ".part";
    *out_part = (nca__part){.descriptor = -1};
    nca_status status = check_destination(path, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t length = strlen(path);
    out_part->path = strdup(path);
    out_part->name = malloc(length + sizeof ending);
    if (out_part->path == NULL || out_part->name == NULL) {
        nca__part_close(out_part);
        return nca__fail_memory(error, path, length);
    }
    memcpy(out_part->name, path, length);
    memcpy(out_part->name + length, ending, sizeof ending);
    for (unsigned attempt = 0; status == NCA_OK && out_part->descriptor < 0; attempt++) {
        status = attempt < 100
                     ? open_locked(&out_part->descriptor, out_part->name, error)
                     : nca__fail(error, NCA_IO,
                                 "%s: other processes keep replacing this file; try again later",
                                 out_part->name);
    }
    struct stat about = {0};
    if (status == NCA_OK && fstat(out_part->descriptor, &about) != 0) {
        status = nca__fail_write(error, out_part->name, errno);
    }
    if (status != NCA_OK) {
        nca__part_close(out_part);
        return status;
    }
    out_part->size = (uint64_t)about.st_size;
    return NCA_OK;
}

nca_status nca__part_append(nca__part *part, const void *bytes, size_t size, nca_error *error)
{
    assert(part->descriptor >= 0);
    size_t done = 0;
    while (done < size) {
        ssize_t put = pwrite(part->descriptor, (const char *)bytes + done, size - done,
                             (off_t)(part->size + done));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            int code = put < 0 ? errno : ENOSPC;
            part->size += done; /* these bytes were written */
            return nca__fail_write(error, part->name, code);
        }
        done += (size_t)put;
    }
    part->size += size;
    return NCA_OK;
}

nca_status nca__part_restart(nca__part *part, nca_error *error)
{
    if (ftruncate(part->descriptor, 0) != 0) {
        return nca__fail_write(error, part->name, errno);
    }
    part->size = 0;
    return NCA_OK;
}

nca_status nca__part_commit(nca__part *part, nca_error *error)
{
    /* EINVAL: the file system does not support fsync. */
    if (fsync(part->descriptor) != 0 && errno != EINVAL) {
        return nca__fail_write(error, part->name, errno);
    }
    if (rename(part->name, part->path) != 0) {
        return nca__fail_write(error, part->path, errno);
    }
    nca__sync_folder(part->path);
    return NCA_OK;
}

void nca__part_remove(nca__part *part)
{
    unlink(part->name);
    part->size = 0;
}

void nca__part_close(nca__part *part)
{
    if (part->descriptor >= 0) {
        struct stat held, there;
        bool mine = fstat(part->descriptor, &held) == 0 && stat(part->name, &there) == 0 &&
                    held.st_ino == there.st_ino && held.st_dev == there.st_dev;
        if (mine && held.st_size == 0) {
            unlink(part->name);
        }
        close(part->descriptor);
    }
    free(part->path);
    free(part->name);
    *part = (nca__part){.descriptor = -1};
}
