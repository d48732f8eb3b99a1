/* The table and the plots of an evaluation. A column is a number of steps or a shape of damage; in
 * all of its cells, the mean ends and the deviation starts at the same position. */
#include "cli/model/evaluation_report.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

enum {
    LABEL = 18,
    MEAN = 9,
    DEVIATION = 8,
    COLUMN = MEAN + 3 + DEVIATION, /* " ± " is between them */
    COLUMNS = 4                    /* next to each other */
};

const size_t evaluation_long_steps[EVALUATION_LONG_ROWS] = {80, 500, 2000, 10000, 50000};

/* Prints a part of a line; blanks are printed only before the next word. */
static void print_at(size_t *at, size_t column, const char *text)
{
    const size_t blanks = column > *at ? column - *at : 0;
    printf("%*s%s", (int)blanks, "", text);
    *at += blanks + terminal_columns(text);
}

/* Right-aligns a word at the end of the means. */
static void print_word(size_t *at, size_t column, const char *word)
{
    const size_t end = LABEL + column * COLUMN + MEAN, length = terminal_columns(word);
    print_at(at, end > length ? end - length : 0, word);
}

static void print_spread(size_t *at, size_t column, nca_spread spread)
{
    char mean[NCA_NUMBER_TEXT_SIZE], both[NCA_NUMBER_TEXT_SIZE];
    nca_number_text(mean, spread.mean);
    nca_spread_text(both, spread); /* begins with the mean */
    print_word(at, column, mean);
    print_at(at, 0, both + strlen(mean));
}

static void print_share(size_t *at, size_t column, double share)
{
    char text[32];
    snprintf(text, sizeof text, "%.3g %%", 100 * share);
    print_word(at, column, text);
}

/* Starts a line with its label; returns the position. */
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

/* ---- Regeneration ---------------------------------------------------------------------------- */

/* A number of a cut, and its format. */
typedef struct cut_row {
    const char *label;
    size_t offset; /* of its nca_spread or double in nca_healing_cut */
    bool is_share;
} cut_row;

static const cut_row first_rows[] = {
    {"before", offsetof(nca_healing_cut, before), false},
    {"just after", offsetof(nca_healing_cut, cut), false},
    {"50 steps after", offsetof(nca_healing_cut, after[0]), false},
    {"100 steps after", offsetof(nca_healing_cut, after[1]), false},
    {"200 steps after", offsetof(nca_healing_cut, after[2]), false},
    {"cells cut", offsetof(nca_healing_cut, cells), false},
};
static const cut_row share_rows[] = {
    {"healed", offsetof(nca_healing_cut, healed_share), true},
    {"  after steps", offsetof(nca_healing_cut, healed_step), false},
    {"restored", offsetof(nca_healing_cut, restored_share), true},
    {"  after steps", offsetof(nca_healing_cut, restored_step), false},
};
/* For the cuts after the first. */
static const cut_row later_rows[] = {
    {"  just after", offsetof(nca_healing_cut, cut), false},
    {"  200 steps after", offsetof(nca_healing_cut, after[2]), false},
    {"  healed", offsetof(nca_healing_cut, healed_share), true},
    {"  restored", offsetof(nca_healing_cut, restored_share), true},
};

static void print_cut_rows(const nca_evaluation *e, size_t index, const cut_row *rows, size_t count)
{
    for (size_t row = 0; row < count; row++) {
        size_t at = print_label(rows[row].label);
        for (size_t i = 0; i < e->healing_count; i++) {
            const char *value = (const char *)&e->healing[i].cuts[index] + rows[row].offset;
            if (rows[row].is_share) {
                print_share(&at, i, *(const double *)(const void *)value);
            } else {
                print_spread(&at, i, *(const nca_spread *)(const void *)value);
            }
        }
        putchar('\n');
    }
}

static void print_first_cut(const nca_evaluation *e)
{
    print_cut_rows(e, 0, first_rows, sizeof first_rows / sizeof *first_rows);
    size_t at = print_label("  % of the living");
    for (size_t i = 0; i < e->healing_count; i++) {
        const nca_spread share = e->healing[i].cuts[0].living_share;
        print_spread(&at, i, (nca_spread){100 * share.mean, 100 * share.deviation});
    }
    putchar('\n');
    at = print_label("missed");
    for (size_t i = 0; i < e->healing_count; i++) {
        print_share(&at, i, (double)e->healing[i].cuts[0].missed / (double)e->rollouts);
    }
    putchar('\n');
    print_cut_rows(e, 0, share_rows, sizeof share_rows / sizeof *share_rows);
}

