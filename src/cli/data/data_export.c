/* nca data export: writes every image as a separate file, and the labels as a table. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/data/data_commands.h"
#include "cli/data/data_options.h"
#include "cli/data/data_source.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/stop.h"

static const option table[] = {
    {"out", 'o', "DIR", "Output folder; it is created if it does not exist."},
    {"split", 0, "NAME", "Split: train, val or test. [all three]"},
    {"colormap", 0, "NAME",
     "For greyscale images: colormap grey, viridis, magma or inferno. [grey]"},
    DATA_SOURCE_OPTIONS,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page data_export_help = {
    .usage = "nca data export SET --out DIR [--split NAME] [OPTIONS]",
    .purpose =
        "Writes the images of a set as files, in the layout of the medmnist package for Python:\n"
        "DIR/SET/train0_1.png (split, index, label) and so on, and DIR/SET.csv with the split,\n"
        "file name and labels of each image. If the file has no labels, they are omitted.\n"
        "Volumes are written as animations of their slices.",
    .table = table,
    .examples = "  nca data export breastmnist --out images\n"
                "  nca data export bloodmnist --size 64 --split test --out images\n",
};

/* ---- The table: a line SPLIT,FILE,LABEL[,LABEL...] for each image -----------------------------*/

typedef struct label_table {
    char *rows; /* all lines, or NULL before the first */
    size_t length, capacity;
} label_table;

/* Adds a line; `row` ends with a newline. */
static nca_status table_add(label_table *labels, const char *row, nca_error *error)
{
    size_t length = strlen(row);
    if (labels->length + length + 1 > labels->capacity) {
        size_t capacity = (labels->capacity + length) * 2 + 4096;
        char *rows = realloc(labels->rows, capacity);
        if (rows == NULL) {
            snprintf(error->message, sizeof error->message, "export: out of memory");
            return error->status = NCA_OUT_OF_MEMORY;
        }
        labels->rows = rows;
        labels->capacity = capacity;
    }
    memcpy(labels->rows + labels->length, row, length + 1);
    labels->length += length;
    return NCA_OK;
}

/* Whether the line begins with one of the words followed by a comma. */
static bool begins_with_one(const char *line, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(line, words[i], length) == 0 && line[length] == ',') {
            return true;
        }
    }
    return false;
}

/* Adds the lines of an existing table whose split is not among `words`, which are about to be
 * written again. A missing table has no lines. */
static nca_status table_keep(label_table *labels, const char *path, const char *const *words,
                             size_t count, nca_error *error)
{
    FILE *stream = NULL;
    nca_status status = nca_file_open(&stream, path, error);
    if (status != NCA_OK && status != NCA_NOT_FOUND) {
        return status;
    }
    status = NCA_OK;
    char *line = NULL;
    size_t size = 0;
    while (stream != NULL && status == NCA_OK && getline(&line, &size, stream) > 0) {
        if (!begins_with_one(line, words, count)) {
            status = table_add(labels, line, error);
        }
    }
    free(line);
    if (stream != NULL) {
        fclose(stream);
    }
    return status;
}

/* Writes the file, completely or not at all; if there are no lines, it is removed instead. */
static nca_status table_save(const label_table *labels, const char *path, nca_error *error)
{
    if (labels->length > 0) {
        return nca_file_write(path, labels->rows, labels->length, error);
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        snprintf(error->message, sizeof error->message, "%.900s: cannot be removed: %s", path,
                 strerror(errno));
        return error->status = NCA_IO;
    }
    return NCA_OK;
}

static void table_free(label_table *labels)
{
    free(labels->rows);
    *labels = (label_table){0};
}

/* ---- Images ----------------------------------------------------------------------------------*/

static const double slices_per_second = 5;

/* The names of the splits in the table. */
static const char *const split_words[NCA_SPLIT_COUNT] = {"TRAIN", "VALIDATION", "TEST"};

typedef struct export_job {
    nca_medmnist *data;
    const nca_medmnist_info *info;
    bool wanted[NCA_SPLIT_COUNT];
    nca_colormap map;
    nca_run_path folder, csv;
    label_table table;  /* lines so far */
    size_t done, total; /* number of images */
    uint8_t *values;
    int64_t *labels;
    bool labelled; /* for the current split */
    progress progress;
} export_job;

