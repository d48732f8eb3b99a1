/* Whole-file reading with a bound, and writing that is all or nothing. Knows no file format. */
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

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

static const char *kind_of_file(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* What to do about a failed write; "" where only the reason itself can help. */
static const char *advice(int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return "; create the folder first";
    case EACCES:
    case EPERM:
        return "; choose a folder that you may write to";
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
                     strerror(code), advice(code));
}

/* Reads exactly `size` bytes unless the file ends first; returns how many, or -1 with errno. */
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
                           kind_of_file(about.st_mode));
    }
    if (status != NCA_OK) {
        close(descriptor);
        return status;
    }
    *out_descriptor = descriptor;
    *out_size = (uint64_t)about.st_size;
    return NCA_OK;
}

nca_status nca__file_read(uint8_t **out_bytes, size_t *out_size, const char *path, size_t limit,
                          nca_error *error)
{
    int descriptor;
    uint64_t found;
    nca_status status = nca__file_open(&descriptor, &found, path, error);
    if (status != NCA_OK) {
        return status;
    }
    uint8_t *bytes = NULL;
    if (found > limit || found >= SIZE_MAX / 2) {
        status = nca__fail(error, NCA_LIMIT, "%s: has %llu bytes; at most %zu are read", path,
                           (unsigned long long)found, limit);
        goto done;
    }
    size_t size = (size_t)found;
    bytes = malloc(size + 1);
    if (bytes == NULL) {
        status = nca__fail_memory(error, path, size);
        goto done;
    }
    /* One byte more than expected is asked for, so that growth shows. */
    ssize_t got = read_fully(descriptor, bytes, size + 1);
    if (got < 0) {
        status = nca__fail(error, NCA_IO, "%s: cannot be read: %s", path, strerror(errno));
        goto done;
    }
    if ((size_t)got != size) {
        status = nca__fail(error, NCA_IO,
                           "%s: expected %zu bytes, found %s; it changed while it was read, try "
                           "again",
                           path, size, (size_t)got < size ? "fewer" : "more");
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

/* ---- Writing ---------------------------------------------------------------------------------*/

static void forget(nca__writer *writer)
{
    free(writer->path);
    free(writer->temporary);
    *writer = (nca__writer){0};
}

/* Where the bytes go in the end, or an error for what a rename must not replace: a folder, a
 * device (renaming over /dev/null would destroy it), a pipe. `out_mode` is what the file's
 * permissions are or shall be. */
static nca_status find_destination(char **out_path, mode_t *out_mode, const char *path,
                                   nca_error *error)
{
    struct stat about;
    bool exists = stat(path, &about) == 0;
    if (!exists && (errno != ENOENT || path[0] == '\0')) {
        return nca__fail_write(error, path, errno);
    }
    if (exists && !S_ISREG(about.st_mode)) {
        return nca__fail(error, NCA_IO,
                         "%s: cannot be written: expected a file or a free name, found %s", path,
                         kind_of_file(about.st_mode));
    }
    /* A rename over a symbolic link would replace the link; write to what it points to. */
    char *resolved = exists ? realpath(path, NULL) : strdup(path);
    if (resolved == NULL) {
        return nca__fail_write(error, path, errno);
    }
    *out_path = resolved;
    *out_mode = exists ? about.st_mode & 0777 : 0;
    return NCA_OK;
}

enum {
    WRITE_BUFFER = 64 * 1024 /* a tenth of the calls that the usual 4 KiB would make */
};

/* Creates "<path>.<16 hexadecimal digits>.tmp". The name need not be unpredictable, because O_EXCL
 * refuses whatever stands there, and open applies the user's umask where mkstemp would not. */
static int create_temporary(char *name, size_t size, const char *path)
{
    static atomic_uint serial;
    for (int attempt = 0; attempt < 100; attempt++) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        uint64_t mix = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        mix = (mix ^ (uint64_t)getpid() << 40) + atomic_fetch_add(&serial, 1);
        snprintf(name, size, "%s.%016" PRIx64 ".tmp", path, mix * 0x9E3779B97F4A7C15u);
        int descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != EEXIST) {
            return descriptor;
        }
    }
    return -1;
}

