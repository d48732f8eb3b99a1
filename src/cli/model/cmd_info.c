/* nca info: the contents of a model, for people or as JSON for programs. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/model/load_model.h"
#include "cli/option_values.h"
#include "cli/runs/run_list.h"
#include "cli/stop.h"

static const option table[] = {
    {"devices", 0, NULL,
     "List the devices of this machine: the names for --device, their memory, and why one cannot "
     "be "
     "used."},
    JSON_OPTION,
    LOAD_MODEL_OPTIONS,
    FIRE_RATE_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page info_help = {
    .usage = "nca info MODEL|RUN [--json] [OPTIONS]\n"
             "       nca info --devices [--json]",
    .purpose =
        "Shows the contents of a model file or a run folder: the automaton, its parameters, and\n"
        "how it was trained. Or lists the devices that can compute.",
    .table = table,
    .examples = "  nca info runs/photo\n"
                "  nca info runs/photo/model.safetensors --json\n"
                "  nca info --devices\n",
};

/* Data from the other files of a run; empty for a model file alone. */
typedef struct training_facts {
    char changes[NCA_CHANGES_SIZE];
    double median; /* of the last losses; NaN if unknown */
} training_facts;

typedef struct recent_losses {
    uint64_t iterations; /* of the model; a run that was continued has later rows */
    double losses[NCA_RUN_WATCH_RECENT];
    size_t count;
} recent_losses;

static void keep_recent(const nca_metrics_row *row, void *user)
{
    recent_losses *recent = user;
    if (row->iteration > recent->iterations) {
        return;
    }
    if (recent->count == NCA_RUN_WATCH_RECENT) {
        recent->count--;
        memmove(recent->losses, recent->losses + 1, recent->count * sizeof *recent->losses);
    }
    recent->losses[recent->count++] = row->loss;
}

/* A run need not have a metrics.csv; then there is no median. */
static nca_status read_rows(recent_losses *out, const char *folder, nca_error *error)
{
    nca_run_watch_options options;
    nca_run_watch_options_default(&options);
    options.keep_going = stop_not_asked;
    nca_run_watch *run = NULL;
    nca_run_path path;
    if (access(nca_run_file(&path, folder, NCA_RUN_METRICS), F_OK) != 0 && errno == ENOENT) {
        return NCA_OK;
    }
    nca_status status = nca_run_watch_open(&run, folder, &options, error);
    if (status == NCA_OK) {
        status = nca_run_watch_rows(run, keep_recent, out, error);
    }
    if (status == NCA_OK) {
        status = run_rows_check(run, error);
    }
    nca_run_watch_close(run);
    return status;
}

/* If a part cannot be read, that is an error, but everything else is read first. */
static int read_run(training_facts *out, const char *folder, uint64_t iterations)
{
    nca_error error;
    int code = EXIT_OK;
    recent_losses recent = {.iterations = iterations};
    if (read_rows(&recent, folder, &error) != NCA_OK) {
        complain(&error);
        code = EXIT_FAILED;
    }
    out->median = nca_losses_median(recent.losses, recent.count);
    if (nca_events_read(out->changes, folder, iterations, &error) != NCA_OK) {
        complain(&error);
        code = EXIT_FAILED;
    }
    return code;
}

static double degrees(float radians)
{
    return (double)radians * (180.0 / 3.14159265358979323846);
}

static void describe_tensor(char *out, size_t size, const nca_tensor *tensor)
{
    snprintf(out, size, tensor->rank == 2 ? "%zu x %zu" : "%zu", tensor->rows, tensor->columns);
}

/* Prints one line per entry, the first one after the name. */
static void print_changes(const char *changes)
{
    const char *at = changes;
    nca_change change;
    for (bool first = true; nca_change_next(&change, &at); first = false) {
        printf("  %-16s %s %s from iteration %lu\n", first ? "changes" : "", change.setting->key,
               change.value, (unsigned long)change.iteration);
    }
}

