/* Reads evaluation.csv or validation.csv, the model and the last row of metrics.csv of a run. */
#include "runs/sweep_results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/evaluate.h"
#include "nca/model.h"
#include "nca/run_rows.h"
#include "runs/metrics.h"
#include "runs/row_file.h"
#include "runs/sweep_child.h"

/* The position of each number in evaluation.csv (0 steps: it is elsewhere). */
static const struct {
    const char *key, *title;
    unsigned steps;
    const char *measure;
} columns[NCA_SWEEP_NUMBERS] = {
    [NCA_SWEEP_LOSS] = {"training_loss", "training loss", 0, NULL},
    [NCA_SWEEP_L1] = {"L1_80", "L1 at 80", NCA__SWEEP_STEPS_GROWN, "L1"},
    [NCA_SWEEP_L2] = {"L2_80", "L2 at 80", NCA__SWEEP_STEPS_GROWN, "L2"},
    [NCA_SWEEP_HINGE] = {"Hinge_80", "Hinge at 80", NCA__SWEEP_STEPS_GROWN, "Hinge"},
    [NCA_SWEEP_L2_LATER] = {"L2_500", "L2 at 500", NCA__SWEEP_STEPS_LATER, "L2"},
    [NCA_SWEEP_SURVIVING] = {"surviving_500", "alive at 500", NCA__SWEEP_STEPS_LATER, "surviving"},
    [NCA_SWEEP_AUC] = {"auc", "AUC", 0, NULL},
    [NCA_SWEEP_ACCURACY] = {"accuracy", "accuracy", 0, NULL},
    [NCA_SWEEP_BALANCED_ACCURACY] = {"balanced_accuracy", "balanced accuracy", 0, NULL},
    [NCA_SWEEP_LOG_LOSS] = {"log_loss", "log loss", 0, NULL},
};

const char *nca__sweep_number_key(nca_sweep_number number)
{
    return columns[number].key;
}

const char *nca__sweep_number_title(nca_sweep_number number)
{
    return columns[number].title;
}

bool nca__sweep_number_is_of(nca_sweep_number number, nca_task task)
{
    return number == NCA_SWEEP_LOSS || (number >= NCA_SWEEP_AUC) == (task == NCA_TASK_CLASSIFY);
}

bool nca__sweep_number_grows(nca_sweep_number number)
{
    return number == NCA_SWEEP_SURVIVING || number == NCA_SWEEP_AUC ||
           number == NCA_SWEEP_ACCURACY || number == NCA_SWEEP_BALANCED_ACCURACY;
}

nca_sweep_number nca__sweep_main_number(nca_task task)
{
    return task == NCA_TASK_CLASSIFY ? NCA_SWEEP_AUC : NCA_SWEEP_L2;
}

/* The state of reading evaluation.csv. */
typedef struct reading {
    nca_sweep_result *out;
    bool found[NCA_SWEEP_NUMBERS];
    bool found_grown;
    double surviving_grown;
} reading;

/* The mean in the line "steps,,80,L2,mean,deviation", if the line is for `steps` and `measure`.
 * False if such a line does not contain two numbers, the second of which may be missing. */
static bool read_mean(double *out, bool *found, const char *line, unsigned steps,
                      const char *measure)
{
    char beginning[64];
    const int length = snprintf(beginning, sizeof beginning, "steps,,%u,%s,", steps, measure);
    if (strncmp(line, beginning, (size_t)length) != 0) {
        return true;
    }
    const char *at = line + length;
    double deviation;
    *found = nca__row_number(out, &at, ',') &&
             (strcmp(at, "\n") == 0 || (nca__row_number(&deviation, &at, '\n') && *at == 0));
    return *found;
}

static bool read_line(reading *r, const char *line)
{
    bool good = read_mean(&r->surviving_grown, &r->found_grown, line, NCA__SWEEP_STEPS_GROWN,
                          columns[NCA_SWEEP_SURVIVING].measure);
    for (int i = 0; i < NCA_SWEEP_NUMBERS && good; i++) {
        if (columns[i].measure != NULL) {
            good = read_mean(&r->out->number[i], &r->found[i], line, columns[i].steps,
                             columns[i].measure);
        }
    }
    return good;
}

static nca_status fail(nca_error *error, const char *path, size_t line, const char *what)
{
    char place[32] = "";
    if (line > 0) {
        snprintf(place, sizeof place, ":%zu", line);
    }
    return nca__fail(error, NCA_FORMAT, "%.700s%s: %s", path, place, what);
}

static nca_status check_found(const reading *r, const char *path, nca_error *error)
{
    char what[96];
    for (int i = 0; i < NCA_SWEEP_NUMBERS; i++) {
        if (columns[i].measure != NULL && !r->found[i]) {
            snprintf(what, sizeof what, "%s after %u steps is missing", columns[i].measure,
                     columns[i].steps);
            return fail(error, path, 0, what);
        }
    }
    const double later = r->out->number[NCA_SWEEP_SURVIVING];
    return r->found_grown && r->surviving_grown >= 0 && r->surviving_grown <= 1 && later >= 0 &&
                   later <= 1
               ? NCA_OK
               : fail(error, path, 0,
                      "expected fractions of survivors from 0 to 1, found none or another value");
}