nca_status nca__writer_open(nca__writer *writer, const char *path, nca_error *error)
{
    enum {
        SUFFIX = sizeof ".0123456789abcdef.tmp"
    };
    *writer = (nca__writer){0};
    mode_t mode = 0;
    nca_status status = find_destination(&writer->path, &mode, path, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t size = strlen(writer->path) + SUFFIX;
    writer->temporary = malloc(size);
    if (writer->temporary == NULL) {
        forget(writer);
        return nca__fail_memory(error, path, size);
    }
    int descriptor = create_temporary(writer->temporary, size, writer->path);
    if (descriptor < 0) {
        int code = errno;
        forget(writer);
        return nca__fail_write(error, path, code);
    }
    /* A file system without permissions refuses; the file is as good without. */
    if (mode != 0 && fchmod(descriptor, mode) != 0) {
        errno = 0;
    }
    writer->stream = fdopen(descriptor, "w+b");
    if (writer->stream == NULL) {
        close(descriptor);
        unlink(writer->temporary);
        forget(writer);
        return nca__fail_memory(error, path, BUFSIZ);
    }
    setvbuf(writer->stream, NULL, _IOFBF, WRITE_BUFFER); /* where it fails, the usual one stays */
    return NCA_OK;
}

nca_status nca__writer_write(nca__writer *writer, const void *bytes, size_t size, nca_error *error)
{
    assert(writer->stream != NULL);
    errno = 0;
    if (size > 0 && fwrite(bytes, 1, size, writer->stream) != size) {
        return nca__fail_write(error, writer->path, errno != 0 ? errno : EIO);
    }
    return NCA_OK;
}

/* Brings the bytes to the disk; returns 0 or an errno. */
static int flush_to_disk(FILE *stream)
{
    errno = 0;
    /* ferror: an earlier write failed, though its caller may not have looked. */
    if (fflush(stream) != 0 || ferror(stream)) {
        return errno != 0 ? errno : EIO;
    }
    int result;
    do {
        result = fsync(fileno(stream));
    } while (result != 0 && errno == EINTR);
    /* EINVAL: a file system that knows no syncing, such as some network and user-space ones. */
    return result == 0 || errno == EINVAL ? 0 : errno;
}

/* Makes a rename durable. A folder that cannot be opened or synced is no reason to fail. */
void nca__sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    if (folder == NULL) {
        return;
    }
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
    free(folder);
}

nca_status nca__writer_commit(nca__writer *writer, nca_error *error)
{
    assert(writer->stream != NULL);
    int code = flush_to_disk(writer->stream);
    if (fclose(writer->stream) != 0 && code == 0) {
        code = errno;
    }
    writer->stream = NULL;
    if (code == 0 && rename(writer->temporary, writer->path) != 0) {
        code = errno;
    }
    nca_status status = NCA_OK;
    if (code == 0) {
        nca__sync_folder(writer->path);
    } else {
        unlink(writer->temporary);
        status = nca__fail_write(error, writer->path, code);
    }
    forget(writer);
    return status;
}

void nca__writer_abort(nca__writer *writer)
{
    if (writer->stream != NULL) {
        fclose(writer->stream);
        unlink(writer->temporary);
    }
    forget(writer);
}

nca_status nca__file_write(const char *path, const void *bytes, size_t size, nca_error *error)
{
    nca__writer writer;
    nca_status status = nca__writer_open(&writer, path, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca__writer_write(&writer, bytes, size, error);
    if (status != NCA_OK) {
        nca__writer_abort(&writer);
        return status;
    }
    return nca__writer_commit(&writer, error);
}
