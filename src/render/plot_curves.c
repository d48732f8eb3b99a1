/* Curves of losses over steps, each a mean with its deviation as a band, on a logarithmic or linear
 * axis. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "nca/plot.h"
#include "render/canvas.h"
#include "render/curves.h"

enum {
    MARGIN_LEFT = 78,
    MARGIN_RIGHT = 30,
    MARGIN_RIGHT_VALUE = 118, /* room for the value next to the end of a single line */
    MARGIN_BOTTOM = 60,
    RED = 16,
    GREEN = 8
};

/* Colours that can be distinguished in print and by colour-blind readers (after Okabe and Ito,
 * "Color universal design", 2008). */
static const unsigned colours[NCA_PLOT_MAX_CURVES] = {0x0b4f9e, 0xd55e00, 0x009e73,
                                                      0xa0529a, 0xc98a00, 0x56b4e9};
static const double band_strength = 0.18;

double nca__curve_step(const nca_curve *curve, size_t index)
{
    return curve->steps != NULL ? (double)curve->steps[index]
                                : (double)curve->first_step + (double)index;
}

double nca__band_upper(nca_spread value, bool linear)
{
    bool spread = isfinite(value.deviation) && (linear || value.mean > 0.0);
    return spread ? value.mean + value.deviation : value.mean;
}

double nca__band_lower(nca_spread value, bool linear)
{
    if (linear) {
        return isfinite(value.deviation) ? value.mean - value.deviation : value.mean;
    }
    bool spread = isfinite(value.deviation) && value.mean > 0.0;
    return spread ? value.mean / (1.0 + value.deviation / value.mean) : value.mean;
}

/* ---- Scales ----------------------------------------------------------------------------------*/

nca_status nca__curves_fit(nca__axes *axes, const nca_curve_plot *plot, const char *path,
                           nca_error *error)
{
    nca_status room = nca__check_reserved(plot->reserved, NCA_RESERVED, "nca_curve_plot", error);
    if (room != NCA_OK) {
        return room;
    }
    bool good = plot->curve_count >= 1 && plot->curve_count <= NCA_PLOT_MAX_CURVES;
    for (size_t i = 0; good && i < plot->curve_count; i++) {
        good = plot->curves[i].count > 0;
    }
    if (!good) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected 1 to %d curves to plot, none of them empty", path,
                         NCA_PLOT_MAX_CURVES);
    }
    size_t count = 0;
    for (size_t i = 0; i < plot->curve_count; i++) {
        count += plot->curves[i].count;
    }
    double *values = calloc(count, 2 * sizeof *values);
    if (values == NULL) {
        return nca__fail_memory(error, "a plot", count * 2 * sizeof *values);
    }
    size_t used = 0;
    const double most = plot->y_max > 0.0 ? plot->y_max : INFINITY;
    double first = INFINITY, last = 0.0;
    for (size_t i = 0; i < plot->curve_count; i++) {
        const nca_curve *curve = &plot->curves[i];
        for (size_t k = 0; k < curve->count; k++) {
            values[used++] = fmin(nca__band_lower(curve->values[k], plot->y_linear), most);
            values[used++] = fmin(nca__band_upper(curve->values[k], plot->y_linear), most);
        }
        first = fmin(first, nca__curve_step(curve, 0));
        last = fmax(last, nca__curve_step(curve, curve->count - 1));
    }
    axes->x_log = plot->x_log;
    axes->y_linear = plot->y_linear;
    nca__axes_span(axes, first, last);
    nca__axes_fit(axes, values, used);
    free(values);
    return NCA_OK;
}

/* ---- Curves ----------------------------------------------------------------------------------*/

static void set_colour(cairo_t *cairo, unsigned rgb, double strength)
{
    nca__cairo.set_source_rgba(cairo, (rgb >> RED & 255) / 255.0, (rgb >> GREEN & 255) / 255.0,
                               (rgb & 255) / 255.0, strength);
}

