/* Resuming a session from a checkpoint file. The file is not trusted: whatever its bytes, the
 * result is a session that could have been saved, or an error. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/finite.h"
#include "base/machine_memory.h"
#include "core/schedule.h"
#include "nca/changes.h"
#include "nca/safetensors.h"
#include "train/checkpoint.h"
#include "train/checkpoint_read.h"
#include "train/session.h"

/* ---- Metadata --------------------------------------------------------------------------------*/

static nca_status read_number(uint64_t *out_number, const nca__checkpoint_file *checkpoint,
                              const char *key, nca_error *error)
{
    return nca__saved_number(out_number, &checkpoint->saved, key, error);
}

/* 0 if the file does not contain the key. */
static nca_status read_newer_number(uint64_t *out_number, const nca__checkpoint_file *checkpoint,
                                    const char *key, nca_error *error)
{
    *out_number = 0;
    return nca_safetensors_metadata(checkpoint->saved.file, key) == NULL
               ? NCA_OK
               : read_number(out_number, checkpoint, key, error);
}

static nca_status check_format(const nca__checkpoint_file *checkpoint, nca_error *error)
{
    const char *format = nca_safetensors_metadata(checkpoint->saved.file, NCA__KEY_FORMAT);
    if (format == NULL || strcmp(format, NCA__CHECKPOINT_FORMAT) != 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: not a checkpoint: expected metadata \"%s\" to be \"%s\", found "
                         "\"%.40s\"; a model cannot be resumed, a checkpoint.safetensors can",
                         checkpoint->saved.path, NCA__KEY_FORMAT, NCA__CHECKPOINT_FORMAT,
                         format != NULL ? format : "");
    }
    uint64_t version;
    nca_status status = read_number(&version, checkpoint, NCA__KEY_VERSION, error);
    if (status == NCA_OK && (version < 1 || version > NCA__CHECKPOINT_VERSION)) {
        status =
            nca__fail(error, NCA_UNSUPPORTED,
                      "%s: checkpoint of version %" PRIu64
                      ", this program reads versions 1 to %d; use the version of nca that wrote it",
                      checkpoint->saved.path, version, NCA__CHECKPOINT_VERSION);
    }
    return status;
}

static nca_status read_counters(nca__counters *out_counters, const nca__checkpoint_file *checkpoint,
                                nca_error *error)
{
    nca__counters counters;
    nca_status status = read_number(&counters.iteration, checkpoint, NCA__KEY_ITERATION, error);
    if (status == NCA_OK) {
        status = read_number(&counters.updates, checkpoint, NCA__KEY_UPDATES, error);
    }
    if (status == NCA_OK) {
        status = read_number(&counters.dropped, checkpoint, NCA__KEY_DROPPED, error);
    }
    if (status == NCA_OK) {
        status =
            read_number(&counters.dropped_in_a_row, checkpoint, NCA__KEY_DROPPED_IN_A_ROW, error);
    }
    if (status == NCA_OK) {
        status =
            read_newer_number(&counters.dead_in_a_row, checkpoint, NCA__KEY_DEAD_IN_A_ROW, error);
    }
    if (status == NCA_OK) {
        status = read_newer_number(&counters.endless_in_a_row, checkpoint,
                                   NCA__KEY_ENDLESS_IN_A_ROW, error);
    }
    if (status == NCA_OK) {
        status = read_newer_number(&counters.added, checkpoint, NCA__KEY_ADDED, error);
    }
    if (status == NCA_OK) {
        status = read_newer_number(&counters.unstable, checkpoint, NCA__KEY_UNSTABLE, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    if (counters.iteration > UINT32_MAX || counters.updates > counters.iteration ||
        counters.dropped != counters.iteration - counters.updates ||
        counters.dropped_in_a_row > counters.dropped ||
        counters.dead_in_a_row > counters.iteration ||
        counters.endless_in_a_row > counters.iteration || counters.added > UINT32_MAX ||
        counters.unstable > 1) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: its counters contradict each other: %" PRIu64 " iterations, %" PRIu64
                         " updates, %" PRIu64 " dropped, %" PRIu64 " of them in a row, %" PRIu64
                         " dead and %" PRIu64 " endless in a row, %" PRIu64
                         " added, unstable %" PRIu64,
                         checkpoint->saved.path, counters.iteration, counters.updates,
                         counters.dropped, counters.dropped_in_a_row, counters.dead_in_a_row,
                         counters.endless_in_a_row, counters.added, counters.unstable);
    }
    *out_counters = counters;
    return NCA_OK;
}