static nca_status fail_memory(nca_error *error)
{
    snprintf(error->message, sizeof error->message, "export: out of memory");
    return error->status = NCA_OUT_OF_MEMORY;
}

/* The labels, each preceded by a separator. */
static void join_labels(char *out, size_t size, const export_job *job, char separator)
{
    size_t length = 0;
    *out = 0;
    const size_t count = job->labelled ? job->info->labels : 0;
    for (size_t i = 0; i < count && length < size; i++) {
        length += (size_t)snprintf(out + length, size - length, "%c%lld", separator,
                                   (long long)job->labels[i]);
    }
}

static nca_status add_row(export_job *job, const char *split, const char *name, nca_error *error)
{
    char labels[1024], row[2400];
    join_labels(labels, sizeof labels, job, ',');
    snprintf(row, sizeof row, "%s,%s%s\n", split, name, labels);
    return table_add(&job->table, row, error);
}

static nca_status write_volume(const export_job *job, const char *path, nca_error *error)
{
    nca_animation *animation = NULL;
    nca_status status = nca_animation_open(&animation, path, job->info->width, job->info->height,
                                           slices_per_second, error);
    for (size_t slice = 0; status == NCA_OK && slice < job->info->depth; slice++) {
        nca_image *picture = NULL;
        status =
            nca_medmnist_draw(&picture, job->info, job->values, NCA_AXIS_Z, slice, job->map, error);
        if (status == NCA_OK) {
            status = nca_animation_add(animation, picture, error);
        }
        nca_image_destroy(picture);
    }
    if (status == NCA_OK) {
        status = nca_animation_commit(animation, error);
    }
    nca_animation_destroy(animation);
    return status;
}

static nca_status write_picture(const export_job *job, const char *path, nca_error *error)
{
    nca_image *picture = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_status status =
        nca_medmnist_draw(&picture, job->info, job->values, NCA_AXIS_Z, 0, job->map, error);
    if (status == NCA_OK) {
        status = nca_image_encode_png(&bytes, &size, picture, error);
    }
    /* Does not wait for the disk: for a hundred thousand files this would take minutes. write_all
     * waits once, before it writes the table. */
    if (status == NCA_OK) {
        status = nca_file_write_unsynced(path, bytes, size, error);
    }
    free(bytes);
    nca_image_destroy(picture);
    return status;
}

static nca_status bring_to_disk(const char *folder, nca_error *error)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = descriptor >= 0 && syncfs(descriptor) == 0;
    int code = errno;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return good ? NCA_OK : nca_file_fail_write(error, folder, code);
}

