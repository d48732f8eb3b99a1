/* nca predict: the classes of images. Images are read and run a few at a time; one that cannot be
 * read is named, and the others go on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/commands.h"
#include "cli/model/class_data.h"
#include "cli/model/explain_images.h"
#include "cli/model/load_model.h"
#include "cli/model/predict_images.h"
#include "cli/model/prediction_rows.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/runs/run_list.h"
#include "cli/stop.h"
#include "cli/terminal.h"

enum {
    AT_ONCE = 64,           /* images */
    BATCH_BYTES = 64 << 20, /* of these images */
    MOST_WIDTH = 60,        /* columns of a path that others are padded to */
    MOST_STEPS = 1000000
};

static const option table[] = {
    {"rollouts", 0, "N",
     "Number of rollouts with different fire masks; the prediction is their mean. [16]"},
    {"output", 'o', "FILE",
     "Write all probabilities to a file (.csv or .json) instead of printing lines; - prints CSV."},
    {"explain", 0, "FOLDER",
     "Draw a figure for each image, with the votes of its cells over the steps, the evidence for "
     "its class and the probabilities, in a folder, which is created if it does not exist."},
    {"size", 0, "N",
     "Resize the images to N x N pixels; keep: leave them as they are. [size of the training "
     "images]"},
    {"steps", 0, "N", "Number of steps after which the scores are read. [from the model]"},
    {"seed", 0, "N", "Random seed for the fire masks. [0]"},
    MODEL_ROOT_OPTION,
    THREADS_OPTION,
    KERNELS_OPTION,
    DEVICE_OPTION,
    PRECISION_OPTION,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page predict_help = {
    .usage = "nca predict MODEL|RUN IMAGE|FOLDER|medmnist:SET/SPLIT... [-o FILE] [OPTIONS]",
    .purpose =
        "Predicts the classes of images with a classifier: one line for each image with its\n"
        "class, the probability of the class, and its standard deviation over the rollouts.\n"
        "Folders are searched for images. An image that cannot be read is named, and the exit\n"
        "code is then 1.",
    .table = table,
    .examples = "  nca predict runs/breast scan.png\n"
                "  nca predict runs/breast scans/ --rollouts 64 -o predictions.csv\n"
                "  nca predict runs/breast medmnist:breastmnist/test/12\n"
                "  nca predict runs/breast scans/ --explain figures\n",
};

typedef enum format {
    FORMAT_LINES,
    FORMAT_CSV,
    FORMAT_JSON
} format;

typedef struct prediction_run {
    const option_values *given;
    nca_model *model;
    nca_run_path path;
    image_list images;
    nca_prediction_options options;
    format format;
    nca_file_writer *writer; /* NULL: standard output */
    size_t path_width;       /* columns of the paths in lines */
    size_t done, failed, written;
    /* Images of one size, which are predicted together. */
    uint8_t *batch;        /* (most_batched,height,width,channels) */
    size_t index[AT_ONCE]; /* in the list */
    size_t batched, most_batched, height, width;
    explanations figures; /* folder NULL: none */
    progress progress;
    nca_error error;
} prediction_run;

/* ---- Options ---------------------------------------------------------------------------------*/

static bool read_output(prediction_run *r)
{
    const char *path = options_value(r->given, "output");
    const char *dot = path != NULL ? strrchr(path, '.') : NULL;
    if (path == NULL) {
        return true;
    }
    if (strcmp(path, "-") == 0 || (dot != NULL && strcasecmp(dot, ".csv") == 0)) {
        r->format = FORMAT_CSV;
    } else if (dot != NULL && strcasecmp(dot, ".json") == 0) {
        r->format = FORMAT_JSON;
    } else {
        complain_usage("--output: expected a file that ends in .csv or .json, or -, found \"%s\"",
                       path);
        return false;
    }
    return options_place(r->given, "output");
}

static bool read_options(prediction_run *r)
{
    const option_values *given = r->given;
    const nca_classifier *c = r->model->classifier;
    nca_prediction_options *o = &r->options;
    size_t threads = 0, side = SIZE_MAX;
    nca_prediction_options_default(o);
    o->rollouts = 16;
    if (!options_count(&o->rollouts, given, "rollouts", 1, 1024) ||
        !options_count(&o->steps, given, "steps", 1, MOST_STEPS) || !class_size(&side, given) ||
        !options_count(&threads, given, "threads", 0, 1024) ||
        !options_u64(&o->seed, given, "seed") || !options_kernels(&o->kernels, given) ||
        !options_precision(&o->precision, given) ||
        !options_device(&o->device, given, o->precision)) {
        return false;
    }
    o->threads = (unsigned)threads;
    r->images.channels = r->model->automaton.input_channels;
    r->images.height = side != SIZE_MAX ? side : c->height;
    r->images.width = side != SIZE_MAX ? side : c->width;
    return read_output(r);
}

static nca_status fail_memory(prediction_run *r, const char *what)
{
    snprintf(r->error.message, sizeof r->error.message, "out of memory for %s", what);
    return r->error.status = NCA_OUT_OF_MEMORY;
}

/* ---- Output ----------------------------------------------------------------------------------*/

static FILE *stream_of(const prediction_run *r)
{
    return r->writer != NULL ? nca_file_stream(r->writer) : stdout;
}

static nca_status begin_output(prediction_run *r)
{
    const char *path = options_value(r->given, "output");
    nca_status status = NCA_OK;
    if (path != NULL && strcmp(path, "-") != 0) {
        status = nca_file_create(&r->writer, path, &r->error);
    }
    for (size_t i = 0; i < r->images.count; i++) {
        const size_t wide = terminal_columns(r->images.items[i].name);
        if (wide > r->path_width && wide <= MOST_WIDTH) {
            r->path_width = wide;
        }
    }
    if (status == NCA_OK && r->format == FORMAT_CSV) {
        prediction_csv_head(stream_of(r), r->model->classifier, false);
    } else if (status == NCA_OK && r->format == FORMAT_JSON) {
        fputs("[\n", stream_of(r));
    }
    return status;
}

static nca_status write_row(prediction_run *r, const prediction_row *row)
{
    const nca_classifier *c = r->model->classifier;
    bool written = true;
    switch (r->format) {
    case FORMAT_LINES:
        prediction_print(row, c, r->options.rollouts, r->path_width);
        break;
    case FORMAT_CSV:
        written = prediction_csv_row(stream_of(r), row, c);
        break;
    case FORMAT_JSON:
        fputs(r->written > 0 ? ",\n" : "", stream_of(r));
        prediction_json_row(stream_of(r), row, c);
        break;
    }
    r->written += written;
    return written ? NCA_OK : fail_memory(r, "a row of the table");
}

static nca_status end_output(prediction_run *r)
{
    if (r->format == FORMAT_JSON) {
        fputs(r->written > 0 ? "\n]\n" : "]\n", stream_of(r));
    }
    nca_status status = NCA_OK;
    if (r->writer != NULL) {
        status = nca_file_commit(r->writer, &r->error);
        r->writer = NULL;
        if (status == NCA_OK) {
            printf("%s\n%zu prediction%s\n", shown(options_value(r->given, "output")), r->written,
                   r->written == 1 ? "" : "s");
        }
    }
    return status;
}

/* ---- Images ----------------------------------------------------------------------------------*/

static void show_progress(prediction_run *r, size_t done)
{
    progress_share(&r->progress, "predicting", 0, (double)done / (double)r->images.count);
}

static bool watch(size_t done, void *user)
{
    prediction_run *r = user;
    show_progress(r, r->done - r->batched + done);
    return stop_signal() == 0;
}

/* Names an image that has no prediction; NULL: the message does. */
static void report_failure(prediction_run *r, const char *name, const nca_error *error)
{
    progress_clear(&r->progress);
    note("%s%s%s", name != NULL ? name : "", name != NULL ? ": " : "", error->message);
    r->failed++;
}

static size_t image_bytes(const prediction_run *r)
{
    return r->height * r->width * r->images.channels;
}

/* Images with their own sizes may have one that the model cannot be run on. */
static bool is_about_size(const prediction_run *r, nca_status status)
{
    return r->images.height == 0 && (status == NCA_INVALID_ARGUMENT || status == NCA_LIMIT);
}

/* Draws the figure of an image of the batch if figures are wanted. */
static nca_status explain(prediction_run *r, size_t batched)
{
    if (r->figures.folder == NULL) {
        return NCA_OK;
    }
    if (stop_signal() != 0) {
        return NCA_INTERRUPTED;
    }
    return explanations_draw(&r->figures, r->model, &r->images, r->index[batched],
                             r->batch + batched * image_bytes(r), r->height, r->width, &r->options,
                             &r->error);
}

/* The numbers of a model that has diverged mean nothing, and JSON has no notation for them. */
static bool is_finite(const prediction_row *row, size_t classes)
{
    bool finite = true;
    for (size_t k = 0; k < classes; k++) {
        finite = finite && isfinite(row->probabilities[k]) && isfinite(row->deviations[k]);
    }
    return finite;
}

/* Writes the row of an image of the batch and draws its figure. */
static nca_status take_prediction(prediction_run *r, size_t batched, const prediction_row *row)
{
    if (!is_finite(row, r->model->classifier->classes)) {
        nca_error error;
        snprintf(error.message, sizeof error.message,
                 "the probabilities are not finite numbers; the model may have diverged in its "
                 "training");
        report_failure(r, row->path, &error);
        return NCA_OK;
    }
    const nca_status status = write_row(r, row);
    return status == NCA_OK ? explain(r, batched) : status;
}

/* Runs the images of the batch, which is then empty. */
static nca_status predict_batch(prediction_run *r)
{
    const size_t classes = r->model->classifier->classes, count = r->batched;
    double *values = malloc(2 * AT_ONCE * classes * sizeof *values);
    if (values == NULL) {
        return fail_memory(r, "images");
    }
    const nca_status predicted =
        nca_predict(values, values + AT_ONCE * classes, NULL, r->model, r->batch, count, r->height,
                    r->width, &r->options, &r->error);
    nca_status status = is_about_size(r, predicted) ? NCA_OK : predicted;
    if (predicted == NCA_OK) {
        progress_clear(&r->progress);
    }
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        const char *name = r->images.items[r->index[i]].name;
        if (predicted != NCA_OK) {
            report_failure(r, name, &r->error);
            continue;
        }
        const prediction_row row = {.path = name,
                                    .probabilities = values + i * classes,
                                    .deviations = values + (AT_ONCE + i) * classes};
        status = take_prediction(r, i, &row);
    }
    free(values);
    r->batched = 0;
    return status;
}

