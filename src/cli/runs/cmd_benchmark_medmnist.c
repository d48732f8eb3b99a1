/* nca benchmark-medmnist: trains classifiers on all sets of MedMNIST whose files are there, with
 * several seeds, and writes one table of test scores beside the published ones. The runs are those
 * of a sweep: they can be stopped and continued. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/data_root.h"
#include "cli/option_values.h"
#include "cli/runs/medmnist_table.h"
#include "cli/runs/sweep_run.h"
#include "cli/stop.h"

enum {
    MOST_SEEDS = 64,
    MOST_ROLLOUTS = 1024,
    MOST_JOBS = 1024
};

#define TABLE_MARKDOWN "table.md"
#define TABLE_CSV      "table.csv"
#define TABLE_PNG      "table.png"
#define TABLE_SVG      "table.svg"
#define MADE_UP        "made-up" /* folder of the synthetic sets */

static const option table[] = {
    {"output", 'o', "DIR", "Folder of the runs and tables. [runs/medmnist]"},
    {"sets", 0, "LIST", "Sets to train, separated by commas. [all whose file is in the root]"},
    {"size", 0, "N", "Pixels of a side: 28, 64, 128 or 224. [28]"},
    {"seeds", 0, "N", "Train each set with N seeds. [5]"},
    {"rollouts", 0, "N", "Rollouts for the mean prediction, at least 2. [16]"},
    {"jobs", 'j', "N", "Number of runs trained at the same time. [one per core]"},
    {"synthetic", 0, "N",
     "For sets without a file: N made-up training images in the form of the set, to measure time "
     "and memory. Their scores mean nothing and are marked. [leave such sets out]"},
    {"list", 0, NULL, "Print the sets and whether their file is there, and exit."},
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page benchmark_medmnist_help = {
    .usage = "nca benchmark-medmnist [-o DIR] [--sets LIST] [--seeds N] [SETTINGS]",
    .purpose =
        "Trains a classifier on every set of MedMNIST whose file is in the root, with several\n"
        "seeds, and measures the model with the best validation AUC on the test images. Writes\n"
        "table.md, table.csv, table.png and table.svg, with the published results beside them.\n"
        "Each run has a folder in runs/. A stopped benchmark is continued by the same command.",
    .table = table,
    .settings = true,
    .examples = "  nca benchmark-medmnist --root data -o runs/medmnist\n"
                "  nca benchmark-medmnist --sets breastmnist,retinamnist --seeds 3\n"
                "  nca benchmark-medmnist --synthetic 256 --iterations 50 --seeds 1\n",
};

typedef struct chosen_set {
    const nca_medmnist_set *set;
    char data[NCA_RUN_PATH_SIZE]; /* value of the setting `data` */
    bool made_up;
} chosen_set;

typedef struct command_state {
    option_values given;
    nca_run_path folder, root;
    size_t size, seeds, rollouts, jobs, synthetic; /* synthetic 0: none */
    size_t count, unmeasured; /* sets; runs that are trained but cannot be measured */
    chosen_set chosen[MOST_TABLE_SETS];
    nca_sweep *sweep;
    sweep_run run;
    medmnist_table table;
    nca_error error;
} command_state;

/* ---- The sets --------------------------------------------------------------------------------*/

/* Whether `name` is an entry of the option --sets; all are if there is no such option. */
static bool is_asked_for(const command_state *s, const char *name)
{
    const char *list = options_value(&s->given, "sets");
    const size_t length = strlen(name);
    for (const char *at = list; at != NULL && *at != 0; at += strcspn(at, ","), at += *at == ',') {
        if (strcspn(at, ",") == length && strncasecmp(at, name, length) == 0) {
            return true;
        }
    }
    return list == NULL;
}

/* Complains about settings that the benchmark chooses itself. */
static bool check_settings(const command_state *s)
{
    for (size_t i = 0; i < s->given.count; i++) {
        const nca_setting *setting = s->given.given[i].setting;
        if (setting != NULL &&
            (strcmp(setting->key, "data") == 0 || strcmp(setting->key, "task") == 0)) {
            complain_usage("--%s cannot be given here: the benchmark chooses it; use --sets to "
                           "choose sets",
                           setting->key);
            return false;
        }
    }
    return true;
}

/* Complains about an entry of --sets that is not a set. */
static bool check_names(const command_state *s)
{
    const char *list = options_value(&s->given, "sets");
    for (const char *at = list; at != NULL && *at != 0; at += strcspn(at, ","), at += *at == ',') {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        if (nca_medmnist_set_named(name) == NULL) {
            complain_usage("--sets: expected names of sets separated by commas, such as "
                           "breastmnist,retinamnist, found \"%s\"; see `nca data list`",
                           name);
            return false;
        }
    }
    return true;
}

/* Writes the made-up file of a set unless it is there already. The number of images is in its path,
 * so that files with other numbers are not used. */
static int make_up(command_state *s, chosen_set *chosen)
{
    nca_run_path folder, file;
    char below[64];
    nca_synthetic_options options;
    nca_synthetic_options_default(&options);
    options.set = chosen->set;
    options.size = (uint32_t)s->size;
    options.count[NCA_SPLIT_TRAIN] = (uint32_t)s->synthetic;
    options.count[NCA_SPLIT_VAL] = options.count[NCA_SPLIT_TEST] =
        (uint32_t)(s->synthetic / 4 + 2 * chosen->set->classes);
    snprintf(below, sizeof below, MADE_UP "/%zu", s->synthetic);
    nca_run_file(&folder, s->folder.text, below);
    if (nca_folder_create(folder.text, &s->error) != NCA_OK ||
        nca_medmnist_path(chosen->data, sizeof chosen->data, folder.text, chosen->set,
                          (uint32_t)s->size, &s->error) != NCA_OK) {
        return complain(&s->error);
    }
    snprintf(file.text, sizeof file.text, "%s", chosen->data);
    if (access(file.text, F_OK) != 0 &&
        nca_medmnist_synthesise(file.text, &options, &s->error) != NCA_OK) {
        return complain(&s->error);
    }
    chosen->made_up = true;
    return EXIT_OK;
}

/* Whether the set's file is in the root; a set that does not have the size is left out. */
static bool find_file(nca_run_path *out, const command_state *s, const nca_medmnist_set *set)
{
    return nca_medmnist_path(out->text, sizeof out->text, s->root.text, set, (uint32_t)s->size,
                             NULL) == NCA_OK &&
           access(out->text, F_OK) == 0;
}

static int list_sets(const command_state *s)
{
    nca_run_path file;
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        const nca_medmnist_set *set = nca_medmnist_set_at(i);
        if (is_asked_for(s, set->name)) {
            const bool found = find_file(&file, s, set);
            printf("%-16s %s\n", set->name, found ? shown(file.text) : "no file");
        }
    }
    return EXIT_OK;
}