/* The end of the run of finite means that starts at `begin`. */
static size_t run_end(const nca_curve *curve, size_t begin)
{
    size_t end = begin;
    while (end < curve->count && isfinite(curve->values[end].mean)) {
        end++;
    }
    return end;
}

static void draw_band(cairo_t *cairo, const nca__axes *axes, const nca_curve *curve,
                      unsigned colour)
{
    set_colour(cairo, colour, band_strength);
    for (size_t begin = 0, end; begin < curve->count; begin = end + 1) {
        end = run_end(curve, begin);
        if (end < begin + 2) {
            continue;
        }
        for (size_t i = begin; i < end; i++) {
            nca__cairo.line_to(
                cairo, nca__axes_x(axes, nca__curve_step(curve, i)),
                nca__axes_y(axes, nca__band_upper(curve->values[i], axes->y_linear)));
        }
        for (size_t i = end; i-- > begin;) {
            nca__cairo.line_to(
                cairo, nca__axes_x(axes, nca__curve_step(curve, i)),
                nca__axes_y(axes, nca__band_lower(curve->values[i], axes->y_linear)));
        }
        nca__cairo.close_path(cairo);
        nca__cairo.fill(cairo);
    }
}

static void draw_line(cairo_t *cairo, const nca__axes *axes, const nca_curve *curve,
                      unsigned colour)
{
    nca__set_colour(cairo, colour);
    nca__cairo.set_line_width(cairo, 2.2);
    nca__cairo.set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    for (size_t begin = 0, end; begin < curve->count; begin = end + 1) {
        end = run_end(curve, begin);
        for (size_t i = begin; i < end; i++) {
            nca__cairo.line_to(cairo, nca__axes_x(axes, nca__curve_step(curve, i)),
                               nca__axes_y(axes, curve->values[i].mean));
        }
        if (end == begin + 1) { /* a point without neighbours */
            nca__cairo.new_path(cairo);
            nca__dot(cairo, nca__axes_x(axes, nca__curve_step(curve, begin)),
                     nca__axes_y(axes, curve->values[begin].mean), 3.0);
            nca__cairo.fill(cairo);
        }
        nca__cairo.stroke(cairo);
    }
}

/* ---- Marks, legend, end ----------------------------------------------------------------------*/

/* Texts are on the right of their lines, or on the left near the right edge; each is one line lower
 * than the previous one, so that adjacent texts do not overlap. */
static void draw_marks(cairo_t *cairo, const nca__axes *axes, const nca_curve_plot *plot)
{
    static const double dashes[] = {4.0, 3.0};
    const nca__font font = {11.0, false, NCA__INK_SOFT};
    double baseline = axes->top + 12.0;
    for (size_t i = 0; i < plot->mark_count; i++) {
        const nca_curve_mark *mark = &plot->marks[i];
        if ((double)mark->step < axes->first || (double)mark->step > axes->last) {
            continue;
        }
        double x = nca__axes_x(axes, (double)mark->step);
        nca__set_colour(cairo, NCA__INK_SOFT);
        nca__cairo.set_line_width(cairo, 1.0);
        nca__cairo.set_dash(cairo, dashes, 2, 0.0);
        nca__cairo.move_to(cairo, x, axes->top);
        nca__cairo.line_to(cairo, x, axes->bottom);
        nca__cairo.stroke(cairo);
        nca__cairo.set_dash(cairo, NULL, 0, 0.0);
        bool left = x + 8.0 + nca__text_width(cairo, font, mark->text) > axes->right;
        nca__text(cairo, left ? x - 6.0 : x + 6.0, baseline, left ? NCA__RIGHT : NCA__LEFT, font,
                  mark->text, 0.0);
        baseline += 15.0;
    }
}

