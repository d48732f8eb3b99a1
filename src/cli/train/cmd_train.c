/* nca train: reads settings from files and options, checks them before any file is written, shows
 * progress, and reports the end of the run. The training itself is in nca/run.h. */
#include <stdlib.h>

#include "cli/data_root.h"
#include "cli/help.h"
#include "cli/model/load_model.h"
#include "cli/page/browser.h"
#include "cli/page/live_training.h"
#include "cli/page/serve_options.h"
#include "cli/progress.h"
#include "cli/stop.h"
#include "cli/train/preview.h"
#include "cli/train/refit.h"
#include "cli/train/train_end.h"

static const option table[] = {
    {"config", 'c', "FILE", "Read settings from a YAML file; options override it."},
    {"target", 't', "IMAGE",
     "Image to grow: a PNG, JPEG, TIFF, WebP or .npy file, a MedMNIST image such as "
     "medmnist:breastmnist/train/3, or phantom, the built-in head phantom. [phantom]"},
    {"output", 'o', "DIR", "Run folder. [runs/ and the name of the target]"},
    {"resume", 0, "DIR",
     "Continue the run in DIR from its checkpoint; the result is bit-identical to that of an "
     "uninterrupted run."},
    {"overwrite", 0, NULL,
     "Replace an existing run in the output folder as soon as the new run has written a "
     "checkpoint."},
    {"retry", 0, "N",
     "If the training diverges or its model fails the stability test, start again with the next "
     "random seed, at most N times. [0]"},
    {"live", 0, "[=PORT]",
     "Show the training in a web page with controls to change it: --live prints the address and "
     "opens a browser, --live=9000 also sets the port."},
    {"no-open", 0, NULL, "Print the address of the page without opening a browser."},
    BIND_OPTIONS,
    {"preview", 0, NULL,
     "Show the first samples of the batch above the progress line, on a terminal with colours."},
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

static const help_page page = {
    .usage = "nca train [--config FILE] [--target IMAGE] [-o DIR] [SETTINGS]\n"
             "       nca train --resume DIR [SETTINGS]",
    .purpose =
        "Trains an automaton to grow an image from one cell. Writes config.yaml, metrics.csv,\n"
        "model.safetensors, checkpoint.safetensors, loss.png, loss.svg, growth.gif,\n"
        "filmstrip.png and comparison.png to the run folder. Ctrl-C saves the run and stops it.",
    .table = table,
    .settings = true,
    .examples = "  nca train\n"
                "  nca train --target photo.png -o runs/photo --iterations 4000\n"
                "  nca train --target photo.png --experiment regenerating --seed 7\n"
                "  nca train --init runs/photo --target other.png -o runs/other\n"
                "  nca train --config runs/photo/config.yaml -o runs/again\n"
                "  nca train --resume runs/photo --iterations 8000\n",
};

typedef struct job {
    option_values given;
    nca_settings settings;
    nca_settings_file file; /* contents of --config; zeroed: none */
    refits refits;          /* values of that file that are fitted again to other iterations */
    uint64_t recipe_warmup; /* that of the recipe, if it was shortened; 0: unchanged */
    nca_run *run;
    progress progress;
    preview preview;
    size_t retries;           /* remaining number */
    bool nothing_to_do;       /* a finished run is resumed, and all its files exist */
    live_training live;       /* zeroed: no page */
    nca_server_options serve; /* for that page */
    nca_error error;
} job;

/* ---- Settings --------------------------------------------------------------------------------*/

/* -o is in the command's own table because of its letter, but is also a setting. */
static int apply_output(job *j)
{
    const char *value = options_value(&j->given, "output");
    if (value != NULL && nca_settings_set(&j->settings, "output", value, &j->error) != NCA_OK) {
        return complain(&j->error);
    }
    return EXIT_OK;
}

static int apply_file(job *j, const char *config)
{
    if (nca_settings_load_file(&j->settings, &j->file, config, &j->error) != NCA_OK) {
        complain(&j->error);
        return EXIT_USAGE;
    }
    const bool trains = options_has_setting(&j->given, "learning_rate") ||
                        options_has_setting(&j->given, "batch_size") ||
                        options_has_setting(&j->given, "pool_size");
    if (j->file.visualizes && !trains) {
        return complain_usage("%s: this is a file for `nca visualize --config` (model %s); a "
                              "training needs learning_rate, batch_size or pool_size in the file "
                              "or as an option",
                              config, j->settings.model_path);
    }
    if (j->file.reference && !options_has_setting(&j->given, "recipe")) {
        note("%s: has only keys of the PyTorch reimplementation, so the recipe is medmnist; add "
             "the line \"recipe: robust\" to change it",
             config);
    }
    return EXIT_OK;
}

/* Whether the user has chosen a setting, or a resumed run already has it. */
static bool is_chosen(const job *j, const char *key)
{
    return options_has(&j->given, "resume") || options_has_setting(&j->given, key) ||
           (nca_settings_file_has(&j->file, key) && !refits_has(&j->refits, key));
}

/* Fits the recipe's schedule to the number of iterations. */
static void fit_schedule(job *j)
{
    const uint64_t warmup = j->settings.warmup;
    if (!is_chosen(j, "decay_at")) {
        nca_settings_fit_decay(&j->settings);
    }
    if (!is_chosen(j, "extension")) {
        nca_settings_fit_extension(&j->settings);
    }
    const bool is_short = !is_chosen(j, "warmup") && nca_settings_fit_warmup(&j->settings);
    j->recipe_warmup = is_short && !refits_has(&j->refits, "warmup") ? warmup : 0;
}

/* Prints which settings were changed; this is skipped if the training is refused. */
static void note_settings(const job *j)
{
    if (j->recipe_warmup > 0) {
        note("warmup: shortened from %llu (set by the recipe) to %llu because iterations is %llu",
             (unsigned long long)j->recipe_warmup, (unsigned long long)j->settings.warmup,
             (unsigned long long)j->settings.iterations);
    }
    refits_note(&j->refits, &j->settings);
    note_device(j->settings.device);
}

/* Settings that neither the file nor an option gives are taken from the initial model; a resumed
 * run has already started. */
static int take_initial(job *j)
{
    bool given[NCA_MAX_SETTINGS];
    for (size_t i = 0; i < NCA_MAX_SETTINGS; i++) {
        const nca_setting *setting = nca_setting_at(i);
        given[i] = setting != NULL && is_chosen(j, setting->key);
    }
    if (options_has(&j->given, "resume")) {
        return EXIT_OK;
    }
    return nca_run_take_initial(&j->settings, given, &j->error) == NCA_OK ? EXIT_OK
                                                                          : complain(&j->error);
}

/* Applies the file and then the options to j->settings. */
static int apply_settings(job *j)
{
    const char *config = options_value(&j->given, "config");
    int code = config != NULL ? apply_file(j, config) : EXIT_OK;
    if (code == EXIT_OK) {
        refits_find(&j->refits, &j->settings, &j->file, &j->given);
        code = options_apply(&j->settings, &j->given);
    }
    if (code == EXIT_OK) {
        code = apply_output(j);
    }
    if (code == EXIT_OK) {
        code = take_initial(j);
    }
    fit_schedule(j);
    if (code == EXIT_OK && nca_settings_check(&j->settings, &j->error) != NCA_OK) {
        code = complain(&j->error);
    }
    return code;
}

static int complain_folder(job *j)
{
    const char *name, *folder = j->settings.output;
    nca_run_settle(folder);
    if (!options_has(&j->given, "overwrite") && nca_run_exists(folder, &name)) {
        return complain_usage("%s: this folder contains a run (%s); continue it with --resume %s, "
                              "replace it with --overwrite, or choose another folder with -o",
                              folder, name, folder);
    }
    return EXIT_OK;
}

/* Refuses options that do not fit together, such as those for a page that was not requested. */
static int complain_options(const job *j)
{
    static const char *const of_a_page[] = {"no-open", "bind", "key", "key-file"};
    for (size_t i = 0; i < sizeof of_a_page / sizeof *of_a_page; i++) {
        if (options_has(&j->given, of_a_page[i]) && !options_has(&j->given, "live")) {
            return complain_usage("--%s needs --live; give --live too", of_a_page[i]);
        }
    }
    if (options_has(&j->given, "live") && options_has(&j->given, "retry")) {
        return complain_usage("--retry and --live cannot be used together: the page shows one "
                              "training; remove one of them");
    }
    if (options_has(&j->given, "resume") && options_has(&j->given, "retry")) {
        return complain_usage("--retry and --resume cannot be used together: a retry begins again "
                              "from nothing; remove one of them");
    }
    return EXIT_OK;
}

/* Refuses output files that cannot be written before the training, although they are written only
 * after it. */
static int complain_outputs(const job *j)
{
    const char *const paths[][2] = {{"model_path", j->settings.model_path},
                                    {"ani_path", j->settings.ani_path}};
    for (size_t i = 0; i < 2; i++) {
        if (!nca_folder_has_place(paths[i][1], j->settings.output)) {
            return complain_usage("%s: the folder of \"%s\" does not exist; create it first",
                                  paths[i][0], paths[i][1]);
        }
    }
    if (j->settings.ani_path[0] != 0 && !nca_growth_is_animation(j->settings.ani_path)) {
        return complain_usage("ani_path: expected a file that ends in .gif, .mp4 or .webm, found "
                              "\"%s\"",
                              j->settings.ani_path);
    }
    return EXIT_OK;
}

/* ---- Starting and resuming -------------------------------------------------------------------*/

static bool show(nca_run *run, const nca_iteration *last, void *user);
static void show_extended(nca_run *run, const nca_stability *test, void *user);

/* The page is opened before the folder is changed, because its address may be in use. */
static int start(job *j, nca_run_start kind)
{
    const bool live = options_has(&j->given, "live");
    const nca_run_path root = data_root(NULL);
    nca_run_options options;
    nca_run_options_default(&options);
    options.start = kind;
    options.data_root = root.text;
    options.keep_going = stop_not_asked;
    options.iterated = show;
    options.extended = show_extended;
    options.notice = note_text;
    options.user = j;
    if (nca_run_open(&j->run, &j->settings, &options, &j->error) != NCA_OK) {
        return complain(&j->error);
    }
    note_settings(j);
    if (live && live_training_open(&j->live, j->run, &j->serve, &j->error) != NCA_OK) {
        return complain(&j->error);
    }
    if (nca_run_begin(j->run, &j->error) != NCA_OK) {
        return complain(&j->error);
    }
    if (live) {
        live_training_begin(&j->live, j->run, kind == NCA_RUN_RESUME);
        note("the training is shown at %s", live_training_address(&j->live));
    }
    if (live && !options_has(&j->given, "no-open")) {
        browser_open(live_training_address(&j->live));
    }
    return EXIT_OK;
}

static int begin(job *j)
{
    nca_settings_default(&j->settings);
    int code = apply_settings(j);
    if (code != EXIT_OK) {
        return code;
    }
    if (j->settings.output[0] == 0) {
        nca_run_path folder;
        nca_run_default_folder(&folder, j->settings.target_path);
        if (nca_settings_set(&j->settings, "output", folder.text, &j->error) != NCA_OK) {
            return complain(&j->error);
        }
    }
    code = complain_folder(j);
    if (code == EXIT_OK) {
        code = complain_outputs(j);
    }
    if (code != EXIT_OK) {
        return code;
    }
    return start(j, options_has(&j->given, "overwrite") ? NCA_RUN_REPLACE : NCA_RUN_NEW);
}

static bool has_settings(const job *j)
{
    bool found = options_has(&j->given, "config");
    for (size_t i = 0; i < j->given.count; i++) {
        found |= j->given.given[i].setting != NULL;
    }
    return found || options_has(&j->given, "target") || options_has(&j->given, "live");
}

static void note_finished(const job *j, const char *folder, uint64_t done)
{
    const unsigned long long iterations = done, more = 2 * done;
    nca_settings longer = j->settings;
    longer.iterations = more;
    if (nca_session_refused(&j->settings, &longer, done) != NULL) {
        note("%s: this run is finished after %llu iterations, where its schedule (%s) ends; to "
             "train longer, start a new run: nca train --config %s --iterations %llu -o DIR",
             folder, iterations, nca_schedule_name(j->settings.schedule),
             nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CONFIG), more);
    } else {
        note("%s: this run is finished after %llu iterations; to train it further: nca train "
             "--resume %s --iterations %llu",
             folder, iterations, folder, more);
    }
}

