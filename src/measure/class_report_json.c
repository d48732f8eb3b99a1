/* A report of a classifier as one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json_write.h"
#include "measure/class_report_parts.h"

enum {
    DIGITS = 12 /* as in evaluations of growth; the CSV has all bits */
};

static void put_size(nca__json_writer *w, const char *key, size_t value)
{
    nca__json_integer(w, key, (int64_t)value);
}

static void put_row(nca__json_writer *w, const char *key, const nca_class_row *r)
{
    nca__json_begin_object(w, key);
    put_size(w, "steps", r->steps);
    put_size(w, "rollouts", r->rollouts);
    nca__json_real(w, "auc", r->auc);
    nca__json_real(w, "accuracy", r->accuracy);
    nca__json_real(w, "balanced_accuracy", r->balanced_accuracy);
    nca__json_real(w, "log_loss", r->log_loss);
    nca__json_real(w, "brier", r->brier);
    nca__json_real(w, "ece", r->ece);
    nca__json_end(w);
}

static void put_calibration(nca__json_writer *w, const char *key, const nca_scores *s)
{
    nca__json_begin_array(w, key);
    for (size_t b = 0; b < NCA_CALIBRATION_BINS; b++) {
        nca__json_begin_object(w, NULL);
        put_size(w, "count", s->calibration[b].count);
        nca__json_real(w, "confidence", s->calibration[b].confidence);
        nca__json_real(w, "accuracy", s->calibration[b].accuracy);
        nca__json_end(w);
    }
    nca__json_end(w);
}

static void put_classes(nca__json_writer *w, const nca_class_report *r)
{
    const nca_scores *s = &r->evaluation->scores;
    nca__json_begin_array(w, "classes");
    for (size_t k = 0; k < r->classes; k++) {
        nca__json_begin_object(w, NULL);
        nca__json_clean_string(w, "name", r->class_names[k]);
        put_size(w, "images", s->occurs[k]);
        nca__json_real(w, "auc", s->class_auc[k]);
        nca__json_real(w, "recall", s->recall[k]);
        nca__json_real(w, "precision", s->precision[k]);
        nca__json_end(w);
    }
    nca__json_end(w);
}

static void put_confusion(nca__json_writer *w, const nca_class_report *r)
{
    const size_t columns = r->kind == NCA_LABELS_MULTI_LABEL ? 4 : r->classes;
    nca__json_begin_array(w, "confusion");
    for (size_t k = 0; k < r->classes; k++) {
        nca__json_begin_array(w, NULL);
        for (size_t c = 0; c < columns; c++) {
            put_size(w, NULL, r->evaluation->scores.confusion[k * columns + c]);
        }
        nca__json_end(w);
    }
    nca__json_end(w);
}

static void put_head(nca__json_writer *w, const nca_class_report *r,
                     const nca_class_report_about *about)
{
    char seed[32]; /* as text, because many JSON readers are exact only up to 2^53 */
    if (about != NULL && about->model != NULL) {
        nca__json_clean_string(w, "model", about->model);
    }
    if (about != NULL && about->data != NULL) {
        nca__json_clean_string(w, "data", about->data);
    }
    nca__json_string(w, "labels", nca_label_kind_name(r->kind));
    nca__json_string(w, "split", nca_split_name(r->split));
    put_size(w, "images", r->count);
    put_size(w, "height", r->height);
    put_size(w, "width", r->width);
    put_size(w, "rollouts", r->rollouts);
    put_size(w, "steps", r->steps);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
    nca__json_string(w, "seed", seed);
    nca__json_string(w, "precision", nca_precision_name(r->precision));
}

static void put_report(nca__json_writer *w, const nca_class_report *r)
{
    const bool fitted = r->calibrated.count > 0;
    const nca_class_row mean = nca__class_row(&r->evaluation->scores, r->steps, r->rollouts);
    const nca_class_row calibrated = nca__class_row(&r->calibrated, r->steps, r->rollouts);
    put_row(w, "scores", &mean);
    put_row(w, "one_rollout", &r->single);
    nca__json_real(w, "temperature", r->temperature);
    if (fitted) {
        put_row(w, "with_temperature", &calibrated);
    }
    put_classes(w, r);
    put_confusion(w, r);
    put_calibration(w, "calibration", &r->evaluation->scores);
    if (fitted) {
        put_calibration(w, "calibration_with_temperature", &r->calibrated);
    }
    nca__json_begin_array(w, "over_steps");
    for (size_t i = 0; i < r->step_count; i++) {
        put_row(w, NULL, &r->over_steps[i]);
    }
    nca__json_end(w);
    nca__json_begin_array(w, "coverage");
    for (size_t i = 0; i < NCA_CLASS_COVERAGES; i++) {
        nca__json_begin_object(w, NULL);
        nca__json_real(w, "left_out", r->coverage[i].left_out);
        nca__json_real(w, "entropy", r->coverage[i].entropy);
        nca__json_real(w, "spread", r->coverage[i].spread);
        nca__json_end(w);
    }
    nca__json_end(w);
}

nca_status nca_class_report_json(char **out_text, const nca_class_report *report,
                                 const nca_class_report_about *about, nca_error *error)
{
    nca__json_writer w = nca__json_writer_make(2, DIGITS);
    nca__json_begin_object(&w, NULL);
    put_head(&w, report, about);
    put_report(&w, report);
    nca__json_end(&w);
    nca__grow_text(&w.out, "\n");
    if (w.out.text == NULL) {
        return nca__fail_memory(error, "an evaluation as JSON", 0);
    }
    *out_text = w.out.text;
    return NCA_OK;
}

nca_status nca_class_report_save_json(const nca_class_report *report,
                                      const nca_class_report_about *about, const char *path,
                                      nca_error *error)
{
    char *text = NULL;
    nca_status status = nca_class_report_json(&text, report, about, error);
    if (status == NCA_OK) {
        status = nca__file_write(path, text, strlen(text), error);
        free(text);
    }
    return status;
}
