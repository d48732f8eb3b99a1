/* nca data list: the catalogue as a table, with the downloaded files. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/data/data_commands.h"
#include "cli/data/data_options.h"
#include "cli/data_root.h"
#include "cli/help.h"
#include "cli/option_values.h"

static const option table[] = {
    MEDMNIST_ROOT_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page data_list_help = {
    .usage = "nca data list [--root DIR] [--json]",
    .purpose =
        "Lists the 18 sets of MedMNIST: task, kind of image, number of images for training,\n"
        "validation and test, licence, and the sizes that are downloaded.",
    .table = table,
    .examples = "  nca data list\n"
                "  nca data list --json | jq '.sets[] | select(.dimensions == 3).name'\n",
};

/* Whether the set's file of that size can be read. */
static bool is_downloaded(const char *root, const nca_medmnist_set *set, uint32_t size)
{
    nca_run_path path;
    return *root != 0 &&
           nca_medmnist_path(path.text, sizeof path.text, root, set, size, NULL) == NCA_OK &&
           access(path.text, R_OK) == 0;
}

/* "28, 64", or a dash. */
static void describe_sizes(char *out, size_t out_size, const char *root,
                           const nca_medmnist_set *set, const char *none)
{
    int length = 0;
    *out = 0;
    for (uint32_t i = 0; i < set->file_count; i++) {
        if (is_downloaded(root, set, set->files[i].size)) {
            length += snprintf(out + length, out_size - (size_t)length, "%s%u",
                               length > 0 ? ", " : "", (unsigned)set->files[i].size);
        }
    }
    if (length == 0) {
        snprintf(out, out_size, "%s", none);
    }
}

static void print_table(const char *root)
{
    printf("%-15s  %-26s  %-4s  %7s  %7s  %6s  %6s  %-12s  %s\n", "set", "task", "kind", "classes",
           "train", "val", "test", "licence", "downloaded");
    const nca_medmnist_set *set;
    for (size_t i = 0; (set = nca_medmnist_set_at(i)) != NULL; i++) {
        char sizes[64];
        describe_sizes(sizes, sizeof sizes, root, set, "-");
        const char *kind = set->dimensions == 3 ? "3-D" : set->channels == 3 ? "RGB" : "grey";
        printf("%-15s  %-26s  %-4s  %7u  %7u  %6u  %6u  %-12s  %s\n", set->name, set->task, kind,
               (unsigned)set->classes, (unsigned)set->count[NCA_SPLIT_TRAIN],
               (unsigned)set->count[NCA_SPLIT_VAL], (unsigned)set->count[NCA_SPLIT_TEST],
               set->licence, sizes);
    }
    if (*root != 0) {
        printf("\ndownloaded: image sizes in pixels of the files in %s\n", shown(root));
    } else {
        printf(
            "\ndownloaded: unknown, because there is no home folder; give a folder with --root\n");
    }
}

static void print_json(const char *root)
{
    const nca_medmnist_set *set;
    printf("{\"root\": ");
    nca_file_write_json_text(stdout, root);
    printf(", \"sets\": [");
    for (size_t i = 0; (set = nca_medmnist_set_at(i)) != NULL; i++) {
        char sizes[64];
        describe_sizes(sizes, sizeof sizes, root, set, "");
        printf("%s\n  {\"name\": \"%s\", \"title\": \"%s\", \"task\": \"%s\", \"dimensions\": %u, "
               "\"channels\": %u, \"classes\": %u,\n   \"train\": %u, \"val\": %u, \"test\": %u, "
               "\"licence\": \"%s\", \"downloaded\": [%s]}",
               i > 0 ? "," : "", set->name, set->title, set->task, (unsigned)set->dimensions,
               (unsigned)set->channels, (unsigned)set->classes,
               (unsigned)set->count[NCA_SPLIT_TRAIN], (unsigned)set->count[NCA_SPLIT_VAL],
               (unsigned)set->count[NCA_SPLIT_TEST], set->licence, sizes);
    }
    printf("\n]}\n");
}

int data_list(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "data list", &data_list_help, 0, NULL, count, arguments)) {
        return code;
    }
    nca_run_path root = data_root(options_value(&given, "root"));
    if (options_has(&given, "json")) {
        print_json(root.text);
    } else {
        print_table(root.text);
    }
    return EXIT_OK;
}