/* A finished run is not trained again, but missing files are created: pictures, if drawing was
 * stopped, or a copy of the model that is requested now. */
static int resume(job *j)
{
    const char *folder = options_value(&j->given, "resume");
    if (options_has(&j->given, "overwrite") || options_has(&j->given, "output")) {
        return complain_usage("--resume continues in the folder of the run; remove %s",
                              options_has(&j->given, "output") ? "-o" : "--overwrite");
    }
    nca_run_settle(folder);
    if (!nca_folder_exists(folder)) {
        j->error.status = NCA_NOT_FOUND;
        snprintf(j->error.message, sizeof j->error.message,
                 "%.900s: this folder does not exist; --resume needs the folder of a run", folder);
        return complain(&j->error);
    }
    uint64_t done;
    nca_error ignored;
    if (nca_run_resume_settings(&j->settings, &done, &ignored, folder, &j->error) != NCA_OK) {
        int code = complain(&j->error);
        if (j->error.status == NCA_NOT_FOUND) {
            note("there is no checkpoint to resume from; start again with `nca train --config %s "
                 "--overwrite`",
                 nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CONFIG));
        }
        return code;
    }
    if (ignored.status != NCA_OK) {
        note("%s; the later changes of settings in this file are ignored", ignored.message);
    }
    int code = apply_settings(j);
    if (code != EXIT_OK) {
        return code;
    }
    /* The --config of the run may name the folder in which it was started. */
    nca_settings_set(&j->settings, "output", folder, NULL);
    code = complain_outputs(j);
    if (code != EXIT_OK) {
        return code;
    }
    const bool finished = done >= j->settings.iterations;
    j->nothing_to_do = finished && !has_settings(j) && nca_run_is_finished(&j->settings);
    code = j->nothing_to_do ? EXIT_OK : start(j, NCA_RUN_RESUME);
    if (finished && code == EXIT_OK) {
        note_finished(j, folder, done);
    }
    return code;
}

