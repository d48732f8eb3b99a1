/* Creating folders for output files. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "nca/files.h"

bool nca_folder_exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static nca_status fail(nca_error *error, const char *path, const char *what, int code)
{
    return nca__fail(error, NCA_IO, "%.900s: %s: %s%s", path, what, strerror(code),
                     nca__write_advice(code));
}

nca_status nca_folder_create(const char *folder, nca_error *error)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", folder);
    for (char *at = path + 1; at[-1] != 0; at++) {
        if (*at != '/' && *at != 0) {
            continue;
        }
        char kept = *at;
        *at = 0;
        const int code = mkdir(path, 0777) != 0 ? errno : 0;
        if (code != 0 && !nca_folder_exists(path)) {
            return fail(error, path, "cannot create the folder", code);
        }
        *at = kept;
    }
    if (access(folder, W_OK | X_OK) != 0) {
        return fail(error, folder, "cannot write to the folder", errno);
    }
    return NCA_OK;
}

bool nca_folder_has_place(const char *path, const char *folder)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path) {
        return true;
    }
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    const bool same = strlen(parent) == length && strncmp(parent, folder, length) == 0;
    return same || nca_folder_exists(parent);
}