static nca_status write_image(export_job *job, nca_split split, size_t index, nca_error *error)
{
    bool volume = job->info->depth > 1;
    char labels[1024], name[1200];
    nca_status status = nca_medmnist_read(job->values, job->data, split, index, 1, error);
    job->labelled = job->info->labelled[split];
    if (status == NCA_OK && job->labelled) {
        status = nca_medmnist_labels(job->labels, job->data, split, index, 1, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    join_labels(labels, sizeof labels, job, '_');
    snprintf(name, sizeof name, "%s%zu%s.%s", nca_split_name(split), index, labels,
             volume ? "gif" : "png");
    nca_run_path path;
    nca_run_file(&path, job->folder.text, name);
    status = volume ? write_volume(job, path.text, error) : write_picture(job, path.text, error);
    return status == NCA_OK ? add_row(job, split_words[split], name, error) : status;
}

static nca_status write_splits(export_job *job, nca_error *error)
{
    nca_status status = NCA_OK;
    for (int split = 0; split < NCA_SPLIT_COUNT; split++) {
        size_t count = job->wanted[split] ? job->info->count[split] : 0;
        for (size_t i = 0; status == NCA_OK && i < count; i++) {
            if (stop_signal() != 0) {
                return error->status = NCA_INTERRUPTED;
            }
            status = write_image(job, (nca_split)split, i, error);
            double share = (double)++job->done / (double)job->total;
            progress_share(&job->progress, "exporting", 0, share);
        }
    }
    return status;
}

/* While a split is being written, its rows are not in the table, so all files in the table are
 * complete. */
static nca_status write_all(export_job *job, nca_error *error)
{
    const char *words[NCA_SPLIT_COUNT];
    size_t count = 0;
    for (int split = 0; split < NCA_SPLIT_COUNT; split++) {
        if (job->wanted[split]) {
            words[count++] = split_words[split];
        }
    }
    nca_status status = table_keep(&job->table, job->csv.text, words, count, error);
    if (status == NCA_OK) {
        status = table_save(&job->table, job->csv.text, error);
    }
    if (status == NCA_OK) {
        status = write_splits(job, error);
        progress_clear(&job->progress);
    }
    if (status == NCA_OK) {
        status = bring_to_disk(job->folder.text, error);
    }
    return status == NCA_OK ? table_save(&job->table, job->csv.text, error) : status;
}

/* DIR/SET and DIR/SET.csv, named after the file. */
static void choose_names(export_job *job, const char *out, const data_source *from)
{
    const char *slash = strrchr(from->path.text, '/');
    const char *name = slash != NULL ? slash + 1 : from->path.text, *dot = strrchr(name, '.');
    char stem[512], table_name[520];
    snprintf(stem, sizeof stem, "%.*s",
             (int)(dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name)), name);
    snprintf(table_name, sizeof table_name, "%s.csv", stem);
    nca_run_file(&job->folder, out, stem);
    nca_run_file(&job->csv, out, table_name);
}

/* Whether a name has the form that write_image uses: "train0_1.png". */
static bool is_of_a_set(const char *name, void *user)
{
    (void)user;
    const char *dot = strrchr(name, '.');
    for (int split = 0; dot != NULL && split < NCA_SPLIT_COUNT; split++) {
        const char *word = nca_split_name((nca_split)split);
        const size_t length = strlen(word);
        if (strncmp(name, word, length) == 0 && name[length] >= '0' && name[length] <= '9') {
            return strcmp(dot, ".png") == 0 || strcmp(dot, ".gif") == 0;
        }
    }
    return false;
}

static int export_set(export_job *job, const option_values *given, const data_source *from)
{
    nca_split split = NCA_SPLIT_COUNT;
    nca_error error;
    if (options_value(given, "out") == NULL) {
        return complain_usage("expected --out DIR; see `nca data export --help`");
    }
    if (!read_split_option(&split, given) || !read_colormap(&job->map, given)) {
        return EXIT_USAGE;
    }
    if (split != NCA_SPLIT_COUNT && !job->info->present[split]) {
        return complain_usage("--split: %s has no images in the split %s", from->path.text,
                              nca_split_name(split));
    }
    for (int i = 0; i < NCA_SPLIT_COUNT; i++) {
        job->wanted[i] = split == NCA_SPLIT_COUNT || split == (nca_split)i;
        job->total += job->wanted[i] ? job->info->count[i] : 0;
    }
    choose_names(job, options_value(given, "out"), from);
    job->values = malloc(nca_medmnist_image_bytes(job->info));
    job->labels = calloc(job->info->labels + 1, sizeof *job->labels);
    nca_status status = job->values == NULL || job->labels == NULL ? fail_memory(&error) : NCA_OK;
    if (status == NCA_OK) {
        status = nca_folder_create(job->folder.text, &error);
    }
    if (status == NCA_OK) {
        nca_file_remove_leftovers(job->folder.text, is_of_a_set, NULL);
        progress_start(&job->progress, options_has(given, "quiet"), 0);
        status = write_all(job, &error);
    }
    if (status == NCA_INTERRUPTED && stop_signal() != 0) {
        note("stopped after %zu of %zu images; %s does not list them; run the command again",
             job->done, job->total, job->csv.text);
        return EXIT_SIGNALLED + stop_signal();
    }
    if (status != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    printf("%s  %zu images\n%s\n", shown(job->folder.text), job->total, shown(job->csv.text));
    return EXIT_OK;
}

int data_export(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "data export", &data_export_help, 1, "a set", count,
                       arguments)) {
        return code;
    }
    data_source from;
    export_job job = {.map = NCA_COLORMAP_GREY};
    code = data_source_open(&job.data, &from, given.positionals[0], &given);
    if (code == EXIT_OK) {
        job.info = nca_medmnist_about(job.data);
        stop_watch();
        code = export_set(&job, &given, &from);
        stop_unwatch();
    }
    nca_medmnist_close(job.data);
    free(job.values);
    free(job.labels);
    table_free(&job.table);
    return code;
}