static int choose_sets(command_state *s)
{
    nca_run_path file;
    int code = EXIT_OK;
    for (size_t i = 0; i < nca_medmnist_set_count() && code == EXIT_OK; i++) {
        const nca_medmnist_set *set = nca_medmnist_set_at(i);
        chosen_set *chosen = &s->chosen[s->count];
        if (!is_asked_for(s, set->name) || nca_medmnist_set_file(set, (uint32_t)s->size) == NULL) {
            continue;
        }
        *chosen = (chosen_set){.set = set};
        if (find_file(&file, s, set)) {
            snprintf(chosen->data, sizeof chosen->data,
                     s->size == 28 ? "medmnist:%s" : "medmnist:%s_%zu", set->name, s->size);
            s->count++;
        } else if (s->synthetic > 0) {
            code = make_up(s, chosen);
            s->count++;
        } else if (options_has(&s->given, "sets")) {
            note("%s: no file in %s; left out. `nca data get %s` downloads it", set->name,
                 shown(s->root.text), set->name);
        }
    }
    if (code == EXIT_OK && s->count == 0) {
        return complain_usage("no file of MedMNIST with %zu pixels in %s; download one with `nca "
                              "data get breastmnist`, or give --root or --synthetic",
                              s->size, shown(s->root.text));
    }
    return code;
}

/* ---- The runs --------------------------------------------------------------------------------*/