/* The first cut in full; if there are several, also the middle one and the last in short. */
static void print_healing(const nca_evaluation *e)
{
    const size_t last = e->cut_count - 1;
    if (last == 0) {
        printf("\nL2 around a cut at step %zu\n", e->damage_at);
    } else {
        printf("\nL2 around %zu cuts, one every %d steps; cut 1 at step %zu\n", e->cut_count,
               NCA_HEALING_STEPS, e->damage_at);
    }
    size_t at = print_label("shape");
    for (size_t i = 0; i < e->healing_count; i++) {
        print_word(&at, i, nca_damage_name(e->healing[i].shape));
    }
    putchar('\n');
    print_first_cut(e);
    const size_t shown[] = {(last + 1) / 2, last};
    for (size_t i = last < 2 ? 1 : 0; last > 0 && i < 2; i++) {
        printf("cut %zu at step %zu\n", shown[i] + 1, e->healing[0].cuts[shown[i]].step);
        print_cut_rows(e, shown[i], later_rows, sizeof later_rows / sizeof *later_rows);
    }
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

/* Without a limit, a model whose values grow indefinitely would leave no room for the other
 * losses. */
static const double most_loss = 10.0;

static nca_status draw(const nca_curve_plot *plot, evaluation_plot_place place, nca_error *error)
{
    return place.path != NULL ? nca_plot_curves(plot, place.path, error)
                              : nca_plot_curves_svg(place.out_svg, plot, error);
}

/* The common part of the plots of an evaluation. */
static nca_curve_plot plot_of(const nca_evaluation *e, const char *title, const nca_curve *curves,
                              size_t count)
{
    nca_curve_plot plot;
    nca_curve_plot_default(&plot);
    plot.title = title;
    plot.y_name = "L2 loss";
    plot.y_max = most_loss;
    plot.band_name = e->rollouts > 1 ? "standard deviation" : NULL;
    plot.curves = curves;
    plot.curve_count = count;
    return plot;
}

nca_status evaluation_plot(const nca_evaluation *e, const char *title, size_t trained,
                           evaluation_plot_place place, nca_error *error)
{
    char name[64], mark[64];
    snprintf(name, sizeof name, "mean of %zu rollout%s", e->rollouts, e->rollouts == 1 ? "" : "s");
    snprintf(mark, sizeof mark, "trained up to step %zu", trained);
    const bool is_long =
        e->curve_per_doubling > 0 && e->curve_steps[e->curve_count - 1] >= EVALUATION_LONG;
    const size_t first = is_long ? 1 : 0; /* step 0 has no logarithm */
    const nca_curve curve = {.name = name,
                             .steps = e->curve_steps + first,
                             .values = e->curve + first,
                             .count = e->curve_count - first};
    const nca_curve_mark marks[] = {{trained, mark}};
    nca_curve_plot plot = plot_of(e, title, &curve, 1);
    plot.x_log = is_long;
    plot.marks = marks;
    plot.mark_count = trained > 0;
    return draw(&plot, place, error);
}

nca_status evaluation_plot_healing(const nca_evaluation *e, const char *title,
                                   evaluation_plot_place place, nca_error *error)
{
    nca_curve curves[NCA_DAMAGE_SHAPES + 1];
    const size_t moments = e->cut_count * NCA_HEALING_STEPS + 1;
    for (size_t i = 0; i < e->healing_count; i++) {
        curves[i] = (nca_curve){.name = nca_damage_name(e->healing[i].shape),
                                .values = e->healing[i].curve,
                                .count = moments};
    }
    curves[e->healing_count] =
        (nca_curve){.name = "no damage", .values = e->undamaged, .count = moments};
    char axis[96];
    if (e->cut_count > 1) {
        snprintf(axis, sizeof axis, "steps after the first of %zu cuts, at step %zu", e->cut_count,
                 e->damage_at);
    } else {
        snprintf(axis, sizeof axis, "steps after a cut at step %zu", e->damage_at);
    }
    nca_curve_plot plot = plot_of(e, title, curves, e->healing_count + 1);
    plot.x_name = axis;
    return draw(&plot, place, error);
}
