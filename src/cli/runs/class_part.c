/* See class_part.h. */
#include "cli/runs/class_part.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/model/class_figures.h"
#include "cli/model/class_table.h"

static void add_heading(const class_part *p, const char *text)
{
    nca_report_heading(p->report, p->level, text);
}

static nca_status fail_memory(nca_error *error)
{
    snprintf(error->message, sizeof error->message, "out of memory for a report");
    return error->status = NCA_OUT_OF_MEMORY;
}

/* ---- Tables ----------------------------------------------------------------------------------*/

enum {
    CELL = NCA_CLASS_NAME + 32 /* bytes */
};

/* Cells of a table, filled row by row. */
typedef struct cells {
    char (*text)[CELL]; /* NULL: out of memory */
    size_t count, most, columns;
} cells;

static cells begin_table(size_t rows, const char *const *head, size_t columns)
{
    cells t = {.most = (rows + 1) * columns, .columns = columns};
    t.text = calloc(t.most, sizeof *t.text);
    for (size_t i = 0; i < columns && t.text != NULL; i++) {
        snprintf(t.text[t.count++], CELL, "%s", head[i]);
    }
    return t;
}

static void put(cells *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(cells *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (t->text != NULL && t->count < t->most) {
        vsnprintf(t->text[t->count++], CELL, format, arguments);
    }
    va_end(arguments);
}

/* Three digits after the point; "–" for a number that is not defined. */
static void put_score(cells *t, double value)
{
    if (isnan(value)) {
        put(t, "–");
    } else {
        put(t, "%.3f", value);
    }
}

static nca_status end_table(cells *t, nca_report *report, nca_error *error)
{
    const char **pointers = calloc(t->most, sizeof *pointers);
    const bool whole = pointers != NULL && t->text != NULL;
    for (size_t i = 0; i < t->count && whole; i++) {
        pointers[i] = t->text[i];
    }
    if (whole) {
        nca_report_table(report, pointers, t->count / t->columns, t->columns);
    }
    free(pointers);
    free(t->text);
    return whole ? NCA_OK : fail_memory(error);
}

/* ---- The model and its training --------------------------------------------------------------*/

void class_part_about(const class_part *p, const nca_metrics_row *last)
{
    const nca_classifier *c = p->model->classifier;
    const nca_automaton *a = &p->model->automaton;
    const nca_model_info *info = &p->model->info;
    const bool labels = c->kind == NCA_LABELS_MULTI_LABEL;
    char text[1024];
    int length = snprintf(
        text, sizeof text,
        "Classifier of %u %s (%s), trained on %.300s: images of %u×%u pixels, %s. %u channels, %u "
        "hidden units, filter %s, read-out %s after %u steps. The model is that after iteration "
        "%llu",
        (unsigned)c->classes, labels ? "labels" : "classes", nca_label_kind_name(c->kind),
        p->settings != NULL ? p->settings->data : "unknown images", (unsigned)c->height,
        (unsigned)c->width, a->input_channels == 3 ? "RGB" : "grey", (unsigned)a->channels,
        (unsigned)a->hidden, nca_filter_name(a->filter), nca_readout_name(c->readout),
        (unsigned)c->steps, (unsigned long long)info->iterations);
    if (last->iteration > info->iterations) {
        length += snprintf(text + length, sizeof text - (size_t)length, " of %llu",
                           (unsigned long long)last->iteration);
    }
    if (isfinite(info->loss)) {
        char loss[NCA_NUMBER_TEXT_SIZE];
        nca_number_text(loss, info->loss);
        length += snprintf(text + length, sizeof text - (size_t)length,
                           ", loss %s (mean of the last %u)", loss, losses_behind(info));
    }
    if (last->iteration > 0) {
        length += snprintf(text + length, sizeof text - (size_t)length,
                           "; %.0f s in the iterations", last->seconds);
    }
    snprintf(text + length, sizeof text - (size_t)length, ".");
    nca_report_paragraph(p->report, text);
}

nca_status class_part_validations(const class_part *p, nca_error *error)
{
    nca_validation_row *rows = NULL;
    size_t count = 0;
    char *svg = NULL, caption[160];
    nca_status status = nca_validations_read(&rows, &count, p->folder, error);
    if (status == NCA_OK && count > 0) {
        status = nca_validations_plot_svg(&svg, rows, count, "Scores of the validations", error);
        if (status == NCA_OK) {
            snprintf(caption, sizeof caption, "Scores of %zu validation%s.", count,
                     count == 1 ? "" : "s");
            nca_report_drawing(p->report, svg, caption);
        }
    }
    free(svg);
    free(rows);
    return status;
}

/* ---- Scores ----------------------------------------------------------------------------------*/

static nca_status add_scores(const class_part *p, nca_error *error)
{
    const nca_class_report *r = p->results->report;
    const bool fitted = r->calibrated.count > 0, several = r->rollouts > 1;
    char mean_head[32], fitted_head[64], number[NCA_NUMBER_TEXT_SIZE], text[512];
    snprintf(mean_head, sizeof mean_head, "mean of %zu", r->rollouts);
    nca_number_text(number, r->temperature);
    snprintf(fitted_head, sizeof fitted_head, "temperature %s", number);
    const char *head[4] = {"score"};
    size_t columns = 1;
    if (several) {
        head[columns++] = mean_head;
    }
    head[columns++] = "one rollout";
    if (fitted) {
        head[columns++] = fitted_head;
    }
    double mean[CLASS_SCORES], single[CLASS_SCORES], calibrated[CLASS_SCORES];
    class_row_scores_of(single, &r->single);
    class_scores_of(mean, &r->evaluation->scores);
    class_scores_of(calibrated, &r->calibrated);
    cells t = begin_table(CLASS_SCORES, head, columns);
    for (size_t i = 0; i < CLASS_SCORES; i++) {
        put(&t, "%s", class_score_names[i]);
        if (several) {
            put_score(&t, mean[i]);
        }
        put_score(&t, single[i]);
        if (fitted) {
            put_score(&t, calibrated[i]);
        }
    }
    add_heading(p, "Scores");
    snprintf(text, sizeof text,
             "%zu images of %s, %zu×%zu pixels. A prediction is the mean of the probabilities of "
             "%zu rollout%s of %zu steps with different fire masks.%s",
             r->count, nca_split_name(r->split), r->height, r->width, r->rollouts,
             r->rollouts == 1 ? "" : "s", r->steps,
             fitted ? " The temperature was fitted on the validation images and is not stored in "
                      "the model."
                    : "");
    nca_report_paragraph(p->report, text);
    return end_table(&t, p->report, error);
}

/* What the user should know about the images. */
static void add_notices(const class_part *p)
{
    const char *at = p->results->notices;
    for (const char *end; at != NULL && (end = strchr(at, '\n')) != NULL; at = end + 1) {
        char text[1024];
        snprintf(text, sizeof text, "Images: %.*s.", (int)(end - at), at);
        nca_report_paragraph(p->report, text);
    }
}

/* ---- Classes and plots -----------------------------------------------------------------------*/

static nca_status add_figure(const class_part *p, nca_class_plot_kind kind, const char *caption,
                             nca_error *error)
{
    char *svg = NULL;
    const nca_status status = class_figure(p->results->report, kind, NULL,
                                           (evaluation_plot_place){.out_svg = &svg}, error);
    if (status == NCA_OK) {
        nca_report_drawing(p->report, svg, caption);
    }
    free(svg);
    return status;
}

static nca_status add_classes(const class_part *p, nca_error *error)
{
    const nca_class_report *r = p->results->report;
    const nca_scores *s = &r->evaluation->scores;
    const bool labels = r->kind == NCA_LABELS_MULTI_LABEL;
    const char *const head[] = {labels ? "label" : "class", "images", "AUC", "recall", "precision"};
    cells t = begin_table(r->classes, head, sizeof head / sizeof *head);
    for (size_t k = 0; k < r->classes; k++) {
        put(&t, "%s", r->class_names[k]);
        put(&t, "%zu", s->occurs[k]);
        put_score(&t, s->class_auc[k]);
        put_score(&t, s->recall[k]);
        put_score(&t, s->precision[k]);
    }
    add_heading(p, labels ? "Labels" : "Classes");
    nca_status status = end_table(&t, p->report, error);
    if (status == NCA_OK) {
        status = add_figure(p, NCA_CLASS_PLOT_CONFUSION,
                            labels ? "Right and wrong decisions for each label."
                                   : "Confusion matrix: rows are true classes, columns predicted "
                                     "classes.",
                            error);
    }
    return status;
}

static nca_status add_curves(const class_part *p, nca_error *error)
{
    add_heading(p, "ROC and precision-recall curves");
    const nca_status status =
        add_figure(p, NCA_CLASS_PLOT_ROC, "ROC curves: each class against all others.", error);
    return status == NCA_OK
               ? add_figure(p, NCA_CLASS_PLOT_PRECISION_RECALL,
                            "Precision over recall; AP is the average precision.", error)
               : status;
}

static nca_status add_certainty(const class_part *p, nca_error *error)
{
    static const char *const head[] = {"left out", "accuracy, by entropy", "accuracy, by spread"};
    const nca_class_report *r = p->results->report;
    add_heading(p, "Certainty");
    nca_status status =
        add_figure(p, NCA_CLASS_PLOT_RELIABILITY,
                   "Accuracy over confidence: points below the diagonal are too confident.", error);
    if (status == NCA_OK) {
        status = add_figure(p, NCA_CLASS_PLOT_RISK_COVERAGE,
                            "Accuracy of the images that are kept if the least certain ones are "
                            "left out.",
                            error);
    }
    if (status != NCA_OK) {
        return status;
    }
    cells t = begin_table(NCA_CLASS_COVERAGES, head, r->rollouts > 1 ? 3 : 2);
    for (size_t i = 0; i < NCA_CLASS_COVERAGES; i++) {
        put(&t, "%.0f %%", 100 * r->coverage[i].left_out);
        put_score(&t, r->coverage[i].entropy);
        if (r->rollouts > 1) {
            put_score(&t, r->coverage[i].spread);
        }
    }
    return end_table(&t, p->report, error);
}

static nca_status add_steps(const class_part *p, nca_error *error)
{
    static const char *const head[] = {"steps", "AUC", "accuracy", "log loss"};
    const nca_class_report *r = p->results->report;
    char *svg = NULL;
    add_heading(p, "Accuracy over steps");
    nca_status status =
        class_figure_steps(r, "Scores over steps", (evaluation_plot_place){.out_svg = &svg}, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_report_drawing(p->report, svg,
                       "AUC and accuracy of one rollout if the scores are read earlier or later.");
    free(svg);
    cells t = begin_table(r->step_count, head, sizeof head / sizeof *head);
    for (size_t i = 0; i < r->step_count; i++) {
        put(&t, "%zu", r->over_steps[i].steps);
        put_score(&t, r->over_steps[i].auc);
        put_score(&t, r->over_steps[i].accuracy);
        put_score(&t, r->over_steps[i].log_loss);
    }
    return end_table(&t, p->report, error);
}

/* ---- Images ----------------------------------------------------------------------------------*/

enum {
    CAPTION = 512
};

static void append(char out[CAPTION], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(char out[CAPTION], const char *format, ...)
{
    const size_t length = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + length, CAPTION - length, format, arguments);
    va_end(arguments);
}

/* The labels that are true or predicted, with their probabilities. */
static void append_labels(char out[CAPTION], const nca_class_report *r, const double *p,
                          const uint8_t *labels)
{
    size_t count = 0;
    for (size_t k = 0; k < r->classes; k++) {
        if (labels != NULL ? labels[k] != 0 : p[k] > 0.5) {
            append(out, "%s%s (%.2f)", count++ > 0 ? ", " : "", r->class_names[k], p[k]);
        }
    }
    append(out, "%s", count == 0 ? "none" : "");
}

/* "test/12", then the true and the predicted class with their probabilities. */
static void write_caption(char out[CAPTION], const nca_class_report *r,
                          const class_example *example)
{
    const double *p = r->evaluation->probabilities + example->index * r->classes;
    const uint8_t *labels = r->labels + example->index * r->label_width;
    out[0] = 0;
    append(out, "%s\ntrue: ", example->name);
    if (r->kind == NCA_LABELS_MULTI_LABEL) {
        append_labels(out, r, p, labels);
        append(out, "\npredicted: ");
        append_labels(out, r, p, NULL);
        return;
    }
    const size_t k = nca_predicted_class(r->kind, p, r->classes);
    append(out, "%s (%.2f)\npredicted: %s (%.2f)", r->class_names[labels[0]], p[labels[0]],
           r->class_names[k], p[k]);
}

static nca_status add_gallery(const class_part *p, const class_example *examples, size_t count,
                              nca_error *error)
{
    char captions[CLASS_EXAMPLES][CAPTION];
    nca_report_thumbnail thumbnails[CLASS_EXAMPLES];
    for (size_t i = 0; i < count; i++) {
        write_caption(captions[i], p->results->report, &examples[i]);
        thumbnails[i] = (nca_report_thumbnail){examples[i].image, captions[i]};
    }
    return nca_report_gallery(p->report, thumbnails, count, error);
}

static nca_status add_images(const class_part *p, nca_error *error)
{
    const class_results *results = p->results;
    const bool labels = results->report->kind == NCA_LABELS_MULTI_LABEL;
    char text[256];
    nca_status status = NCA_OK;
    add_heading(p, "Most wrong images");
    snprintf(text, sizeof text, "%zu of %zu images have %s.%s", results->wrong,
             results->report->count, labels ? "one or more wrong labels" : "a wrong class",
             results->worst_count > 0 ? " Those with the largest log loss, with probabilities in "
                                        "parentheses:"
                                      : "");
    nca_report_paragraph(p->report, text);
    if (results->worst_count > 0) {
        status = add_gallery(p, results->worst, results->worst_count, error);
    }
    if (status == NCA_OK) {
        add_heading(p, "Least certain images");
        nca_report_paragraph(p->report, "Those with the highest entropy of the probabilities:");
        status = add_gallery(p, results->unsure, results->unsure_count, error);
    }
    return status;
}

nca_status class_part_results(const class_part *p, nca_error *error)
{
    static nca_status (*const sections[])(const class_part *p, nca_error *error) = {
        add_scores, add_classes, add_curves, add_certainty, add_steps, add_images};
    nca_status status = NCA_OK;
    for (size_t i = 0;
         p->results->report != NULL && i < sizeof sections / sizeof *sections && status == NCA_OK;
         i++) {
        status = sections[i](p, error);
        if (i == 0 && status == NCA_OK) {
            add_notices(p);
        }
    }
    return status;
}
