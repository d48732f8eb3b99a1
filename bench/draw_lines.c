/* Lines over a linear or a logarithmic x axis. */
#include <math.h>
#include <stdio.h>

#include "draw.h"
#include "render/canvas.h"
#include "render/ticks.h"

typedef struct range {
    double first, last;
    bool log;
} range;

static double at_x(const draw_frame *frame, const range *x, double value)
{
    const double first = x->log ? log(x->first) : x->first;
    const double last = x->log ? log(x->last) : x->last;
    const double at = x->log ? log(value) : value;
    /* A logarithmic axis has its ticks at the data; a margin keeps the outer ones off the edges. */
    const double margin = x->log ? 30.0 : 0.0;
    return frame->left + margin +
           (at - first) / (last - first) * (frame->right - frame->left - 2.0 * margin);
}

static range fit(const json_t *chart)
{
    range x = {INFINITY, -INFINITY, json_is_true(json_object_get(chart, "x_log"))};
    size_t i;
    json_t *series;
    json_array_foreach(json_object_get(chart, "series"), i, series)
    {
        const json_t *values = json_object_get(series, "x");
        for (size_t k = 0; k < json_array_size(values); k++) {
            const double value = draw_number(values, k);
            if (isfinite(value) && (!x.log || value > 0.0)) {
                x.first = fmin(x.first, value);
                x.last = fmax(x.last, value);
            }
        }
    }
    x.first = x.log ? x.first : 0.0;
    if (!(x.last > x.first)) { /* at most one distinct x */
        x.first = isfinite(x.first) ? x.first : 1.0;
        x.last = x.first + 1.0;
    }
    return x;
}

static void draw_tick(const draw_frame *frame, double x, const nca__label *label)
{
    nca__set_colour(frame->cairo, NCA__INK_SOFT);
    cairo_set_line_width(frame->cairo, 1.0);
    cairo_move_to(frame->cairo, x, frame->bottom);
    cairo_line_to(frame->cairo, x, frame->bottom + 5.0);
    cairo_stroke(frame->cairo);
    nca__label_draw(frame->cairo, x, frame->bottom + 20.0, NCA__CENTRE, draw_small, label);
}

/* Ticks at each x of the longest line if the axis is logarithmic, else at round numbers. */
static void draw_x_axis(const draw_frame *frame, const range *x, const json_t *chart)
{
    const json_t *longest = NULL;
    size_t i;
    json_t *series;
    json_array_foreach(json_object_get(chart, "series"), i, series)
    {
        const json_t *values = json_object_get(series, "x");
        longest = json_array_size(values) > json_array_size(longest) ? values : longest;
    }
    if (x->log) {
        for (size_t k = 0; k < json_array_size(longest); k++) {
            const double value = draw_number(longest, k);
            const nca__label label = nca__number(value, 4, true);
            draw_tick(frame, at_x(frame, x, value), &label);
        }
        return;
    }
    nca__ticks ticks;
    nca__ticks_linear(&ticks, x->first, x->last, 8, false);
    for (size_t k = 0; k < ticks.count; k++) {
        draw_tick(frame, at_x(frame, x, ticks.tick[k].value), &ticks.tick[k].label);
    }
}

/* Draws a line with a gap where a value is missing. */
static void draw_line(const draw_frame *frame, const range *x, const json_t *series,
                      unsigned colour)
{
    const json_t *xs = json_object_get(series, "x"), *ys = json_object_get(series, "y");
    const bool points = json_is_true(json_object_get(series, "points"));
    cairo_t *cairo = frame->cairo;
    nca__set_colour(cairo, colour);
    cairo_set_line_width(cairo, 2.2);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cairo);
    for (size_t k = 0; k < json_array_size(xs); k++) {
        const double value = draw_number(ys, k);
        if (isfinite(value)) {
            cairo_line_to(cairo, at_x(frame, x, draw_number(xs, k)), draw_y(frame, value));
        } else {
            cairo_stroke(cairo);
        }
    }
    cairo_stroke(cairo);
    for (size_t k = 0; points && k < json_array_size(xs); k++) {
        const double value = draw_number(ys, k);
        if (isfinite(value)) {
            cairo_arc(cairo, at_x(frame, x, draw_number(xs, k)), draw_y(frame, value), 4.0, 0.0,
                      2.0 * acos(-1.0));
            cairo_fill(cairo);
        }
    }
}

void draw_lines(const draw_frame *frame, const json_t *chart)
{
    const range x = fit(chart);
    size_t i;
    json_t *series;
    draw_x_axis(frame, &x, chart);
    json_array_foreach(json_object_get(chart, "series"), i, series)
    {
        draw_line(frame, &x, series, draw_colour(i));
    }
}
