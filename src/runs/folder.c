/* Run folders on the disk. */
#include "runs/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "nca/files.h"
#include "runs/replacement.h"

/* All files that a run writes to its folder; those that make it a run come first. Together with the
 * snapshots and the files of a sweep below, these are all the files that the program can leave
 * half-written in a folder. */
static const char *const files[] = {
    NCA_RUN_CHECKPOINT, NCA_RUN_MODEL,          NCA_RUN_METRICS,        NCA_RUN_CONFIG,
    NCA_RUN_GROWTH,     NCA_RUN_LOSS_PNG,       NCA_RUN_LOSS_SVG,       NCA_RUN_FILMSTRIP,
    NCA_RUN_COMPARISON, NCA_RUN_EVALUATION,     NCA_RUN_EVENTS,         NCA_RUN_INIT,
    NCA_RUN_VALIDATION, NCA_RUN_VALIDATION_PNG, NCA_RUN_VALIDATION_SVG, NCA_RUN_TENSORBOARD};
static const char *const files_of_a_sweep[] = {NCA_SWEEP_CSV, NCA_SWEEP_MARKDOWN, NCA_SWEEP_SHEET,
                                               NCA_SWEEP_ANIMATION};
/* Temporary files of earlier versions, with fixed names. */
static const char *const fixed_temporaries[] = {NCA_RUN_METRICS ".tmp", NCA_RUN_EVENTS ".tmp",
                                                NCA_SWEEP_CSV ".tmp", NCA_SWEEP_MARKDOWN ".tmp"};
enum {
    FILES = sizeof files / sizeof *files,
    FILES_OF_A_RUN = 4,
    FILES_OF_A_SWEEP = sizeof files_of_a_sweep / sizeof *files_of_a_sweep
};

const char *nca_run_file(nca_run_path *out, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool slash = length > 0 && folder[length - 1] == '/';
    snprintf(out->text, sizeof out->text, "%.*s%s%s", NCA_PATH_SIZE, folder,
             slash || length == 0 ? "" : "/", name);
    return out->text;
}

bool nca_run_exists(const char *folder, const char **out_name)
{
    for (size_t i = 0; i < FILES_OF_A_RUN; i++) {
        nca_run_path path;
        nca_run_file(&path, folder, files[i]);
        if (access(path.text, F_OK) == 0) {
            *out_name = files[i];
            return true;
        }
    }
    return false;
}

nca_status nca__run_fail(nca_error *error, const char *path, const char *what, int code)
{
    return nca__fail(error, NCA_IO, "%.900s: %s: %s%s", path, what, strerror(code),
                     nca__write_advice(code));
}

static bool is_link(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
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

void nca__run_tidy(const char *folder)
{
    nca_file_remove_leftovers(folder, is_ours, NULL);
    nca_file_remove_leftovers(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_SNAPSHOTS), is_ours,
                              NULL);
    for (size_t i = 0; i < sizeof fixed_temporaries / sizeof *fixed_temporaries; i++) {
        unlink(nca_run_file(&(nca_run_path){0}, folder, fixed_temporaries[i]));
    }
}

/* The descriptor of the locked folder; -1 with *out_busy if another process has locked it, or -1 if
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

bool nca__run_is_busy(const char *folder)
{
    bool busy;
    nca__run_unlock(try_lock(&busy, folder));
    return busy;
}

nca_status nca__run_fail_busy(nca_error *error, const char *folder)
{
    return nca__fail(error, NCA_EXISTS,
                     "%.900s: another training is running in this folder; wait for it, or choose "
                     "another folder with -o",
                     folder);
}

nca_status nca__run_lock(int *out_lock, const char *folder, nca_error *error)
{
    bool busy;
    const int lock = try_lock(&busy, folder);
    if (busy) {
        return nca__run_fail_busy(error, folder);
    }
    nca__run_tidy(folder);
    const nca_status status = nca__replacement_settle(folder, error);
    if (status != NCA_OK) {
        nca__run_unlock(lock);
        return status;
    }
    *out_lock = lock;
    return NCA_OK;
}

void nca__run_unlock(int lock)
{
    if (lock >= 0) {
        flock(lock, LOCK_UN); /* a process that fork has made meanwhile has the descriptor too */
        close(lock);
    }
}

void nca_run_settle(const char *folder)
{
    if (!nca__replacement_is_there(folder)) {
        return;
    }
    bool busy;
    const int file = try_lock(&busy, folder);
    if (file >= 0) { /* not if folders cannot be locked: a training may be running */
        nca__replacement_settle(folder, NULL); /* if it fails, the files are read as they are */
        close(file);
    }
}

