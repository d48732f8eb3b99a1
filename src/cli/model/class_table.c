/* The table of a report of a classifier. Numbers are right-aligned in columns; a class is named
 * once with its number, and the columns of the confusion matrix are these numbers. */
#include "cli/model/class_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

enum {
    WIDEST = 100,     /* columns of a line */
    LEAST_LABEL = 28, /* columns of the first column of a table */
    MOST_NAME = 40,   /* of the name of a class; longer ones are cut */
    NUMBER = 9,       /* of a score */
    HEADED = 20,      /* of a score under a long heading */
    NUMBER_TEXT = 32,
    NAME_TEXT = NCA_CLASS_NAME + 32
};

static void print_padding(size_t width, const char *text)
{
    const size_t wide = terminal_columns(text);
    printf("%*s", (int)(width > wide ? width - wide : 0), "");
}

static void print_left(size_t width, const char *text)
{
    printf("%s", text);
    print_padding(width, text);
}

static void print_right(size_t width, const char *text)
{
    print_padding(width, text);
    printf("%s", text);
}

/* Three digits after the point; "–" for a number that is not defined. */
static void print_score(size_t width, double value)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%.3f", value);
    print_right(width, isnan(value) ? "–" : text);
}

static void print_count(size_t width, size_t value)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%zu", value);
    print_right(width, text);
}

/* ---- Classes ---------------------------------------------------------------------------------*/

/* "2  name", cut with "..." after MOST_NAME columns. */
static void class_label(char out[NAME_TEXT], const nca_class_report *r, size_t class)
{
    char name[NCA_CLASS_NAME + 4], number[NUMBER_TEXT];
    snprintf(name, sizeof name, "%s", r->class_names[class]);
    if (terminal_columns(name) > MOST_NAME) {
        char *at = name;
        for (size_t columns = 0; columns < MOST_NAME - 2; columns++) {
            for (at++; ((unsigned char)*at & 0xC0u) == 0x80u; at++) {
            }
        }
        memcpy(at, "...", sizeof "...");
    }
    snprintf(number, sizeof number, "%zu", class);
    if (strcmp(number, name) == 0) { /* classes that are only numbered */
        snprintf(out, NAME_TEXT, r->classes > 10 ? "%2zu" : "%zu", class);
        return;
    }
    snprintf(out, NAME_TEXT, r->classes > 10 ? "%2zu  %s" : "%zu  %s", class, name);
}

static size_t label_width(const nca_class_report *r)
{
    size_t widest = LEAST_LABEL;
    for (size_t k = 0; k < r->classes; k++) {
        char label[NAME_TEXT];
        class_label(label, r, k);
        const size_t wide = terminal_columns(label);
        widest = wide > widest ? wide : widest;
    }
    return widest;
}

/* How often a class or label was predicted, and how often rightly. */
static void count_predictions(size_t *out_predicted, size_t *out_right, const nca_class_report *r,
                              size_t class)
{
    const size_t *confusion = r->evaluation->scores.confusion;
    if (r->kind == NCA_LABELS_MULTI_LABEL) {
        *out_right = confusion[class * 4 + 3];
        *out_predicted = confusion[class * 4 + 1] + *out_right;
        return;
    }
    *out_right = confusion[class * r->classes + class];
    *out_predicted = 0;
    for (size_t k = 0; k < r->classes; k++) {
        *out_predicted += confusion[k * r->classes + class];
    }
}

static void print_part(double share, size_t right, size_t of)
{
    char text[64];
    snprintf(text, sizeof text, "%zu of %zu", right, of);
    print_score(NUMBER, share);
    printf("  ");
    print_left(13, text);
}

static void print_classes(const nca_class_report *r, size_t label)
{
    const nca_scores *s = &r->evaluation->scores;
    printf("\n");
    print_left(label, r->kind == NCA_LABELS_MULTI_LABEL ? "label" : "class");
    print_right(NUMBER, "AUC");
    print_right(NUMBER, "recall");
    printf("%15s", "");
    print_right(NUMBER + 1, "precision\n");
    for (size_t k = 0; k < r->classes; k++) {
        char name[NAME_TEXT], text[64];
        size_t predicted, right;
        count_predictions(&predicted, &right, r, k);
        class_label(name, r, k);
        print_left(label, name);
        print_score(NUMBER, s->class_auc[k]);
        print_part(s->recall[k], right, s->occurs[k]);
        print_score(NUMBER, s->precision[k]);
        snprintf(text, sizeof text, "%zu of %zu", right, predicted);
        printf("  %s\n", text);
    }
}

/* Only if it is narrow enough; the files always have it. */
static void print_confusion(const nca_class_report *r, size_t label)
{
    size_t most = 0, column = 4;
    for (size_t i = 0; i < r->classes * r->classes; i++) {
        most =
            r->evaluation->scores.confusion[i] > most ? r->evaluation->scores.confusion[i] : most;
    }
    for (; most >= 100; most /= 10) {
        column++;
    }
    if (label + r->classes * column > WIDEST) {
        return;
    }
    printf("\n");
    print_left(label, "true class, predicted as");
    for (size_t k = 0; k < r->classes; k++) {
        print_count(column, k);
    }
    printf("\n");
    for (size_t k = 0; k < r->classes; k++) {
        char name[NAME_TEXT];
        class_label(name, r, k);
        print_left(label, name);
        for (size_t c = 0; c < r->classes; c++) {
            print_count(column, r->evaluation->scores.confusion[k * r->classes + c]);
        }
        printf("\n");
    }
}

