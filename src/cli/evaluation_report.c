/* An evaluation's table and plots. A column is a number of steps or a shape of damage; the mean
 * ends and the deviation starts at the same place in all of its cells. */
#include "cli/evaluation_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    LABEL = 18,
    MEAN = 11,
    DEVIATION = 9,
    COLUMN = MEAN + 3 + DEVIATION, /* " ± " between them */
    COLUMNS = 3                    /* side by side */
};

/* One line under way: blanks are printed only in front of the next word. */
static void print_at(size_t *at, size_t column, const char *text)
{
    size_t blanks = column > *at ? column - *at : 0;
    printf("%*s%s", (int)blanks, "", text);
    *at += blanks;
    for (; *text != 0; text++) {
        *at += ((unsigned char)*text & 0xC0u) != 0x80u;
    }
}

/* A dash for what is not there. */
static void format(char *out, size_t size, double value, int digits)
{
    if (isnan(value)) {
        snprintf(out, size, "-");
    } else {
        snprintf(out, size, "%.*g", digits, value);
    }
}

/* Its last letter where means end. */
static void print_word(size_t *at, size_t column, const char *word)
{
    size_t end = LABEL + column * COLUMN + MEAN, length = strlen(word);
    print_at(at, end > length ? end - length : 0, word);
}

static void print_spread(size_t *at, size_t column, nca_spread spread)
{
    char mean[32], deviation[40] = " ± ";
    format(mean, sizeof mean, spread.mean, 3);
    format(deviation + strlen(deviation), sizeof deviation - strlen(deviation), spread.deviation,
           2);
    print_word(at, column, mean);
    print_at(at, 0, deviation);
}

static void print_share(size_t *at, size_t column, double share)
{
    char text[32];
    snprintf(text, sizeof text, "%.3g %%", 100 * share);
    print_word(at, column, text);
}

/* Starts a line with its label; returns where it is. */
static size_t print_label(const char *label)
{
    size_t at = 0;
    print_at(&at, 0, label);
    return at;
}

/* ---- Growth ----------------------------------------------------------------------------------*/

static void print_rows(const nca_evaluation_row *rows, size_t count)
{
    size_t at = print_label("steps");
    for (size_t i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "%zu", rows[i].steps);
        print_word(&at, i, text);
    }
    for (int m = 0; m < NCA_METRIC_COUNT; m++) {
        putchar('\n');
        at = print_label(nca_metric_name((nca_metric)m));
        print_at(&at, 0, m == NCA_METRIC_PSNR ? " (dB)" : "");
        for (size_t i = 0; i < count; i++) {
            print_spread(&at, i, rows[i].metric[m]);
        }
    }
    putchar('\n');
    at = print_label("surviving");
    for (size_t i = 0; i < count; i++) {
        print_share(&at, i, rows[i].surviving);
    }
    putchar('\n');
}

/* ---- Healing ---------------------------------------------------------------------------------*/

static void print_moment(const nca_evaluation *e, const char *label, size_t moment)
{
    size_t at = print_label(label);
    for (size_t i = 0; i < e->healing_count; i++) {
        const nca_healing *h = &e->healing[i];
        print_spread(&at, i, moment == 0 ? h->before : moment == 1 ? h->cut : h->after[moment - 2]);
    }
    putchar('\n');
}

static void print_healing(const nca_evaluation *e)
{
    printf("\nL2 around a cut at step %zu\n", e->damage_at);
    size_t at = print_label("shape");
    for (size_t i = 0; i < e->healing_count; i++) {
        print_word(&at, i, nca_damage_name(e->healing[i].shape));
    }
    putchar('\n');
    print_moment(e, "before", 0);
    print_moment(e, "just after", 1);
    for (size_t i = 0; i < NCA_HEALING_AFTER; i++) {
        char label[32];
        snprintf(label, sizeof label, "%zu steps after", nca_healing_after[i]);
        print_moment(e, label, 2 + i);
    }
    at = print_label("cells cut");
    for (size_t i = 0; i < e->healing_count; i++) {
        print_spread(&at, i, e->healing[i].cells);
    }
    putchar('\n');
    at = print_label("missed");
    for (size_t i = 0; i < e->healing_count; i++) {
        print_share(&at, i, (double)e->healing[i].missed / (double)e->rollouts);
    }
    putchar('\n');
    at = print_label("healed");
    for (size_t i = 0; i < e->healing_count; i++) {
        print_share(&at, i, e->healing[i].healed_share);
    }
    putchar('\n');
    at = print_label("  after steps");
    for (size_t i = 0; i < e->healing_count; i++) {
        print_spread(&at, i, e->healing[i].healed_step);
    }
    putchar('\n');
}

void evaluation_print(const nca_evaluation *e)
{
    for (size_t row = 0; row < e->row_count; row += COLUMNS) {
        if (row > 0) {
            putchar('\n');
        }
        size_t left = e->row_count - row;
        print_rows(e->rows + row, left < COLUMNS ? left : COLUMNS);
    }
    if (e->healing_count > 0) {
        print_healing(e);
    }
}

/* ---- Plots -----------------------------------------------------------------------------------*/

static nca_status draw(const nca_curve_plot *plot, evaluation_plot_place place, nca_error *error)
{
    return place.path != NULL ? nca_plot_curves(plot, place.path, error)
                              : nca_plot_curves_svg(place.out_svg, plot, error);
}

nca_status evaluation_plot(const nca_evaluation *e, const char *title, size_t trained,
                           evaluation_plot_place place, nca_error *error)
{
    char name[64], mark[64];
    snprintf(name, sizeof name, "mean of %zu rollouts", e->rollouts);
    snprintf(mark, sizeof mark, "trained up to step %zu", trained);
    const nca_curve curve = {
        .name = name, .steps = e->curve_steps, .values = e->curve, .count = e->curve_count};
    const nca_curve_mark marks[] = {{trained, mark}};
    const nca_curve_plot plot = {.title = title,
                                 .y_name = "L2 loss",
                                 .band_name = e->rollouts > 1 ? "standard deviation" : NULL,
                                 .curves = &curve,
                                 .curve_count = 1,
                                 .marks = marks,
                                 .mark_count = trained > 0};
    return draw(&plot, place, error);
}

nca_status evaluation_plot_healing(const nca_evaluation *e, const char *title,
                                   evaluation_plot_place place, nca_error *error)
{
    nca_curve curves[NCA_DAMAGE_COUNT + 1];
    const size_t moments = NCA_HEALING_STEPS + 1;
    for (size_t i = 0; i < e->healing_count; i++) {
        curves[i] = (nca_curve){.name = nca_damage_name(e->healing[i].shape),
                                .values = e->healing[i].curve,
                                .count = moments};
    }
    curves[e->healing_count] =
        (nca_curve){.name = "no damage", .values = e->undamaged, .count = moments};
    char axis[64];
    snprintf(axis, sizeof axis, "steps after a cut at step %zu", e->damage_at);
    const nca_curve_plot plot = {.title = title,
                                 .x_name = axis,
                                 .y_name = "L2 loss",
                                 .band_name = e->rollouts > 1 ? "standard deviation" : NULL,
                                 .curves = curves,
                                 .curve_count = e->healing_count + 1};
    return draw(&plot, place, error);
}