/* Prepares an empty batch for images of another size. */
static nca_status resize_batch(prediction_run *r, size_t height, size_t width)
{
    r->height = height;
    r->width = width;
    const size_t fitting = BATCH_BYTES / image_bytes(r);
    r->most_batched = fitting < 1 ? 1 : fitting < AT_ONCE ? fitting : AT_ONCE;
    free(r->batch);
    r->batch = malloc(r->most_batched * image_bytes(r));
    return r->batch != NULL ? NCA_OK : fail_memory(r, "images");
}

/* Adds pixels to the batch, which is run before if it is full or its images have another size. */
static nca_status add_pixels(prediction_run *r, size_t index, const uint8_t *pixels, size_t height,
                             size_t width)
{
    const bool same = height == r->height && width == r->width;
    nca_status status = NCA_OK;
    if (r->batched > 0 && (!same || r->batched == r->most_batched)) {
        status = predict_batch(r);
    }
    if (status == NCA_OK && (!same || r->batch == NULL)) {
        status = resize_batch(r, height, width);
    }
    if (status == NCA_OK) {
        memcpy(r->batch + r->batched * image_bytes(r), pixels, image_bytes(r));
        r->index[r->batched++] = index;
    }
    return status;
}

static nca_status add_image(prediction_run *r, size_t index)
{
    uint8_t *pixels = NULL;
    size_t height, width;
    nca_error error;
    nca_status status = image_list_read(&pixels, &height, &width, &r->images, index, &error);
    if (status == NCA_OK) {
        status = add_pixels(r, index, pixels, height, width);
        free(pixels);
    } else if (status == NCA_OUT_OF_MEMORY) {
        r->error = error;
    } else {
        report_failure(r, NULL, &error);
        status = NCA_OK;
    }
    r->done++;
    return status;
}

