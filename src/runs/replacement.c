/* Replacing an old run by a new one: the sequence of steps. folder.c knows the files of a run. */
#include "runs/replacement.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMITTED ".replacement" /* hidden, because it is not a separate run */
#define BEGUN     COMMITTED ".tmp"

/* A symbolic link was not created by this program, and its destination must not be emptied. */
static bool is_own_folder(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

bool nca__replacement_is_there(const char *folder)
{
    return is_own_folder(nca_run_file(&(nca_run_path){0}, folder, COMMITTED)) ||
           is_own_folder(nca_run_file(&(nca_run_path){0}, folder, BEGUN));
}

nca_status nca__replacement_begin(nca_run_path *out_folder, const char *folder, nca_error *error)
{
    nca_run_file(out_folder, folder, BEGUN);
    nca__replacement_discard(folder);
    if (mkdir(out_folder->text, 0777) != 0 &&
        (errno != EEXIST || !is_own_folder(out_folder->text))) {
        return nca__run_fail(error, out_folder->text, "cannot create the folder", errno);
    }
    return NCA_OK;
}

/* If something other than such a folder is in its place, it is left alone. */
static nca_status finish(const char *folder, nca_error *error)
{
    nca_run_path committed;
    nca_run_file(&committed, folder, COMMITTED);
    if (!is_own_folder(committed.text)) {
        return NCA_OK;
    }
    if (access(nca_run_file(&(nca_run_path){0}, committed.text, NCA_RUN_CONFIG), F_OK) == 0) {
        nca_status status = nca__run_clear(folder, error);
        if (status != NCA_OK) {
            return status;
        }
        nca__run_sync(folder);
    }
    nca_status status = nca__run_move(committed.text, folder, error);
    if (status == NCA_OK) {
        rmdir(committed.text); /* fails if another program has put more files into it */
        nca__run_sync(folder);
    }
    return status;
}

nca_status nca__replacement_commit(const char *folder, nca_error *error)
{
    nca_run_path begun, committed;
    nca_run_file(&begun, folder, BEGUN);
    nca_run_file(&committed, folder, COMMITTED);
    nca__run_sync(begun.text);
    if (rename(begun.text, committed.text) != 0) {
        return nca__run_fail(error, begun.text, "cannot be renamed", errno);
    }
    nca__run_sync(folder);
    return finish(folder, error);
}

void nca__replacement_discard(const char *folder)
{
    nca_run_path begun;
    nca_run_file(&begun, folder, BEGUN);
    nca_error ignored;
    if (is_own_folder(begun.text)) {
        nca__run_tidy(begun.text);
        nca__run_clear(begun.text, &ignored);
        rmdir(begun.text);
    }
}

nca_status nca__replacement_settle(const char *folder, nca_error *error)
{
    nca_error ignored;
    nca__replacement_discard(folder);
    return finish(folder, error != NULL ? error : &ignored);
}