static nca_status refuse_link(const char *folder, const char *name, nca_error *error)
{
    nca_run_path path;
    nca_run_file(&path, folder, name);
    if (!is_link(path.text)) {
        return NCA_OK;
    }
    return nca__fail(error, NCA_IO,
                     "%.800s: expected a regular file or folder, found a symbolic link; a run "
                     "writes only to its own folder; replace the link with its target",
                     path.text);
}

nca_status nca__run_refuse_links(const char *folder, nca_error *error)
{
    nca_status status = refuse_link(folder, NCA_RUN_SNAPSHOTS, error);
    for (size_t i = 0; i < FILES && status == NCA_OK; i++) {
        status = refuse_link(folder, files[i], error);
    }
    for (size_t i = 0; i < FILES_OF_A_SWEEP && status == NCA_OK; i++) {
        status = refuse_link(folder, files_of_a_sweep[i], error);
    }
    return status;
}

/* ---- Removing and moving a run ---------------------------------------------------------------*/

static int is_snapshot(const struct dirent *entry)
{
    return is_snapshot_name(entry->d_name);
}

/* Removes each snapshot, or moves it to `to` if that is not NULL. */
static nca_status clear_snapshots(const char *run, const char *to, nca_error *error)
{
    nca_run_path folder;
    nca_run_file(&folder, run, NCA_RUN_SNAPSHOTS);
    struct dirent **entries = NULL;
    if (is_link(folder.text)) {
        return unlink(folder.text) == 0
                   ? NCA_OK
                   : nca__run_fail(error, folder.text, "cannot be removed", errno);
    }
    const int found = scandir(folder.text, &entries, is_snapshot, NULL);
    nca_status status = found > 0 && to != NULL ? nca_folder_create(to, error) : NCA_OK;
    for (int i = 0; i < found; i++) {
        char name[48]; /* is_snapshot accepts no longer names */
        snprintf(name, sizeof name, "%.40s", entries[i]->d_name);
        nca_run_path path;
        nca_run_file(&path, folder.text, name);
        if (status == NCA_OK && to == NULL && unlink(path.text) != 0) {
            status = nca__run_fail(error, path.text, "cannot be removed", errno);
        } else if (status == NCA_OK && to != NULL &&
                   rename(path.text, nca_run_file(&(nca_run_path){0}, to, name)) != 0) {
            status = nca__run_fail(error, path.text, "cannot be moved", errno);
        }
        free(entries[i]);
    }
    free(entries);
    rmdir(folder.text); /* fails if the folder contains other files or does not exist */
    return status;
}

nca_status nca__run_clear(const char *folder, nca_error *error)
{
    for (size_t i = 0; i < FILES; i++) {
        nca_run_path path;
        nca_run_file(&path, folder, files[i]);
        if (unlink(path.text) != 0 && errno != ENOENT && errno != ENOTDIR) {
            return nca__run_fail(error, path.text, "cannot be removed", errno);
        }
    }
    return clear_snapshots(folder, NULL, error);
}

static nca_status move_file(const char *from, const char *to, const char *name, nca_error *error)
{
    nca_run_path path;
    nca_run_file(&path, from, name);
    if (rename(path.text, nca_run_file(&(nca_run_path){0}, to, name)) != 0 && errno != ENOENT) {
        return nca__run_fail(error, path.text, "cannot be moved", errno);
    }
    return NCA_OK;
}

nca_status nca__run_move(const char *from, const char *to, nca_error *error)
{
    nca_status status = move_file(from, to, NCA_RUN_CONFIG, error);
    for (size_t i = 0; i < FILES && status == NCA_OK; i++) {
        status = move_file(from, to, files[i], error);
    }
    return status == NCA_OK
               ? clear_snapshots(from, nca_run_file(&(nca_run_path){0}, to, NCA_RUN_SNAPSHOTS),
                                 error)
               : status;
}

void nca__run_sync(const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        fsync(file);
        close(file);
    }
}

const char *nca_run_model_path(nca_run_path *out, const char *argument)
{
    if (nca_folder_exists(argument)) {
        nca_run_settle(argument);
        return nca_run_file(out, argument, NCA_RUN_MODEL);
    }
    snprintf(out->text, sizeof out->text, "%s", argument);
    return out->text;
}

bool nca_run_has_model(const char *folder)
{
    return access(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_MODEL), F_OK) == 0;
}

void nca_run_name(char *out, size_t size, const char *path)
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
