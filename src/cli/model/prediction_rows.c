/* Predictions as text. */
#include "cli/model/prediction_rows.h"

#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

static bool has_labels(const nca_classifier *c)
{
    return c->kind == NCA_LABELS_MULTI_LABEL;
}

/* The class whose probability is shown; for labels the most probable one. */
static size_t shown_class(const prediction_row *row, const nca_classifier *c)
{
    return nca_predicted_class(c->kind, row->probabilities, c->classes);
}

/* ---- Text ------------------------------------------------------------------------------------*/

static void print_class(const prediction_row *row, const nca_classifier *c, size_t k,
                        size_t rollouts)
{
    printf("%s  %.3f", shown(c->class_names[k]), row->probabilities[k]);
    if (rollouts > 1) {
        printf(" ± %.3f", row->deviations[k]);
    }
}

void prediction_print(const prediction_row *row, const nca_classifier *c, size_t rollouts,
                      size_t width)
{
    const char *name = shown(row->path);
    const size_t wide = terminal_columns(name);
    printf("%s%*s  ", name, (int)(width > wide ? width - wide : 0), "");
    size_t printed = 0;
    for (size_t k = 0; k < c->classes && has_labels(c); k++) {
        if (row->probabilities[k] > 0.5) {
            printf("%s", printed++ > 0 ? ", " : "");
            print_class(row, c, k, rollouts);
        }
    }
    if (printed == 0) {
        printf("%s", has_labels(c) ? "no label; most probable: " : "");
        print_class(row, c, shown_class(row, c), rollouts);
    }
    printf("\n");
}

/* ---- CSV -------------------------------------------------------------------------------------*/

static void write_prefixed(FILE *out, const char *prefix, const char *name)
{
    char text[NCA_CLASS_NAME + 16];
    snprintf(text, sizeof text, "%s%s", prefix, name);
    nca_file_write_csv_text(out, text);
}

void prediction_csv_head(FILE *out, const nca_classifier *c, bool labelled)
{
    fprintf(out, "path,%sclass,probability,deviation,entropy", labelled ? "true_class," : "");
    for (size_t k = 0; k < c->classes; k++) {
        fputc(',', out);
        write_prefixed(out, "p_", c->class_names[k]);
    }
    fputc('\n', out);
}

/* Names of labels, separated by "; ", as one field. `on` (classes) says which. False: out of
 * memory. */
static bool write_names(FILE *out, const nca_classifier *c, const bool *on)
{
    char *text = NULL;
    size_t size = 0, count = 0;
    FILE *names = open_memstream(&text, &size);
    for (size_t k = 0; k < c->classes && names != NULL; k++) {
        if (on[k]) {
            fprintf(names, "%s%s", count++ > 0 ? "; " : "", c->class_names[k]);
        }
    }
    bool written = names != NULL && !ferror(names);
    written = names != NULL && fclose(names) == 0 && written;
    if (written) {
        nca_file_write_csv_text(out, text);
    }
    free(text);
    return written;
}

/* Which labels are predicted, or are true: on (classes). */
static void find_predicted(bool *on, const prediction_row *row, const nca_classifier *c)
{
    for (size_t k = 0; k < c->classes; k++) {
        on[k] = has_labels(c) ? row->probabilities[k] > 0.5 : k == shown_class(row, c);
    }
}

static void find_true(bool *on, const prediction_row *row, const nca_classifier *c)
{
    for (size_t k = 0; k < c->classes; k++) {
        on[k] = has_labels(c) ? row->labels[k] == 1 : k == row->labels[0];
    }
}

bool prediction_csv_row(FILE *out, const prediction_row *row, const nca_classifier *c)
{
    bool on[NCA_MAX_CLASSES], written = true;
    const size_t k = shown_class(row, c);
    nca_file_write_csv_text(out, row->path);
    if (row->labels != NULL) {
        fputc(',', out);
        find_true(on, row, c);
        written = write_names(out, c, on);
    }
    fputc(',', out);
    find_predicted(on, row, c);
    written = write_names(out, c, on) && written;
    fprintf(out, ",%.10g,%.10g,%.10g", row->probabilities[k], row->deviations[k],
            nca_prediction_entropy(c, row->probabilities));
    for (size_t i = 0; i < c->classes; i++) {
        fprintf(out, ",%.10g", row->probabilities[i]);
    }
    fputc('\n', out);
    return written;
}

/* ---- JSON ------------------------------------------------------------------------------------*/

static void write_json_names(FILE *out, const nca_classifier *c, const bool *on)
{
    size_t count = 0;
    fputs("[", out);
    for (size_t k = 0; k < c->classes; k++) {
        if (on[k]) {
            fputs(count++ > 0 ? ", " : "", out);
            nca_file_write_json_text(out, c->class_names[k]);
        }
    }
    fputs("]", out);
}

void prediction_json_row(FILE *out, const prediction_row *row, const nca_classifier *c)
{
    const size_t k = shown_class(row, c);
    fputs("  {\"path\": ", out);
    nca_file_write_json_text(out, row->path);
    if (has_labels(c)) {
        bool on[NCA_MAX_CLASSES];
        find_predicted(on, row, c);
        fputs(", \"labels\": ", out);
        write_json_names(out, c, on);
    } else {
        fputs(", \"class\": ", out);
        nca_file_write_json_text(out, c->class_names[k]);
    }
    fprintf(out, ", \"probability\": %.10g, \"deviation\": %.10g, \"entropy\": %.10g,\n",
            row->probabilities[k], row->deviations[k],
            nca_prediction_entropy(c, row->probabilities));
    fputs("   \"probabilities\": {", out);
    for (size_t i = 0; i < c->classes; i++) {
        fputs(i > 0 ? ", " : "", out);
        nca_file_write_json_text(out, c->class_names[i]);
        fprintf(out, ": %.10g", row->probabilities[i]);
    }
    fputs("}}", out);
}
