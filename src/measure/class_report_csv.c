/* A report of a classifier as comma-separated values: each line has one number, so that any tool
 * can filter and pivot it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "measure/class_report_parts.h"
#include "nca/files.h"

/* A line: part, class, at, measure, value. */
static void print_line(FILE *out, const char *part, const char *class, const char *at,
                       const char *measure, double value)
{
    char text[NCA__NUMBER_SIZE];
    nca__format_double(text, value);
    fprintf(out, "%s,", part);
    nca_file_write_csv_text(out, class);
    fprintf(out, ",%s,", at);
    nca_file_write_csv_text(out, measure);
    fprintf(out, ",%s\n", text);
}

static void print_row(FILE *out, const char *part, const nca_class_row *r)
{
    char at[NCA__NUMBER_SIZE];
    snprintf(at, sizeof at, "%zu", r->steps);
    print_line(out, part, "", at, "auc", r->auc);
    print_line(out, part, "", at, "accuracy", r->accuracy);
    print_line(out, part, "", at, "balanced_accuracy", r->balanced_accuracy);
    print_line(out, part, "", at, "log_loss", r->log_loss);
    print_line(out, part, "", at, "brier", r->brier);
    print_line(out, part, "", at, "ece", r->ece);
}

static void print_classes(FILE *out, const nca_class_report *r)
{
    static const char *const decisions[] = {"true negatives", "false positives", "false negatives",
                                            "true positives"};
    const nca_scores *s = &r->evaluation->scores;
    const bool several = r->kind == NCA_LABELS_MULTI_LABEL;
    const size_t columns = several ? 4 : r->classes;
    for (size_t k = 0; k < r->classes; k++) {
        const char *name = r->class_names[k];
        print_line(out, "class", name, "", "images", (double)s->occurs[k]);
        print_line(out, "class", name, "", "auc", s->class_auc[k]);
        print_line(out, "class", name, "", "recall", s->recall[k]);
        print_line(out, "class", name, "", "precision", s->precision[k]);
    }
    for (size_t k = 0; k < r->classes; k++) {
        for (size_t c = 0; c < columns; c++) {
            print_line(out, "confusion", r->class_names[k], "",
                       several ? decisions[c] : r->class_names[c],
                       (double)s->confusion[k * columns + c]);
        }
    }
}

/* `at` is the upper end of a bin of the confidence. */
static void print_calibration(FILE *out, const char *part, const nca_scores *s)
{
    for (size_t b = 0; b < NCA_CALIBRATION_BINS; b++) {
        char at[NCA__NUMBER_SIZE];
        nca__format_digits(at, (double)(b + 1) / NCA_CALIBRATION_BINS, 6);
        print_line(out, part, "", at, "count", (double)s->calibration[b].count);
        print_line(out, part, "", at, "confidence", s->calibration[b].confidence);
        print_line(out, part, "", at, "accuracy", s->calibration[b].accuracy);
    }
}

static void print(FILE *out, const nca_class_report *r)
{
    const nca_class_row mean = nca__class_row(&r->evaluation->scores, r->steps, r->rollouts);
    fputs("part,class,at,measure,value\n", out);
    print_row(out, "scores", &mean);
    print_row(out, "one_rollout", &r->single);
    print_line(out, "temperature", "", "", "temperature", r->temperature);
    if (r->calibrated.count > 0) {
        const nca_class_row calibrated = nca__class_row(&r->calibrated, r->steps, r->rollouts);
        print_row(out, "with_temperature", &calibrated);
    }
    print_classes(out, r);
    print_calibration(out, "calibration", &r->evaluation->scores);
    if (r->calibrated.count > 0) {
        print_calibration(out, "calibration_with_temperature", &r->calibrated);
    }
    for (size_t i = 0; i < r->step_count; i++) {
        print_row(out, "over_steps", &r->over_steps[i]);
    }
    for (size_t i = 0; i < NCA_CLASS_COVERAGES; i++) {
        char at[NCA__NUMBER_SIZE];
        nca__format_double(at, r->coverage[i].left_out);
        print_line(out, "coverage", "", at, "entropy", r->coverage[i].entropy);
        print_line(out, "coverage", "", at, "spread", r->coverage[i].spread);
    }
}

nca_status nca_class_report_csv(char **out_text, const nca_class_report *report, nca_error *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return nca__fail_memory(error, "an evaluation as text", 1);
    }
    print(out, report);
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return nca__fail_memory(error, "an evaluation as text", size);
    }
    *out_text = text;
    return NCA_OK;
}

nca_status nca_class_report_save_csv(const nca_class_report *report, const char *path,
                                     nca_error *error)
{
    char *text = NULL;
    nca_status status = nca_class_report_csv(&text, report, error);
    if (status == NCA_OK) {
        status = nca__file_write(path, text, strlen(text), error);
        free(text);
    }
    return status;
}