/* ---- Running ---------------------------------------------------------------------------------*/

static bool is_live(const job *j)
{
    return j->live.feed.server != NULL;
}

typedef void show_line(progress *p, const nca_iteration *report, uint64_t total,
                       const double *losses, size_t count);

/* Shows the progress line: with progress_show, or with progress_finish at the end. */
static void show_progress(job *j, show_line *line)
{
    size_t count;
    uint64_t first;
    const double *losses = nca_run_losses(j->run, &count, &first);
    line(&j->progress, nca_run_last(j->run), nca_session_total(nca_run_session(j->run)), losses,
         count);
}

static bool show(nca_run *run, const nca_iteration *last, void *user)
{
    job *j = user;
    (void)last;
    if (preview_show(&j->preview, nca_run_session(run))) {
        j->progress.last = 0; /* the preview has overwritten the line */
    }
    show_progress(j, progress_show);
    return !is_live(j) || live_training_watch(&j->live, run);
}

static void show_extended(nca_run *run, const nca_stability *test, void *user)
{
    job *j = user;
    (void)run;
    progress_clear(&j->progress);
    note_unstable(test);
    note("training is extended by %llu iterations", (unsigned long long)test->added);
}

/* Whether another random seed may succeed: the training failed, or its model is not stable. */
static bool calls_for_retry(const nca_run *run, nca_status status)
{
    return status == NCA_DIVERGED ||
           (status == NCA_OK && nca_run_is_complete(run) && run_is_unstable(run));
}

