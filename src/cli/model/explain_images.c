/* See explain_images.h. */
#include "cli/model/explain_images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum {
    MOST_STEM = 200 /* bytes */
};

/* The name of a figure without its ending: "scan" of pictures/scan.jpg, "breastmnist-test-12" of
 * medmnist:breastmnist/test/12, "scans-val-3" of medmnist:data/scans.npz/val/3. */
static void find_stem(char out[MOST_STEM + 1], const image_item *item)
{
    const char *name = item->name, *end = name + strlen(name);
    size_t parts = item->archive == NO_ARCHIVE ? 1 : 3, length = 0;
    const char *begin = end;
    while (begin > name && (begin[-1] != '/' || parts > 1)) {
        begin--;
        parts -= *begin == '/';
    }
    const char *scheme = item->archive != NO_ARCHIVE ? strchr(begin, ':') : NULL;
    begin = scheme != NULL ? scheme + 1 : begin;
    const char *dot = strrchr(begin, '.');
    if (item->archive == NO_ARCHIVE && dot != NULL && dot > begin) {
        end = dot;
    }
    for (const char *at = begin; at < end && length < MOST_STEM; at++) {
        if (strncasecmp(at, ".npz/", 5) == 0) {
            at += 4;
        }
        out[length++] = *at == '/' ? '-' : *at;
    }
    out[length] = 0;
}

static int compare_stems(const void *a, const void *b)
{
    return strcasecmp(a, b); /* some file systems do not distinguish case */
}

/* Whether two images would have the same name; true also if out of memory. */
static bool has_equal_stems(const image_list *list)
{
    char(*stems)[MOST_STEM + 1] = calloc(list->count, sizeof *stems);
    bool equal = stems == NULL;
    for (size_t i = 0; i < list->count && stems != NULL; i++) {
        find_stem(stems[i], &list->items[i]);
    }
    if (stems != NULL) {
        qsort(stems, list->count, sizeof *stems, compare_stems);
    }
    for (size_t i = 1; i < list->count && !equal; i++) {
        equal = strcasecmp(stems[i - 1], stems[i]) == 0;
    }
    free(stems);
    return equal;
}

/* Whether the file is directly in the folder. */
static bool is_in(const char *path, const struct stat *folder)
{
    char parent[NCA_RUN_PATH_SIZE];
    const char *slash = strrchr(path, '/');
    struct stat about;
    snprintf(parent, sizeof parent, "%.*s", slash != NULL ? (int)(slash - path + 1) : 1,
             slash != NULL ? path : ".");
    return stat(parent, &about) == 0 && about.st_dev == folder->st_dev &&
           about.st_ino == folder->st_ino;
}

int explanations_begin(explanations *out, const char *folder, const image_list *list)
{
    nca_error error;
    struct stat about;
    if (nca_folder_create(folder, &error) != NCA_OK) {
        return complain(&error);
    }
    if (stat(folder, &about) == 0) {
        for (size_t i = 0; i < list->count; i++) {
            const image_item *item = &list->items[i];
            if (item->archive == NO_ARCHIVE && is_in(item->name, &about)) {
                return complain_usage("--explain: expected a folder without images that are "
                                      "predicted, found %s in it; give another folder",
                                      item->name);
            }
        }
    }
    *out = (explanations){.folder = folder, .numbered = has_equal_stems(list)};
    return EXIT_OK;
}

nca_status explanations_draw(explanations *e, const nca_model *model, const image_list *list,
                             size_t index, const uint8_t *pixels, size_t height, size_t width,
                             const nca_prediction_options *options, nca_error *error)
{
    char stem[MOST_STEM + 1], name[MOST_STEM + 32];
    uint8_t labels[NCA_MAX_CLASSES];
    nca_run_path path;
    nca_explanation how;
    find_stem(stem, &list->items[index]);
    if (e->numbered) {
        snprintf(name, sizeof name, "%05zu-%s.png", index, stem);
    } else {
        snprintf(name, sizeof name, "%s.png", stem);
    }
    nca_explanation_default(&how);
    how.name = list->items[index].name;
    how.labels = image_list_labels(labels, list, index, model->classifier) ? labels : NULL;
    how.prediction = *options;
    const nca_status status = nca_explain(model, pixels, height, width, &how,
                                          nca_run_file(&path, e->folder, name), error);
    e->written += status == NCA_OK;
    return status;
}
