/* See run_validation.h. The file is small, so it is written anew for each row. */
#include "runs/run_validation.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/growing_text.h"
#include "base/number.h"
#include "nca/class_evaluation.h"
#include "nca/run_folder.h"
#include "runs/row_file.h"
#include "train/epochs.h"

static const char header[] = "iteration,auc,accuracy,balanced_accuracy,log_loss\n";

void nca__validations_free(nca__validations *v)
{
    free(v->rows);
    free(v->confusion);
    *v = (nca__validations){0};
}

/* ---- Rows ------------------------------------------------------------------------------------*/

/* Larger is better; NaN has no value. */
static double value_of(const nca_validation_row *row, nca_select select)
{
    return select == NCA_SELECT_AUC        ? row->auc
           : select == NCA_SELECT_ACCURACY ? row->accuracy
                                           : -row->log_loss;
}

/* Whether a row is better than the best so far. Of rows with the same score, as is common where the
 * AUC is 1, the lower log loss decides, and then the earlier one. */
static bool is_better(const nca_validation_row *row, const nca_validation_row *best,
                      nca_select select)
{
    const double value = value_of(row, select), least = value_of(best, select);
    return value > least || (value == least && row->log_loss < best->log_loss);
}

/* Appends a row. */
static bool add(nca__validations *v, bool *out_better, const nca_validation_row *row)
{
    if (v->count == v->capacity) {
        const size_t capacity = v->capacity > 0 ? 2 * v->capacity : 64;
        nca_validation_row *rows = realloc(v->rows, capacity * sizeof *rows);
        if (rows == NULL) {
            return false;
        }
        v->rows = rows;
        v->capacity = capacity;
    }
    const bool first = v->best >= v->count;
    *out_better =
        first ? !isnan(value_of(row, v->select)) : is_better(row, &v->rows[v->best], v->select);
    v->rows[v->count] = *row;
    v->best = *out_better ? v->count : first ? v->count + 1 : v->best;
    v->count++;
    return true;
}

static bool read_row(nca_validation_row *out, const char *text)
{
    double *const values[] = {&out->auc, &out->accuracy, &out->balanced_accuracy, &out->log_loss};
    const char *at = text;
    bool sound = nca__row_whole_number(&out->iteration, &at, ',', NCA__ROW_MOST_ITERATIONS);
    for (size_t i = 0; i < 4 && sound; i++) {
        sound = nca__row_number(values[i], &at, i < 3 ? ',' : '\n');
        sound = sound && (isnan(*values[i]) || *values[i] >= 0) && (i == 3 || !(*values[i] > 1));
    }
    return sound && *at == 0 && out->iteration > 0;
}

static nca_status read_rows(nca__validations *v, nca__row_file *file, const char *path,
                            uint64_t done, nca_error *error)
{
    nca__row_kind kind = nca__row_file_next(file);
    bool sound = kind == NCA__ROW_WHOLE && strcmp(file->text, header) == 0;
    size_t line = 1;
    while (sound && (kind = nca__row_file_next(file)) == NCA__ROW_WHOLE) {
        nca_validation_row row;
        bool better;
        line++;
        sound = read_row(&row, file->text) &&
                (v->count == 0 || row.iteration > v->rows[v->count - 1].iteration);
        if (sound && row.iteration <= done && !add(v, &better, &row)) {
            return nca__fail_memory(error, path, v->count * sizeof *v->rows);
        }
    }
    if (kind == NCA__ROW_ERROR) {
        return nca__row_file_fail(error, path);
    }
    return sound && kind == NCA__ROW_END
               ? NCA_OK
               : nca__fail(error, NCA_FORMAT,
                           "%.900s: line %zu: expected %.*s; restore the file, or remove it and "
                           "resume the run: the validations until then are lost",
                           path, line, (int)(sizeof header - 2), header);
}

nca_status nca__validations_read(nca__validations *v, const char *path, uint64_t done,
                                 nca_error *error)
{
    nca__row_file file = {0};
    nca_status status = nca__row_file_open(&file, path, error);
    if (status == NCA_NOT_FOUND) {
        return NCA_OK;
    }
    if (status == NCA_OK) {
        status = read_rows(v, &file, path, done, error);
    }
    nca__row_file_close(&file);
    if (status != NCA_OK) {
        nca__validations_free(v);
    }
    return status;
}

nca_status nca__validations_check_model(nca__validations *v, const char *path, nca_error *error)
{
    nca_model *model = NULL;
    if (v->best >= v->count) {
        return NCA_OK;
    }
    const nca_status status = nca_model_load(&model, path, error);
    if (status == NCA_OUT_OF_MEMORY) {
        return status;
    }
    if (status != NCA_OK || model->info.iterations != v->rows[v->best].iteration) {
        v->best = v->count;
    }
    nca_model_destroy(model);
    return NCA_OK;
}

