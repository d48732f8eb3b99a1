/* nca train before the first iteration: settings from files and options, what is refused before the
 * first byte is written, a new run or one that is resumed. */
#include <stdio.h>
#include <unistd.h>

#include "cli/data_root.h"
#include "cli/page/browser.h"
#include "cli/stop.h"
#include "cli/train/train_end.h"
#include "cli/train/train_job.h"

/* ---- Settings --------------------------------------------------------------------------------*/

/* -o stands in the command's own table for its letter; it is a setting too. */
static int apply_output(train_job *j)
{
    const char *value = options_value(&j->given, "output");
    if (value != NULL && nca_settings_set(&j->settings, "output", value, &j->error) != NCA_OK) {
        return complain(&j->error);
    }
    return EXIT_OK;
}

static int apply_file(train_job *j, const char *config)
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

/* Whether the user has chosen a setting, or a run that is resumed has it already. */
static bool is_chosen(const train_job *j, const char *key)
{
    return options_has(&j->given, "resume") || options_has_setting(&j->given, key) ||
           (nca_settings_file_has(&j->file, key) && !refits_has(&j->refits, key));
}

/* Fits the recipe's schedule to the length of the training. */
static void fit_schedule(train_job *j)
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

/* Says what the user has given and the training does not do. A file's extension is not mentioned:
 * config.yaml of any run has one. */
static void note_without_effect(const train_job *j)
{
    const nca_settings *s = &j->settings;
    const bool gives_damage =
        options_has_setting(&j->given, "damage") || nca_settings_file_has(&j->file, "damage");
    if (s->task == NCA_TASK_GROW && s->experiment == NCA_EXPERIMENT_REGENERATING && gives_damage &&
        s->damage >= s->batch_size) {
        note("damage: %lu of the %lu samples are damaged, not %lu: at most batch_size - 1",
             (unsigned long)s->batch_size - 1, (unsigned long)s->batch_size,
             (unsigned long)s->damage);
    }
    const bool is_growing = s->experiment == NCA_EXPERIMENT_GROWING;
    if (options_has_setting(&j->given, "extension") && s->extension > 0 &&
        (is_growing || s->schedule == NCA_SCHEDULE_COSINE)) {
        note("extension: has no effect with %s, which has no stability test",
             is_growing ? "experiment growing" : "schedule cosine");
    }
}

/* Says what was changed of the settings; a training that is refused says nothing of them. */
static void note_settings(const train_job *j)
{
    if (j->recipe_warmup > 0) {
        note("warmup: shortened from %llu (set by the recipe) to %llu because iterations is %llu",
             (unsigned long long)j->recipe_warmup, (unsigned long long)j->settings.warmup,
             (unsigned long long)j->settings.iterations);
    }
    refits_note(&j->refits, &j->settings);
    note_without_effect(j);
    note_device(j->settings.device, j->settings.precision);
}

/* What neither the file nor an option gives is taken from the model that the run starts from; a run
 * that is resumed has started already. */
static int take_initial(train_job *j)
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

/* An option replaces what a file or a resumed run has: --iterations a number of epochs, and
 * --epochs a number of iterations. */
static int choose_length(train_job *j)
{
    const bool epochs = options_has_setting(&j->given, "epochs");
    const bool iterations = options_has_setting(&j->given, "iterations");
    if (epochs && iterations && j->settings.epochs > 0) {
        return complain_usage("--epochs and --iterations cannot be used together: epochs sets "
                              "iterations; remove one of them");
    }
    if (iterations && !epochs) {
        j->settings.epochs = 0;
    }
    if (!options_has(&j->given, "resume")) {
        nca_settings_await_epochs(&j->settings);
    }
    return EXIT_OK;
}

