/* Temporary folders of commands. */
#include "cli/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    DIGITS = 6, /* random characters from mkdtemp */
    YOUNG = 60  /* seconds in which the owner of an empty folder may not have locked it yet */
};

static int open_folder(int base, const char *name)
{
    return openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Removes the files in a temporary folder; returns their number. */
static size_t empty(int folder)
{
    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    size_t count = 0;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        count += unlinkat(folder, entry->d_name, 0) == 0;
    }
    if (entries != NULL) {
        closedir(entries);
    } else if (copy >= 0) {
        close(copy);
    }
    return count;
}

/* Removes a folder whose owner has ended: it belongs to this user, is not accessible to others, and
 * is not locked. */
static void remove_if_left(int base, const char *name)
{
    int folder = open_folder(base, name);
    struct stat about;
    if (folder >= 0 && fstat(folder, &about) == 0 && about.st_uid == geteuid() &&
        (about.st_mode & 077) == 0 && flock(folder, LOCK_EX | LOCK_NB) == 0) {
        const bool young = difftime(time(NULL), about.st_mtime) < YOUNG;
        if (empty(folder) > 0 || !young) {
            unlinkat(base, name, AT_REMOVEDIR);
        }
    }
    if (folder >= 0) {
        close(folder);
    }
}

static void remove_leftovers(const char *base, const char *beginning)
{
    const size_t length = strlen(beginning);
    DIR *entries = opendir(base);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (strncmp(entry->d_name, beginning, length) == 0 &&
            strlen(entry->d_name) == length + DIGITS) {
            remove_if_left(dirfd(entries), entry->d_name);
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
}

nca_status scratch_open(scratch *s, const char *command, nca_error *error)
{
    const char *given = getenv("TMPDIR");
    const char *base = given != NULL && given[0] != 0 ? given : "/tmp";
    char beginning[64];
    snprintf(beginning, sizeof beginning, "nca-%s-", command);
    remove_leftovers(base, beginning);
    snprintf(s->folder, sizeof s->folder, "%s/%sXXXXXX", base, beginning);
    if (mkdtemp(s->folder) == NULL) {
        snprintf(
            error->message, sizeof error->message,
            "%.800s: cannot create a temporary folder here: %s; set TMPDIR to a writable folder",
            base, strerror(errno));
        *s = (scratch){.lock = -1};
        return error->status = NCA_IO;
    }
    s->lock = open_folder(AT_FDCWD, s->folder);
    if (s->lock >= 0 && flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        close(s->lock); /* a file system without locks, where leftovers are never removed */
        s->lock = -1;
    }
    return NCA_OK;
}

void scratch_close(scratch *s)
{
    if (s->folder[0] == 0) {
        return;
    }
    int folder = open_folder(AT_FDCWD, s->folder);
    if (folder >= 0) {
        empty(folder);
        close(folder);
    }
    rmdir(s->folder);
    if (s->lock >= 0) {
        close(s->lock);
    }
    *s = (scratch){.lock = -1};
}
