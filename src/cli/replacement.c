/* Putting a new run in the place of an old one. Knows the order of the steps; what belongs to a run
 * is run_folder.c's concern. */
#include "cli/replacement.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMITTED ".replacement" /* hidden: it is no run of its own */
#define BEGUN     COMMITTED ".tmp"

/* A link is none of ours: what it leads to is not to be emptied. */
static bool is_own_folder(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

bool replacement_is_there(const char *folder)
{
    return is_own_folder(run_file(folder, COMMITTED).text) ||
           is_own_folder(run_file(folder, BEGUN).text);
}

nca_status replacement_begin(run_path *out_folder, const char *folder, nca_error *error)
{
    *out_folder = run_file(folder, BEGUN);
    replacement_discard(folder);
    if (mkdir(out_folder->text, 0777) != 0 &&
        (errno != EEXIST || !is_own_folder(out_folder->text))) {
        return run_fail(error, out_folder->text, "cannot create the folder", errno);
    }
    return NCA_OK;
}

/* What stands in the place of a folder of ours and is none is left alone. */
static nca_status finish(const char *folder, nca_error *error)
{
    const run_path committed = run_file(folder, COMMITTED);
    if (!is_own_folder(committed.text)) {
        return NCA_OK;
    }
    if (access(run_file(committed.text, RUN_CONFIG).text, F_OK) == 0) {
        nca_status status = run_clear(folder, error);
        if (status != NCA_OK) {
            return status;
        }
        run_sync(folder);
    }
    nca_status status = run_move(committed.text, folder, error);
    if (status == NCA_OK) {
        rmdir(committed.text); /* which fails where somebody has put more in it */
        run_sync(folder);
    }
    return status;
}

nca_status replacement_commit(const char *folder, nca_error *error)
{
    const run_path begun = run_file(folder, BEGUN), committed = run_file(folder, COMMITTED);
    run_sync(begun.text);
    if (rename(begun.text, committed.text) != 0) {
        return run_fail(error, begun.text, "cannot be renamed", errno);
    }
    run_sync(folder);
    return finish(folder, error);
}

void replacement_discard(const char *folder)
{
    const run_path begun = run_file(folder, BEGUN);
    nca_error ignored;
    if (is_own_folder(begun.text)) {
        run_tidy(begun.text);
        run_clear(begun.text, &ignored);
        rmdir(begun.text);
    }
}

nca_status replacement_settle(const char *folder, nca_error *error)
{
    nca_error ignored;
    replacement_discard(folder);
    return finish(folder, error != NULL ? error : &ignored);
}