static nca_status predict_all(prediction_run *r)
{
    nca_status status = begin_output(r);
    for (size_t i = 0; i < r->images.count && status == NCA_OK; i++) {
        status = add_image(r, i);
        show_progress(r, i);
        if (status == NCA_OK && stop_signal() != 0) {
            status = NCA_INTERRUPTED;
        }
    }
    if (status == NCA_OK && r->batched > 0) {
        status = predict_batch(r);
    }
    progress_clear(&r->progress);
    return status == NCA_OK ? end_output(r) : status;
}

static void print_notices(const prediction_run *r)
{
    const image_tally *t = &r->images.tally;
    if (t->transparent > 0) {
        note("images with transparent pixels, drawn on black: %zu", t->transparent);
    }
    if (t->stretched > 0) {
        note("images with other proportions than the training images, which were stretched: %zu",
             t->stretched);
    }
    if (t->grey > 0) {
        note("grey images, given to the model as RGB: %zu", t->grey);
    }
    if (r->figures.folder != NULL) {
        note("wrote %zu figure%s to %s", r->figures.written, r->figures.written == 1 ? "" : "s",
             r->figures.folder);
    }
    if (r->failed > 0) {
        note("%zu of %zu images have no prediction", r->failed, r->images.count);
    }
}

/* ---- The command -----------------------------------------------------------------------------*/

