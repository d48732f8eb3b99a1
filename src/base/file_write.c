/* Atomic writing, and removing the temporary files of killed programs. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "nca/files.h"

/* ---- Files of killed programs ---------------------------------------------------------------- */

enum {
    DIGITS = 16,                                  /* of a temporary name, hexadecimal */
    ENDING = 1 + DIGITS + (int)sizeof ".tmp" - 1, /* ".0123456789abcdef.tmp" */
    MOST_ENTRIES = 4096 /* number of entries of a folder that each writer examines */
};

/* Whether a name has the form that create_temporary uses; *out_length is the length of the
 * destination's name. */
static bool is_temporary(size_t *out_length, const char *name)
{
    const size_t length = strlen(name);
    if (length <= ENDING) {
        return false;
    }
    const char *ending = name + length - ENDING;
    *out_length = length - ENDING;
    return ending[0] == '.' && strspn(ending + 1, "0123456789abcdef") == DIGITS &&
           strcmp(ending + 1 + DIGITS, ".tmp") == 0;
}

/* Removes a temporary file unless its writer is still running and holds its lock. A file that
 * cannot be opened, locked or removed is left alone. */
static void remove_if_left(int folder, const char *name)
{
    int descriptor = openat(folder, name, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    struct stat about;
    if (descriptor >= 0 && fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
        flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        unlinkat(folder, name, 0);
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
}

static void remove_leftovers(const char *folder, bool (*is_ours)(const char *name, void *user),
                             void *user, size_t most)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    for (size_t i = 0; entries != NULL && i < most && (entry = readdir(entries)) != NULL; i++) {
        char name[sizeof entry->d_name];
        size_t length;
        if (is_temporary(&length, entry->d_name) && length < sizeof name) {
            memcpy(name, entry->d_name, length);
            name[length] = '\0';
            if (is_ours(name, user)) {
                remove_if_left(dirfd(entries), entry->d_name);
            }
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
}

void nca_file_remove_leftovers(const char *folder, bool (*is_ours)(const char *name, void *user),
                               void *user)
{
    remove_leftovers(folder, is_ours, user, SIZE_MAX);
}

/* The folder of a path, "./" for a bare name; NULL if out of memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? strdup("./") : strndup(path, (size_t)(slash - path) + 1);
}

static bool is_same_name(const char *name, void *user)
{
    return strcmp(name, user) == 0;
}

/* Removes the temporary files of earlier writers of `path`. */
static void remove_leftovers_of(const char *path)
{
    char *folder = folder_of(path);
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash == NULL ? path : slash + 1);
    if (folder != NULL && name != NULL) {
        remove_leftovers(folder, is_same_name, name, MOST_ENTRIES);
    }
    free(folder);
    free(name);
}

/* ---- Writing ---------------------------------------------------------------------------------*/

static void forget(nca__writer *writer)
{
    free(writer->path);
    free(writer->temporary);
    *writer = (nca__writer){0};
}

/* Finds the file to replace, or fails if a rename must not replace it: a folder, a device (renaming
 * over /dev/null would destroy it), a pipe. *out_mode is the permissions for the file. */
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
                         "%s: cannot be written: expected a file or an unused name, found %s", path,
                         nca__kind_of_file(about.st_mode));
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
    WRITE_BUFFER = 64 * 1024 /* a tenth of the system calls of the usual 4 KiB */
};

/* An unpredictable name, so that nobody can create that file first. */
static uint64_t unpredictable(void)
{
    static atomic_uint serial;
    uint64_t number = 0;
    struct timespec now;
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) == (ssize_t)sizeof number) {
        return number;
    }
    /* Without randomness from the kernel, O_EXCL still refuses an existing file. */
    clock_gettime(CLOCK_REALTIME, &now);
    number = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    number = (number ^ (uint64_t)getpid() << 40) + atomic_fetch_add(&serial, 1);
    return number * 0x9E3779B97F4A7C15u;
}

/* The lock marks a running writer. False if remove_if_left removed the file between its creation
 * and its lock. */
static bool hold(int descriptor)
{
    struct stat about;
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        return errno != EWOULDBLOCK; /* a file system without locks, where nothing is removed */
    }
    return fstat(descriptor, &about) != 0 || about.st_nlink > 0;
}

/* Creates "<path>.<16 hexadecimal digits>.tmp" and locks it. open applies the user's umask, where
 * mkstemp would not. */
static int create_temporary(char *name, size_t size, const char *path)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        snprintf(name, size, "%s.%016" PRIx64 ".tmp", path, unpredictable());
        int descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno != EEXIST) {
            return -1;
        }
        if (descriptor >= 0 && hold(descriptor)) {
            return descriptor;
        }
        if (descriptor >= 0) {
            close(descriptor);
        }
        errno = EEXIST;
    }
    return -1;
}

