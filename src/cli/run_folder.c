/* Run folders on the disk. Knows nothing of what stands in their files. */
#include "cli/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Everything that a run writes into its folder; what makes it a run stands first. */
static const char *const files[] = {RUN_CHECKPOINT,
                                    RUN_MODEL,
                                    RUN_METRICS,
                                    RUN_CONFIG,
                                    RUN_GROWTH,
                                    "loss.png",
                                    "loss.svg",
                                    "filmstrip.png",
                                    "comparison.png",
                                    RUN_EVALUATION,
                                    RUN_METRICS_TEMPORARY,
                                    RUN_EVENTS,
                                    RUN_EVENTS_TEMPORARY};
enum {
    FILES_OF_A_RUN = 4,
    LEFTOVER_DIGITS = 16
};

run_path run_file(const char *folder, const char *name)
{
    run_path path;
    size_t length = strlen(folder);
    bool slash = length > 0 && folder[length - 1] == '/';
    snprintf(path.text, sizeof path.text, "%.*s%s%s", NCA_PATH_SIZE, folder,
             slash || length == 0 ? "" : "/", name);
    return path;
}

bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

bool run_exists(const char *folder, const char **out_name)
{
    for (size_t i = 0; i < FILES_OF_A_RUN; i++) {
        run_path path = run_file(folder, files[i]);
        if (access(path.text, F_OK) == 0) {
            *out_name = files[i];
            return true;
        }
    }
    return false;
}

static nca_status fail(nca_error *error, const char *path, const char *what, int code)
{
    error->status = NCA_IO;
    snprintf(error->message, sizeof error->message, "%.900s: %s: %s", path, what, strerror(code));
    return NCA_IO;
}

nca_status run_create(const char *folder, nca_error *error)
{
    run_path path;
    snprintf(path.text, sizeof path.text, "%s", folder);
    for (char *at = path.text + 1; at[-1] != 0; at++) {
        if (*at != '/' && *at != 0) {
            continue;
        }
        char kept = *at;
        *at = 0;
        if (mkdir(path.text, 0777) != 0 && !is_folder(path.text)) {
            return fail(error, path.text, "the folder cannot be made", errno);
        }
        *at = kept;
    }
    if (access(folder, W_OK | X_OK) != 0) {
        return fail(error, folder, "the folder cannot be written to", errno);
    }
    return NCA_OK;
}

/* Whether a file is one of a run's that was being written: its name, a dot, sixteen hexadecimal
 * digits, ".tmp". */
static bool is_leftover(const char *name)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const size_t length = strlen(files[i]);
        if (strncmp(name, files[i], length) == 0 && name[length] == '.' &&
            strspn(name + length + 1, "0123456789abcdef") == LEFTOVER_DIGITS &&
            strcmp(name + length + 1 + LEFTOVER_DIGITS, ".tmp") == 0) {
            return true;
        }
    }
    return false;
}

/* Removes what a program that was killed while it wrote has left. Nobody else writes here: the
 * folder is locked. What cannot be removed stays. */
static void remove_leftovers(const char *folder)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (is_leftover(entry->d_name)) {
            unlinkat(dirfd(entries), entry->d_name, 0);
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
}

nca_status run_lock(const char *folder, nca_error *error)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(file);
        error->status = NCA_EXISTS;
        snprintf(error->message, sizeof error->message,
                 "%.900s: another training is under way in this folder; wait for it, or choose "
                 "another folder with -o",
                 folder);
        return NCA_EXISTS;
    }
    remove_leftovers(folder);
    return NCA_OK; /* the file stays open, and the lock with it */
}

bool run_has_place(const char *path, const char *folder)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path) {
        return true;
    }
    run_path parent;
    snprintf(parent.text, sizeof parent.text, "%.*s", (int)(slash - path), path);
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    bool same = strlen(parent.text) == length && strncmp(parent.text, folder, length) == 0;
    return same || is_folder(parent.text);
}

static int is_snapshot(const struct dirent *entry)
{
    const size_t digits = strspn(entry->d_name, "0123456789");
    return digits >= 6 && digits <= 20 && strcmp(entry->d_name + digits, ".safetensors") == 0;
}

static nca_status clear_snapshots(const char *run, nca_error *error)
{
    const run_path folder = run_file(run, RUN_SNAPSHOTS);
    struct dirent **entries = NULL;
    const int found = scandir(folder.text, &entries, is_snapshot, NULL);
    nca_status status = NCA_OK;
    for (int i = 0; i < found; i++) {
        char name[48]; /* is_snapshot lets no longer one through */
        snprintf(name, sizeof name, "%.40s", entries[i]->d_name);
        const run_path path = run_file(folder.text, name);
        if (status == NCA_OK && unlink(path.text) != 0) {
            status = fail(error, path.text, "cannot be removed", errno);
        }
        free(entries[i]);
    }
    free(entries);
    rmdir(folder.text); /* which fails where there is more in it, or nothing at all */
    return status;
}

nca_status run_clear(const char *folder, nca_error *error)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        run_path path = run_file(folder, files[i]);
        if (unlink(path.text) != 0 && errno != ENOENT && errno != ENOTDIR) {
            return fail(error, path.text, "cannot be removed", errno);
        }
    }
    return clear_snapshots(folder, error);
}

run_path run_model(const char *argument)
{
    if (is_folder(argument)) {
        return run_file(argument, RUN_MODEL);
    }
    run_path path;
    snprintf(path.text, sizeof path.text, "%s", argument);
    return path;
}

bool run_has_model(const char *folder)
{
    return access(run_file(folder, RUN_MODEL).text, F_OK) == 0;
}

void run_name(char *out, size_t size, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') {
        end--;
    }
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/') {
        begin--;
    }
    snprintf(out, size, "%.*s", (int)(end - begin), path + begin);
}
