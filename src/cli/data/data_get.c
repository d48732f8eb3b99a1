/* nca data get: downloads a set's file to the folder of sets. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/data/data_commands.h"
#include "cli/data/data_options.h"
#include "cli/data/data_source.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/stop.h"

static const option table[] = {
    DATA_SOURCE_OPTIONS,
    {"url", 0, "URL", "Download from this mirror. [the site where MedMNIST is published]"},
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page data_get_help = {
    .usage = "nca data get SET [--size N] [--root DIR] [--url URL]",
    .purpose =
        "Downloads a set. The file appears under its name once it is complete and its MD5\n"
        "checksum is correct. The same command continues an interrupted download. The default\n"
        "folder is that of the medmnist package for Python, so both share the files.",
    .table = table,
    .examples = "  nca data get breastmnist\n"
                "  nca data get pathmnist --size 64 --root /data/medmnist\n",
};

typedef struct watching {
    progress progress;
    const char *name;
    uint64_t first; /* bytes that already existed */
    bool begun;
} watching;

/* An nca_download_progress. */
static bool watch(uint64_t done, uint64_t total, void *user)
{
    watching *w = user;
    if (!w->begun || done < w->first) { /* the server sends the whole file again */
        w->begun = true;
        w->first = done;
    }
    double passed = nca_seconds() - w->progress.started;
    char what[NCA_PATH_SIZE];
    if (total > 0) {
        double rate = passed > 0 ? (double)(done - w->first) / passed : 0;
        snprintf(what, sizeof what, "%.80s  %.1f of %.1f MB  %.1f MB/s ", w->name,
                 (double)done / 1e6, (double)total / 1e6, rate / 1e6);
        progress_share(&w->progress, what, (double)w->first / (double)total,
                       (double)done / (double)total);
    }
    return stop_signal() == 0;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int end_by_signal(const char *message)
{
    note("%s", message);
    return EXIT_SIGNALLED + stop_signal();
}

/* Checks whether an existing file of that name is the published one. */
static int check_present(watching *w, const char *path, const char *md5)
{
    nca_error error;
    char found[33];
    nca_status status = nca_file_md5(found, path, watch, w, &error);
    progress_clear(&w->progress);
    if (status == NCA_INTERRUPTED) {
        return end_by_signal("stopped while checking the existing file");
    }
    if (status != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    if (strcasecmp(found, md5) != 0) {
        note("%s: expected MD5 %s, found %s; move the file away to download the published one",
             path, md5, found);
        return EXIT_FAILED;
    }
    printf("%s\n", shown(path));
    note("the file already exists and its MD5 checksum is correct");
    return EXIT_OK;
}

static int download(watching *w, const data_source *from, const char *url, const char *md5)
{
    nca_error error;
    char folder[NCA_RUN_PATH_SIZE];
    int length = (int)(last_name(from->path.text) - from->path.text);
    snprintf(folder, sizeof folder, "%.*s", length > 1 ? length - 1 : length, from->path.text);
    if (nca_folder_create(folder, &error) != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    const nca_download what = {
        .url = url, .path = from->path.text, .md5 = md5, .progress = watch, .user = w};
    nca_status status = nca_download_file(&what, &error);
    progress_clear(&w->progress);
    if (status == NCA_INTERRUPTED) {
        return end_by_signal("stopped; the same command continues the download");
    }
    if (status != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    printf("%s\n", shown(from->path.text));
    if (strstr(from->set->licence, "NC") != NULL) {
        note("%s is licensed under %s, which does not allow commercial use", from->set->title,
             from->set->licence);
    }
    return EXIT_OK;
}

static int get(const option_values *given)
{
    data_source from;
    const char *name = given->positionals[0];
    int code = data_source_find(&from, name, given);
    if (code != EXIT_OK) {
        return code;
    }
    if (from.set == NULL) {
        return complain_usage("expected the name of a set, found the path %s; `nca data list` "
                              "lists the names",
                              name);
    }
    const nca_medmnist_file *file = nca_medmnist_set_file(from.set, from.size);
    const char *url = options_value(given, "url");
    watching w = {.name = last_name(from.path.text)};
    stop_watch();
    progress_start(&w.progress, options_has(given, "quiet"), 0);
    if (access(from.path.text, F_OK) == 0) {
        code = check_present(&w, from.path.text, file->md5);
    } else {
        code = download(&w, &from, url != NULL ? url : file->url, file->md5);
    }
    stop_unwatch();
    return code;
}

int data_get(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "data get", &data_get_help, 1, "a set", count, arguments)) {
        return code;
    }
    return get(&given);
}