static int predict(prediction_run *r)
{
    r->options.progress = watch;
    r->options.user = r;
    stop_watch();
    progress_start(&r->progress, options_has(r->given, "quiet"), 0);
    const nca_status status = predict_all(r);
    const int number = stop_signal();
    stop_unwatch();
    free(r->batch);
    nca_file_abandon(r->writer);
    if (status == NCA_INTERRUPTED) {
        note("stopped%s", r->format == FORMAT_LINES   ? ""
                          : r->figures.folder != NULL ? "; no predictions were written"
                                                      : "; no file was written");
        return EXIT_SIGNALLED + number;
    }
    if (status != NCA_OK) {
        return complain(&r->error);
    }
    print_notices(r);
    return r->failed > 0 ? EXIT_FAILED : EXIT_OK;
}

static int load(prediction_run *r)
{
    nca_run_path run;
    int code = run_list_only(&run, r->given->positionals[0]);
    if (code == EXIT_OK) {
        code = load_model(&r->model, &r->path, run.text, r->given);
    }
    if (code == EXIT_OK) {
        code = expect_classifier(r->model, r->path.text, "nca visualize draws what it grows");
    }
    if (code == EXIT_OK && r->given->positional_count < 2) {
        code = complain_usage("expected images after the model: files, folders or "
                              "medmnist:SET/SPLIT; see nca predict --help");
    }
    return code;
}

int command_predict(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "predict", &predict_help, MOST_POSITIONALS,
                       "a model file or a run folder", count, arguments)) {
        return code;
    }
    prediction_run r = {.given = &given};
    code = load(&r);
    if (code == EXIT_OK) {
        code = read_options(&r) ? EXIT_OK : EXIT_USAGE;
    }
    nca_run_path root;
    class_run_root(&root, r.path.text, &given);
    for (size_t i = 1; i < given.positional_count && code == EXIT_OK; i++) {
        code = image_list_add(&r.images, given.positionals[i], root.text);
    }
    if (code == EXIT_OK && options_has(&given, "explain")) {
        code = explanations_begin(&r.figures, options_value(&given, "explain"), &r.images);
    }
    if (code == EXIT_OK) {
        code = predict(&r);
    }
    image_list_clear(&r.images);
    nca_model_destroy(r.model);
    return code;
}
