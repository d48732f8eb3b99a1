/* nca evaluate: measures how well a model grows, how stable it is, and how well it regenerates
 * after damage; prints a table and writes files and plots. Classifiers: evaluate_classes.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/model/evaluate_classes.h"
#include "cli/model/evaluation_report.h"
#include "cli/model/load_model.h"
#include "cli/model/model_options.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/runs/run_list.h"
#include "cli/stop.h"

enum {
    MOST_ROWS = 32,
    CURVE_POINTS = 400
};

static const option table[] = {
    {"rollouts", 0, "N",
     "Number of rollouts, each with its own fire masks and damage. [64; classifier: 16]"},
    {"steps", 0, "LIST",
     "Steps at which to measure. Classifier: one number of steps after which the scores are read, "
     "or a list of such numbers for the table over steps. [80,500,2000; classifier: its own steps, "
     "and 1/2, 1, 2, 4 and 16 times as many in the table]"},
    EVALUATE_CLASSES_OPTIONS,
    CHANGE_TARGET_OPTIONS,
    ANGLE_OPTION,
    FIRE_RATE_OPTION,
    {"size", 0, "HxW",
     "Grid size in cells; one number for a square grid. Empty cells are added around the target. "
     "Classifier: N, the images are resized to N x N, or keep for their own size. [size of the "
     "target; classifier: size of its training images]"},
    {"long", 0, NULL,
     "Long horizon: the same as --steps 80,500,2000,10000,50000 --cuts 10, unless these are "
     "given."},
    {"damage-at", 0, "N", "Step at which the model is damaged, once for each shape. [80]"},
    {"damage-area", 0, "NAME",
     "Placement of the damage: living (10 to 60 % of the living cells) or grid (around the middle "
     "of the grid). [living]"},
    {"cuts", 0, "N", "Number of times that each shape is cut, once every 200 steps. [1]"},
    {"no-damage", 0, NULL, "Do not measure regeneration after damage."},
    {"csv", 0, "FILE", "Also write a CSV file; - prints CSV instead of the table."},
    {"json", 0, "FILE", "Also write a JSON file; - prints JSON instead of the table."},
    {"output", 'o', "FILE", "Plot the loss against the steps (.png or .svg)."},
    {"healing-plot", 0, "FILE", "Plot the loss after the damage (.png or .svg)."},
    {"curve-every", 0, "N",
     "Steps between two points of the curve of the loss against the steps. [chosen for about 400 "
     "points; spaced logarithmically if the last step is 5000 or more]"},
    {"seed", 0, "N", "Random seed for the fire masks and the damage. [0]"},
    THREADS_OPTION,
    KERNELS_OPTION,
    DEVICE_OPTION,
    PRECISION_OPTION,
    LOAD_MODEL_OPTIONS,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page evaluate_help = {
    .usage = "nca evaluate MODEL|RUN [--steps LIST] [-o PLOT] [OPTIONS]",
    .purpose =
        "Grows a model many times and compares it with its target: L1, L2, Manhattan, Hinge, PSNR\n"
        "and SSIM after each number of steps, the fraction of rollouts that survive, and how well\n"
        "the model regenerates after each shape of damage. The same seed gives the same numbers.\n"
        "\n"
        "A classifier is evaluated on labelled images: AUC, accuracy, calibration, recall and\n"
        "precision of each class, accuracy over steps and without the least certain images.",
    .table = table,
    .examples =
        "  nca evaluate runs/photo\n"
        "  nca evaluate runs/photo --rollouts 256 --csv photo.csv -o photo.png\n"
        "  nca evaluate runs/photo --long --rollouts 16 -o long.png --healing-plot cuts.png\n"
        "  nca evaluate runs/photo --angle 45 --no-damage\n"
        "  nca evaluate model.safetensors --target photo.png --json - | jq .rows\n"
        "  nca evaluate runs/breast --predictions breast.csv\n"
        "  nca evaluate runs/breast --data medmnist:breastmnist_64 --size keep\n"
        "  nca evaluate runs/breast --robustness --plots plots\n",
};

typedef struct evaluation_run {
    const option_values *given;
    nca_model *model;
    nca_run_path path;
    size_t height, width; /* from --size; 0: that of the target */
    nca_evaluation_options options;
    size_t steps[MOST_ROWS];
    progress progress;
    nca_evaluation *evaluation;
    bool incomplete; /* something could not be read, which was reported */
    nca_error error;
} evaluation_run;