/* Of a setting that was given several times, the last one counts; in a sweep it would be a list. */
static bool is_last(const option_values *given, size_t index)
{
    size_t later = index + 1;
    while (later < given->count && given->given[later].setting != given->given[index].setting) {
        later++;
    }
    return later == given->count;
}

/* The runs as a sweep: sets times seeds. */
static int make_sweep(command_state *s)
{
    nca_sweep_override overrides[MOST_GIVEN + MOST_TABLE_SETS];
    size_t count = 0;
    char text[256];
    for (size_t i = 0; i < s->count; i++) {
        overrides[count++] = (nca_sweep_override){"data", s->chosen[i].data};
    }
    for (size_t i = 0; i < s->given.count; i++) {
        const option_given *item = &s->given.given[i];
        if (item->setting != NULL && is_last(&s->given, i)) {
            overrides[count++] = (nca_sweep_override){item->setting->key, item->value};
        }
    }
    const int size = snprintf(text, sizeof text, "task: classify\nseeds: %zu\n", s->seeds);
    if (nca_sweep_parse(&s->sweep, text, (size_t)size, "benchmark-medmnist", overrides, count,
                        &s->error) != NCA_OK) {
        complain(&s->error);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static bool go_on(size_t done, void *user)
{
    (void)done;
    return stop_not_asked(user);
}

/* The row of a run's set. */
static size_t row_of(const command_state *s, size_t run)
{
    const char *data = nca_sweep_settings(s->sweep, run)->data;
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->chosen[i].data, data) == 0) {
            return i;
        }
    }
    return 0;
}

/* Measures the runs of one set that are done. A run that cannot be measured has failed. */
static void measure_set(command_state *s, size_t index)
{
    table_row *row = &s->table.row[index];
    test_scores scores[MOST_SEEDS];
    size_t measured = 0;
    *row = (table_row){.set = s->chosen[index].set,
                       .size = (uint32_t)s->size,
                       .made_up = s->chosen[index].made_up};
    for (size_t i = 0; i < nca_sweep_count(s->sweep); i++) {
        const nca_sweep_run *run = nca_sweep_run_at(s->run.job, i);
        if (row_of(s, i) != index) {
            continue;
        }
        row->failed += run->status == NCA_SWEEP_FAILED;
        if (run->status != NCA_SWEEP_DONE || measured == MOST_SEEDS) {
            continue;
        }
        const nca_status status =
            test_scores_of(&scores[measured], run, nca_sweep_settings(s->sweep, i), s->root.text,
                           s->rollouts, go_on, &s->error);
        if (status == NCA_INTERRUPTED) {
            break;
        }
        if (status != NCA_OK) {
            note("run %s cannot be measured: %s", nca_sweep_name(s->sweep, i), s->error.message);
            row->failed++;
            s->unmeasured++;
            continue;
        }
        measured++;
    }
    table_row_fill(row, scores, measured);
}

static int save(const command_state *s, const char *name, char *text)
{
    nca_error error;
    nca_run_path path;
    nca_status status;
    if (text == NULL) {
        note("%s: out of memory", name);
        return EXIT_FAILED;
    }
    nca_run_file(&path, s->folder.text, name);
    status = nca_file_write(path.text, text, strlen(text), &error);
    free(text);
    return status == NCA_OK ? EXIT_OK : complain(&error);
}

static int measure(command_state *s)
{
    s->table.count = s->count;
    s->table.rollouts = s->rollouts;
    s->table.seeds = s->seeds;
    stop_watch();
    for (size_t i = 0; i < s->count && stop_signal() == 0; i++) {
        measure_set(s, i);
    }
    const int signal_number = stop_signal();
    stop_unwatch();
    if (signal_number != 0) {
        note("stopped while the models were measured; the same command continues");
        return EXIT_SIGNALLED + signal_number;
    }
    return EXIT_OK;
}

/* Without cairo there are tables only. */
static int draw(command_state *s)
{
    static const char *const names[] = {TABLE_PNG, TABLE_SVG};
    for (size_t i = 0; i < 2; i++) {
        nca_run_path path;
        nca_run_file(&path, s->folder.text, names[i]);
        if (medmnist_table_draw(&s->table, path.text, &s->error) != NCA_OK) {
            note("the tables are written, but the picture could not be drawn:");
            complain(&s->error);
            return EXIT_FAILED;
        }
        printf("%s%s\n", i == 0 ? "pictures   " : "           ", shown(path.text));
    }
    return EXIT_OK;
}

