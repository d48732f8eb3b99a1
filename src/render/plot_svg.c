/* Plots as elements of a page: the plots of plot_loss.c and plot_curves.c with less detail and real
 * text. Uses only the style classes listed in nca/plot.h. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/plot.h"
#include "render/curves.h"
#include "render/moving_average.h"
#include "render/svg_text.h"

enum {
    WIDTH = 800,
    HEIGHT = 330,
    LEFT = 66,
    RIGHT = WIDTH - 32,
    RIGHT_VALUE = WIDTH - 122, /* room for the value next to the end of a line */
    TOP = 36,
    BOTTOM = HEIGHT - 48,
    LINE = 21,    /* height of a line of the legend */
    LETTER = 9,   /* approximate width of a letter of 16 units, the font on a telephone */
    SWATCH = 28,  /* width of a sample of a line and the space after it */
    BETWEEN = 14, /* entries of the legend */
    MARGIN = 8    /* before the legend */
};

static const double column_width = 3; /* two points per column: smallest and largest */

/* ---- The frame -------------------------------------------------------------------------------*/

/* A sample of a line and its name. */
typedef struct legend_entry {
    const char *style, *name;
} legend_entry;

/* Prints the name of the y axis, then the entries, in as many lines as they need. Returns the y of
 * the upper end of the axes below them. */
static double print_legend(FILE *out, const char *y_name, const legend_entry *entries, size_t count)
{
    double x = MARGIN + (double)(nca__svg_letters(y_name) * LETTER) + 2 * BETWEEN, y = TOP - 16;
    nca__svg_text(out, MARGIN, y, NULL, y_name);
    for (size_t i = 0; i < count; i++) {
        const double width = SWATCH + (double)(nca__svg_letters(entries[i].name) * LETTER);
        if (x + width > WIDTH) {
            x = MARGIN;
            y += LINE;
        }
        if (strcmp(entries[i].style, "band") == 0) {
            fprintf(out, "<path class=\"band\" d=\"M%.0f %.0fh22v10h-22z\"/>\n", x, y - 9);
        } else {
            fprintf(out, "<path class=\"line %s\" d=\"M%.0f %.0fh22\"/>\n", entries[i].style, x,
                    y - 4);
        }
        nca__svg_text(out, x + SWATCH, y, NULL, entries[i].name);
        x += width + BETWEEN;
    }
    return y + 16;
}

static void begin(FILE *out, const char *title, const char *y_name)
{
    fprintf(out, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH,
            HEIGHT);
    nca__svg_escaped(out, title != NULL && *title != 0 ? title : y_name);
    fputs("\">\n", out);
}

static void print_end(FILE *out, const nca__axes *axes, const char *style, double x, double value)
{
    const double at = nca__axes_x(axes, x), y = nca__axes_y(axes, value);
    const nca__label label = nca__number(value, 3, false);
    fprintf(out, "<circle class=\"dot %s\" r=\"4\" cx=\"", style);
    nca__svg_coordinate(out, at);
    fputs("\" cy=\"", out);
    nca__svg_coordinate(out, y);
    fputs("\"/>\n", out);
    nca__svg_label(out, at + 9, y + 4.5, NULL, &label);
}

/* ---- Lines -----------------------------------------------------------------------------------*/

/* Values over x; the value at `index` is at x(index). */
typedef struct line {
    const void *values;
    double (*value)(const void *values, size_t index);
    double (*x)(const void *values, size_t index);
    size_t count;
} line;

/* Moves to or draws to the values of one column, [begin, end): the last, or the smallest and the
 * largest in their order. */
static void print_column(FILE *out, const nca__axes *axes, const line *l, size_t begin, size_t end,
                         bool only_last, bool *down)
{
    size_t least = begin, greatest = begin;
    for (size_t i = begin; i < end; i++) {
        least = l->value(l->values, i) < l->value(l->values, least) ? i : least;
        greatest = l->value(l->values, i) > l->value(l->values, greatest) ? i : greatest;
    }
    size_t picked[2] = {least < greatest ? least : greatest, least < greatest ? greatest : least};
    if (only_last) {
        picked[0] = picked[1] = end - 1;
    }
    for (size_t i = 0; i < (picked[0] == picked[1] ? 1 : 2); i++) {
        nca__svg_point(out, *down ? 'L' : 'M', nca__axes_x(axes, l->x(l->values, picked[i])),
                       nca__axes_y(axes, l->value(l->values, picked[i])));
        *down = true;
    }
}

