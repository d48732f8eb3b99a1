/* nca data verify: checks whether files of MedMNIST are complete, and whether they are the
 * published ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data/data_commands.h"
#include "cli/data/data_describe.h"
#include "cli/data/data_options.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/stop.h"

static const option table[] = {
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page data_verify_help = {
    .usage = "nca data verify FILE...",
    .purpose =
        "Reads whole files and compares their checksums and shapes with the catalogue. A\n"
        "published file is recognised by its checksum, whatever its name. The exit code is 1 if a\n"
        "file is damaged or is not a published one.",
    .table = table,
    .examples = "  nca data verify ~/.medmnist/breastmnist.npz\n"
                "  nca data verify ~/.medmnist/*.npz\n",
};

enum {
    CHUNK_BYTES = 1 << 22 /* bytes of images and labels that are read at once */
};

static const double sum_share = 0.1; /* fraction of the work for the MD5 checksum */

typedef struct checking {
    progress progress;
    const char *path;
    double from, span; /* the current part of the work */
    size_t done;       /* number of images */
} checking;

/* An nca_download_progress and nca_read_progress. */
static bool watch(uint64_t done, uint64_t total, void *user)
{
    checking *c = user;
    double share = total > 0 ? (double)done / (double)total : 0;
    char what[NCA_RUN_PATH_SIZE];
    snprintf(what, sizeof what, "%.60s ", c->path);
    progress_share(&c->progress, what, 0, c->from + share * c->span);
    return stop_signal() == 0;
}

/* Reads every image and label of a split, in pieces. */
static nca_status read_split(checking *c, nca_medmnist *data, nca_split split, nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(data);
    const size_t *counts = info->count;
    double total = (double)counts[0] + (double)counts[1] + (double)counts[2];
    size_t bytes = nca_medmnist_image_bytes(info), count = counts[split];
    size_t each = bytes + info->labels * sizeof(int64_t);
    size_t piece = each < CHUNK_BYTES ? CHUNK_BYTES / each : 1;
    uint8_t *images = malloc(piece * bytes);
    int64_t *labels = calloc(piece * info->labels + 1, sizeof *labels);
    nca_status status = NCA_OK;
    if (images == NULL || labels == NULL) {
        error->status = status = NCA_OUT_OF_MEMORY;
        snprintf(error->message, sizeof error->message, "out of memory");
    }
    for (size_t first = 0; status == NCA_OK && first < count; first += piece) {
        size_t part = count - first < piece ? count - first : piece;
        c->from = sum_share + (1 - sum_share) * (double)c->done / total;
        c->span = (1 - sum_share) * (double)part / total;
        c->done += part;
        status = nca_medmnist_read(images, data, split, first, part, error);
        if (status == NCA_OK && info->labelled[split]) {
            status = nca_medmnist_labels(labels, data, split, first, part, error);
        }
    }
    free(images);
    free(labels);
    return status;
}

/* Whether the splits have the size and the numbers of images of the catalogue. */
static bool has_shape(const nca_medmnist_info *info, const nca_medmnist_set *set, uint32_t size)
{
    bool same = info->height == size && info->width == size && info->channels == set->channels &&
                info->depth == (set->dimensions == 3 ? size : 1);
    for (int split = 0; split < NCA_SPLIT_COUNT; split++) {
        same &= info->count[split] == set->count[split];
    }
    return same;
}

/* The set that the file is or, judging by its shape, might be. */
static void guess_set(const nca_medmnist_set **out_set, const nca_medmnist_file **out_file,
                      const nca_medmnist_info *info)
{
    const nca_medmnist_set *set;
    for (size_t i = 0; (set = nca_medmnist_set_at(i)) != NULL; i++) {
        for (uint32_t f = 0; f < set->file_count; f++) {
            if (has_shape(info, set, set->files[f].size)) {
                *out_set = set;
                *out_file = &set->files[f];
                return;
            }
        }
    }
}

/* Commands identify a set by the name of its file, so they would use the class names of another
 * set. */
static void print_name_lies(const nca_medmnist_set *named)
{
    printf("  name      of %s, which has %s %s; train %u, val %u, test %u\n", named->title,
           named->channels == 3 ? "RGB" : "grey", named->dimensions == 3 ? "volumes" : "pictures",
           (unsigned)named->count[NCA_SPLIT_TRAIN], (unsigned)named->count[NCA_SPLIT_VAL],
           (unsigned)named->count[NCA_SPLIT_TEST]);
}

static bool report(const char *path, const nca_medmnist_info *info, const char *md5)
{
    const nca_medmnist_file *file = NULL;
    const nca_medmnist_set *set = nca_medmnist_set_with_md5(&file, md5);
    bool official = set != NULL;
    char images[DATA_WORDS], counts[DATA_WORDS];
    if (!official) {
        guess_set(&set, &file, info);
    }
    describe_images(images, info);
    printf("%s\n", shown(path));
    if (official) {
        printf("  set       %s, %u pixels\n", set->title, (unsigned)file->size);
    } else if (set != NULL) {
        printf("  set       not a published file; its shapes are those of %s, %u pixels\n",
               set->title, (unsigned)file->size);
    } else {
        printf("  set       not in the catalogue\n");
    }
    if (info->set != NULL && info->set != set) {
        print_name_lies(info->set);
    }
    describe_counts(counts, info);
    printf("  images    %s; %s\n", images, counts);
    for (int split = 0; split < NCA_SPLIT_COUNT; split++) {
        if (info->present[split] && !info->labelled[split]) {
            printf("  labels    none for %s\n", nca_split_name((nca_split)split));
        }
    }
    printf("  contents  read to the end, no damage\n");
    if (official) {
        printf("  md5       %s, as published\n", md5);
    } else if (set != NULL) {
        printf("  md5       %s, not the published %s\n", md5, file->md5);
    } else {
        printf("  md5       %s\n", md5);
    }
    return official;
}

static int verify(checking *c)
{
    nca_error error;
    char md5[33];
    nca_medmnist *data = NULL;
    c->span = sum_share;
    nca_status status = nca_file_md5(md5, c->path, watch, c, &error);
    if (status == NCA_OK) {
        status = nca_medmnist_open(&data, c->path, &error);
    }
    for (int split = 0; status == NCA_OK && split < NCA_SPLIT_COUNT; split++) {
        nca_medmnist_watch(data, watch, c);
        status = read_split(c, data, (nca_split)split, &error);
    }
    progress_clear(&c->progress);
    int code = EXIT_OK;
    if (status == NCA_INTERRUPTED && stop_signal() != 0) {
        note("stopped");
        code = EXIT_SIGNALLED + stop_signal();
    } else if (status != NCA_OK) {
        complain(&error);
        code = EXIT_FAILED;
    } else {
        const nca_medmnist_info *info = nca_medmnist_about(data);
        if (info->notice != NULL) {
            note("%s: %s", c->path, info->notice);
        }
        code = report(c->path, info, md5) ? EXIT_OK : EXIT_FAILED;
    }
    nca_medmnist_close(data);
    return code;
}

int data_verify(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "data verify", &data_verify_help, MOST_POSITIONALS, "a file",
                       count, arguments)) {
        return code;
    }
    stop_watch();
    for (size_t i = 0; i < given.positional_count && code < EXIT_SIGNALLED; i++) {
        checking c = {.path = given.positionals[i]};
        progress_start(&c.progress, options_has(&given, "quiet"), 0);
        int one = verify(&c);
        code = one > code ? one : code;
    }
    stop_unwatch();
    return code;
}
