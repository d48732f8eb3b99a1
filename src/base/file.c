/* Opening files, for reading and to append to, whole-file reading with a bound, and the errors
 * of files. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "nca/files.h"

bool nca__path_ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path);
    size_t tail = strlen(ending);
    return length > tail && strcasecmp(path + length - tail, ending) == 0;
}

static nca_status status_of_errno(int code)
{
    return code == ENOENT || code == ENOTDIR ? NCA_NOT_FOUND : NCA_IO;
}

const char *nca__kind_of_file(unsigned mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

const char *nca__write_advice(int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return "; create the folder first";
    case EACCES:
    case EPERM:
        return "; choose a folder with write permission";
    case EROFS:
        return "; choose a folder on another disk";
    case ENOSPC:
    case EDQUOT:
        return "; free some space or choose another disk";
    case EFBIG:
        return "; raise the limit on file sizes (ulimit -f)";
    default:
        return "";
    }
}

nca_status nca__fail_write(nca_error *error, const char *path, int code)
{
    return nca__fail(error, status_of_errno(code), "%s: cannot be written: %s%s", path,
                     strerror(code), nca__write_advice(code));
}

nca_status nca_file_fail_write(nca_error *error, const char *path, int code)
{
    return nca__fail_write(error, path, code);
}

/* Reads exactly `size` bytes unless the file ends first; returns the number of bytes, or -1 with
 * errno. */
static ssize_t read_fully(int descriptor, uint8_t *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(descriptor, bytes + done, size - done);
        if (got == 0) {
            break;
        }
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -1;
        }
        done += (size_t)got;
    }
    return (ssize_t)done;
}

nca_status nca__file_open(int *out_descriptor, uint64_t *out_size, const char *path,
                          nca_error *error)
{
    /* O_NONBLOCK: opening a pipe that nobody writes to must not hang; it is refused below. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return nca__fail(error, status_of_errno(errno), "%s: cannot be opened: %s", path,
                         strerror(errno));
    }
    struct stat about;
    nca_status status = NCA_OK;
    if (fstat(descriptor, &about) != 0) {
        status = nca__fail(error, NCA_IO, "%s: %s", path, strerror(errno));
    } else if (!S_ISREG(about.st_mode)) {
        status = nca__fail(error, NCA_IO, "%s: expected a file, found %s", path,
                           nca__kind_of_file(about.st_mode));
    }
    if (status != NCA_OK) {
        close(descriptor);
        return status;
    }
    *out_descriptor = descriptor;
    *out_size = (uint64_t)about.st_size;
    return NCA_OK;
}

nca_status nca_file_open(FILE **out_stream, const char *path, nca_error *error)
{
    int descriptor = -1;
    uint64_t size = 0;
    nca_status status = nca__file_open(&descriptor, &size, path, error);
    if (status != NCA_OK) {
        return status;
    }
    FILE *stream = fdopen(descriptor, "r");
    if (stream == NULL) {
        close(descriptor);
        return nca__fail_memory(error, path, BUFSIZ);
    }
    *out_stream = stream;
    return NCA_OK;
}

nca_status nca__file_read(uint8_t **out_bytes, size_t *out_size, const char *path, size_t limit,
                          nca_error *error)
{
    int descriptor = -1;
    uint64_t found = 0;
    nca_status status = nca__file_open(&descriptor, &found, path, error);
    if (status != NCA_OK) {
        return status;
    }
    uint8_t *bytes = NULL;
    if (found > limit || found >= SIZE_MAX / 2) {
        status =
            nca__fail(error, NCA_LIMIT, "%s: the file has %llu bytes; at most %zu are supported",
                      path, (unsigned long long)found, limit);
        goto done;
    }
    size_t size = (size_t)found;
    bytes = malloc(size + 1);
    if (bytes == NULL) {
        status = nca__fail_memory(error, path, size);
        goto done;
    }
    /* Reads one byte more than expected, to detect a file that grows. */
    ssize_t got = read_fully(descriptor, bytes, size + 1);
    if (got < 0) {
        status = nca__fail(error, NCA_IO, "%s: cannot be read: %s", path, strerror(errno));
        goto done;
    }
    if ((size_t)got != size) {
        status = nca__fail(
            error, NCA_IO,
            "%s: expected %zu bytes, found %s; the file changed while it was read, try again", path,
            size, (size_t)got < size ? "fewer" : "more");
        goto done;
    }
    bytes[size] = 0;
    *out_bytes = bytes;
    *out_size = size;
    bytes = NULL;
done:
    free(bytes);
    close(descriptor);
    return status;
}

nca_status nca_file_append(FILE **out_stream, const char *path, nca_error *error)
{
    struct stat about;
    const bool exists = lstat(path, &about) == 0;
    if (exists && !S_ISREG(about.st_mode)) {
        return nca__fail(
            error, NCA_IO, "%s: cannot be written: expected a file or an unused name, found %s",
            path, S_ISLNK(about.st_mode) ? "a symbolic link" : nca__kind_of_file(about.st_mode));
    }
    const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int descriptor = open(path, flags, 0666);
    if (descriptor < 0) {
        return nca__fail_write(error, path, errno);
    }
    FILE *stream = fdopen(descriptor, "a");
    if (stream == NULL) {
        close(descriptor);
        return nca__fail_memory(error, path, BUFSIZ);
    }
    *out_stream = stream;
    return NCA_OK;
}