/* Whether the settings, one a line, contain the key. */
static bool has_key(const char *text, const char *key)
{
    const size_t length = strlen(key);
    while (text != NULL && (strncmp(text, key, length) != 0 || text[length] != ':')) {
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return text != NULL;
}

static nca_status read_settings(nca_settings *out_settings, const nca__checkpoint_file *checkpoint,
                                nca_error *error)
{
    const char *text;
    nca_status status = nca__saved_text(&text, &checkpoint->saved, NCA__KEY_SETTINGS, error);
    if (status != NCA_OK) {
        return status;
    }
    /* Line numbers in messages refer to the settings, not to the file. */
    char name[512];
    snprintf(name, sizeof name, "%.400s (metadata \"" NCA__KEY_SETTINGS "\")",
             checkpoint->saved.path);
    nca_settings settings;
    nca_settings_default(&settings);
    status = nca_settings_parse(&settings, text, strlen(text), name, error);
    /* When this checkpoint was written, its recipe may not have had an average yet. */
    if (!has_key(text, "average_decay")) {
        settings.average_decay = 0.0f;
    }
    if (status == NCA_OK && nca_settings_check(&settings, error) != NCA_OK) {
        status = error != NULL ? nca__fail_in(error, NCA_FORMAT, "%s", checkpoint->saved.path)
                               : NCA_FORMAT;
    }
    if (status == NCA_OK) {
        *out_settings = settings;
    }
    return status;
}

static nca_status open_checkpoint(nca__checkpoint_file *out_checkpoint, const char *path,
                                  nca_error *error)
{
    nca__checkpoint_file opened = {.saved.path = path};
    nca_status status =
        nca_safetensors_open(&opened.saved.file, path, nca__machine_memory(), error);
    if (status != NCA_OK) {
        return status;
    }
    status = check_format(&opened, error);
    if (status == NCA_OK) {
        status = read_counters(&opened.counters, &opened, error);
    }
    if (status == NCA_OK) {
        status = read_settings(&opened.settings, &opened, error);
    }
    if (status != NCA_OK) {
        nca_safetensors_close(opened.saved.file);
        return status;
    }
    *out_checkpoint = opened;
    return NCA_OK;
}

/* ---- Tensors ---------------------------------------------------------------------------------*/

/* Copies the tensors PREFIX + name into a flat array. */
static nca_status read_parameters(float *out_flat, const nca__checkpoint_file *checkpoint,
                                  const char *prefix, const nca_automaton *automaton,
                                  bool may_be_negative, nca_error *error)
{
    for (size_t k = 0; k < nca_tensor_count(automaton); k++) {
        const nca_tensor tensor = nca_tensor_at(automaton, k);
        const size_t shape[2] = {tensor.rows, tensor.columns};
        if (tensor.rows == 0) {
            continue;
        }
        char name[NCA__CHECKPOINT_NAME];
        snprintf(name, sizeof name, "%s%s", prefix, tensor.name);
        const nca_tensor_view *view;
        nca_status status = nca__saved_tensor(&view, &checkpoint->saved, name, NCA_DTYPE_F32,
                                              tensor.rank, shape, error);
        if (status != NCA_OK) {
            return status;
        }
        const size_t count = shape[0] * shape[1];
        float *values = out_flat + tensor.offset;
        memcpy(values, view->data, count * sizeof *values);
        bool sound = nca__all_finite(values, count);
        for (size_t i = 0; sound && !may_be_negative && i < count; i++) {
            sound = values[i] >= 0.0f;
        }
        if (!sound) {
            return nca__fail(error, NCA_FORMAT, "%s: tensor \"%s\": expected %s values",
                             checkpoint->saved.path, name,
                             may_be_negative ? "finite" : "finite, non-negative");
        }
    }
    return NCA_OK;
}

static nca_status read_recent(nca_session *session, const nca__checkpoint_file *checkpoint,
                              nca_error *error)
{
    const size_t count = nca__session_recent_count(session);
    if (count == 0) {
        return NCA_OK;
    }
    const nca_tensor_view *view;
    nca_status status = nca__saved_tensor(&view, &checkpoint->saved, NCA__TENSOR_RECENT,
                                          NCA_DTYPE_U64, 1, &count, error);
    if (status != NCA_OK) {
        return status;
    }
    const uint64_t oldest = session->counters.updates - count;
    for (size_t i = 0; i < count; i++) {
        double loss;
        memcpy(&loss, (const char *)view->data + i * sizeof loss, sizeof loss);
        if (!isfinite(loss) || loss < 0.0) {
            return nca__fail(error, NCA_FORMAT,
                             "%s: tensor \"%s\": expected losses, finite and non-negative",
                             checkpoint->saved.path, NCA__TENSOR_RECENT);
        }
        session->recent[(oldest + i) % NCA__RECENT_LOSSES] = loss;
    }
    return NCA_OK;
}

/* ---- The session -----------------------------------------------------------------------------*/

/* The task named in the file. A task passed by the caller takes precedence over those of the
 * library. */
static nca_status find_task(const nca__task **out_task, const nca__checkpoint_file *checkpoint,
                            const nca__task *own, nca_error *error)
{
    const char *name = nca_safetensors_metadata(checkpoint->saved.file, NCA__KEY_TASK);
    const nca__task *task = name == NULL                                  ? nca__task_at(0)
                            : own != NULL && strcmp(own->name, name) == 0 ? own
                                                                          : nca__task_named(name);
    if (task == NULL || (own != NULL && task != own)) {
        return nca__fail(error, task == NULL ? NCA_UNSUPPORTED : NCA_MISMATCH,
                         "%s: a checkpoint of the task \"%.40s\"; expected \"%s\"",
                         checkpoint->saved.path, name != NULL ? name : task->name,
                         own != NULL ? own->name : nca__task_at(0)->name);
    }
    *out_task = task;
    return NCA_OK;
}

/* Whether a setting must not change, because the result would have other bits. */
static bool must_stay(const nca_setting *setting, const nca_settings *saved)
{
    return setting->exact_resume ||
           (nca__schedule_ends(saved->schedule) == NCA__ENDS_WITH_TRAINING &&
            strcmp(setting->key, "iterations") == 0);
}

/* The first setting that must not change but has; for `changes`, see check_changes. */
static const nca_setting *first_changed(const nca_settings *saved, const nca_settings *changed)
{
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        char before[NCA_PATH_SIZE], after[NCA_PATH_SIZE];
        if (!must_stay(setting, saved) || strcmp(setting->key, "changes") == 0) {
            continue;
        }
        nca_settings_get(before, sizeof before, saved, setting);
        nca_settings_get(after, sizeof after, changed, setting);
        if (strcmp(before, after) != 0) {
            return setting;
        }
    }
    return NULL;
}