/* ---- Options ---------------------------------------------------------------------------------*/

/* Checks whether the FILE of an option can be written, before minutes of work. */
static bool check_outputs(const option_values *given)
{
    static const char *const plots[] = {"output", "healing-plot"}, *const files[] = {"csv", "json"};
    for (size_t i = 0; i < 4; i++) {
        const char *name = i < 2 ? plots[i] : files[i - 2];
        const char *path = options_value(given, name);
        const char *dot = path != NULL ? strrchr(path, '.') : NULL;
        bool picture =
            dot != NULL && (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".svg") == 0);
        if (path != NULL && i < 2 && !picture) {
            complain_usage("--%s: expected a file that ends in .png or .svg, found \"%s\"", name,
                           path);
            return false;
        }
        if (!options_place(given, name)) {
            return false;
        }
    }
    if (options_has(given, "healing-plot") && options_has(given, "no-damage")) {
        complain_usage("--healing-plot needs the measurements that --no-damage leaves out; give "
                       "only one of them");
        return false;
    }
    if (options_has(given, "cuts") && options_has(given, "no-damage")) {
        complain_usage("--cuts and --no-damage cannot be used together; give only one of them");
        return false;
    }
    if (is_dash(options_value(given, "csv")) && is_dash(options_value(given, "json"))) {
        complain_usage("--csv - and --json - cannot be used together; write one of them to a file");
        return false;
    }
    return true;
}

static bool read_damage(nca_evaluation_options *o, const option_values *given)
{
    const char *area = options_value(given, "damage-area");
    o->healing = !options_has(given, "no-damage");
    for (int i = 0; area != NULL; i++) {
        if (i == NCA_DAMAGE_AREA_COUNT) {
            complain_usage("--damage-area: expected living or grid, found \"%s\"", area);
            return false;
        }
        if (strcasecmp(area, nca_damage_area_name((nca_damage_area)i)) == 0) {
            o->damage_area = (nca_damage_area)i;
            break;
        }
    }
    return options_count(&o->damage_at, given, "damage-at", 0, 1000000) &&
           options_count(&o->cuts, given, "cuts", 1, NCA_HEALING_MAX_CUTS);
}

/* Without --curve-every there are about CURVE_POINTS points; over a long horizon they are spaced
 * logarithmically, like the axis. */
static bool read_curve(evaluation_run *r)
{
    nca_evaluation_options *o = &r->options;
    const size_t last = r->steps[o->step_count - 1];
    size_t every = last / CURVE_POINTS;
    every = every > 0 ? every : 1;
    if (!options_count(&every, r->given, "curve-every", 1, 1000000)) {
        return false;
    }
    const bool is_logarithmic = last >= EVALUATION_LONG && !options_has(r->given, "curve-every");
    if (options_has(r->given, "output") || options_has(r->given, "csv") ||
        options_has(r->given, "json")) {
        o->curve_every = is_logarithmic ? 0 : every;
        o->curve_per_doubling = is_logarithmic ? EVALUATION_PER_DOUBLING : 0;
    }
    return true;
}

static bool read_options(evaluation_run *r)
{
    const option_values *given = r->given;
    nca_evaluation_options *o = &r->options;
    nca_evaluation_options_default(o);
    memcpy(r->steps, o->steps, o->step_count * sizeof *r->steps);
    o->steps = r->steps;
    if (options_has(given, "long")) {
        memcpy(r->steps, evaluation_long_steps, EVALUATION_LONG_ROWS * sizeof *r->steps);
        o->step_count = EVALUATION_LONG_ROWS;
        o->cuts = EVALUATION_LONG_CUTS;
    }
    size_t threads = 0;
    if (!options_count(&o->rollouts, given, "rollouts", 1, 1000000) ||
        !options_steps(r->steps, &o->step_count, MOST_ROWS, given, "steps") ||
        !read_damage(o, given) || !options_size(&r->height, &r->width, given) ||
        !options_count(&threads, given, "threads", 0, 1024) ||
        !options_u64(&o->seed, given, "seed") || !options_kernels(&o->kernels, given) ||
        !options_precision(&o->precision, given) ||
        !options_device(&o->device, given, o->precision)) {
        return false;
    }
    o->threads = (unsigned)threads;
    return read_curve(r) && check_outputs(given);
}