/* Leaves gaps where values are not finite; a single value is a dot, because its line has round
 * ends. */
static void print_line(FILE *out, const nca__axes *axes, const line *l, const char *style,
                       bool only_last)
{
    fprintf(out, "<path class=\"line %s\" d=\"", style);
    for (size_t begin = 0; begin < l->count;) {
        bool down = false;
        size_t points = 0;
        while (begin < l->count && isfinite(l->value(l->values, begin))) {
            const double column = floor(nca__axes_x(axes, l->x(l->values, begin)) / column_width);
            size_t end = begin + 1;
            while (end < l->count && isfinite(l->value(l->values, end)) &&
                   floor(nca__axes_x(axes, l->x(l->values, end)) / column_width) == column) {
                end++;
            }
            print_column(out, axes, l, begin, end, only_last, &down);
            points += end - begin;
            begin = end;
        }
        if (points == 1) {
            fputs("h0", out);
        }
        begin++;
    }
    fputs("\"/>\n", out);
}

/* ---- Losses ----------------------------------------------------------------------------------*/

typedef struct losses {
    const double *values;
    double first;
} losses;

static double loss_value(const void *values, size_t index)
{
    return ((const losses *)values)->values[index];
}

static double loss_x(const void *values, size_t index)
{
    return ((const losses *)values)->first + (double)index;
}

static void print_losses(FILE *out, const nca_loss_plot *plot, const double *average, size_t window)
{
    const double first = (double)plot->first_iteration;
    const losses raw = {plot->losses, first}, mean = {average, first};
    nca__axes axes = {.left = LEFT, .right = RIGHT_VALUE, .top = TOP, .bottom = BOTTOM};
    char name[64], legend[64];
    snprintf(name, sizeof name, "%.32s loss", plot->loss_name != NULL ? plot->loss_name : "");
    const nca__label number = nca__integer(window);
    snprintf(legend, sizeof legend, "mean of the last %s", number.text);
    nca__axes_span(&axes, first, first + (double)(plot->count - 1));
    nca__axes_fit(&axes, plot->losses, plot->count);
    begin(out, plot->title, name);
    axes.top =
        print_legend(out, name, (legend_entry[]){{"raw", "each iteration"}, {"c0", legend}}, 2);
    nca__svg_axes(out, &axes, "iteration");
    print_line(out, &axes, &(line){&raw, loss_value, loss_x, plot->count}, "raw", false);
    print_line(out, &axes, &(line){&mean, loss_value, loss_x, plot->count}, "c0", true);
    for (size_t last = plot->count; last > 0; last--) {
        if (isfinite(average[last - 1])) {
            print_end(out, &axes, "c0", first + (double)(last - 1), average[last - 1]);
            break;
        }
    }
    fputs("</svg>\n", out);
}

nca_status nca_plot_loss_svg(char **out_svg, const nca_loss_plot *plot, nca_error *error)
{
    nca_status room = nca__check_reserved(plot->reserved, NCA_RESERVED, "nca_loss_plot", error);
    if (room != NCA_OK) {
        return room;
    }
    if (plot->count == 0 || plot->losses == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "there are no losses to plot");
    }
    const size_t window = plot->window > 0 ? plot->window : NCA__LOSS_WINDOW;
    const size_t block = window < plot->count ? window : plot->count;
    double *average = calloc(plot->count, sizeof *average);
    nca__partial *tails = calloc(block + 1, sizeof *tails);
    char *text = NULL;
    size_t size = 0;
    FILE *out = average != NULL && tails != NULL ? open_memstream(&text, &size) : NULL;
    if (out != NULL) {
        nca__moving_average(average, tails, plot->losses, plot->count, block);
        print_losses(out, plot, average, window);
        text = nca__svg_finish(out, &text);
    }
    free(tails);
    free(average);
    if (text == NULL) {
        return nca__fail_memory(error, "a plot", plot->count * sizeof *average);
    }
    *out_svg = text;
    return NCA_OK;
}

/* ---- Curves ----------------------------------------------------------------------------------*/

static double curve_x(const void *values, size_t index)
{
    return nca__curve_step(values, index);
}

static double curve_value(const void *values, size_t index)
{
    return ((const nca_curve *)values)->values[index].mean;
}

/* The first point from `at` towards `goal` that is at least two columns of the page away, or
 * `goal`. */
static size_t next_edge(const nca__axes *axes, const nca_curve *curve, size_t at, size_t goal)
{
    const double x = nca__axes_x(axes, curve_x(curve, at));
    while (at != goal) {
        at += at < goal ? 1 : (size_t)-1;
        if (fabs(nca__axes_x(axes, curve_x(curve, at)) - x) >= 2 * column_width) {
            break;
        }
    }
    return at;
}

