/* Opening a run: its data and its session, new or resumed from the checkpoint. Nothing is written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/classify.h"
#include "runs/folder.h"
#include "runs/replacement.h"
#include "runs/run_initial.h"
#include "runs/run_parts.h"

void nca_run_options_default(nca_run_options *out)
{
    *out = (nca_run_options){.start = NCA_RUN_NEW};
}

void nca_run_close(nca_run *run)
{
    if (run == NULL) {
        return;
    }
    nca__metrics_close(&run->metrics);
    nca__tensorboard_close(&run->tensorboard);
    if (run->replaces) {
        nca__replacement_discard(run->settings.output);
    }
    nca_session_destroy(run->session);
    nca__validations_free(&run->validations);
    nca_labelled_close(run->data);
    nca_model_destroy(run->initial);
    nca__run_unlock(run->lock);
    free(run);
}

/* Refuses settings that need too much memory before a large target is created, which takes long. An
 * image's shorter side is not known yet, so this checks the smallest possible memory; the session
 * checks again. */
static nca_status check_memory(const nca_settings *settings, nca_error *error)
{
    if (settings->img_size == 0) {
        return NCA_OK;
    }
    const bool is_square = settings->stretch || strcmp(settings->target_path, "phantom") == 0;
    const size_t margin = 2 * (size_t)settings->padding;
    const size_t longer = settings->img_size + margin;
    return nca_session_fits(settings, is_square ? longer : 1 + margin, longer, error);
}

static void notice_target(const nca_run *run, const nca_target *target)
{
    if (target->notice != NULL && run->options.notice != NULL) {
        char text[NCA_ERROR_SIZE];
        snprintf(text, sizeof text, "%s: %s", target->source, target->notice);
        run->options.notice(text, run->options.user);
    }
}

/* Each line of the data's notices. */
static void notice_data(const nca_run *run)
{
    const char *line = run->data->notices;
    while (run->options.notice != NULL && *line != 0) {
        const int length = (int)strcspn(line, "\n");
        char text[NCA_ERROR_SIZE];
        snprintf(text, sizeof text, "%.*s", length, line);
        run->options.notice(text, run->options.user);
        line += length + (line[length] != 0);
    }
}

static nca_status open_data(nca_run *run, nca_error *error)
{
    const nca_status status = nca_run_data(&run->data, &run->settings, run->root, error);
    if (status == NCA_OK) {
        notice_data(run);
    }
    return status;
}

/* Decides which validation is the best; there is none yet. If it fails, it changes nothing. */
static nca_status begin_validations(nca_run *run, nca_error *error)
{
    const nca_labelled *data = run->data;
    const size_t images = data->split[NCA_SPLIT_VAL].count;
    if (images == 0 && run->settings.patience > 0) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "patience: expected 0, as %s has no validation images, found %lu; set it to "
            "0, or give the data validation images (a split val, or val_share)",
            data->source, (unsigned long)run->settings.patience);
    }
    size_t class;
    nca__validations_free(&run->validations);
    run->validations.select = nca__validation_select(&class, &run->settings, data);
    if (images > 0 && class < data->classes && run->options.notice != NULL) {
        char text[NCA_ERROR_SIZE];
        snprintf(
            text, sizeof text,
            "select: AUC is not defined, as none or all of the validation images %s \"%s\"; the "
            "model is selected by log loss",
            data->kind == NCA_LABELS_MULTI_LABEL ? "have the label" : "are of the class",
            data->class_names[class]);
        run->options.notice(text, run->options.user);
    }
    return NCA_OK;
}

/* `target` is NULL for a classifier. */
static nca_status begin_session(nca_session **out_session, nca_run *run, const nca_target *target,
                                nca_error *error)
{
    nca_status status;
    if (run->data == NULL) {
        status = nca__run_new_session(out_session, &run->settings, target, run->initial, error);
    } else if (run->initial == NULL) {
        status = nca_session_create_classify(out_session, &run->settings, run->data, error);
    } else {
        status = nca_session_create_classify_from(out_session, &run->settings, run->data,
                                                  run->initial, error);
    }
    if (status == NCA_OK && run->initial != NULL) {
        nca_model_digest(run->settings.init_digest, run->initial);
    }
    return status;
}

