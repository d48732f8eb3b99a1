/* An evaluation as one JSON object. JSON has no infinity and no NaN: both become null. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json_write.h"
#include "nca/evaluate.h"

/* Significant digits of numbers: more would show the conversion error of binary fractions. The CSV
 * has all bits. */
enum {
    DIGITS = 12
};

static void put_spread(nca__json_writer *w, const char *key, nca_spread value)
{
    nca__json_begin_object(w, key);
    nca__json_real(w, "mean", value.mean);
    nca__json_real(w, "deviation", value.deviation);
    nca__json_end(w);
}

static void put_size(nca__json_writer *w, const char *key, size_t value)
{
    nca__json_integer(w, key, (int64_t)value);
}

/* A curve: its steps, means and deviations. `steps` is NULL if they are consecutive. */
static void put_curve(nca__json_writer *w, const char *key, const nca_spread *values,
                      const size_t *steps, size_t first, size_t count)
{
    nca__json_begin_object(w, key);
    nca__json_begin_array(w, "steps");
    for (size_t i = 0; i < count; i++) {
        put_size(w, NULL, steps != NULL ? steps[i] : first + i);
    }
    nca__json_end(w);
    nca__json_begin_array(w, "mean");
    for (size_t i = 0; i < count; i++) {
        nca__json_real(w, NULL, values[i].mean);
    }
    nca__json_end(w);
    nca__json_begin_array(w, "deviation");
    for (size_t i = 0; i < count; i++) {
        nca__json_real(w, NULL, values[i].deviation);
    }
    nca__json_end(w);
    nca__json_end(w);
}

static void put_row(nca__json_writer *w, const nca_evaluation_row *r)
{
    nca__json_begin_object(w, NULL);
    put_size(w, "steps", r->steps);
    for (int m = 0; m < NCA_METRIC_COUNT; m++) {
        put_spread(w, nca_metric_name((nca_metric)m), r->metric[m]);
    }
    nca__json_real(w, "surviving", r->surviving);
    nca__json_end(w);
}

/* Adds the numbers of a cut to the current object. */
static void put_cut(nca__json_writer *w, const nca_healing_cut *cut, size_t rollouts)
{
    put_spread(w, "before", cut->before);
    put_spread(w, "cut", cut->cut);
    nca__json_begin_array(w, "after");
    for (size_t i = 0; i < NCA_HEALING_AFTER; i++) {
        nca__json_begin_object(w, NULL);
        put_size(w, "steps_after", nca_healing_after[i]);
        nca__json_real(w, "mean", cut->after[i].mean);
        nca__json_real(w, "deviation", cut->after[i].deviation);
        nca__json_end(w);
    }
    nca__json_end(w);
    nca__json_real(w, "healed_share", cut->healed_share);
    put_spread(w, "healed_step", cut->healed_step);
    nca__json_real(w, "restored_share", cut->restored_share);
    put_spread(w, "restored_step", cut->restored_step);
    put_spread(w, "cells_cut", cut->cells);
    put_spread(w, "living_share", cut->living_share);
    nca__json_real(w, "missed_share", (double)cut->missed / (double)rollouts);
}

/* The object of a shape contains the numbers of the first cut; "cuts" contains those of each. */
static void put_healing(nca__json_writer *w, const nca_healing *h, const nca_evaluation *e)
{
    nca__json_begin_object(w, NULL);
    nca__json_string(w, "shape", nca_damage_name(h->shape));
    put_cut(w, &h->cuts[0], e->rollouts);
    nca__json_begin_array(w, "cuts");
    for (size_t i = 0; i < e->cut_count; i++) {
        nca__json_begin_object(w, NULL);
        put_size(w, "step", h->cuts[i].step);
        put_cut(w, &h->cuts[i], e->rollouts);
        nca__json_end(w);
    }
    nca__json_end(w);
    put_curve(w, "curve", h->curve, NULL, e->damage_at, e->cut_count * NCA_HEALING_STEPS + 1);
    nca__json_end(w);
}

static void put_about(nca__json_writer *w, const nca_evaluation_about *about)
{
    if (about->model != NULL) {
        nca__json_clean_string(w, "model", about->model);
    }
    if (about->target != NULL) {
        nca__json_clean_string(w, "target", about->target);
    }
    nca__json_real(w, "angle", about->angle_degrees);
}

static void put_evaluation(nca__json_writer *w, const nca_evaluation *e)
{
    put_size(w, "height", e->height);
    put_size(w, "width", e->width);
    put_size(w, "rollouts", e->rollouts);
    char seed[32]; /* as text, because many JSON readers are exact only up to 2^53 */
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)e->seed);
    nca__json_string(w, "seed", seed);
    nca__json_begin_array(w, "rows");
    for (size_t i = 0; i < e->row_count; i++) {
        put_row(w, &e->rows[i]);
    }
    nca__json_end(w);
    if (e->healing_count > 0) {
        put_size(w, "damage_at", e->damage_at);
        nca__json_string(w, "damage_area", nca_damage_area_name(e->damage_area));
        put_size(w, "cuts", e->cut_count);
        put_curve(w, "undamaged", e->undamaged, NULL, e->damage_at,
                  e->cut_count * NCA_HEALING_STEPS + 1);
    }
    nca__json_begin_array(w, "healing");
    for (size_t i = 0; i < e->healing_count; i++) {
        put_healing(w, &e->healing[i], e);
    }
    nca__json_end(w);
    if (e->curve_count > 0) {
        put_curve(w, "curve", e->curve, e->curve_steps, 0, e->curve_count);
    }
}

nca_status nca_evaluation_json(char **out_text, const nca_evaluation *evaluation,
                               const nca_evaluation_about *about, nca_error *error)
{
    nca__json_writer w = nca__json_writer_make(2, DIGITS);
    nca__json_begin_object(&w, NULL);
    if (about != NULL) {
        put_about(&w, about);
    }
    put_evaluation(&w, evaluation);
    nca__json_end(&w);
    nca__grow_text(&w.out, "\n");
    if (w.out.text == NULL) {
        return nca__fail_memory(error, "an evaluation as JSON", 0);
    }
    *out_text = w.out.text;
    return NCA_OK;
}

nca_status nca_evaluation_save_json(const nca_evaluation *evaluation,
                                    const nca_evaluation_about *about, const char *path,
                                    nca_error *error)
{
    char *lines = NULL;
    nca_status status = nca_evaluation_json(&lines, evaluation, about, error);
    if (status == NCA_OK) {
        status = nca__file_write(path, lines, strlen(lines), error);
        free(lines);
    }
    return status;
}