const nca_setting *nca_session_refused(const nca_settings *saved, const nca_settings *changed,
                                       uint64_t done)
{
    const nca_setting *setting = first_changed(saved, changed);
    return setting == NULL && !nca_changes_agree(NULL, saved, changed, done)
               ? nca_setting_named("changes")
               : setting;
}

/* With a schedule that ends with the training; `epochs` sets iterations, so it is named instead. */
static nca_status refuse_length(const nca_settings *saved, const nca_settings *changed,
                                const char *path, nca_error *error)
{
    const bool epochs = changed->epochs > 0 && changed->epochs != saved->epochs;
    char found[48] = "";
    if (epochs) {
        snprintf(found, sizeof found, " (%lu epochs)", (unsigned long)changed->epochs);
    }
    return nca__fail(error, NCA_MISMATCH,
                     "%s: %s cannot change on resume with schedule %s, which ends with the "
                     "training: the checkpoint is of a training of \"%llu\" iterations, found "
                     "\"%llu\"%s; leave %s out, or start a new run",
                     path, epochs ? "epochs" : "iterations", nca_schedule_name(saved->schedule),
                     (unsigned long long)saved->iterations, (unsigned long long)changed->iterations,
                     found, epochs ? "epochs" : "iterations");
}

static nca_status check_change(const nca_settings *saved, const nca_settings *changed,
                               const char *path, nca_error *error)
{
    const nca_setting *setting = first_changed(saved, changed);
    if (setting == NULL) {
        return NCA_OK;
    }
    if (!setting->exact_resume) {
        return refuse_length(saved, changed, path, error);
    }
    char before[NCA_PATH_SIZE], after[NCA_PATH_SIZE];
    nca_settings_get(before, sizeof before, saved, setting);
    nca_settings_get(after, sizeof after, changed, setting);
    return nca__fail(error, NCA_MISMATCH,
                     "%s: %s cannot change on resume: the checkpoint was trained with "
                     "\"%.200s\", found \"%.200s\"; leave it as it was, or start a new run",
                     path, setting->key, before, after);
}

/* "120 learning_rate 0.001", or "nothing". */
static void show_change(char out[128], const nca_change *change)
{
    if (change->iteration == 0) {
        snprintf(out, 128, "nothing");
        return;
    }
    snprintf(out, 128, "\"%lu %s %s\"", (unsigned long)change->iteration, change->setting->key,
             change->value);
}