/* On top of what j->settings holds: the file, then the options. */
static int apply_settings(train_job *j)
{
    const char *config = options_value(&j->given, "config");
    int code = config != NULL ? apply_file(j, config) : EXIT_OK;
    if (code == EXIT_OK) {
        refits_find(&j->refits, &j->settings, &j->file, &j->given);
        code = options_apply(&j->settings, &j->given);
    }
    if (code == EXIT_OK) {
        code = choose_length(j);
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

static bool has_file(const char *folder, const char *name)
{
    return access(nca_run_file(&(nca_run_path){0}, folder, name), F_OK) == 0;
}

/* What only the growth of an image has. */
static int complain_task(const train_job *j)
{
    return j->settings.task == NCA_TASK_CLASSIFY && options_has(&j->given, "preview")
               ? complain_usage("--preview shows an image that grows, which task classify does "
                                "not have; remove it, or use --live")
               : EXIT_OK;
}

static int complain_folder(train_job *j)
{
    const char *name, *folder = j->settings.output;
    nca_run_settle(folder);
    if (options_has(&j->given, "overwrite") || !nca_run_exists(folder, &name)) {
        return EXIT_OK;
    }
    if (has_file(folder, NCA_RUN_CHECKPOINT)) {
        return complain_usage("%s: this folder contains a run (%s); continue it with --resume %s, "
                              "replace it with --overwrite, or choose another folder with -o",
                              folder, name, folder);
    }
    return complain_usage("%s: this folder contains a run (%s), which has no checkpoint to resume "
                          "from; replace it with --overwrite, or choose another folder with -o",
                          folder, name);
}

/* What is only written after the training is refused before it, if it could not be written. */
static int complain_outputs(const train_job *j)
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

/* ---- The run ---------------------------------------------------------------------------------*/

/* The page is opened before the folder is touched, because its address may be in use. */
static int start(train_job *j, nca_run_start kind)
{
    const bool live = options_has(&j->given, "live");
    const nca_run_path root = data_root(NULL);
    nca_run_options options;
    nca_run_options_default(&options);
    options.start = kind;
    options.data_root = root.text;
    options.keep_going = stop_not_asked;
    options.iterated = train_show;
    options.extended = train_show_extended;
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

int train_begin(train_job *j)
{
    nca_settings_default(&j->settings);
    int code = apply_settings(j);
    if (code != EXIT_OK) {
        return code;
    }
    if (j->settings.output[0] == 0) {
        nca_run_path folder;
        nca_run_default_folder(&folder, j->settings.task == NCA_TASK_CLASSIFY
                                            ? j->settings.data
                                            : j->settings.target_path);
        if (nca_settings_set(&j->settings, "output", folder.text, &j->error) != NCA_OK) {
            return complain(&j->error);
        }
    }
    code = complain_task(j);
    if (code == EXIT_OK) {
        code = complain_folder(j);
    }
    if (code == EXIT_OK) {
        code = complain_outputs(j);
    }
    if (code != EXIT_OK) {
        return code;
    }
    return start(j, options_has(&j->given, "overwrite") ? NCA_RUN_REPLACE : NCA_RUN_NEW);
}

static bool has_settings(const train_job *j)
{
    bool found = options_has(&j->given, "config");
    for (size_t i = 0; i < j->given.count; i++) {
        found |= j->given.given[i].setting != NULL;
    }
    return found || options_has(&j->given, "target") || options_has(&j->given, "live");
}

/* A run that is finished is not run again, but what is missing of its files is made: pictures, when
 * they were stopped, or a copy of the model that is asked for now. */
int train_resume(train_job *j)
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
        if (j->error.status == NCA_NOT_FOUND && !has_file(folder, NCA_RUN_CONFIG)) {
            note("there is no checkpoint to resume from");
        } else if (j->error.status == NCA_NOT_FOUND) {
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
    /* A --config of the run may name the folder that it was started in. */
    nca_settings_set(&j->settings, "output", folder, NULL);
    code = complain_outputs(j);
    if (code != EXIT_OK) {
        return code;
    }
    j->nothing_to_do =
        done >= j->settings.iterations && !has_settings(j) && nca_run_is_finished(&j->settings);
    if (j->nothing_to_do) {
        note_finished(&j->settings, done);
        return EXIT_OK;
    }
    return start(j, NCA_RUN_RESUME);
}