static void print_training(const nca_model *model, const training_facts *run)
{
    const nca_model_info *info = &model->info;
    const bool classifies = model->classifier != NULL;
    if (info->iterations == 0 && info->height == 0 && info->target[0] == 0) {
        return; /* a PyTorch model: nothing is known */
    }
    printf("\ntraining\n");
    if (info->target[0] != 0) {
        printf("  %-16s %s\n", classifies ? "data" : "target", shown(info->target));
    }
    if (info->height > 0 && !classifies) {
        printf("  grid             %u x %u, padding %u\n", (unsigned)info->height,
               (unsigned)info->width, (unsigned)info->padding);
    }
    if (info->recipe[0] != 0) {
        printf("  recipe           %s\n", info->recipe);
    }
    if (info->experiment[0] != 0 && !classifies) {
        printf("  experiment       %s\n", info->experiment);
    }
    bool trained = info->iterations > 0 || info->recipe[0] != 0; /* otherwise it is from PyTorch */
    if (trained) {
        printf("  iterations       %llu\n", (unsigned long long)info->iterations);
    }
    if (isfinite(info->loss)) {
        printf("  loss             %.6g (%s, mean of the last %u)\n", info->loss,
               info->loss_name[0] != 0 ? info->loss_name : "unknown", losses_behind(info));
    }
    if (isfinite(run->median)) {
        printf("  %-16s %.6g (median of the last %u)\n", isfinite(info->loss) ? "" : "loss",
               run->median, losses_behind(info));
    }
    if (trained) {
        printf("  seed             %llu\n", (unsigned long long)info->seed);
    }
    print_changes(run->changes);
}

/* "2", or "2.1, 2.3, 1.9": a value of each input channel. */
static void print_channels(const char *name, const float *values, uint32_t channels)
{
    printf("  %-16s ", name);
    for (uint32_t c = 0; c < channels; c++) {
        printf("%s%g", c > 0 ? ", " : "", (double)values[c]);
    }
    printf("\n");
}

static void print_classifier(const nca_classifier *c, const nca_automaton *a)
{
    const bool labels = c->kind == NCA_LABELS_MULTI_LABEL;
    printf("\nclassifier\n");
    printf("  kind             %s\n", nca_label_kind_name(c->kind));
    printf("  images           %u x %u, %s\n", (unsigned)c->height, (unsigned)c->width,
           a->input_channels == 1 ? "grey" : "3 channels");
    print_channels("input scale", c->scale, a->input_channels);
    print_channels("input offset", c->offset, a->input_channels);
    printf("  steps            %u\n", (unsigned)c->steps);
    printf("  read-out         %s, %s\n", nca_readout_name(c->readout),
           c->sigmoid ? "sigmoid" : "softmax");
    printf("  temperature      %g\n", c->temperature);
    printf("  %-16s %u\n", labels ? "labels" : "classes", (unsigned)c->classes);
    for (uint32_t k = 0; k < c->classes; k++) {
        printf("    %-14u %s\n", (unsigned)k, shown(c->class_names[k]));
    }
}

/* Prints each learned filter: the mean of its taps over the channels, and their standard
 * deviation. */
static void print_filters(const nca_model *model)
{
    const nca_automaton *a = &model->automaton;
    const nca_parameters p = nca_parameters_view(model->parameters, a);
    const size_t channels = a->channels;
    printf("\nlearned filters    taps: mean over the channels ± standard deviation\n");
    for (size_t filter = 0; filter < a->filter_count; filter++) {
        for (size_t tap = 0; tap < 9; tap++) {
            const float *taps = p.taps + (filter * 9 + tap) * channels;
            double mean = 0, square = 0;
            for (size_t c = 0; c < channels; c++) {
                mean += (double)taps[c] / (double)channels;
            }
            for (size_t c = 0; c < channels; c++) {
                square += pow((double)taps[c] - mean, 2) / (double)channels;
            }
            if (tap == 0) {
                printf("  %-15zu", filter + 1);
            } else if (tap % 3 == 0) {
                printf("  %-15s", "");
            }
            printf("  %7.3f ± %.3f%s", mean, sqrt(square), tap % 3 == 2 ? "\n" : "");
        }
    }
}