static nca_status retry(job *j, nca_status failure)
{
    progress_clear(&j->progress);
    if (failure == NCA_DIVERGED) {
        note("%s", j->error.message);
    } else {
        note_unstable(nca_run_stability(j->run));
    }
    note("starting again with seed %llu (%zu %s left)",
         (unsigned long long)nca_run_settings(j->run)->seed + 1, j->retries - 1,
         j->retries == 2 ? "retry" : "retries");
    j->retries--;
    const nca_status status = nca_run_retry(j->run, &j->error);
    progress_start(&j->progress, options_has(&j->given, "quiet"), 0);
    return status;
}

/* Trains until the end or a signal, and saves; returns the exit code. */
static int train(job *j)
{
    stop_watch();
    progress_start(&j->progress, options_has(&j->given, "quiet"),
                   nca_session_iteration(nca_run_session(j->run)));
    preview_start(&j->preview,
                  options_has(&j->given, "preview") && !options_has(&j->given, "quiet"),
                  nca_session_target(nca_run_session(j->run)));
    nca_status status = nca_run_train(j->run, &j->error);
    while (calls_for_retry(j->run, status) && j->retries > 0 && stop_signal() == 0) {
        status = retry(j, status);
        status = status == NCA_OK ? nca_run_train(j->run, &j->error) : status;
    }
    if (nca_run_last(j->run)->iteration > 0) {
        show_progress(j, progress_finish);
    }
    if (status != NCA_OK) {
        if (is_live(j)) {
            live_training_fail(&j->live, j->run, &j->error);
        }
        int code = complain(&j->error);
        return code == EXIT_USAGE ? EXIT_FAILED : code;
    }
    const bool complete = nca_run_is_complete(j->run);
    if (is_live(j)) {
        live_training_close(&j->live, j->run, complete ? "finished" : "stopped");
    }
    int signal_number = stop_signal();
    if (!complete) {
        const nca_session *session = nca_run_session(j->run);
        note("stopped after iteration %llu of %llu; continue with: nca train --resume %s",
             (unsigned long long)nca_session_iteration(session),
             (unsigned long long)nca_session_total(session), nca_run_settings(j->run)->output);
        return signal_number != 0 ? EXIT_SIGNALLED + signal_number : EXIT_OK;
    }
    return EXIT_OK;
}

int command_train(int count, char **arguments)
{
    job *j = calloc(1, sizeof *j);
    if (j == NULL) {
        note("out of memory");
        return EXIT_FAILED;
    }
    int code = options_parse(&j->given, "train", table, true, 0, count, arguments);
    if (code == EXIT_OK && j->given.help) {
        help_print(&page);
    } else if (code == EXIT_OK) {
        code = serve_options_read(&j->serve, &j->given, "live");
        if (code == EXIT_OK) {
            code = complain_options(j);
        }
        if (code == EXIT_OK && !options_count(&j->retries, &j->given, "retry", 0, 1000)) {
            code = EXIT_USAGE;
        }
        if (code == EXIT_OK) {
            code = options_has(&j->given, "resume") ? resume(j) : begin(j);
        }
        if (code == EXIT_OK && !j->nothing_to_do) {
            code = train(j);
        }
        if (code == EXIT_OK && !j->nothing_to_do && nca_run_is_complete(j->run)) {
            code = train_end(j->run);
        }
    }
    if (nca_run_is_replacing(j->run)) {
        note("%s: the existing run was not replaced", nca_run_settings(j->run)->output);
    }
    live_feed_close(&j->live.feed);
    nca_run_close(j->run);
    free(j);
    return code;
}
