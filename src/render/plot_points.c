/* See plot_points.h. */
#include "render/plot_points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/class_colour.h"

enum {
    LEFT = 78,
    SIDE = 356, /* of the square of the axes */
    LEGEND = LEFT + SIDE + 26,
    RIGHT = NCA__POINTS_WIDTH - 18,
    SAMPLE = 26,
    MOST_ROWS = 16,
    PITCH = 21
};

static const nca__script soft = {0.0, false, NCA__TONE_SOFT}, ink = {0.0, false, NCA__TONE_INK};

static nca__stroke stroke_of(const nca__point_plot *plot, size_t index)
{
    const nca__point_curve *curve = &plot->curves[index];
    if (curve->strong) {
        return (nca__stroke){NCA__TONE_INK, 3.0, NCA__SOLID};
    }
    /* Half of the colours are dashed, so that similar ones differ in more than hue. */
    const nca__dash dash =
        index % NCA__CLASS_COLOURS >= NCA__CLASS_COLOURS / 2 ? NCA__DASHED : NCA__SOLID;
    return (nca__stroke){(int)(index % NCA__CLASS_COLOURS), 2.0, dash};
}

static void draw_reference(const nca__pen *pen, const nca__axes *axes, const nca__point_plot *plot)
{
    const nca__stroke stroke = {NCA__TONE_SOFT, 1.0, NCA__DASHED};
    if (plot->diagonal) {
        nca__pen_line(pen, stroke, (double[]){axes->left, axes->bottom, axes->right, axes->top}, 2);
    }
    if (isfinite(plot->baseline)) {
        const double y = nca__axes_y(axes, plot->baseline);
        nca__pen_line(pen, stroke, (double[]){axes->left, y, axes->right, y}, 2);
    }
}

static void draw_curve(const nca__pen *pen, const nca__axes *axes, const nca__point_plot *plot,
                       size_t index)
{
    const nca__point_curve *curve = &plot->curves[index];
    double *points = calloc(curve->count + 1, 2 * sizeof *points);
    if (points == NULL || curve->count == 0) {
        free(points);
        return;
    }
    for (size_t i = 0; i < curve->count; i++) {
        const double x = curve->points[2 * i], y = curve->points[2 * i + 1];
        points[2 * i] = isfinite(x) ? nca__axes_x(axes, x) : NAN;
        points[2 * i + 1] = isfinite(y) ? nca__axes_y(axes, y) : NAN;
    }
    const nca__stroke stroke = stroke_of(plot, index);
    if (curve->count == 1) {
        nca__pen_dot(pen, points[0], points[1], 3.0, stroke.tone);
    } else {
        nca__pen_line(pen, stroke, points, curve->count);
    }
    free(points);
}

double nca__pen_lines(const nca__pen *pen, double x, double y, double pitch, nca__script script,
                      const char *text, double limit)
{
    while (text != NULL && *text != '\0') {
        const size_t length = strcspn(text, "\n");
        char line[NCA__TEXT_SIZE];
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        nca__pen_text(pen, x, y, NCA__LEFT, script, line, limit);
        y += pitch;
        text += length + (text[length] == '\n');
    }
    return y;
}

static double draw_legend_row(const nca__pen *pen, const nca__point_plot *plot, size_t index,
                              double y)
{
    const nca__point_curve *curve = &plot->curves[index];
    const nca__stroke stroke = stroke_of(plot, index);
    const double x = LEGEND + SAMPLE + 8, values = plot->value_name != NULL ? 62.0 : 0.0;
    nca__script script = ink;
    script.bold = curve->strong;
    nca__pen_line(pen, stroke, (double[]){LEGEND, y - 4.0, LEGEND + SAMPLE, y - 4.0}, 2);
    nca__pen_text(pen, x, y, NCA__LEFT, script, curve->name, RIGHT - x - values);
    if (plot->value_name != NULL) {
        char number[32] = "\xe2\x80\x93";
        if (isfinite(curve->value)) {
            snprintf(number, sizeof number, "%.3f", curve->value);
        }
        nca__pen_text(pen, RIGHT, y, NCA__RIGHT, script, number, 0.0);
    }
    return y + PITCH;
}

static void draw_legend(const nca__pen *pen, const nca__point_plot *plot, double y)
{
    if (plot->value_name != NULL) {
        nca__pen_text(pen, RIGHT, y, NCA__RIGHT, soft, plot->value_name, 0.0);
        y += PITCH;
    }
    for (size_t i = 0; i < plot->count; i++) {
        const size_t left = plot->count - i;
        const bool last_row = i + 1 >= MOST_ROWS && left > 1 && !plot->curves[i].strong;
        if (last_row) {
            /* The mean, which is the last curve, is always shown. */
            const bool mean = plot->curves[plot->count - 1].strong;
            char text[48];
            snprintf(text, sizeof text, "and %zu more", left - mean);
            nca__pen_text(pen, LEGEND, y, NCA__LEFT, soft, text, 0.0);
            y += PITCH;
            if (!mean) {
                break;
            }
            i = plot->count - 1;
        }
        y = draw_legend_row(pen, plot, i, y);
    }
    if (isfinite(plot->baseline) && plot->baseline_name != NULL) {
        nca__pen_line(pen, (nca__stroke){NCA__TONE_SOFT, 1.0, NCA__DASHED},
                      (double[]){LEGEND, y - 4.0, LEGEND + SAMPLE, y - 4.0}, 2);
        nca__pen_text(pen, LEGEND + SAMPLE + 8, y, NCA__LEFT, soft, plot->baseline_name,
                      RIGHT - LEGEND - SAMPLE - 8);
        y += PITCH;
    }
    nca__pen_lines(pen, LEGEND, y + 6.0, PITCH, soft, plot->note, RIGHT - LEGEND);
}

static void fit(nca__axes *axes, const nca__point_plot *plot)
{
    double ends[2] = {INFINITY, -INFINITY};
    for (size_t i = 0; i < plot->count; i++) {
        for (size_t k = 0; k < plot->curves[i].count; k++) {
            const double y = plot->curves[i].points[2 * k + 1];
            ends[0] = fmin(ends[0], y);
            ends[1] = fmax(ends[1], y);
        }
    }
    nca__axes_fit(axes, ends, 2);
    axes->low = fmax(axes->low, 0.0);
    axes->high = fmin(axes->high, 1.0);
}

void nca__points_draw(const nca__pen *pen, double top, const void *data)
{
    const nca__point_plot *plot = data;
    nca__axes axes = nca__axes_unit(LEFT, top + 20.0, SIDE);
    if (plot->fit) {
        fit(&axes, plot);
    }
    nca__pen_axes(pen, &axes, plot->x_name, plot->y_name);
    draw_reference(pen, &axes, plot);
    for (size_t i = 0; i < plot->count; i++) {
        draw_curve(pen, &axes, plot, i);
    }
    draw_legend(pen, plot, axes.top + 10.0);
}