/* ---- Results ---------------------------------------------------------------------------------*/

/* The longest rollout of the training if the model is in its run folder; 0 if unknown. If the
 * settings of the run cannot be read, this is reported. */
static size_t trained_steps(evaluation_run *r)
{
    const char *model = r->path.text, *slash = strrchr(model, '/');
    const char *name = slash != NULL ? slash + 1 : model;
    nca_run_path folder, config;
    nca_settings settings;
    nca_error error;
    if (strcmp(name, NCA_RUN_MODEL) != 0) {
        return 0;
    }
    snprintf(folder.text, sizeof folder.text, "%.*s", (int)(name - model), model);
    nca_run_file(&config, folder.text, NCA_RUN_CONFIG);
    const bool is_run =
        access(nca_run_file(&(nca_run_path){0}, folder.text, NCA_RUN_METRICS), F_OK) == 0 ||
        access(nca_run_file(&(nca_run_path){0}, folder.text, NCA_RUN_CHECKPOINT), F_OK) == 0;
    if (access(config.text, F_OK) != 0 && errno == ENOENT && !is_run) {
        return 0;
    }
    nca_settings_default(&settings);
    if (nca_settings_load(&settings, config.text, &error) != NCA_OK) {
        complain(&error);
        note("the plot does not mark steps_max of the training");
        r->incomplete = true;
        return 0;
    }
    return settings.steps_max;
}

/* "photo.png, distill, regenerating, turned by 45°" */
static void format_title(char *out, size_t size, const evaluation_run *r)
{
    const nca_model_info *info = &r->model->info;
    nca_run_path target;
    nca_run_title(&target, info->target);
    const char *parts[] = {target.text, info->recipe, info->experiment};
    size_t used = 0;
    *out = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (*parts[i] != 0) {
            used += (size_t)snprintf(out + used, size - used, "%s%.60s", used > 0 ? ", " : "",
                                     parts[i]);
        }
    }
    if (options_has(r->given, "angle")) {
        snprintf(out + used, size - used, "%srotated by %.8s°", used > 0 ? ", " : "",
                 options_value(r->given, "angle"));
    }
}

static void print_head(const evaluation_run *r)
{
    const nca_evaluation *e = r->evaluation;
    const nca_model_info *info = &r->model->info;
    printf("%s\n", shown(r->path.text));
    printf("%zu rollout%s on %zux%zu cells, seed %llu", e->rollouts, e->rollouts == 1 ? "" : "s",
           e->height, e->width, (unsigned long long)e->seed);
    if (info->target[0] != 0) {
        printf(", target %s", shown(info->target));
    }
    if (options_has(r->given, "angle")) {
        printf(", rotated by %s degrees", options_value(r->given, "angle"));
    }
    if (r->options.precision != NCA_PRECISION_FP32) {
        printf(", precision %s", nca_precision_name(r->options.precision));
    }
    printf("\n\n");
}

/* Writes the files, then prints the table or the output that a dash requests. */
static nca_status write_files(evaluation_run *r, const nca_evaluation_about *about)
{
    const nca_evaluation *e = r->evaluation;
    const char *csv = options_value(r->given, "csv"), *json = options_value(r->given, "json");
    const char *plot = options_value(r->given, "output");
    const char *healing = options_value(r->given, "healing-plot");
    nca_status status = NCA_OK;
    char title[256];
    format_title(title, sizeof title, r);
    if (csv != NULL && !is_dash(csv)) {
        status = nca_evaluation_save_csv(e, csv, &r->error);
    }
    if (status == NCA_OK && json != NULL && !is_dash(json)) {
        status = nca_evaluation_save_json(e, about, json, &r->error);
    }
    if (status == NCA_OK && plot != NULL) {
        const size_t trained = trained_steps(r);
        status =
            evaluation_plot(e, title, trained, (evaluation_plot_place){.path = plot}, &r->error);
    }
    if (status == NCA_OK && healing != NULL) {
        status =
            evaluation_plot_healing(e, title, (evaluation_plot_place){.path = healing}, &r->error);
    }
    return status;
}

