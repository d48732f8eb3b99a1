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

#include "cli/replacement.h"
#include "cli/sweep_sheet.h"
#include "cli/sweep_summary.h"

/* Everything that a run writes into its folder; what makes it a run stands first. With the
 * snapshots and the files of a sweep below, this is all that can be left half-written in a folder
 * of the program's. */
static const char *const files[] = {RUN_CHECKPOINT,   RUN_MODEL,      RUN_METRICS, RUN_CONFIG,
                                    RUN_GROWTH,       "loss.png",     "loss.svg",  "filmstrip.png",
                                    "comparison.png", RUN_EVALUATION, RUN_EVENTS};
static const char *const files_of_a_sweep[] = {SWEEP_CSV, SWEEP_MARKDOWN, SWEEP_SHEET,
                                               SWEEP_ANIMATION};
/* What earlier versions wrote into before they renamed it. */
static const char *const fixed_temporaries[] = {RUN_METRICS ".tmp", RUN_EVENTS ".tmp",
                                                SWEEP_CSV ".tmp", SWEEP_MARKDOWN ".tmp"};
enum {
    FILES = sizeof files / sizeof *files,
    FILES_OF_A_RUN = 4,
    FILES_OF_A_SWEEP = sizeof files_of_a_sweep / sizeof *files_of_a_sweep
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

nca_status run_fail(nca_error *error, const char *path, const char *what, int code)
{
    error->status = NCA_IO;
    snprintf(error->message, sizeof error->message, "%.900s: %s: %s", path, what, strerror(code));
    return NCA_IO;
}

static bool is_link(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
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
        const int code = mkdir(path.text, 0777) != 0 ? errno : 0;
        if (code != 0 && !is_folder(path.text)) {
            return run_fail(error, path.text, "cannot create the folder", code);
        }
        *at = kept;
    }
    if (access(folder, W_OK | X_OK) != 0) {
        return run_fail(error, folder, "cannot write to the folder", errno);
    }
    return NCA_OK;
}

static bool is_snapshot_name(const char *name)
{
    const size_t digits = strspn(name, "0123456789");
    return digits >= 6 && digits <= 20 && strcmp(name + digits, ".safetensors") == 0;
}

