/* Whole-file reading with a bound, and writing that is all or nothing. Knows no file format. */
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
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

nca_status nca__file_read(uint8_t **out_bytes, size_t *out_size, const char *path, size_t limit,
                          nca_error *error)
{
    /* O_NONBLOCK: opening a pipe that nobody writes to must not hang; it is refused below. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return nca__fail(error, status_of_errno(errno), "%s: cannot be opened: %s", path,
                         strerror(errno));
    }
    nca_status status = NCA_OK;
    uint8_t *bytes = NULL;
    struct stat about;
    if (fstat(descriptor, &about) != 0) {
        status = nca__fail(error, NCA_IO, "%s: %s", path, strerror(errno));
        goto done;
    }
    if (!S_ISREG(about.st_mode)) {
        status = nca__fail(error, NCA_IO, "%s: expected a file, found %s", path,
                           S_ISDIR(about.st_mode) ? "a folder" : "something else");
        goto done;
    }
    if ((uint64_t)about.st_size > limit) {
        status = nca__fail(error, NCA_LIMIT, "%s: has %llu bytes; at most %zu are read", path,
                           (unsigned long long)about.st_size, limit);
        goto done;
    }
    size_t size = (size_t)about.st_size;
    bytes = malloc(size + 1);
    if (bytes == NULL) {
        status = nca__fail_memory(error, path, size);
        goto done;
    }
    ssize_t got = read_fully(descriptor, bytes, size);
    if (got < 0) {
        status = nca__fail(error, NCA_IO, "%s: cannot be read: %s", path, strerror(errno));
        goto done;
    }
    if ((size_t)got != size) {
        status = nca__fail(error, NCA_IO,
                           "%s: had %zu bytes and now has %zd; it changed while it "
                           "was read, try again",
                           path, size, got);
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

nca_status nca__writer_open(nca__writer *writer, const char *path, nca_error *error)
{
    static const char suffix[] = ".XXXXXX.tmp";
    enum {
        SUFFIX_TAIL = 4
    }; /* ".tmp" */
    *writer = (nca__writer){0};
    /* A rename over a symbolic link would replace the link; write to what it points to. */
    char *resolved = realpath(path, NULL);
    writer->path = resolved != NULL ? resolved : strdup(path);
    size_t length = writer->path != NULL ? strlen(writer->path) : 0;
    writer->temporary = malloc(length + sizeof suffix);
    if (writer->path == NULL || writer->temporary == NULL) {
        forget(writer);
        return nca__fail_memory(error, path, length);
    }
    memcpy(writer->temporary, writer->path, length);
    memcpy(writer->temporary + length, suffix, sizeof suffix);
    int descriptor = mkostemps(writer->temporary, SUFFIX_TAIL, O_CLOEXEC);
    if (descriptor < 0) {
        int code = errno;
        forget(writer);
        return nca__fail(error, status_of_errno(code), "%s: cannot be written: %s", path,
                         strerror(code));
    }
    /* mkostemps gives 0600; a result gets what the user's umask allows. */
    mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, 0666 & ~mask);
    writer->stream = fdopen(descriptor, "w+b");
    if (writer->stream == NULL) {
        close(descriptor);
        unlink(writer->temporary);
        forget(writer);
        return nca__fail_memory(error, path, BUFSIZ);
    }
    return NCA_OK;
}

nca_status nca__writer_write(nca__writer *writer, const void *bytes, size_t size, nca_error *error)
{
    assert(writer->stream != NULL);
    if (size > 0 && fwrite(bytes, 1, size, writer->stream) != size) {
        return nca__fail(error, NCA_IO, "%s: cannot be written: %s", writer->path, strerror(errno));
    }
    return NCA_OK;
}

/* Makes a rename durable. A folder that cannot be opened or synced is no reason to fail. */
static void sync_folder(const char *path)
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
    int code = 0;
    if (fflush(writer->stream) != 0 || ferror(writer->stream) ||
        fsync(fileno(writer->stream)) != 0) {
        code = errno != 0 ? errno : EIO;
    }
    if (fclose(writer->stream) != 0 && code == 0) {
        code = errno;
    }
    writer->stream = NULL;
    if (code == 0 && rename(writer->temporary, writer->path) != 0) {
        code = errno;
    }
    nca_status status = NCA_OK;
    if (code == 0) {
        sync_folder(writer->path);
    } else {
        unlink(writer->temporary);
        status =
            nca__fail(error, NCA_IO, "%s: cannot be written: %s", writer->path, strerror(code));
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