static void print_table(const nca_model *model, const char *path, const training_facts *run)
{
    const nca_automaton *a = &model->automaton;
    printf("%s\n", shown(path));
    fputs(model->classifier != NULL ? "task               classify\n" : "", stdout);
    printf("\nautomaton\n");
    printf("  channels         %u\n", (unsigned)a->channels);
    if (a->input_channels > 0) {
        printf("  input channels   %u\n", (unsigned)a->input_channels);
    }
    printf("  hidden           %u\n", (unsigned)a->hidden);
    if (a->filter == NCA_FILTER_LEARNED) {
        printf("  filter           %s, %u\n", nca_filter_name(a->filter),
               (unsigned)a->filter_count);
    } else {
        printf("  filter           %s, %g degrees\n", nca_filter_name(a->filter),
               degrees(a->angle_radians));
    }
    printf("  boundary         %s\n", nca_boundary_name(a->boundary));
    printf("  fire rate        %g\n", (double)a->fire_rate);
    printf("  step size        %g\n", (double)a->step_size);
    if (a->head_outputs > 0) {
        printf("  head             %u inputs, %u outputs\n", (unsigned)a->head_inputs,
               (unsigned)a->head_outputs);
    }
    if (a->alive_channel >= 0) {
        printf("  alive            channel %d above %g\n", (int)a->alive_channel,
               (double)a->alive_threshold);
    } else {
        printf("  alive            always\n");
    }
    double norms[NCA_MAX_TENSORS];
    nca_gradient_norms(norms, model->parameters, a);
    printf("\nparameters         %zu\n", nca_parameter_count(a));
    for (size_t i = 0; i < nca_tensor_count(a); i++) {
        const nca_tensor tensor = nca_tensor_at(a, i);
        char shape[48];
        describe_tensor(shape, sizeof shape, &tensor);
        if (tensor.rows > 0) {
            printf("  %-16s %-10s norm %.6g\n", tensor.name, shape, norms[i]);
        }
    }
    if (a->filter == NCA_FILTER_LEARNED) {
        print_filters(model);
    }
    if (model->classifier != NULL) {
        print_classifier(model->classifier, a);
    }
    print_training(model, run);
}

static void print_json_text(const char *name, const char *text)
{
    printf("  \"%s\": ", name);
    nca_file_write_json_text(stdout, text);
    printf(",\n");
}

static void print_json_number(const char *name, double value)
{
    if (isfinite(value)) {
        printf("  \"%s\": %.17g", name, value);
    } else {
        printf("  \"%s\": null", name);
    }
}

static void print_json_channels(const char *name, const float *values, uint32_t channels)
{
    printf("    \"%s\": [", name);
    for (uint32_t c = 0; c < channels; c++) {
        printf("%s%.9g", c > 0 ? ", " : "", (double)values[c]);
    }
    printf("],\n");
}

static void print_json_classifier(const nca_classifier *c, const nca_automaton *a)
{
    printf("  \"classifier\": {\n    \"kind\": \"%s\",\n    \"classes\": [",
           nca_label_kind_name(c->kind));
    for (uint32_t k = 0; k < c->classes; k++) {
        fputs(k > 0 ? ", " : "", stdout);
        nca_file_write_json_text(stdout, c->class_names[k]);
    }
    printf("],\n    \"readout\": \"%s\",\n    \"sigmoid\": %s,\n", nca_readout_name(c->readout),
           c->sigmoid ? "true" : "false");
    print_json_channels("scale", c->scale, a->input_channels);
    print_json_channels("offset", c->offset, a->input_channels);
    printf("    \"height\": %u,\n    \"width\": %u,\n    \"steps\": %u,\n", (unsigned)c->height,
           (unsigned)c->width, (unsigned)c->steps);
    printf("    \"temperature\": %.17g\n  },\n", c->temperature);
}