static nca_status show_results(evaluation_run *r)
{
    const nca_evaluation *e = r->evaluation;
    bool csv = is_dash(options_value(r->given, "csv"));
    bool json = is_dash(options_value(r->given, "json"));
    const char *angle = options_value(r->given, "angle");
    const nca_evaluation_about about = {
        .model = r->path.text,
        .target = r->model->info.target[0] != 0 ? r->model->info.target : NULL,
        .angle_degrees = angle != NULL ? strtod(angle, NULL) : 0};
    nca_status status = write_files(r, &about);
    if (status == NCA_OK && !csv && !json) {
        print_head(r);
        evaluation_print(e);
        return NCA_OK;
    }
    char *text = NULL;
    if (status == NCA_OK) {
        status = csv ? nca_evaluation_csv(&text, e, &r->error)
                     : nca_evaluation_json(&text, e, &about, &r->error);
    }
    if (status == NCA_OK) {
        fputs(text, stdout);
        free(text);
    }
    return status;
}

/* ---- The command -----------------------------------------------------------------------------*/

static bool watch(double share, void *user)
{
    evaluation_run *r = user;
    progress_share(&r->progress, "evaluating", 0, share);
    return stop_signal() == 0;
}

static int evaluate(evaluation_run *r)
{
    r->options.progress = watch;
    r->options.user = r;
    stop_watch();
    progress_start(&r->progress, options_has(r->given, "quiet"), 0);
    nca_status status = nca_evaluate(&r->evaluation, r->model, &r->options, &r->error);
    progress_clear(&r->progress);
    int signal_number = stop_signal();
    stop_unwatch();
    if (status == NCA_INTERRUPTED) {
        note("stopped; no file was written");
        return EXIT_SIGNALLED + signal_number;
    }
    if (status == NCA_OK) {
        status = show_results(r);
    }
    if (status != NCA_OK) {
        return complain(&r->error);
    }
    return r->incomplete ? EXIT_FAILED : EXIT_OK;
}

/* Prepares the target of a model that grows. */
static int prepare(evaluation_run *r)
{
    int code = change_target(r->model, r->given);
    if (code == EXIT_OK && r->model->target == NULL) {
        code = complain_usage("%s: the model has no target to compare with; give one with --target",
                              r->path.text);
    }
    if (code == EXIT_OK && r->height > 0 &&
        nca_model_enlarge(r->model, (uint32_t)r->height, (uint32_t)r->width, &r->error) != NCA_OK) {
        code = complain(&r->error);
    }
    return code == EXIT_OK ? change_angle(r->model, r->given) : code;
}

static int evaluate_growth(evaluation_run *r)
{
    int code = read_options(r) ? prepare(r) : EXIT_USAGE;
    return code == EXIT_OK ? evaluate(r) : code;
}

static int load(evaluation_run *r)
{
    nca_run_path run;
    int code = run_list_only(&run, r->given->positionals[0]);
    if (code == EXIT_OK) {
        code = load_model(&r->model, &r->path, run.text, r->given);
    }
    return code == EXIT_OK ? evaluate_check_kind(r->given, r->model) : code;
}

int command_evaluate(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "evaluate", &evaluate_help, 1, "a model file or a run folder",
                       count, arguments)) {
        return code;
    }
    evaluation_run r = {.given = &given};
    code = load(&r);
    if (code == EXIT_OK) {
        code = r.model->classifier != NULL ? evaluate_classes(&given, r.model, r.path.text)
                                           : evaluate_growth(&r);
    }
    nca_evaluation_destroy(r.evaluation);
    nca_model_destroy(r.model);
    return code;
}
