/* nca train: settings, run folder, the training loop with its checkpoints, and what is left behind.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/growth.h"
#include "cli/help.h"
#include "cli/metrics.h"
#include "cli/progress.h"
#include "cli/results.h"
#include "cli/run_folder.h"
#include "cli/stop.h"

static const option table[] = {
    {"config", 'c', "FILE", "Read settings from a YAML file; options win over it."},
    {"target", 't', "IMAGE",
     "PNG or JPEG to grow, or phantom, the built-in head phantom. [phantom]"},
    {"output", 'o', "DIR", "The run folder. [runs/ and the target's name]"},
    {"resume", 0, "DIR",
     "Continue the run in DIR from its checkpoint; the result has the bits of a run that never "
     "stopped."},
    {"overwrite", 0, NULL, "Replace the run that is in the output folder."},
    {"quiet", 'q', NULL, "Show no progress."},
    {NULL, 0, NULL, NULL},
};

static const help_page page = {
    .usage = "nca train [--config FILE] [--target IMAGE] [-o DIR] [SETTINGS]\n"
             "       nca train --resume DIR [SETTINGS]",
    .purpose =
        "Trains an automaton to grow an image from one cell. The run folder gets config.yaml,\n"
        "metrics.csv, model.safetensors, checkpoint.safetensors, loss.png, loss.svg,\n"
        "growth.gif, filmstrip.png and comparison.png. Ctrl-C saves and stops.",
    .table = table,
    .settings = true,
    .examples = "  nca train\n"
                "  nca train --target photo.png -o runs/photo --iterations 4000\n"
                "  nca train --target photo.png --experiment regenerating --seed 7\n"
                "  nca train --config runs/photo/config.yaml -o runs/again\n"
                "  nca train --resume runs/photo --iterations 8000\n",
};

typedef struct training {
    option_values given;
    nca_settings settings;
    char folder[NCA_PATH_SIZE];
    nca_session *session;
    metrics metrics;
    progress progress;
    nca_iteration last; /* the last iteration's report; iteration 0 before the first */
    double started;     /* seconds_now() */
    nca_error error;
} training;

/* ---- Settings --------------------------------------------------------------------------------*/

/* --target and -o stand in the command's own table for their letters; they are settings too. */
static int apply_own_options(training *t)
{
    static const char *const keys[][2] = {{"target", "target_path"}, {"output", "output"}};
    for (size_t i = 0; i < 2; i++) {
        const char *value = options_value(&t->given, keys[i][0]);
        if (value != NULL &&
            nca_settings_set(&t->settings, keys[i][1], value, &t->error) != NCA_OK) {
            return complain(&t->error);
        }
    }
    return EXIT_OK;
}

/* On top of what t->settings holds: the file, then the options. */
static int apply_settings(training *t)
{
    const char *config = options_value(&t->given, "config");
    if (config != NULL && nca_settings_load(&t->settings, config, &t->error) != NCA_OK) {
        complain(&t->error);
        return EXIT_USAGE;
    }
    int code = options_apply(&t->settings, &t->given);
    if (code == EXIT_OK) {
        code = apply_own_options(t);
    }
    if (code == EXIT_OK && nca_settings_check(&t->settings, &t->error) != NCA_OK) {
        code = complain(&t->error);
    }
    if (code == EXIT_OK && t->settings.device != NCA_DEVICE_CPU) {
        note("device: this program computes on the CPU; the setting changes nothing");
    }
    return code;
}

static int complain_folder(training *t)
{
    const char *name;
    if (!options_has(&t->given, "overwrite") && run_exists(t->folder, &name)) {
        return complain_usage(
            "%s: a run is in this folder (%s); continue it with --resume %s, replace "
            "it with --overwrite, or choose another folder with -o",
            t->folder, name, t->folder);
    }
    return EXIT_OK;
}

