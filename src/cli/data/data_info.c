/* nca data info: everything known about a set, and the number of images of each class in its
 * file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/data/data_commands.h"
#include "cli/data/data_describe.h"
#include "cli/data/data_options.h"
#include "cli/data/data_source.h"
#include "cli/help.h"
#include "cli/option_values.h"

static const option table[] = {
    DATA_SOURCE_OPTIONS,
    JSON_OPTION,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page data_info_help = {
    .usage = "nca data info SET [--size N] [--root DIR] [--json]",
    .purpose =
        "Shows the task, classes, number of images, licence and citation of a set, and where its\n"
        "file is or how to download it. If the file exists, the images of each class are counted.\n"
        "SET may be the path of a file, of a folder of images (FOLDER/train/CLASS/IMAGE, with val\n"
        "and test, or FOLDER/CLASS/IMAGE), or of a table (.csv) of images with the columns path,\n"
        "label and split. Their images are read, and resized if --size is given.",
    .table = table,
    .examples = "  nca data info breastmnist\n"
                "  nca data info organmnist3d --size 64\n"
                "  nca data info my-images.npz --json\n"
                "  nca data info birds/\n",
};

enum {
    MOST_CLASSES = 64, /* unnamed classes are numbered up to this; others share one row */
    LABELS_AT_ONCE = 4096
};

/* The number of images of each class and split; if images have several labels, each label that is
 * set counts. */
typedef struct class_counts {
    size_t of[MOST_CLASSES][NCA_SPLIT_COUNT];
    size_t classes; /* number of rows: the highest class that occurs, plus one; or the number of
                       classes of the catalogue */
    size_t others[NCA_SPLIT_COUNT]; /* number of labels that have no row */
} class_counts;

static void count_labels(class_counts *counts, const int64_t *labels, size_t images,
                         size_t per_image, int split)
{
    for (size_t i = 0; i < images * per_image; i++) {
        int64_t label = per_image > 1 ? (int64_t)(i % per_image) : labels[i];
        if (per_image > 1 && labels[i] == 0) {
            continue;
        }
        if (label < 0 || label >= MOST_CLASSES) {
            counts->others[split]++;
            continue;
        }
        counts->of[label][split]++;
        counts->classes = (size_t)label >= counts->classes ? (size_t)label + 1 : counts->classes;
    }
}

static nca_status count_classes(class_counts *counts, nca_medmnist *data, nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(data);
    size_t each = info->labels > 0 ? info->labels : 1;
    size_t piece = each < LABELS_AT_ONCE ? LABELS_AT_ONCE / each : 1;
    int64_t *labels = calloc(piece * info->labels + 1, sizeof *labels);
    nca_status status = NCA_OK;
    if (labels == NULL) {
        error->status = status = NCA_OUT_OF_MEMORY;
        snprintf(error->message, sizeof error->message, "out of memory");
    }
    for (int split = 0; status == NCA_OK && split < NCA_SPLIT_COUNT; split++) {
        size_t count = info->labelled[split] ? info->count[split] : 0;
        for (size_t first = 0; status == NCA_OK && first < count; first += piece) {
            size_t part = count - first < piece ? count - first : piece;
            status = nca_medmnist_labels(labels, data, (nca_split)split, first, part, error);
            if (status == NCA_OK) {
                count_labels(counts, labels, part, info->labels, split);
            }
        }
    }
    free(labels);
    return status;
}

/* The available information: from the catalogue, from the file, or from both. */
typedef struct knowledge {
    const option_values *given;
    data_source from;
    const nca_medmnist_info *info; /* NULL without a file */
    class_counts counts;
} knowledge;

static void print_set(const nca_medmnist_set *set)
{
    printf("%s\n\n", set->title);
    printf("task       %s, %u classes\n", set->task, (unsigned)set->classes);
    printf("images     %s%s; train %u, val %u, test %u\n", set->dimensions == 3 ? "3-D, " : "",
           set->channels == 3 ? "RGB" : "grey", (unsigned)set->count[NCA_SPLIT_TRAIN],
           (unsigned)set->count[NCA_SPLIT_VAL], (unsigned)set->count[NCA_SPLIT_TEST]);
    printf("sizes     ");
    for (uint32_t i = 0; i < set->file_count; i++) {
        printf("%s %u", i > 0 ? "," : "", (unsigned)set->files[i].size);
    }
    printf(" pixels\nlicence    %s%s\n", set->licence,
           strstr(set->licence, "NC") != NULL ? ": no commercial use" : "");
}

static void print_file(const knowledge *k)
{
    char images[DATA_WORDS], counts[DATA_WORDS];
    if (k->info == NULL) {
        nca_run_path advice = data_source_advice(&k->from, k->given);
        printf("file       %s does not exist; download it with: %s\n", shown(k->from.path.text),
               shown(advice.text));
        return;
    }
    describe_images(images, k->info);
    describe_counts(counts, k->info);
    printf("file       %s: %s; %s\n", shown(k->from.path.text), images, counts);
    for (int split = 0; split < NCA_SPLIT_COUNT; split++) {
        if (k->info->present[split] && !k->info->labelled[split]) {
            printf("labels     none for %s\n", nca_split_name((nca_split)split));
        }
    }
}

static bool has_others(const knowledge *k)
{
    const size_t *others = k->counts.others;
    return others[0] + others[1] + others[2] > 0;
}