nca_status nca_validations_read(nca_validation_row **out_rows, size_t *out_count,
                                const char *folder, nca_error *error)
{
    nca__validations v = {.select = NCA_SELECT_AUC};
    nca_run_path path;
    const nca_status status = nca__validations_read(
        &v, nca_run_file(&path, folder, NCA_RUN_VALIDATION), UINT64_MAX, error);
    if (status == NCA_OK) {
        *out_rows = v.rows;
        *out_count = v.count;
    }
    return status;
}

static nca_status write_rows(const nca__validations *v, const char *path, nca_error *error)
{
    nca__growing_text text = nca__growing_text_make(sizeof header + v->count * 80);
    nca__grow_text(&text, header);
    for (size_t i = 0; i < v->count; i++) {
        const nca_validation_row *row = &v->rows[i];
        const double values[] = {row->auc, row->accuracy, row->balanced_accuracy, row->log_loss};
        char number[NCA__NUMBER_SIZE];
        snprintf(number, sizeof number, "%" PRIu64, row->iteration);
        nca__grow_text(&text, number);
        for (size_t k = 0; k < 4; k++) {
            nca__format_double(number, values[k]);
            nca__grow_text(&text, ",");
            nca__grow_text(&text, number);
        }
        nca__grow_text(&text, "\n");
    }
    const nca_status status = text.text != NULL
                                  ? nca__file_write(path, text.text, text.length, error)
                                  : nca__fail_memory(error, path, v->count * sizeof *v->rows);
    free(text.text);
    return status;
}

/* Keeps the confusion of the scores; without memory there is none. */
static void keep_confusion(nca__validations *v, const nca_scores *scores, const nca_labelled *data)
{
    const bool labels = data->kind == NCA_LABELS_MULTI_LABEL;
    free(v->confusion);
    v->confusion_count = data->classes * (labels ? 4 : data->classes);
    v->confusion = malloc(v->confusion_count * sizeof *v->confusion);
    if (v->confusion != NULL) {
        memcpy(v->confusion, scores->confusion, v->confusion_count * sizeof *v->confusion);
    }
}

/* ---- What is best ----------------------------------------------------------------------------*/

nca_select nca__validation_select(size_t *out_class, const nca_settings *settings,
                                  const nca_labelled *data)
{
    const size_t images = data->split[NCA_SPLIT_VAL].count;
    size_t counts[NCA_MAX_CLASSES];
    nca_labelled_class_counts(counts, data, NCA_SPLIT_VAL);
    size_t k = settings->select == NCA_SELECT_AUC ? 0 : data->classes;
    while (k < data->classes && counts[k] > 0 && counts[k] < images) {
        k++;
    }
    *out_class = k;
    return k < data->classes ? NCA_SELECT_LOG_LOSS : settings->select;
}

/* ---- A validation ----------------------------------------------------------------------------*/

uint64_t nca__validation_interval(const nca_settings *settings, const nca_labelled *data)
{
    const size_t images = data->split[NCA_SPLIT_TRAIN].count;
    return settings->validate_every > 0 ? settings->validate_every
                                        : nca__epoch_iterations(images, settings->batch_size);
}

/* Calls keep_going instead of a progress function. */
typedef struct asker {
    nca_keep_going *keep_going;
    void *user;
} asker;

static bool ask(size_t done, void *user)
{
    (void)done;
    const asker *a = user;
    return a->keep_going == NULL || a->keep_going(a->user);
}

nca_status nca__validate(nca__validations *v, bool *out_better, const nca_session *session,
                         const nca_labelled *data, const char *path, nca_keep_going *keep_going,
                         void *user, nca_error *error)
{
    const nca_settings *settings = nca_session_settings(session);
    asker a = {keep_going, user};
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    options.rollouts = settings->validation_rollouts;
    options.seed = settings->seed;
    options.threads = settings->threads;
    options.kernels = nca_kernels_named(nca_session_kernels(session));
    options.device = settings->device;
    options.progress = ask;
    options.user = &a;
    nca_class_evaluation *evaluation = NULL;
    nca_status status = nca_evaluate_classes(&evaluation, nca_session_result(session), data,
                                             NCA_SPLIT_VAL, &options, error);
    if (status != NCA_OK && status != NCA_DIVERGED) {
        return status;
    }
    /* A model whose scores are not numbers is never the best. */
    const double none = (double)NAN;
    nca_validation_row row = {nca_session_iteration(session), none, none, none, none};
    if (status == NCA_OK) {
        const nca_scores *scores = &evaluation->scores;
        row.auc = scores->auc;
        row.accuracy = scores->accuracy;
        row.balanced_accuracy = scores->balanced_accuracy;
        row.log_loss = scores->log_loss;
        keep_confusion(v, scores, data);
    }
    nca_class_evaluation_destroy(evaluation);
    if (!add(v, out_better, &row)) {
        return nca__fail_memory(error, path, v->count * sizeof *v->rows);
    }
    return write_rows(v, path, error);
}

bool nca__validations_exhausted(const nca__validations *v, uint32_t patience)
{
    return patience > 0 && v->best < v->count && v->count - 1 - v->best >= patience;
}