/* What is only written after the training is refused before it, if it could not be written. */
static int complain_outputs(const training *t)
{
    const char *const paths[][2] = {{"model_path", t->settings.model_path},
                                    {"ani_path", t->settings.ani_path}};
    for (size_t i = 0; i < 2; i++) {
        if (!run_has_place(paths[i][1], t->folder)) {
            return complain_usage("%s: the folder of \"%s\" does not exist; make it first",
                                  paths[i][0], paths[i][1]);
        }
    }
    if (t->settings.ani_path[0] != 0 && !growth_is_animation(t->settings.ani_path)) {
        return complain_usage("ani_path: expected a file that ends in .gif, .mp4 or .webm, found "
                              "\"%s\"",
                              t->settings.ani_path);
    }
    return EXIT_OK;
}

/* ---- Starting and resuming -------------------------------------------------------------------*/

static nca_status create_session(training *t)
{
    const nca_settings *s = &t->settings;
    const nca_target_options options = {s->img_size, s->padding, s->stretch};
    nca_target *target = NULL;
    nca_status status = nca_target_create(&target, s->target_path, &options, &t->error);
    if (status == NCA_OK) {
        status = nca_session_create(&t->session, s, target, &t->error);
    }
    nca_target_destroy(target);
    return status;
}

/* Everything that can be refused is, before the first byte is written. */
static int begin(training *t)
{
    nca_settings_default(&t->settings);
    int code = apply_settings(t);
    if (code != EXIT_OK) {
        return code;
    }
    if (t->settings.output[0] == 0) {
        run_path folder = run_default_folder(t->settings.target_path);
        if (nca_settings_set(&t->settings, "output", folder.text, &t->error) != NCA_OK) {
            return complain(&t->error);
        }
    }
    memcpy(t->folder, t->settings.output, sizeof t->folder);
    code = complain_folder(t);
    if (code == EXIT_OK) {
        code = complain_outputs(t);
    }
    if (code != EXIT_OK) {
        return code;
    }
    if (create_session(t) != NCA_OK || run_create(t->folder, &t->error) != NCA_OK) {
        return complain(&t->error);
    }
    if (options_has(&t->given, "overwrite") && run_clear(t->folder, &t->error) != NCA_OK) {
        return complain(&t->error);
    }
    run_path config = run_file(t->folder, RUN_CONFIG), rows = run_file(t->folder, RUN_METRICS);
    if (nca_settings_save(&t->settings, config.text, &t->error) != NCA_OK ||
        metrics_create(&t->metrics, rows.text, &t->error) != NCA_OK) {
        return complain(&t->error);
    }
    return EXIT_OK;
}

static int resume(training *t)
{
    const char *folder = options_value(&t->given, "resume");
    if (options_has(&t->given, "overwrite") || options_has(&t->given, "output")) {
        return complain_usage("--resume continues in its own folder; leave out %s",
                              options_has(&t->given, "output") ? "-o" : "--overwrite");
    }
    run_path checkpoint = run_file(folder, RUN_CHECKPOINT);
    uint64_t done = 0;
    if (nca_checkpoint_settings(&t->settings, &done, checkpoint.text, &t->error) != NCA_OK) {
        int code = complain(&t->error);
        if (t->error.status == NCA_NOT_FOUND) {
            note("without a checkpoint there is nothing to resume; start again with `nca train "
                 "--config %s --overwrite`",
                 run_file(folder, RUN_CONFIG).text);
        }
        return code;
    }
    /* The folder may have been moved since. */
    if (nca_settings_set(&t->settings, "output", folder, &t->error) != NCA_OK) {
        return complain(&t->error);
    }
    int code = apply_settings(t);
    if (code != EXIT_OK) {
        return code;
    }
    /* A --config of the run may name the folder that it was started in. */
    nca_settings_set(&t->settings, "output", folder, NULL);
    memcpy(t->folder, t->settings.output, sizeof t->folder);
    code = complain_outputs(t);
    if (code != EXIT_OK) {
        return code;
    }
    if (nca_session_resume(&t->session, checkpoint.text, &t->settings, &t->error) != NCA_OK) {
        return complain(&t->error);
    }
    if (t->settings.iterations < done) {
        return complain_usage("iterations: expected at least %llu, which are done, found %llu",
                              (unsigned long long)done, (unsigned long long)t->settings.iterations);
    }
    run_path config = run_file(folder, RUN_CONFIG), rows = run_file(folder, RUN_METRICS);
    if (nca_settings_save(&t->settings, config.text, &t->error) != NCA_OK ||
        metrics_reopen(&t->metrics, rows.text, done, &t->error) != NCA_OK) {
        return complain(&t->error);
    }
    return EXIT_OK;
}