/* For writing many files to one folder: commit does not wait for the disk, because the caller syncs
 * the file system after the last file, and leftovers are not removed. */
static nca_status open_unsynced(nca__writer *writer, const char *path, nca_error *error)
{
    *writer = (nca__writer){0};
    mode_t mode = 0;
    nca_status status = find_destination(&writer->path, &mode, path, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t size = strlen(writer->path) + ENDING + 1;
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
    /* Fails on file systems without permissions, which does not matter. */
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
    setvbuf(writer->stream, NULL, _IOFBF, WRITE_BUFFER); /* if it fails, the default buffer is
                                                          * used */
    return NCA_OK;
}

nca_status nca__writer_open(nca__writer *writer, const char *path, nca_error *error)
{
    nca_status status = open_unsynced(writer, path, error);
    if (status == NCA_OK) {
        writer->synced = true;
        remove_leftovers_of(writer->path);
    }
    return status;
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

/* Flushes the stream and syncs the file; returns 0 or an errno. */
static int flush(FILE *stream, bool synced)
{
    errno = 0;
    /* ferror: an earlier write failed, which the caller may not have checked. */
    if (fflush(stream) != 0 || ferror(stream)) {
        return errno != 0 ? errno : EIO;
    }
    int result = 0;
    do {
        result = synced ? fsync(fileno(stream)) : 0;
    } while (result != 0 && errno == EINTR);
    /* EINVAL: the file system does not support fsync, such as some network and FUSE ones. */
    return result == 0 || errno == EINVAL ? 0 : errno;
}

/* Makes a rename durable. It is no error if the folder cannot be opened or synced. */
void nca__sync_folder(const char *path)
{
    char *folder = folder_of(path);
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
    /* The lock is held until the file has its name. */
    int lock = fcntl(fileno(writer->stream), F_DUPFD_CLOEXEC, 0);
    int code = flush(writer->stream, writer->synced);
    if (fclose(writer->stream) != 0 && code == 0) {
        code = errno;
    }
    writer->stream = NULL;
    if (code == 0 && rename(writer->temporary, writer->path) != 0) {
        code = errno;
    }
    nca_status status = NCA_OK;
    if (code != 0) {
        unlink(writer->temporary);
        status = nca__fail_write(error, writer->path, code);
    } else if (writer->synced) {
        nca__sync_folder(writer->path);
    }
    if (lock >= 0) {
        close(lock);
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

/* Shared by both functions that write a whole file. */
static nca_status write_and_commit(nca__writer *writer, const void *bytes, size_t size,
                                   nca_error *error)
{
    nca_status status = nca__writer_write(writer, bytes, size, error);
    if (status != NCA_OK) {
        nca__writer_abort(writer);
        return status;
    }
    return nca__writer_commit(writer, error);
}

nca_status nca__file_write(const char *path, const void *bytes, size_t size, nca_error *error)
{
    nca__writer writer;
    nca_status status = nca__writer_open(&writer, path, error);
    return status == NCA_OK ? write_and_commit(&writer, bytes, size, error) : status;
}

/* ---- Functions of the public header ---------------------------------------------------------- */

struct nca_file_writer {
    nca__writer writer;
};

nca_status nca_file_write(const char *path, const void *bytes, size_t size, nca_error *error)
{
    return nca__file_write(path, bytes, size, error);
}

nca_status nca_file_write_unsynced(const char *path, const void *bytes, size_t size,
                                   nca_error *error)
{
    nca__writer writer;
    nca_status status = open_unsynced(&writer, path, error);
    return status == NCA_OK ? write_and_commit(&writer, bytes, size, error) : status;
}

nca_status nca_file_create(nca_file_writer **out_writer, const char *path, nca_error *error)
{
    nca_file_writer *writer = malloc(sizeof *writer);
    if (writer == NULL) {
        return nca__fail_memory(error, path, sizeof *writer);
    }
    nca_status status = nca__writer_open(&writer->writer, path, error);
    if (status != NCA_OK) {
        free(writer);
        return status;
    }
    *out_writer = writer;
    return NCA_OK;
}

FILE *nca_file_stream(nca_file_writer *writer)
{
    return writer->writer.stream;
}

nca_status nca_file_commit(nca_file_writer *writer, nca_error *error)
{
    nca_status status = nca__writer_commit(&writer->writer, error);
    free(writer);
    return status;
}

void nca_file_abandon(nca_file_writer *writer)
{
    if (writer != NULL) {
        nca__writer_abort(&writer->writer);
        free(writer);
    }
}
