/* nca evaluate for a classifier: scores of labelled images as a table and as files. */
#include "cli/model/evaluate_classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/data/data_options.h"
#include "cli/model/class_figures.h"
#include "cli/model/class_table.h"
#include "cli/model/evaluate_robustness.h"
#include "cli/model/prediction_rows.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/stop.h"

enum {
    MOST_ROWS = 32,
    MOST_NAME = 1024,
    TITLE = 256
};

typedef struct class_run {
    const option_values *given;
    const nca_model *model;
    const char *path; /* of the model */
    nca_labelled *data;
    nca_split split;
    size_t steps[MOST_ROWS];
    nca_class_report_options options;
    nca_class_report *report;
    progress progress;
    nca_error error;
} class_run;

/* ---- Options ---------------------------------------------------------------------------------*/

int evaluate_check_kind(const option_values *given, const nca_model *model)
{
    static const char *const of_growth[] = {"target",    "img-size",     "padding",    "colormap",
                                            "exif",      "window",       "angle",      "long",
                                            "damage-at", "damage-area",  "cuts",       "no-damage",
                                            "output",    "healing-plot", "curve-every"};
    static const char *const of_classes[] = {"data",       "split",       "step-rollouts",
                                             "plots",      "predictions", "skip-broken",
                                             "robustness", "benchmark",   "calibrated"};
    const bool classifies = model->classifier != NULL;
    const char *const *names = classifies ? of_growth : of_classes;
    const size_t count =
        classifies ? sizeof of_growth / sizeof *of_growth : sizeof of_classes / sizeof *of_classes;
    for (size_t i = 0; i < count; i++) {
        if (options_has(given, names[i])) {
            return complain_usage("--%s is for a model that %s, and this model %s; remove it",
                                  names[i], classifies ? "grows an image" : "classifies images",
                                  classifies ? "classifies images" : "grows an image");
        }
    }
    return EXIT_OK;
}