nca_status nca__sweep_evaluation_read(nca_sweep_result *out, double *out_surviving_grown,
                                      const char *path, nca_error *error)
{
    nca__row_file file;
    nca_sweep_result read = *out;
    reading r = {.out = &read};
    nca_status status = nca__row_file_open(&file, path, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__row_kind kind = NCA__ROW_END;
    for (size_t line = 1; status == NCA_OK; line++) {
        kind = nca__row_file_next(&file);
        if (kind == NCA__ROW_END || kind == NCA__ROW_ERROR) {
            break;
        }
        if (kind != NCA__ROW_WHOLE || !read_line(&r, file.text)) {
            status = fail(error, path, line, "expected part,shape,step,measure,mean,deviation");
        }
    }
    if (kind == NCA__ROW_ERROR) {
        status = nca__row_file_fail(error, path);
    }
    nca__row_file_close(&file);
    status = status == NCA_OK ? check_found(&r, path, error) : status;
    if (status == NCA_OK) {
        *out = read;
        *out_surviving_grown = r.surviving_grown;
    }
    return status;
}

/* The seconds in the last row. */
static double read_seconds(const char *path)
{
    nca__row_file file;
    if (nca__row_file_open(&file, path, NULL) != NCA_OK) {
        return NAN;
    }
    size_t norms = 0;
    const bool known =
        nca__row_file_next(&file) == NCA__ROW_WHOLE && nca__metrics_read_header(&norms, file.text);
    /* Earlier rows are not needed; the first row after this position may be incomplete. */
    if (fseek(file.stream, -NCA__ROW_SIZE, SEEK_END) != 0) {
        rewind(file.stream);
    }
    double seconds = NAN;
    nca__row_kind kind;
    nca_metrics_row row;
    while ((kind = nca__row_file_next(&file)) == NCA__ROW_WHOLE || kind == NCA__ROW_BAD) {
        if (known && kind == NCA__ROW_WHOLE && nca__metrics_read_row(&row, file.text, norms)) {
            seconds = row.seconds;
        }
    }
    nca__row_file_close(&file);
    return seconds;
}

/* The bytes in the line of evaluation.csv; 0 if it has none. */
static uint64_t read_peak_memory(const char *path)
{
    static const char start[] = NCA__PEAK_MEMORY;
    nca__row_file file;
    double bytes = 0.0;
    if (nca__row_file_open(&file, path, NULL) != NCA_OK) {
        return 0;
    }
    while (nca__row_file_next(&file) == NCA__ROW_WHOLE) {
        const char *at = file.text + sizeof start - 1;
        if (strncmp(file.text, start, sizeof start - 1) == 0 &&
            !(nca__row_number(&bytes, &at, ',') && bytes >= 0.0 && bytes < 0x1p63)) {
            bytes = 0.0;
        }
    }
    nca__row_file_close(&file);
    return (uint64_t)bytes;
}

/* The validation of the model; NaN without validation images. */
static nca_status read_validation(nca_sweep_result *out, const char *folder, uint64_t iteration,
                                  nca_error *error)
{
    nca_validation_row *rows = NULL;
    size_t count = 0;
    const nca_status status = nca_validations_read(&rows, &count, folder, error);
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        if (rows[i].iteration == iteration) {
            out->number[NCA_SWEEP_AUC] = rows[i].auc;
            out->number[NCA_SWEEP_ACCURACY] = rows[i].accuracy;
            out->number[NCA_SWEEP_BALANCED_ACCURACY] = rows[i].balanced_accuracy;
            out->number[NCA_SWEEP_LOG_LOSS] = rows[i].log_loss;
        }
    }
    free(rows);
    return status;
}

static nca_status read_growth(nca_sweep_result *out, const char *folder, const nca_model *model,
                              nca_error *error)
{
    const bool only_grows = strcmp(model->info.experiment, "growing") == 0;
    double surviving_grown = NAN;
    const nca_status status = nca__sweep_evaluation_read(
        out, &surviving_grown, nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_EVALUATION), error);
    if (status == NCA_OK) {
        out->dead = (only_grows ? surviving_grown : out->number[NCA_SWEEP_SURVIVING]) == 0;
        out->diverged =
            !out->dead && (nca_loss_diverged(out->number[NCA_SWEEP_L2]) ||
                           (!only_grows && nca_loss_diverged(out->number[NCA_SWEEP_L2_LATER])));
    }
    return status;
}

nca_status nca__sweep_result_read(nca_sweep_result *out, const nca_sweep_run *run, nca_error *error)
{
    const char *folder = run->folder.text;
    nca_sweep_result none = {.seconds = NAN};
    for (int i = 0; i < NCA_SWEEP_NUMBERS; i++) {
        none.number[i] = NAN;
    }
    nca_sweep_result result = none;
    nca_model *model = NULL;
    nca_status status =
        nca_model_load(&model, nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_MODEL), error);
    if (status == NCA_OK) {
        status = model->classifier != NULL
                     ? read_validation(&result, folder, model->info.iterations, error)
                     : read_growth(&result, folder, model, error);
    }
    if (status == NCA_OK) {
        result.known = true;
        result.number[NCA_SWEEP_LOSS] = model->info.loss;
        result.seconds = read_seconds(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_METRICS));
    }
    if (status == NCA_OK && model->classifier != NULL) {
        result.peak_memory =
            read_peak_memory(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_EVALUATION));
    }
    nca_model_destroy(model);
    *out = status == NCA_OK ? result : none;
    return status;
}