/* ---- Scores ----------------------------------------------------------------------------------*/

const char *const class_score_names[CLASS_SCORES] = {"AUC",      "accuracy",    "balanced accuracy",
                                                     "log loss", "Brier score", "ECE"};

void class_scores_of(double out[CLASS_SCORES], const nca_scores *s)
{
    const double values[CLASS_SCORES] = {s->auc,      s->accuracy, s->balanced_accuracy,
                                         s->log_loss, s->brier,    s->ece};
    memcpy(out, values, sizeof values);
}

void class_row_scores_of(double out[CLASS_SCORES], const nca_class_row *row)
{
    const double values[CLASS_SCORES] = {row->auc,      row->accuracy, row->balanced_accuracy,
                                         row->log_loss, row->brier,    row->ece};
    memcpy(out, values, sizeof values);
}

static void print_scores(const nca_class_report *r, size_t label)
{
    const bool fitted = r->calibrated.count > 0, several = r->rollouts > 1;
    double mean[CLASS_SCORES], single[CLASS_SCORES], calibrated[CLASS_SCORES];
    char head[64];
    class_row_scores_of(single, &r->single);
    class_scores_of(mean, &r->evaluation->scores);
    class_scores_of(calibrated, &r->calibrated);
    print_left(label, "");
    if (several) {
        snprintf(head, sizeof head, "mean of %zu", r->rollouts);
        print_right(HEADED, head);
    }
    print_right(several ? HEADED - 4 : HEADED, "one rollout");
    if (fitted) {
        char number[NCA_NUMBER_TEXT_SIZE];
        nca_number_text(number, r->temperature);
        snprintf(head, sizeof head, "temperature %s", number);
        print_right(HEADED, head);
    }
    printf("\n");
    for (size_t i = 0; i < CLASS_SCORES; i++) {
        print_left(label, class_score_names[i]);
        if (several) {
            print_score(HEADED, mean[i]);
        }
        print_score(several ? HEADED - 4 : HEADED, single[i]);
        if (fitted) {
            print_score(HEADED, calibrated[i]);
        }
        printf("\n");
    }
}

/* ---- Over steps, and without the least certain -----------------------------------------------*/

static void print_step_row(const nca_class_report *r, size_t label, const char *name, size_t first,
                           size_t count, double (*value)(const nca_class_row *row))
{
    print_left(label, name);
    for (size_t i = first; i < first + count; i++) {
        print_score(NUMBER, value(&r->over_steps[i]));
    }
    printf("\n");
}

static double auc_of(const nca_class_row *row)
{
    return row->auc;
}

static double accuracy_of(const nca_class_row *row)
{
    return row->accuracy;
}

static double log_loss_of(const nca_class_row *row)
{
    return row->log_loss;
}

static void print_over_steps(const nca_class_report *r, size_t label)
{
    const size_t most = (WIDEST - label) / NUMBER;
    for (size_t first = 0; first < r->step_count; first += most) {
        const size_t left = r->step_count - first, count = left < most ? left : most;
        char head[64];
        const size_t rollouts = r->over_steps[0].rollouts;
        snprintf(head, sizeof head, "steps (%s%zu rollout%s)", rollouts > 1 ? "mean of " : "",
                 rollouts, rollouts > 1 ? "s" : "");
        printf("\n");
        print_left(label, head);
        for (size_t i = first; i < first + count; i++) {
            print_count(NUMBER, r->over_steps[i].steps);
        }
        printf("\n");
        print_step_row(r, label, "AUC", first, count, auc_of);
        print_step_row(r, label, "accuracy", first, count, accuracy_of);
        print_step_row(r, label, "log loss", first, count, log_loss_of);
    }
}

static void print_coverage(const nca_class_report *r, size_t label)
{
    printf("\n");
    print_left(label, "least certain left out");
    for (size_t i = 0; i < NCA_CLASS_COVERAGES; i++) {
        char head[NUMBER_TEXT];
        snprintf(head, sizeof head, "%.0f %%", 100 * r->coverage[i].left_out);
        print_right(NUMBER, head);
    }
    printf("\n");
    print_left(label, "accuracy, by entropy");
    for (size_t i = 0; i < NCA_CLASS_COVERAGES; i++) {
        print_score(NUMBER, r->coverage[i].entropy);
    }
    printf("\n");
    if (r->rollouts > 1) {
        print_left(label, "accuracy, by spread");
        for (size_t i = 0; i < NCA_CLASS_COVERAGES; i++) {
            print_score(NUMBER, r->coverage[i].spread);
        }
        printf("\n");
    }
}

void class_table_print(const nca_class_report *r, const nca_class_report_about *about)
{
    const size_t label = label_width(r);
    printf("%s\n", shown(about->model));
    printf("%zu image%s of %s, %s, %zux%zu; %zu rollout%s of %zu step%s, seed %llu", r->count,
           r->count == 1 ? "" : "s", nca_split_name(r->split), shown(about->data), r->height,
           r->width, r->rollouts, r->rollouts == 1 ? "" : "s", r->steps, r->steps == 1 ? "" : "s",
           (unsigned long long)r->seed);
    if (r->precision != NCA_PRECISION_FP32) {
        printf(", precision %s", nca_precision_name(r->precision));
    }
    printf("\n\n");
    print_scores(r, label);
    print_classes(r, label);
    if (r->kind != NCA_LABELS_MULTI_LABEL) {
        print_confusion(r, label);
    }
    print_over_steps(r, label);
    print_coverage(r, label);
}
