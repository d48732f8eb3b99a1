/* nca data info for images in folders and tables. */
#include <stdio.h>
#include <string.h>

#include "cli/data/data_commands.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/stop.h"

static bool show_progress(double share, void *user)
{
    progress_share(user, "reading", 0, share);
    return stop_signal() == 0;
}

static void print_table(const nca_labelled *data, size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES])
{
    printf("source     %s\n", shown(data->source));
    printf("task       %s, %zu classes\n", nca_label_kind_name(data->kind), data->classes);
    printf("images     %zu x %zu pixels, %s; train %zu, val %zu, test %zu\n", data->height,
           data->width, data->channels == 1 ? "grey" : "RGB", data->split[NCA_SPLIT_TRAIN].count,
           data->split[NCA_SPLIT_VAL].count, data->split[NCA_SPLIT_TEST].count);
    printf("\nclass  %7s  %7s  %7s  name\n", "train", "val", "test");
    for (size_t c = 0; c < data->classes; c++) {
        printf("%5zu  %7zu  %7zu  %7zu  %s\n", c, counts[NCA_SPLIT_TRAIN][c],
               counts[NCA_SPLIT_VAL][c], counts[NCA_SPLIT_TEST][c], shown(data->class_names[c]));
    }
}

static void print_json(const nca_labelled *data, size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES])
{
    printf("{\"source\": ");
    nca_file_write_json_text(stdout, data->source);
    printf(", \"task\": \"%s\",\n  \"width\": %zu, \"height\": %zu, \"channels\": %zu,\n"
           "  \"splits\": {",
           nca_label_kind_name(data->kind), data->width, data->height, data->channels);
    for (unsigned s = 0; s < NCA_SPLIT_COUNT; s++) {
        printf("%s\"%s\": %zu", s > 0 ? ", " : "", nca_split_name((nca_split)s),
               data->split[s].count);
    }
    printf("},\n  \"classes\": [");
    for (size_t c = 0; c < data->classes; c++) {
        printf("%s{\"name\": ", c > 0 ? ", " : "");
        nca_file_write_json_text(stdout, data->class_names[c]);
        for (unsigned s = 0; s < NCA_SPLIT_COUNT; s++) {
            printf(", \"%s\": %zu", nca_split_name((nca_split)s), counts[s][c]);
        }
        printf("}");
    }
    printf("]\n}\n");
}

/* Each line of the notices is a notice of the program. */
static void print_notices(const char *notices)
{
    for (size_t length; *notices != 0; notices += length + 1) {
        length = strcspn(notices, "\n");
        note("%.*s", (int)length, notices);
    }
}

static int show(const nca_labelled *data, const option_values *given)
{
    size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES];
    for (unsigned s = 0; s < NCA_SPLIT_COUNT; s++) {
        nca_labelled_class_counts(counts[s], data, (nca_split)s);
    }
    print_notices(data->notices);
    if (options_has(given, "json")) {
        print_json(data, counts);
    } else {
        print_table(data, counts);
    }
    return EXIT_OK;
}

int data_info_files(const char *source, const option_values *given)
{
    progress shown_progress;
    nca_labelled *data = NULL;
    nca_labelled_options options;
    nca_error error;
    nca_labelled_options_default(&options);
    if (!options_count(&options.size, given, "size", 1, NCA_MAX_SIDE)) {
        return EXIT_USAGE;
    }
    options.progress = show_progress;
    options.user = &shown_progress;
    stop_watch();
    progress_start(&shown_progress, options_has(given, "quiet"), 0);
    const nca_status status = nca_labelled_open(&data, source, &options, &error);
    progress_clear(&shown_progress);
    int code = EXIT_OK;
    if (status == NCA_INTERRUPTED && stop_signal() != 0) {
        code = EXIT_SIGNALLED + stop_signal();
    } else if (status != NCA_OK) {
        code = complain(&error);
    } else {
        code = show(data, given);
    }
    stop_unwatch();
    nca_labelled_close(data);
    return code;
}