static bool is_ours(const char *name, void *user)
{
    (void)user;
    for (size_t i = 0; i < FILES; i++) {
        if (strcmp(name, files[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < FILES_OF_A_SWEEP; i++) {
        if (strcmp(name, files_of_a_sweep[i]) == 0) {
            return true;
        }
    }
    return is_snapshot_name(name);
}

void run_tidy(const char *folder)
{
    nca_file_remove_leftovers(folder, is_ours, NULL);
    nca_file_remove_leftovers(run_file(folder, RUN_SNAPSHOTS).text, is_ours, NULL);
    for (size_t i = 0; i < sizeof fixed_temporaries / sizeof *fixed_temporaries; i++) {
        unlink(run_file(folder, fixed_temporaries[i]).text);
    }
}

/* The descriptor of the locked folder; -1 with *out_busy where another has locked it, or where
 * folders cannot be locked. */
static int try_lock(bool *out_busy, const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *out_busy = false;
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0) {
        *out_busy = errno == EWOULDBLOCK;
        close(file);
        file = -1;
    }
    return file;
}

nca_status run_lock(const char *folder, nca_error *error)
{
    bool busy;
    try_lock(&busy, folder); /* stays open, and the lock with it */
    if (busy) {
        error->status = NCA_EXISTS;
        snprintf(error->message, sizeof error->message,
                 "%.900s: another training is running in this folder; wait for it, or choose "
                 "another folder with -o",
                 folder);
        return NCA_EXISTS;
    }
    run_tidy(folder);
    return replacement_settle(folder, error);
}

void run_settle(const char *folder)
{
    if (!replacement_is_there(folder)) {
        return;
    }
    bool busy;
    const int file = try_lock(&busy, folder);
    if (file >= 0) { /* not where folders cannot be locked: a training may be at work */
        replacement_settle(folder, NULL); /* where it fails, the files are read as they are */
        close(file);
    }
}

static nca_status refuse_link(const char *folder, const char *name, nca_error *error)
{
    const run_path path = run_file(folder, name);
    if (!is_link(path.text)) {
        return NCA_OK;
    }
    error->status = NCA_IO;
    snprintf(error->message, sizeof error->message,
             "%.800s: expected a regular file or folder, found a symbolic link; a run writes only "
             "to its own folder; replace the link with its target",
             path.text);
    return NCA_IO;
}

nca_status run_refuse_links(const char *folder, nca_error *error)
{
    nca_status status = refuse_link(folder, RUN_SNAPSHOTS, error);
    for (size_t i = 0; i < FILES && status == NCA_OK; i++) {
        status = refuse_link(folder, files[i], error);
    }
    for (size_t i = 0; i < FILES_OF_A_SWEEP && status == NCA_OK; i++) {
        status = refuse_link(folder, files_of_a_sweep[i], error);
    }
    return status;
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

/* ---- Removing and moving a run ---------------------------------------------------------------*/

static int is_snapshot(const struct dirent *entry)
{
    return is_snapshot_name(entry->d_name);
}

/* Removes each snapshot, or moves it to where `to` is not NULL. */
static nca_status clear_snapshots(const char *run, const char *to, nca_error *error)
{
    const run_path folder = run_file(run, RUN_SNAPSHOTS);
    struct dirent **entries = NULL;
    if (is_link(folder.text)) {
        return unlink(folder.text) == 0 ? NCA_OK
                                        : run_fail(error, folder.text, "cannot be removed", errno);
    }
    const int found = scandir(folder.text, &entries, is_snapshot, NULL);
    nca_status status = found > 0 && to != NULL ? run_create(to, error) : NCA_OK;
    for (int i = 0; i < found; i++) {
        char name[48]; /* is_snapshot lets no longer one through */
        snprintf(name, sizeof name, "%.40s", entries[i]->d_name);
        const run_path path = run_file(folder.text, name);
        if (status == NCA_OK && to == NULL && unlink(path.text) != 0) {
            status = run_fail(error, path.text, "cannot be removed", errno);
        } else if (status == NCA_OK && to != NULL &&
                   rename(path.text, run_file(to, name).text) != 0) {
            status = run_fail(error, path.text, "cannot be moved", errno);
        }
        free(entries[i]);
    }
    free(entries);
    rmdir(folder.text); /* which fails where there is more in it, or nothing at all */
    return status;
}

nca_status run_clear(const char *folder, nca_error *error)
{
    for (size_t i = 0; i < FILES; i++) {
        run_path path = run_file(folder, files[i]);
        if (unlink(path.text) != 0 && errno != ENOENT && errno != ENOTDIR) {
            return run_fail(error, path.text, "cannot be removed", errno);
        }
    }
    return clear_snapshots(folder, NULL, error);
}

static nca_status move_file(const char *from, const char *to, const char *name, nca_error *error)
{
    const run_path path = run_file(from, name);
    if (rename(path.text, run_file(to, name).text) != 0 && errno != ENOENT) {
        return run_fail(error, path.text, "cannot be moved", errno);
    }
    return NCA_OK;
}

nca_status run_move(const char *from, const char *to, nca_error *error)
{
    nca_status status = move_file(from, to, RUN_CONFIG, error);
    for (size_t i = 0; i < FILES && status == NCA_OK; i++) {
        status = move_file(from, to, files[i], error);
    }
    return status == NCA_OK ? clear_snapshots(from, run_file(to, RUN_SNAPSHOTS).text, error)
                            : status;
}

void run_sync(const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        fsync(file);
        close(file);
    }
}

run_path run_model(const char *argument)
{
    if (is_folder(argument)) {
        run_settle(argument);
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