static void print_json(const nca_model *model, const char *path, const training_facts *run)
{
    const nca_automaton *a = &model->automaton;
    const nca_model_info *info = &model->info;
    printf("{\n");
    print_json_text("file", path);
    printf("  \"task\": \"%s\",\n", model->classifier != NULL ? "classify" : "grow");
    if (model->classifier != NULL) {
        print_json_classifier(model->classifier, a);
    }
    printf("  \"channels\": %u,\n  \"hidden\": %u,\n", (unsigned)a->channels, (unsigned)a->hidden);
    if (a->input_channels > 0) {
        printf("  \"input_channels\": %u,\n", (unsigned)a->input_channels);
    }
    print_json_text("filter", nca_filter_name(a->filter));
    if (a->filter == NCA_FILTER_LEARNED) {
        printf("  \"filter_count\": %u,\n", (unsigned)a->filter_count);
    }
    printf("  \"angle\": %.9g,\n", degrees(a->angle_radians));
    print_json_text("boundary", nca_boundary_name(a->boundary));
    printf("  \"fire_rate\": %.9g,\n  \"step_size\": %.9g,\n", (double)a->fire_rate,
           (double)a->step_size);
    printf("  \"alive_channel\": %d,\n  \"alive_threshold\": %.9g,\n", (int)a->alive_channel,
           (double)a->alive_threshold);
    if (a->head_outputs > 0) {
        printf("  \"head_inputs\": %u,\n  \"head_outputs\": %u,\n", (unsigned)a->head_inputs,
               (unsigned)a->head_outputs);
    }
    printf("  \"parameters\": %zu,\n", nca_parameter_count(a));
    double norms[NCA_MAX_TENSORS];
    nca_gradient_norms(norms, model->parameters, a);
    printf("  \"norms\": {");
    for (size_t i = 0; i < nca_tensor_count(a); i++) {
        const nca_tensor tensor = nca_tensor_at(a, i);
        if (tensor.rows > 0) {
            printf("%s\"%s\": %.9g", i > 0 ? ", " : "", tensor.name, norms[i]);
        }
    }
    printf("},\n");
    print_json_text("target", info->target);
    print_json_text("recipe", info->recipe);
    print_json_text("experiment", info->experiment);
    print_json_text("loss_name", info->loss_name);
    printf("  \"height\": %u,\n  \"width\": %u,\n  \"padding\": %u,\n", (unsigned)info->height,
           (unsigned)info->width, (unsigned)info->padding);
    printf("  \"iterations\": %llu,\n  \"seed\": \"%llu\",\n", (unsigned long long)info->iterations,
           (unsigned long long)info->seed);
    print_json_text("changes", run->changes);
    print_json_number("median_loss", run->median);
    printf(",\n");
    print_json_number("loss", info->loss);
    printf("\n}\n");
}

/* ---- Devices ---------------------------------------------------------------------------------*/

static void print_device(const nca_device_info *device)
{
    char memory[32] = "-";
    if (device->memory > 0) {
        snprintf(memory, sizeof memory, "%.1f GiB", (double)device->memory / (1 << 30));
    }
    printf("%-10s %10s  %s\n", device->name, memory, shown(device->title));
    if (device->driver[0] != 0) {
        printf("%-10s %10s  %s\n", "", "", shown(device->driver));
    }
    if (device->problem[0] != 0) {
        printf("%-10s %10s  %s: %s\n", "", "",
               device->driver[0] != 0 ? "cannot be used" : "no other device",
               shown(device->problem));
    }
}

static void print_json_device(const nca_device_info *device, bool last)
{
    printf("  {\"device\": \"%s\", \"title\": ", device->name);
    nca_file_write_json_text(stdout, device->title);
    printf(", \"driver\": ");
    nca_file_write_json_text(stdout, device->driver);
    printf(", \"memory\": %llu, \"problem\": ", (unsigned long long)device->memory);
    nca_file_write_json_text(stdout, device->problem);
    printf("}%s\n", last ? "" : ",");
}

static int print_devices(bool json)
{
    nca_device_info *list;
    size_t count;
    nca_error error;
    if (nca_devices_list(&list, &count, &error) != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    fputs(json ? "[\n" : "", stdout);
    for (size_t i = 0; i < count; i++) {
        if (json) {
            print_json_device(&list[i], i + 1 == count);
        } else {
            print_device(&list[i]);
        }
    }
    fputs(json ? "]\n" : "", stdout);
    free(list);
    return EXIT_OK;
}

int command_info(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "info", &info_help, 1, NULL, count, arguments)) {
        return code;
    }
    if (options_has(&given, "devices")) {
        return given.positional_count == 0
                   ? print_devices(options_has(&given, "json"))
                   : complain_usage("--devices: expected no model, found \"%s\"",
                                    shown(given.positionals[0]));
    }
    if (given.positional_count == 0) {
        return complain_usage("expected a model file or a run folder; see `nca info --help`");
    }
    nca_model *model = NULL;
    nca_run_path path, run;
    code = run_list_only(&run, given.positionals[0]);
    if (code == EXIT_OK) {
        code = load_model(&model, &path, run.text, &given);
    }
    if (code != EXIT_OK) {
        return code;
    }
    training_facts facts = {.median = NAN};
    if (nca_folder_exists(run.text)) {
        code = read_run(&facts, run.text, model->info.iterations); /* the rest is still printed */
    }
    if (options_has(&given, "json")) {
        print_json(model, path.text, &facts);
    } else {
        print_table(model, path.text, &facts);
    }
    nca_model_destroy(model);
    return code;
}