/* Changes that have taken effect must be the same; later ones may be chosen freely. */
static nca_status check_changes(const nca__checkpoint_file *checkpoint, const nca_settings *changed,
                                nca_error *error)
{
    const uint64_t done = checkpoint->counters.iteration;
    nca_change different[2];
    if (nca_changes_agree(different, &checkpoint->settings, changed, done)) {
        return NCA_OK;
    }
    char before[128], after[128];
    show_change(before, &different[0]);
    show_change(after, &different[1]);
    return nca__fail(error, NCA_MISMATCH,
                     "%s: changes up to iteration %" PRIu64
                     ", which are already done, cannot change on resume: expected %s, found %s; "
                     "leave them as they were, or start a new run",
                     checkpoint->saved.path, done, before, after);
}

static nca_status fill_session(nca_session *session, const nca__checkpoint_file *checkpoint,
                               nca_error *error)
{
    const nca_automaton *automaton = &session->model->automaton;
    session->counters = checkpoint->counters;
    if (session->settings.iterations != checkpoint->settings.iterations) {
        session->counters.added = 0; /* another end, and another test there */
        session->counters.unstable = 0;
    }
    nca_status status = read_parameters(session->model->parameters, checkpoint,
                                        NCA__PREFIX_PARAMETERS, automaton, true, error);
    if (status == NCA_OK) {
        status = read_parameters(session->m, checkpoint, NCA__PREFIX_M, automaton, true, error);
    }
    if (status == NCA_OK) {
        status = read_parameters(session->v, checkpoint, NCA__PREFIX_V, automaton, false, error);
    }
    if (status == NCA_OK && session->average != NULL) {
        status = read_parameters(session->average->parameters, checkpoint, NCA__PREFIX_AVERAGE,
                                 automaton, true, error);
    }
    if (status == NCA_OK) {
        status = read_recent(session, checkpoint, error);
    }
    if (status == NCA_OK && session->pool.slots > 0) {
        status = nca__checkpoint_pool(&session->pool, checkpoint, error);
    }
    nca_settings last; /* the settings of the last iteration done */
    nca_settings_in_effect(&last, &session->settings, session->counters.iteration);
    nca__session_set_fire_rate(session, last.fire_rate);
    nca__session_settle(session);
    return status;
}

/* The settings to continue with: those of the file or, where they may differ, the caller's. */
static nca_status choose_settings(nca_settings *out, const nca__checkpoint_file *checkpoint,
                                  const nca_settings *changed, nca_error *error)
{
    *out = changed != NULL ? *changed : checkpoint->settings;
    nca_status status = nca_settings_check(out, error);
    if (status == NCA_OK) {
        nca_settings_set(out, "changes", out->changes, NULL); /* normalised */
        status = check_change(&checkpoint->settings, out, checkpoint->saved.path, error);
    }
    return status == NCA_OK ? check_changes(checkpoint, out, error) : status;
}

static nca_status resume(nca_session **out_session, const nca__checkpoint_file *checkpoint,
                         const nca_settings *settings, const nca__task *task, const void *source,
                         nca_error *error)
{
    nca__problem problem;
    nca_status status = task->restore(&problem, &checkpoint->saved, settings, source, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca__session_new(out_session, settings, &problem, error);
    if (status != NCA_OK) { /* the file's data and settings do not fit together */
        return nca__fail_in(error, status, "%s", checkpoint->saved.path);
    }
    return fill_session(*out_session, checkpoint, error);
}

nca_status nca__session_resume(nca_session **out_session, const char *path,
                               const nca_settings *changed, const nca__task *task,
                               const void *source, nca_error *error)
{
    nca__checkpoint_file checkpoint;
    nca_status status = open_checkpoint(&checkpoint, path, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_session *session = NULL;
    nca_settings settings;
    status = choose_settings(&settings, &checkpoint, changed, error);
    if (status == NCA_OK) {
        status = find_task(&task, &checkpoint, task, error);
    }
    if (status == NCA_OK) {
        status = resume(&session, &checkpoint, &settings, task, source, error);
    }
    if (status == NCA_OK) {
        nca__session_refresh(session);
        *out_session = session;
        session = NULL;
    }
    nca_session_destroy(session);
    nca_safetensors_close(checkpoint.saved.file);
    return status;
}

nca_status nca_session_resume(nca_session **out_session, const char *path,
                              const nca_settings *changed, nca_error *error)
{
    return nca__session_resume(out_session, path, changed, NULL, NULL, error);
}

nca_status nca_checkpoint_settings(nca_settings *out_settings, uint64_t *out_iteration,
                                   const char *path, nca_error *error)
{
    nca__checkpoint_file checkpoint;
    nca_status status = open_checkpoint(&checkpoint, path, error);
    if (status != NCA_OK) {
        return status;
    }
    *out_settings = checkpoint.settings;
    *out_iteration = checkpoint.counters.iteration;
    nca_safetensors_close(checkpoint.saved.file);
    return NCA_OK;
}
