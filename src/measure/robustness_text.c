/* The robustness of a classifier as CSV and as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/number.h"
#include "nca/robustness.h"

/* Significant digits in JSON: more would show the conversion error of binary fractions. The CSV has
 * all bits. */
enum {
    DIGITS = 12
};

/* ---- CSV -------------------------------------------------------------------------------------*/

static void grow_number(nca__growing_text *out, double value, const char *after)
{
    char text[NCA__NUMBER_SIZE];
    nca__format_double(text, value);
    nca__grow_text(out, text);
    nca__grow_text(out, after);
}

nca_status nca_robustness_csv(char **out_text, const nca_robustness *robustness, nca_error *error)
{
    nca__growing_text out = nca__growing_text_make(64 * (robustness->row_count + 1));
    nca__grow_text(&out, "kind,strength,amount,auc,accuracy\n");
    for (size_t i = 0; i < robustness->row_count; i++) {
        const nca_robustness_row *row = &robustness->rows[i];
        nca__grow_text(&out, row->kind);
        nca__grow_text(&out, ",");
        grow_number(&out, (double)row->strength, ",");
        grow_number(&out, row->amount, ",");
        grow_number(&out, row->auc, ",");
        grow_number(&out, row->accuracy, "\n");
    }
    if (out.text == NULL) {
        return nca__fail_memory(error, "scores as text", 64 * robustness->row_count);
    }
    *out_text = out.text;
    return NCA_OK;
}

/* ---- JSON ------------------------------------------------------------------------------------*/

static void put_row(nca__json_writer *w, const nca_robustness_row *row)
{
    nca__json_begin_object(w, NULL);
    nca__json_string(w, "kind", row->kind);
    nca__json_integer(w, "strength", (int64_t)row->strength);
    nca__json_real(w, "amount", row->amount);
    nca__json_real(w, "auc", row->auc);
    nca__json_real(w, "accuracy", row->accuracy);
    nca__json_end(w);
}

static void put_all(nca__json_writer *w, const nca_robustness *r)
{
    char seed[32]; /* as text, because many JSON readers are exact only up to 2^53 */
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
    nca__json_string(w, "split", nca_split_name(r->split));
    nca__json_integer(w, "images", (int64_t)r->count);
    nca__json_integer(w, "height", (int64_t)r->height);
    nca__json_integer(w, "width", (int64_t)r->width);
    nca__json_integer(w, "rollouts", (int64_t)r->rollouts);
    nca__json_integer(w, "steps", (int64_t)r->steps);
    nca__json_string(w, "seed", seed);
    nca__json_real(w, "corrupted_auc", r->corrupted_auc);
    nca__json_real(w, "corrupted_accuracy", r->corrupted_accuracy);
    nca__json_integer(w, "diverged", (int64_t)r->diverged);
    nca__json_begin_array(w, "rows");
    for (size_t i = 0; i < r->row_count; i++) {
        put_row(w, &r->rows[i]);
    }
    nca__json_end(w);
}

nca_status nca_robustness_json(char **out_text, const nca_robustness *robustness,
                               const nca_robustness_about *about, nca_error *error)
{
    nca__json_writer w = nca__json_writer_make(2, DIGITS);
    nca__json_begin_object(&w, NULL);
    if (about != NULL && about->model != NULL) {
        nca__json_clean_string(&w, "model", about->model);
    }
    if (about != NULL && about->data != NULL) {
        nca__json_clean_string(&w, "data", about->data);
    }
    put_all(&w, robustness);
    nca__json_end(&w);
    nca__grow_text(&w.out, "\n");
    if (w.out.text == NULL) {
        return nca__fail_memory(error, "scores as JSON", 0);
    }
    *out_text = w.out.text;
    return NCA_OK;
}

/* ---- Files -----------------------------------------------------------------------------------*/

static nca_status save(char *text, const char *path, nca_error *error)
{
    const nca_status status = nca__file_write(path, text, strlen(text), error);
    free(text);
    return status;
}

nca_status nca_robustness_save_csv(const nca_robustness *robustness, const char *path,
                                   nca_error *error)
{
    char *text = NULL;
    const nca_status status = nca_robustness_csv(&text, robustness, error);
    return status == NCA_OK ? save(text, path, error) : status;
}

nca_status nca_robustness_save_json(const nca_robustness *robustness,
                                    const nca_robustness_about *about, const char *path,
                                    nca_error *error)
{
    char *text = NULL;
    const nca_status status = nca_robustness_json(&text, robustness, about, error);
    return status == NCA_OK ? save(text, path, error) : status;
}