bool is_dash(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

static bool check_outputs(const option_values *given)
{
    if (is_dash(options_value(given, "csv")) && is_dash(options_value(given, "json"))) {
        complain_usage("--csv - and --json - cannot be used together; write one of them to a file");
        return false;
    }
    if (options_has(given, "robustness") &&
        (is_dash(options_value(given, "csv")) || is_dash(options_value(given, "json")))) {
        complain_usage("--robustness prints a table and cannot be used with --csv - or --json -; "
                       "write a file, and the numbers of the robustness with --plots FOLDER");
        return false;
    }
    const char *calibrated = options_value(given, "calibrated");
    const char *dot = calibrated != NULL ? strrchr(calibrated, '.') : NULL;
    if (calibrated != NULL && (dot == NULL || strcasecmp(dot, ".safetensors") != 0)) {
        complain_usage("--calibrated: expected a file that ends in .safetensors, found \"%s\"",
                       calibrated);
        return false;
    }
    return options_place(given, "calibrated") && options_place(given, "csv") &&
           options_place(given, "json") && options_place(given, "predictions") &&
           options_place(given, "plots");
}

/* A single number is the steps after which the scores are read; several are those of the rows. */
static bool read_steps(class_run *r)
{
    nca_class_report_options *o = &r->options;
    size_t count = 0;
    if (!options_steps(r->steps, &count, MOST_ROWS, r->given, "steps")) {
        return false;
    }
    if (count > 0 && r->steps[0] == 0) {
        complain_usage("--steps: expected at least 1 step, found 0");
        return false;
    }
    if (count == 1) {
        o->prediction.steps = r->steps[0];
    } else if (count > 1) {
        o->steps = r->steps;
        o->step_count = count;
    }
    return true;
}

static bool read_options(class_run *r)
{
    const option_values *given = r->given;
    nca_class_report_options *o = &r->options;
    nca_prediction_options *p = &o->prediction;
    size_t threads = 0;
    nca_class_report_options_default(o);
    r->split = NCA_SPLIT_TEST;
    if (!options_count(&p->rollouts, given, "rollouts", 1, 1024) ||
        !options_count(&o->step_rollouts, given, "step-rollouts", 1, 1024) || !read_steps(r) ||
        !read_split_option(&r->split, given) ||
        !options_count(&threads, given, "threads", 0, 1024) ||
        !options_u64(&p->seed, given, "seed") || !options_kernels(&p->kernels, given) ||
        !options_precision(&p->precision, given) ||
        !options_device(&p->device, given, p->precision)) {
        return false;
    }
    p->threads = (unsigned)threads;
    return check_outputs(given);
}

/* ---- Files -----------------------------------------------------------------------------------*/

/* The path of an image, or "test/12". */
static const char *image_name(char out[64], const class_run *r, size_t index)
{
    const nca_labelled_split *split = &r->data->split[r->split];
    if (split->names != NULL) {
        return split->names[index];
    }
    snprintf(out, 64, "%s/%zu", nca_split_name(r->split), index);
    return out;
}

static nca_status write_predictions(class_run *r, const char *path)
{
    const nca_class_report *report = r->report;
    const nca_classifier *c = r->model->classifier;
    nca_file_writer *writer = NULL;
    const nca_status status = nca_file_create(&writer, path, &r->error);
    if (status != NCA_OK) {
        return status;
    }
    prediction_csv_head(nca_file_stream(writer), c, true);
    for (size_t i = 0; i < report->count; i++) {
        char name[64];
        const prediction_row row = {
            .path = image_name(name, r, i),
            .probabilities = report->evaluation->probabilities + i * report->classes,
            .deviations = report->evaluation->deviations + i * report->classes,
            .labels = report->labels + i * report->label_width};
        if (!prediction_csv_row(nca_file_stream(writer), &row, c)) {
            nca_file_abandon(writer);
            snprintf(r->error.message, sizeof r->error.message, "%.900s: out of memory for a row",
                     path);
            return r->error.status = NCA_OUT_OF_MEMORY;
        }
    }
    return nca_file_commit(writer, &r->error);
}

/* The name of the data in the result file: "breastmnist" for medmnist:breastmnist_64 and for
 * data/breastmnist.npz, "birds" for the folder birds/. */
static void find_flag(char *out, size_t size, const char *source)
{
    static const char scheme[] = "medmnist:";
    const bool is_set = strncasecmp(source, scheme, strlen(scheme)) == 0;
    nca_run_name(out, size, is_set ? source + strlen(scheme) : source);
    char *dot = strrchr(out, '.');
    if (dot != NULL && (strcasecmp(dot, ".npz") == 0 || strcasecmp(dot, ".csv") == 0)) {
        *dot = 0;
    }
    char set[MOST_NAME / 4];
    snprintf(set, sizeof set, "%s", out);
    nca_medmnist_take_size(set);
    if (nca_medmnist_set_named(set) != NULL) {
        snprintf(out, size, "%s", set);
    }
}

static nca_status write_benchmark(class_run *r, const char *folder)
{
    const nca_class_report *report = r->report;
    const nca_scores *scores = &report->evaluation->scores;
    char flag[MOST_NAME / 4], run[MOST_NAME / 4], name[MOST_NAME];
    find_flag(flag, sizeof flag, r->data->source);
    class_run_name(run, sizeof run, r->path);
    nca_status status = nca_benchmark_name(name, sizeof name, flag, report->height, report->split,
                                           scores->auc, scores->accuracy, run, &r->error);
    if (status == NCA_OK) {
        status = nca_folder_create(folder, &r->error);
    }
    if (status == NCA_OK) {
        nca_run_path path;
        const nca_predictions predictions = {.kind = report->kind,
                                             .count = report->count,
                                             .classes = report->classes,
                                             .probabilities = report->evaluation->probabilities};
        status = nca_benchmark_save(&predictions, nca_run_file(&path, folder, name), &r->error);
        if (status == NCA_OK) {
            note("wrote %s", path.text);
        }
    }
    return status;
}

static nca_status write_calibrated(class_run *r, const char *path)
{
    nca_model *copy = NULL;
    nca_status status = nca_model_copy(&copy, r->model, &r->error);
    if (status == NCA_OK) {
        copy->classifier->temperature = r->report->temperature;
        status = nca_model_save(copy, path, &r->error);
    }
    nca_model_destroy(copy);
    return status;
}

/* "medmnist:breastmnist, test": the images that were evaluated. */
static const char *images_title(char out[TITLE], const class_run *r)
{
    snprintf(out, TITLE, "%.200s, %s", r->data->source, nca_split_name(r->split));
    return out;
}

static nca_status write_files(class_run *r, const nca_class_report_about *about)
{
    const char *csv = options_value(r->given, "csv"), *json = options_value(r->given, "json");
    const char *predictions = options_value(r->given, "predictions");
    const char *benchmark = options_value(r->given, "benchmark");
    const char *calibrated = options_value(r->given, "calibrated");
    const char *plots = options_value(r->given, "plots");
    char title[TITLE];
    nca_status status = NCA_OK;
    if (csv != NULL && !is_dash(csv)) {
        status = nca_class_report_save_csv(r->report, csv, &r->error);
    }
    if (status == NCA_OK && json != NULL && !is_dash(json)) {
        status = nca_class_report_save_json(r->report, about, json, &r->error);
    }
    if (status == NCA_OK && predictions != NULL) {
        status = write_predictions(r, predictions);
    }
    if (status == NCA_OK && calibrated != NULL) {
        status = write_calibrated(r, calibrated);
    }
    if (status == NCA_OK && plots != NULL) {
        status = class_figures_save(r->report, images_title(title, r), plots, &r->error);
    }
    return status == NCA_OK && benchmark != NULL ? write_benchmark(r, benchmark) : status;
}

/* ---- The command -----------------------------------------------------------------------------*/

static nca_status show_results(class_run *r)
{
    const bool csv = is_dash(options_value(r->given, "csv"));
    const bool json = is_dash(options_value(r->given, "json"));
    const nca_class_report_about about = {.model = r->path, .data = r->data->source};
    nca_status status = write_files(r, &about);
    if (status == NCA_OK && !csv && !json) {
        class_table_print(r->report, &about);
        if (r->report->calibrated.count == 0) {
            note("%s has no images of val, so no temperature was fitted", r->data->source);
        } else if (r->split == NCA_SPLIT_VAL) {
            note("the temperature was fitted on the images that were evaluated");
        }
        return NCA_OK;
    }
    char *text = NULL;
    if (status == NCA_OK) {
        status = csv ? nca_class_report_csv(&text, r->report, &r->error)
                     : nca_class_report_json(&text, r->report, &about, &r->error);
    }
    if (status == NCA_OK) {
        fputs(text, stdout);
        free(text);
    }
    return status;
}

static bool watch(double share, void *user)
{
    class_run *r = user;
    progress_share(&r->progress, "evaluating", 0, share);
    return stop_signal() == 0;
}

static int evaluate(class_run *r)
{
    r->options.progress = watch;
    r->options.user = r;
    stop_watch();
    progress_start(&r->progress, options_has(r->given, "quiet"), 0);
    nca_status status =
        nca_class_report_create(&r->report, r->model, r->data, r->split, &r->options, &r->error);
    progress_clear(&r->progress);
    const int number = stop_signal();
    stop_unwatch();
    if (status == NCA_INTERRUPTED) {
        note("stopped; no file was written");
        return EXIT_SIGNALLED + number;
    }
    if (status == NCA_OK) {
        status = show_results(r);
    }
    return status == NCA_OK ? EXIT_OK : complain(&r->error);
}

/* A second table, from images that are corrupted. Returns the exit code. */
static int measure_robustness(const class_run *r)
{
    static const char *const names[] = {"robustness.csv", "robustness.json", "robustness.png",
                                        "corruptions.png"};
    const char *folder = options_value(r->given, "plots");
    nca_run_path paths[sizeof names / sizeof *names];
    robustness_job job = {.model = r->model,
                          .path = r->path,
                          .data = r->data,
                          .split = r->split,
                          .quiet = options_has(r->given, "quiet")};
    nca_robustness_options_default(&job.options);
    job.options.prediction = r->options.prediction;
    job.options.prediction.rollouts = r->options.step_rollouts;
    const char **const files[] = {&job.csv, &job.json, &job.plot, &job.montage};
    for (size_t i = 0; folder != NULL && i < sizeof names / sizeof *names; i++) {
        *files[i] = nca_run_file(&paths[i], folder, names[i]);
    }
    printf("\n");
    fflush(stdout);
    return evaluate_robustness(&job);
}

int evaluate_classes(const option_values *given, const nca_model *model, const char *path)
{
    class_run r = {.given = given, .model = model, .path = path};
    int code = read_options(&r) ? EXIT_OK : EXIT_USAGE;
    if (code == EXIT_OK) {
        code = class_data_open(&r.data, model, path, given);
    }
    if (code == EXIT_OK && options_has(given, "calibrated") &&
        r.data->split[NCA_SPLIT_VAL].count == 0) {
        code = complain_usage("--calibrated: %s has no images of val to fit the temperature on",
                              r.data->source);
    }
    if (code == EXIT_OK) {
        code = evaluate(&r);
    }
    if (code == EXIT_OK && options_has(given, "robustness")) {
        code = measure_robustness(&r);
    }
    nca_class_report_destroy(r.report);
    nca_labelled_close(r.data);
    return code;
}
