/* The scores of predictions: decisions are counted in a table, from which accuracy, recall and
 * precision follow; the losses are sums over the images in order, in double. Only log, exp and
 * exact operations are used, so machines whose C library agrees on log and exp get the same
 * bits. */
#include "nca/scores.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "measure/predictions.h"

enum {
    OUTCOMES = 4 /* true negatives, false positives, false negatives, true positives */
};

static const double least_probability = 1e-15; /* for the log loss */

static double ratio(size_t part, size_t whole)
{
    return whole == 0 ? NAN : (double)part / (double)whole;
}

static size_t label_of(const nca_predictions *p, size_t image, size_t column)
{
    return p->kind == NCA_LABELS_MULTI_LABEL ? p->labels[image * p->classes + column]
                                             : p->labels[image] == column;
}

/* ---- Decisions -------------------------------------------------------------------------------*/

/* Fills the table of decisions; how often each class or label occurs follows from the labels. */
static void count_decisions(nca_scores *s, const nca_predictions *p)
{
    for (size_t image = 0; image < p->count; image++) {
        if (p->kind != NCA_LABELS_MULTI_LABEL) {
            s->confusion[p->labels[image] * p->classes + nca__predicted_class(p, image)]++;
            s->occurs[p->labels[image]]++;
            continue;
        }
        for (size_t c = 0; c < p->classes; c++) {
            const size_t i = image * p->classes + c;
            const size_t outcome =
                2 * (size_t)p->labels[i] + nca__predicted_positive(p->probabilities[i]);
            s->confusion[c * OUTCOMES + outcome]++;
            s->occurs[c] += p->labels[i];
        }
    }
}

/* The mean of those of the values that are numbers; NaN if none is. */
static double mean_of_numbers(const double *values, size_t count)
{
    double sum = 0.0;
    size_t numbers = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            sum += values[i];
            numbers++;
        }
    }
    return numbers == 0 ? NAN : sum / (double)numbers;
}

static void score_classes(nca_scores *s)
{
    size_t correct = 0;
    for (size_t c = 0; c < s->classes; c++) {
        size_t predicted = 0;
        for (size_t row = 0; row < s->classes; row++) {
            predicted += s->confusion[row * s->classes + c];
        }
        const size_t hits = s->confusion[c * s->classes + c];
        s->recall[c] = ratio(hits, s->occurs[c]);
        s->precision[c] = ratio(hits, predicted);
        correct += hits;
    }
    s->accuracy = ratio(correct, s->count);
    s->balanced_accuracy = mean_of_numbers(s->recall, s->classes);
}

/* The accuracy is the mean of the labels' accuracies, in the order of the official evaluator:
 * added label by label, then divided. */
static void score_labels(nca_scores *s)
{
    double accuracies = 0.0, balanced[NCA_MAX_CLASSES];
    for (size_t c = 0; c < s->classes; c++) {
        const size_t *outcome = s->confusion + c * OUTCOMES;
        const double recalls[2] = {ratio(outcome[0], outcome[0] + outcome[1]),
                                   ratio(outcome[3], outcome[2] + outcome[3])};
        s->recall[c] = recalls[1];
        s->precision[c] = ratio(outcome[3], outcome[1] + outcome[3]);
        balanced[c] = mean_of_numbers(recalls, 2);
        accuracies += ratio(outcome[0] + outcome[3], s->count);
    }
    s->accuracy = accuracies / (double)s->classes;
    s->balanced_accuracy = mean_of_numbers(balanced, s->classes);
}

/* ---- Probabilities ---------------------------------------------------------------------------*/

static double negative_log(double probability)
{
    return -log(probability > least_probability ? probability : least_probability);
}

static void score_probabilities(nca_scores *s, const nca_predictions *p)
{
    const bool labels = p->kind == NCA_LABELS_MULTI_LABEL;
    double loss = 0.0, squares = 0.0;
    for (size_t image = 0; image < p->count; image++) {
        const double *row = p->probabilities + image * p->classes;
        for (size_t c = 0; c < p->classes; c++) {
            const size_t label = label_of(p, image, c);
            const double difference = row[c] - (double)label;
            squares += difference * difference;
            if (label == 1 || labels) {
                loss += negative_log(label == 1 ? row[c] : 1.0 - row[c]);
            }
        }
    }
    const double decisions = (double)p->count * (labels ? (double)p->classes : 1.0);
    s->log_loss = loss / decisions;
    s->brier = squares / decisions;
}

/* The benchmark's AUC: that of class 1 for two classes, else the mean over the columns, in the
 * order of the official evaluator. `ranked` is scratch memory (count). */
static void score_areas(nca_scores *s, const nca_predictions *p, nca__ranked *ranked)
{
    double sum = 0.0;
    for (size_t c = 0; c < p->classes; c++) {
        for (size_t image = 0; image < p->count; image++) {
            ranked[image] =
                (nca__ranked){p->probabilities[image * p->classes + c], label_of(p, image, c)};
        }
        s->class_auc[c] = nca__auc(ranked, p->count);
        sum += s->class_auc[c];
    }
    s->auc = p->kind == NCA_LABELS_BINARY ? s->class_auc[1] : sum / (double)p->classes;
}

nca_status nca_scores_compute(nca_scores *out, const nca_predictions *predictions, nca_error *error)
{
    nca_status status = nca__check_predictions(predictions, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t classes = predictions->classes, count = predictions->count;
    const size_t columns = predictions->kind == NCA_LABELS_MULTI_LABEL ? OUTCOMES : classes;
    nca_scores scores = {.count = count, .classes = classes};
    scores.confusion = calloc(classes * columns, sizeof *scores.confusion);
    nca__ranked *ranked = calloc(count, sizeof *ranked);
    if (scores.confusion == NULL || ranked == NULL) {
        free(scores.confusion);
        free(ranked);
        return nca__fail_memory(error, "scores of predictions",
                                count * sizeof *ranked +
                                    classes * columns * sizeof *scores.confusion);
    }
    count_decisions(&scores, predictions);
    if (predictions->kind == NCA_LABELS_MULTI_LABEL) {
        score_labels(&scores);
    } else {
        score_classes(&scores);
    }
    score_probabilities(&scores, predictions);
    score_areas(&scores, predictions, ranked);
    nca__calibrate(&scores, predictions);
    free(ranked);
    *out = scores;
    return NCA_OK;
}

void nca_scores_free(nca_scores *scores)
{
    free(scores->confusion);
    *scores = (nca_scores){0};
}