static int write_tables(command_state *s)
{
    char *text = medmnist_table_markdown(&s->table);
    if (text != NULL) {
        print_lines(text);
    }
    int code = save(s, TABLE_MARKDOWN, text);
    if (code == EXIT_OK) {
        code = save(s, TABLE_CSV, medmnist_table_csv(&s->table));
    }
    if (code != EXIT_OK) {
        return code;
    }
    printf("\nruns       %zu done of %zu\n", nca_sweep_count_of(s->run.job, NCA_SWEEP_DONE),
           nca_sweep_count(s->sweep));
    printf("tables     %s\n",
           shown(nca_run_file(&(nca_run_path){0}, s->folder.text, TABLE_MARKDOWN)));
    printf("           %s\n", shown(nca_run_file(&(nca_run_path){0}, s->folder.text, TABLE_CSV)));
    code = draw(s);
    return sweep_run_note_failed(&s->run) > 0 || s->unmeasured > 0 ? EXIT_FAILED : code;
}

static int benchmark(command_state *s)
{
    int code = choose_sets(s);
    if (code == EXIT_OK) {
        code = make_sweep(s);
    }
    if (code == EXIT_OK) {
        code = sweep_run_open(&s->run, s->sweep, s->folder.text, "medmnist", s->root.text, s->jobs);
    }
    if (code == EXIT_OK) {
        code = sweep_run_all(&s->run, options_has(&s->given, "quiet"));
    }
    if (code == EXIT_OK) {
        code = measure(s);
    }
    return code == EXIT_OK ? write_tables(s) : code;
}

/* The value of a setting on the command line, or NULL. */
static const char *setting_value(const option_values *given, const char *key)
{
    const char *value = NULL;
    for (size_t i = 0; i < given->count; i++) {
        const option_given *item = &given->given[i];
        if (item->setting != NULL && strcmp(item->setting->key, key) == 0) {
            value = item->value;
        }
    }
    return value;
}

static bool read_size(command_state *s)
{
    if (!options_count(&s->size, &s->given, "size", 28, 224)) {
        return false;
    }
    if (s->size != 28 && s->size != 64 && s->size != 128 && s->size != 224) {
        complain_usage("--size: expected 28, 64, 128 or 224, found %zu", s->size);
        return false;
    }
    return true;
}

static int read_options(command_state *s)
{
    const char *output = options_value(&s->given, "output");
    s->root = data_root(setting_value(&s->given, "root"));
    s->size = 28;
    s->seeds = 5;
    s->rollouts = 16;
    s->jobs = nca_core_count();
    snprintf(s->folder.text, sizeof s->folder.text, "%s",
             output != NULL ? output : "runs/medmnist");
    return read_size(s) && options_count(&s->seeds, &s->given, "seeds", 1, MOST_SEEDS) &&
                   options_count(&s->rollouts, &s->given, "rollouts", 2, MOST_ROLLOUTS) &&
                   options_count(&s->jobs, &s->given, "jobs", 1, MOST_JOBS) &&
                   options_count(&s->synthetic, &s->given, "synthetic", 16, 1u << 24) &&
                   check_names(s) && check_settings(s)
               ? EXIT_OK
               : EXIT_USAGE;
}

int command_benchmark_medmnist(int count, char **arguments)
{
    command_state *s = calloc(1, sizeof *s);
    if (s == NULL) {
        note("out of memory");
        return EXIT_FAILED;
    }
    int code = options_parse(&s->given, "benchmark-medmnist", table, true, 0, count, arguments);
    if (code == EXIT_OK && s->given.help) {
        help_print(&benchmark_medmnist_help);
    } else if (code == EXIT_OK) {
        code = read_options(s);
        if (code == EXIT_OK) {
            code = options_has(&s->given, "list") ? list_sets(s) : benchmark(s);
        }
    }
    sweep_run_close(&s->run);
    nca_sweep_destroy(s->sweep);
    free(s);
    return code;
}
