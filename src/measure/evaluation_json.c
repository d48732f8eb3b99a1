/* An evaluation as one JSON object. JSON has no infinity and no NaN: both become null. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "nca/evaluate.h"

/* Of printed numbers: more would show the noise of binary fractions. The CSV has every bit. */
enum {
    DIGITS = 12
};

/* jansson refuses what JSON cannot say. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *spread(nca_spread value)
{
    json_t *object = json_object();
    nca__json_put(&object, "mean", number(value.mean));
    nca__json_put(&object, "deviation", number(value.deviation));
    return object;
}

static json_t *size(size_t value)
{
    return json_integer((json_int_t)value);
}

/* The two arrays of a curve, beside the steps. */
static json_t *curve(const nca_spread *values, const size_t *steps, size_t first, size_t count)
{
    json_t *object = json_object();
    json_t *at = json_array(), *means = json_array(), *deviations = json_array();
    for (size_t i = 0; i < count; i++) {
        nca__json_append(&at, size(steps != NULL ? steps[i] : first + i));
        nca__json_append(&means, number(values[i].mean));
        nca__json_append(&deviations, number(values[i].deviation));
    }
    nca__json_put(&object, "steps", at);
    nca__json_put(&object, "mean", means);
    nca__json_put(&object, "deviation", deviations);
    return object;
}

static json_t *row(const nca_evaluation_row *r)
{
    json_t *object = json_object();
    nca__json_put(&object, "steps", size(r->steps));
    for (int m = 0; m < NCA_METRIC_COUNT; m++) {
        nca__json_put(&object, nca_metric_name((nca_metric)m), spread(r->metric[m]));
    }
    nca__json_put(&object, "surviving", number(r->surviving));
    return object;
}

/* Adds the numbers of a cut to an object. */
static void put_cut(json_t **object, const nca_healing_cut *cut, size_t rollouts)
{
    json_t *after = json_array();
    nca__json_put(object, "before", spread(cut->before));
    nca__json_put(object, "cut", spread(cut->cut));
    for (size_t i = 0; i < NCA_HEALING_AFTER; i++) {
        json_t *moment = json_object();
        nca__json_put(&moment, "steps_after", size(nca_healing_after[i]));
        nca__json_put(&moment, "mean", number(cut->after[i].mean));
        nca__json_put(&moment, "deviation", number(cut->after[i].deviation));
        nca__json_append(&after, moment);
    }
    nca__json_put(object, "after", after);
    nca__json_put(object, "healed_share", number(cut->healed_share));
    nca__json_put(object, "healed_step", spread(cut->healed_step));
    nca__json_put(object, "restored_share", number(cut->restored_share));
    nca__json_put(object, "restored_step", spread(cut->restored_step));
    nca__json_put(object, "cells_cut", spread(cut->cells));
    nca__json_put(object, "living_share", spread(cut->living_share));
    nca__json_put(object, "missed_share", number((double)cut->missed / (double)rollouts));
}

/* The numbers of the first cut stand in the object of the shape, those of each in "cuts". */
static json_t *healing(const nca_healing *h, const nca_evaluation *e)
{
    json_t *object = json_object(), *cuts = json_array();
    nca__json_put(&object, "shape", json_string(nca_damage_name(h->shape)));
    put_cut(&object, &h->cuts[0], e->rollouts);
    for (size_t i = 0; i < e->cut_count; i++) {
        json_t *cut = json_object();
        nca__json_put(&cut, "step", size(h->cuts[i].step));
        put_cut(&cut, &h->cuts[i], e->rollouts);
        nca__json_append(&cuts, cut);
    }
    nca__json_put(&object, "cuts", cuts);
    nca__json_put(&object, "curve",
                  curve(h->curve, NULL, e->damage_at, e->cut_count * NCA_HEALING_STEPS + 1));
    return object;
}

static json_t *make(const nca_evaluation *e, const nca_evaluation_about *about)
{
    json_t *object = json_object(), *rows = json_array(), *shapes = json_array();
    if (about != NULL) {
        if (about->model != NULL) {
            nca__json_put(&object, "model", nca__json_text(about->model));
        }
        if (about->target != NULL) {
            nca__json_put(&object, "target", nca__json_text(about->target));
        }
        nca__json_put(&object, "angle", number(about->angle_degrees));
    }
    nca__json_put(&object, "height", size(e->height));
    nca__json_put(&object, "width", size(e->width));
    nca__json_put(&object, "rollouts", size(e->rollouts));
    char seed[32]; /* as text: it may be beyond what JSON's readers hold exactly */
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)e->seed);
    nca__json_put(&object, "seed", json_string(seed));
    for (size_t i = 0; i < e->row_count; i++) {
        nca__json_append(&rows, row(&e->rows[i]));
    }
    nca__json_put(&object, "rows", rows);
    for (size_t i = 0; i < e->healing_count; i++) {
        nca__json_append(&shapes, healing(&e->healing[i], e));
    }
    if (e->healing_count > 0) {
        nca__json_put(&object, "damage_at", size(e->damage_at));
        nca__json_put(&object, "damage_area", json_string(nca_damage_area_name(e->damage_area)));
        nca__json_put(&object, "cuts", size(e->cut_count));
        nca__json_put(
            &object, "undamaged",
            curve(e->undamaged, NULL, e->damage_at, e->cut_count * NCA_HEALING_STEPS + 1));
    }
    nca__json_put(&object, "healing", shapes);
    if (e->curve_count > 0) {
        nca__json_put(&object, "curve", curve(e->curve, e->curve_steps, 0, e->curve_count));
    }
    return object;
}

nca_status nca_evaluation_json(char **out_text, const nca_evaluation *evaluation,
                               const nca_evaluation_about *about, nca_error *error)
{
    json_t *object = make(evaluation, about);
    char *lines = nca__json_dump(object, JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS));
    json_decref(object);
    if (lines == NULL) {
        return nca__fail_memory(error, "an evaluation as JSON", 1);
    }
    size_t length = strlen(lines);
    char *longer = realloc(lines, length + 2);
    if (longer == NULL) {
        free(lines);
        return nca__fail_memory(error, "an evaluation as JSON", length + 2);
    }
    memcpy(longer + length, "\n", 2);
    *out_text = longer;
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