static void print_classes(const knowledge *k)
{
    if (k->counts.classes == 0 && !has_others(k)) {
        return;
    }
    printf("\n%-5s", "class");
    if (k->info != NULL) {
        printf("  %7s  %7s  %7s", "train", "val", "test");
    }
    printf("  name\n");
    for (size_t i = 0; i < k->counts.classes; i++) {
        char name[DATA_WORDS];
        describe_class(name, k->from.set, (int64_t)i);
        printf("%5zu", i);
        if (k->info != NULL) {
            printf("  %7zu  %7zu  %7zu", k->counts.of[i][0], k->counts.of[i][1],
                   k->counts.of[i][2]);
        }
        printf("  %s\n", k->from.set != NULL ? name : "-");
    }
    if (has_others(k)) {
        printf("other  %7zu  %7zu  %7zu  below 0 or over %d\n", k->counts.others[0],
               k->counts.others[1], k->counts.others[2], MOST_CLASSES - 1);
    }
}

static void print_table(const knowledge *k)
{
    if (k->from.set != NULL) {
        print_set(k->from.set);
    }
    print_file(k);
    print_classes(k);
    if (k->from.set != NULL) {
        printf("\nto cite\n%s", nca_medmnist_citation());
    }
}

static void print_json_set(const nca_medmnist_set *set)
{
    printf(",\n  \"name\": \"%s\", \"title\": \"%s\", \"task\": \"%s\", \"dimensions\": %u, "
           "\"channels\": %u,\n  \"licence\": \"%s\", \"files\": [",
           set->name, set->title, set->task, (unsigned)set->dimensions, (unsigned)set->channels,
           set->licence);
    for (uint32_t i = 0; i < set->file_count; i++) {
        printf("%s{\"size\": %u, \"md5\": \"%s\", \"url\": \"%s\"}", i > 0 ? ", " : "",
               (unsigned)set->files[i].size, set->files[i].md5, set->files[i].url);
    }
    printf("]");
}

/* null: the file has no images of the split. */
static void print_json_splits(const nca_medmnist_info *info)
{
    printf(",\n  \"splits\": {");
    for (int split = 0; split < NCA_SPLIT_COUNT; split++) {
        printf("%s\"%s\": ", split > 0 ? ", " : "", nca_split_name((nca_split)split));
        if (info->present[split]) {
            printf("{\"images\": %zu, \"labels\": %s}", info->count[split],
                   info->labelled[split] ? "true" : "false");
        } else {
            printf("null");
        }
    }
    printf("}");
}

static void print_json(const knowledge *k)
{
    printf("{\"file\": ");
    nca_file_write_json_text(stdout, k->from.path.text);
    printf(", \"downloaded\": %s", k->info != NULL ? "true" : "false");
    if (k->info != NULL) {
        print_json_splits(k->info);
    }
    if (k->from.set != NULL) {
        print_json_set(k->from.set);
    }
    printf(",\n  \"classes\": [");
    for (size_t i = 0; i < k->counts.classes; i++) {
        char name[DATA_WORDS];
        describe_class(name, k->from.set, (int64_t)i);
        printf("%s{\"name\": ", i > 0 ? ", " : "");
        nca_file_write_json_text(stdout, name);
        if (k->info != NULL) {
            printf(", \"train\": %zu, \"val\": %zu, \"test\": %zu", k->counts.of[i][0],
                   k->counts.of[i][1], k->counts.of[i][2]);
        }
        printf("}");
    }
    printf("]");
    if (has_others(k)) {
        printf(",\n  \"others\": {\"train\": %zu, \"val\": %zu, \"test\": %zu}",
               k->counts.others[0], k->counts.others[1], k->counts.others[2]);
    }
    printf("\n}\n");
}

/* Whether the argument is a folder or a table of images, and not a set or an archive. */
static bool is_of_files(const char *argument)
{
    struct stat about;
    const size_t length = strlen(argument);
    return (length > 4 && strcasecmp(argument + length - 4, ".csv") == 0) ||
           (nca_medmnist_set_named(argument) == NULL && stat(argument, &about) == 0 &&
            S_ISDIR(about.st_mode));
}

static int show(const option_values *given)
{
    knowledge k = {.given = given};
    nca_error error;
    nca_medmnist *data = NULL;
    const char *argument = given->positionals[0];
    int code = data_source_find(&k.from, argument, given);
    if (code == EXIT_OK && (k.from.set == NULL || access(k.from.path.text, F_OK) == 0)) {
        code = data_source_open(&data, &k.from, argument, given);
    }
    if (code != EXIT_OK) {
        return code;
    }
    k.counts.classes = k.from.set != NULL ? k.from.set->classes : 0;
    if (data != NULL) {
        k.info = nca_medmnist_about(data);
        if (count_classes(&k.counts, data, &error) != NCA_OK) {
            complain(&error);
            nca_medmnist_close(data);
            return EXIT_FAILED;
        }
    }
    if (options_has(given, "json")) {
        print_json(&k);
    } else {
        print_table(&k);
    }
    nca_medmnist_close(data);
    return EXIT_OK;
}

int data_info(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "data info", &data_info_help, 1, "a set", count, arguments)) {
        return code;
    }
    return is_of_files(given.positionals[0]) ? data_info_files(given.positionals[0], &given)
                                             : show(&given);
}