/* ---- The loop --------------------------------------------------------------------------------*/

/* The rows go first: a checkpoint whose rows are lost could not be resumed without a gap. */
static nca_status save_checkpoint(training *t)
{
    run_path path = run_file(t->folder, RUN_CHECKPOINT);
    nca_status status = metrics_sync(&t->metrics, &t->error);
    return status == NCA_OK ? nca_session_save(t->session, path.text, &t->error) : status;
}

static nca_status iterate(training *t)
{
    uint64_t total = t->settings.iterations, every = t->settings.checkpoint_every;
    while (nca_session_iteration(t->session) < total && stop_signal() == 0) {
        nca_status status = nca_session_step(t->session, &t->last, &t->error);
        if (status != NCA_OK) {
            return status;
        }
        status = metrics_add(&t->metrics, &t->last, &t->error);
        if (status == NCA_OK && every > 0 && t->last.iteration % every == 0 &&
            t->last.iteration < total) {
            status = save_checkpoint(t);
        }
        if (status != NCA_OK) {
            return status;
        }
        progress_show(&t->progress, &t->last, total, t->metrics.losses, t->metrics.count);
    }
    return NCA_OK;
}

static nca_status save_model(training *t)
{
    const nca_model *model = nca_session_model(t->session);
    nca_status status = nca_model_save(model, run_file(t->folder, RUN_MODEL).text, &t->error);
    if (status == NCA_OK && t->settings.model_path[0] != 0) {
        status = nca_model_save(model, t->settings.model_path, &t->error);
    }
    return status;
}

/* Trains until the end or a signal and saves; returns the exit code. */
static int train(training *t)
{
    stop_watch();
    progress_start(&t->progress, options_has(&t->given, "quiet"),
                   nca_session_iteration(t->session));
    nca_status status = iterate(t);
    if (t->last.iteration > 0) {
        progress_finish(&t->progress, &t->last, t->settings.iterations, t->metrics.losses,
                        t->metrics.count);
    }
    if (status == NCA_OK) {
        status = save_checkpoint(t);
    }
    if (status == NCA_OK) {
        status = save_model(t);
    }
    if (status != NCA_OK) {
        int code = complain(&t->error);
        return code == EXIT_USAGE ? EXIT_FAILED : code;
    }
    int signal_number = stop_signal();
    stop_unwatch();
    uint64_t done = nca_session_iteration(t->session);
    if (signal_number != 0 && done < t->settings.iterations) {
        note("stopped after iteration %llu of %llu; continue with: nca train --resume %s",
             (unsigned long long)done, (unsigned long long)t->settings.iterations, t->folder);
        return EXIT_SIGNALLED + signal_number;
    }
    return EXIT_OK;
}

static int finish(training *t)
{
    const results r = {.settings = &t->settings,
                       .model = nca_session_model(t->session),
                       .folder = t->folder,
                       .losses = t->metrics.losses,
                       .count = t->metrics.count,
                       .first_iteration = t->metrics.first_iteration,
                       .seconds = seconds_now() - t->started};
    if (results_draw(&r, &t->error) != NCA_OK) {
        note("the model is trained and saved; a picture of it failed:");
        complain(&t->error);
        return EXIT_FAILED;
    }
    results_print(&r);
    return EXIT_OK;
}

int command_train(int count, char **arguments)
{
    training *t = calloc(1, sizeof *t);
    if (t == NULL) {
        note("memory could not be had");
        return EXIT_FAILED;
    }
    t->started = seconds_now();
    int code = options_parse(&t->given, "train", table, true, 0, count, arguments);
    if (code == EXIT_OK && t->given.help) {
        help_print(&page);
    } else if (code == EXIT_OK) {
        code = options_has(&t->given, "resume") ? resume(t) : begin(t);
        if (code == EXIT_OK) {
            code = train(t);
        }
        if (code == EXIT_OK) {
            code = finish(t);
        }
    }
    metrics_close(&t->metrics);
    nca_session_destroy(t->session);
    free(t);
    return code;
}