static nca_status create_classifier(nca_run *run, nca_error *error)
{
    nca_status status = nca__run_initial(&run->initial, &run->settings, NULL, &run->options, error);
    if (status == NCA_OK) {
        status = open_data(run, error);
    }
    if (status == NCA_OK) {
        status = begin_validations(run, error);
    }
    if (status == NCA_OK && run->settings.epochs > 0) {
        nca_classify_take_epochs(&run->settings, run->data);
        nca_settings_fit_warmup(&run->settings);
    }
    return status == NCA_OK ? begin_session(&run->session, run, NULL, error) : status;
}

nca_status nca__run_begin_again(nca_run *run, nca_error *error)
{
    nca_session *failed = run->session;
    nca_labelled *data = run->data;
    /* Its splits may depend on the random seed. */
    nca_status status = data != NULL ? open_data(run, error) : NCA_OK;
    if (status == NCA_OK) {
        status = begin_session(&run->session, run, nca_session_target(failed), error);
    }
    if (status == NCA_OK && data != NULL) {
        status = begin_validations(run, error);
    }
    if (status != NCA_OK) {
        if (run->session != failed) {
            nca_session_destroy(run->session);
        }
        if (run->data != data) {
            nca_labelled_close(run->data);
        }
        run->data = data;
        run->session = failed;
        return status;
    }
    nca_session_destroy(failed);
    nca_labelled_close(data);
    return NCA_OK;
}

static nca_status create_session(nca_run *run, nca_error *error)
{
    if (run->settings.task == NCA_TASK_CLASSIFY) {
        return create_classifier(run, error);
    }
    nca_target *target = NULL;
    nca_status status = nca__run_initial(&run->initial, &run->settings, NULL, &run->options, error);
    if (status == NCA_OK) {
        status = check_memory(&run->settings, error);
    }
    if (status == NCA_OK) {
        status = nca_run_target(&target, &run->settings, run->options.data_root, error);
    }
    if (status == NCA_OK) {
        notice_target(run, target);
        status = begin_session(&run->session, run, target, error);
    }
    nca_target_destroy(target);
    return status;
}

static nca_status resume_classifier(nca_run *run, const char *checkpoint, nca_error *error)
{
    nca_run_path rows, model;
    nca_run_file(&rows, run->settings.output, NCA_RUN_VALIDATION);
    nca_run_file(&model, run->settings.output, NCA_RUN_MODEL);
    nca_status status = open_data(run, error);
    if (status == NCA_OK) {
        status = begin_validations(run, error);
    }
    if (status == NCA_OK) {
        nca_classify_take_epochs(&run->settings, run->data);
    }
    if (status == NCA_OK) {
        status = nca_session_resume_classify(&run->session, checkpoint, &run->settings, run->data,
                                             error);
    }
    if (status == NCA_OK) {
        status = nca__validations_read(&run->validations, rows.text,
                                       nca_session_iteration(run->session), error);
    }
    return status == NCA_OK ? nca__validations_check_model(&run->validations, model.text, error)
                            : status;
}

static nca_status resume_session(nca_run *run, nca_error *error)
{
    const char *folder = run->settings.output;
    nca_status status = nca__run_lock(&run->lock, folder, error);
    if (status == NCA_OK) {
        status = nca__run_refuse_links(folder, error);
    }
    nca_run_path path;
    nca_run_file(&path, folder, NCA_RUN_CHECKPOINT);
    if (status == NCA_OK) {
        status = run->settings.task == NCA_TASK_CLASSIFY
                     ? resume_classifier(run, path.text, error)
                     : nca_session_resume(&run->session, path.text, &run->settings, error);
    }
    const uint64_t done = status == NCA_OK ? nca_session_iteration(run->session) : 0;
    if (status == NCA_OK && nca_session_total(run->session) < done) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "iterations: expected at least %llu (already done), found %llu",
                         (unsigned long long)done, (unsigned long long)run->settings.iterations);
    }
    return status;
}

nca_status nca_run_open(nca_run **out_run, const nca_settings *settings,
                        const nca_run_options *options, nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_run_options", error);
    if (room != NCA_OK) {
        return room;
    }
    nca_run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return nca__fail_memory(error, "a run", sizeof *run);
    }
    run->settings = *settings;
    run->options = *options;
    snprintf(run->folder.text, sizeof run->folder.text, "%s", settings->output);
    snprintf(run->root, sizeof run->root, "%s",
             options->data_root != NULL ? options->data_root : "");
    run->lock = -1;
    const nca_status status =
        options->start == NCA_RUN_RESUME ? resume_session(run, error) : create_session(run, error);
    run->options.data_root = NULL;
    if (status != NCA_OK) {
        nca_run_close(run);
        return status;
    }
    *out_run = run;
    return NCA_OK;
}