/* Draws one edge forward and the other one back. */
static void print_band(FILE *out, const nca__axes *axes, const nca_curve *curve, const char *style)
{
    fprintf(out, "<path class=\"band %s\" d=\"", style);
    for (size_t start = 0; start < curve->count; start++) {
        if (!isfinite(curve->values[start].mean)) {
            continue;
        }
        size_t last = start;
        while (last + 1 < curve->count && isfinite(curve->values[last + 1].mean)) {
            last++;
        }
        char command = 'M';
        for (size_t i = start;; i = next_edge(axes, curve, i, last)) {
            nca__svg_point(out, command, nca__axes_x(axes, curve_x(curve, i)),
                           nca__axes_y(axes, nca__band_upper(curve->values[i], axes->y_linear)));
            command = 'L';
            if (i == last) {
                break;
            }
        }
        for (size_t i = last;; i = next_edge(axes, curve, i, start)) {
            nca__svg_point(out, 'L', nca__axes_x(axes, curve_x(curve, i)),
                           nca__axes_y(axes, nca__band_lower(curve->values[i], axes->y_linear)));
            if (i == start) {
                break;
            }
        }
        fputs("z", out);
        start = last;
    }
    fputs("\"/>\n", out);
}

static void print_mark(FILE *out, const nca__axes *axes, const nca_curve_mark *mark, size_t index)
{
    const double step = (double)mark->step;
    if (step < axes->first || step > axes->last) {
        return;
    }
    const double x = nca__axes_x(axes, step);
    const bool left = x + 8 + (double)(nca__svg_letters(mark->text) * LETTER) > axes->right;
    fputs("<path class=\"mark\" d=\"", out);
    nca__svg_point(out, 'M', x, axes->top);
    nca__svg_point(out, 'L', x, axes->bottom);
    fputs("\"/>\n", out);
    nca__svg_text(out, left ? x - 6 : x + 6, axes->top + 13 + 16 * (double)index,
                  left ? "end" : NULL, mark->text);
}

static void print_curves(FILE *out, const nca_curve_plot *plot, nca__axes *axes)
{
    static const char *const styles[NCA_PLOT_MAX_CURVES] = {"c0", "c1", "c2", "c3", "c4", "c5"};
    legend_entry entries[NCA_PLOT_MAX_CURVES + 1];
    size_t named = 0;
    for (size_t i = 0; i < plot->curve_count; i++) {
        if (plot->curves[i].name != NULL) {
            entries[named++] = (legend_entry){styles[i], plot->curves[i].name};
        }
    }
    if (plot->band_name != NULL) {
        entries[named++] = (legend_entry){"band", plot->band_name};
    }
    begin(out, plot->title, plot->y_name);
    axes->top = print_legend(out, plot->y_name, entries, named);
    nca__svg_axes(out, axes, plot->x_name != NULL ? plot->x_name : "steps");
    for (size_t i = 0; i < plot->mark_count; i++) {
        print_mark(out, axes, &plot->marks[i], i);
    }
    for (size_t i = 0; i < plot->curve_count; i++) {
        print_band(out, axes, &plot->curves[i], styles[i]);
    }
    for (size_t i = 0; i < plot->curve_count; i++) {
        const nca_curve *curve = &plot->curves[i];
        print_line(out, axes, &(line){curve, curve_value, curve_x, curve->count}, styles[i], true);
    }
    const nca_curve *only = &plot->curves[0];
    const double last = only->values[only->count - 1].mean;
    if (plot->curve_count == 1 && isfinite(last)) {
        print_end(out, axes, "c0", curve_x(only, only->count - 1), last);
    }
    fputs("</svg>\n", out);
}

nca_status nca_plot_curves_svg(char **out_svg, const nca_curve_plot *plot, nca_error *error)
{
    nca__axes axes = {.left = LEFT,
                      .right = plot->curve_count == 1 ? RIGHT_VALUE : RIGHT,
                      .top = TOP,
                      .bottom = BOTTOM};
    nca_status status = nca__curves_fit(&axes, plot, "a plot", error);
    if (status != NCA_OK) {
        return status;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out != NULL) {
        print_curves(out, plot, &axes);
        text = nca__svg_finish(out, &text);
    }
    if (text == NULL) {
        return nca__fail_memory(error, "a plot", size);
    }
    *out_svg = text;
    return NCA_OK;
}