static void draw_legend(cairo_t *cairo, const nca__axes *axes, const nca_curve_plot *plot)
{
    const double y = axes->top - 18.0, sample = 24.0, gap = 7.0;
    double x = axes->left;
    for (size_t i = 0; i < plot->curve_count; i++) {
        if (plot->curves[i].name == NULL) {
            continue;
        }
        nca__set_colour(cairo, colours[i]);
        nca__cairo.set_line_width(cairo, 2.4);
        nca__cairo.move_to(cairo, x, y - 4.0);
        nca__cairo.line_to(cairo, x + sample, y - 4.0);
        nca__cairo.stroke(cairo);
        x += sample + gap;
        x += nca__text(cairo, x, y, NCA__LEFT, nca__tick_font, plot->curves[i].name, 0.0) + 20.0;
    }
    if (plot->band_name != NULL) {
        set_colour(cairo, plot->curve_count == 1 ? colours[0] : NCA__INK_SOFT, band_strength);
        nca__cairo.rectangle(cairo, x, y - 10.0, sample, 12.0);
        nca__cairo.fill(cairo);
        nca__text(cairo, x + sample + gap, y, NCA__LEFT, nca__tick_font, plot->band_name,
                  NCA__PLOT_WIDTH - x - sample - gap - 10.0);
    }
}

/* Writes the value at the end of a single line. */
static void draw_value(cairo_t *cairo, const nca__axes *axes, const nca_curve *curve)
{
    nca_spread end = curve->values[curve->count - 1];
    if (isfinite(end.mean)) {
        nca__axes_draw_end(cairo, axes, nca__curve_step(curve, curve->count - 1), end.mean,
                           colours[0], "final mean");
    }
}

static void draw(cairo_t *cairo, const nca_curve_plot *plot, const nca__axes *axes)
{
    nca__axes_draw_x(cairo, axes, plot->x_name != NULL ? plot->x_name : "steps");
    nca__axes_draw_y(cairo, axes, plot->y_name);
    draw_marks(cairo, axes, plot);
    nca__cairo.save(cairo);
    nca__cairo.rectangle(cairo, axes->left, axes->top - 4.0, axes->right - axes->left + 8.0,
                         axes->bottom - axes->top + 5.0);
    nca__cairo.clip(cairo);
    for (size_t i = 0; i < plot->curve_count; i++) {
        draw_band(cairo, axes, &plot->curves[i], colours[i]);
    }
    for (size_t i = 0; i < plot->curve_count; i++) {
        draw_line(cairo, axes, &plot->curves[i], colours[i]);
    }
    nca__cairo.restore(cairo);
    nca__axes_draw_edges(cairo, axes);
    if (plot->curve_count == 1) {
        draw_value(cairo, axes, &plot->curves[0]);
    }
    draw_legend(cairo, axes, plot);
    nca__axes_draw_title(cairo, axes, plot->title);
}

void nca_curve_plot_default(nca_curve_plot *out)
{
    *out = (nca_curve_plot){.curves = NULL};
}

nca_status nca_plot_curves(const nca_curve_plot *plot, const char *path, nca_error *error)
{
    double margin = plot->curve_count == 1 ? MARGIN_RIGHT_VALUE : MARGIN_RIGHT;
    nca__axes axes = {.left = MARGIN_LEFT,
                      .right = NCA__PLOT_WIDTH - margin,
                      .top = nca__axes_top(plot->title),
                      .bottom = NCA__PLOT_HEIGHT - MARGIN_BOTTOM};
    nca_status status = nca__curves_fit(&axes, plot, path, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__canvas canvas = {0};
    status = nca__canvas_open(&canvas, path, NCA__PLOT_WIDTH, NCA__PLOT_HEIGHT, NCA__PLOT_DENSITY,
                              true, error);
    if (status == NCA_OK) {
        draw(canvas.cairo, plot, &axes);
        status = nca__canvas_save(&canvas, path, plot->title, error);
    }
    nca__canvas_close(&canvas);
    return status;
}
