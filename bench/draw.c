/* Draws the charts of a JSON file into PNGs: the pictures of docs/benchmarks.md. bench/charts.py
 * selects their contents.
 *
 *     bench_draw CHARTS.json FOLDER
 *
 * The file is a list of objects:
 *     file, title, y_name                    of the picture; x_name below the axis, where wanted
 *     kind                                   "bars" or "lines"
 *     log                                    true: the y axis is logarithmic
 *     series: [{name, ...}]                  bars: values, low, high, one for each group;
 *                                            lines: x, y; points: true marks each one
 *     levels: [{name, value}]                dashed lines across the chart
 *   bars only:
 *     groups: ["first line\nsecond line"]    labels below the bars
 *     marks: [{name, values}]                short strokes across a group
 *     digits, suffix                         of the value in each bar
 *   lines only:
 *     x_log                                  true: the x axis is logarithmic, its ticks at the data
 * A null value leaves a gap. */
#include "draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "render/canvas.h"
#include "render/ticks.h"

enum {
    MARGIN_LEFT = 84,
    MARGIN_RIGHT = 24,
    MARGIN_TOP = 76,
    MARGIN_BOTTOM = 62,
    DENSITY = 2
};

const nca__font draw_small = {12.0, false, NCA__INK_SOFT};
const nca__font draw_plain = {13.0, false, NCA__INK};
static const nca__font title_font = {17.0, true, NCA__INK};
static const unsigned level_colour = NCA__INK_SOFT;

/* The colours of src/render/plot_curves.c: distinguishable in print and with colour blindness. */
static const unsigned colours[DRAW_SERIES] = {0x0b4f9e, 0xd55e00, 0x009e73,
                                              0xa0529a, 0xc98a00, 0x56b4e9};

unsigned draw_colour(size_t series)
{
    return colours[series % DRAW_SERIES];
}

unsigned draw_mark_colour(size_t mark)
{
    return mark % 2 == 0 ? NCA__INK : 0x8c959f;
}

const char *draw_text(const json_t *chart, const char *key)
{
    const char *text = json_string_value(json_object_get(chart, key));
    return text != NULL ? text : "";
}

double draw_number(const json_t *array, size_t index)
{
    const json_t *value = json_array_get(array, index);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

double draw_y(const draw_frame *frame, double value)
{
    const double least = frame->log ? log(frame->low) : frame->low;
    const double most = frame->log ? log(frame->high) : frame->high;
    const double at = frame->log ? log(fmax(value, 1e-300)) : value;
    const double height = (at - least) / (most - least);
    return frame->bottom - fmin(fmax(height, 0.0), 1.0) * (frame->bottom - frame->top);
}

/* ---- The range of y ---------------------------------------------------------------------------*/

static void widen(draw_frame *frame, double value)
{
    if (isfinite(value) && (!frame->log || value > 0.0)) {
        frame->low = fmin(frame->low, value);
        frame->high = fmax(frame->high, value);
    }
}

static void fit(draw_frame *frame, const json_t *chart)
{
    static const char *const lists[] = {"series", "marks", "levels"};
    static const char *const keys[] = {"values", "high", "y"};
    frame->low = INFINITY;
    frame->high = -INFINITY;
    for (size_t list = 0; list < 3; list++) {
        size_t i;
        json_t *entry;
        json_array_foreach(json_object_get(chart, lists[list]), i, entry)
        {
            const json_t *value = json_object_get(entry, "value");
            widen(frame, json_is_number(value) ? json_number_value(value) : NAN);
            for (size_t key = 0; key < 3; key++) {
                const json_t *array = json_object_get(entry, keys[key]);
                for (size_t k = 0; k < json_array_size(array); k++) {
                    widen(frame, draw_number(array, k));
                }
            }
        }
    }
    if (!(frame->high > 0.0)) { /* no positive value */
        frame->low = frame->log ? 0.1 : 0.0;
        frame->high = 1.0;
    }
    frame->high *= frame->log ? 1.3 : 1.08;
    frame->low = frame->log ? frame->low / 1.3 : 0.0;
}

/* ---- Axis, levels, title, legend --------------------------------------------------------------*/

static void draw_y_axis(const draw_frame *frame, const char *name)
{
    cairo_t *cairo = frame->cairo;
    nca__ticks ticks;
    if (frame->log) {
        nca__ticks_log(&ticks, frame->low, frame->high);
    } else {
        nca__ticks_linear(&ticks, frame->low, frame->high, 6, false);
    }
    cairo_set_line_width(cairo, 1.0);
    for (size_t i = 0; i < ticks.count; i++) {
        const nca__tick *tick = &ticks.tick[i];
        const double y = draw_y(frame, tick->value);
        const bool ruled = !frame->log || tick->major;
        nca__set_colour(cairo, ruled ? NCA__RULE : NCA__RULE_LIGHT);
        cairo_move_to(cairo, frame->left, y);
        cairo_line_to(cairo, frame->right, y);
        cairo_stroke(cairo);
        if (tick->label.text[0] != '\0') {
            nca__label_draw(cairo, frame->left - 9.0, y + 4.5, NCA__RIGHT, draw_small,
                            &tick->label);
        }
    }
    cairo_save(cairo);
    cairo_translate(cairo, 22.0, (frame->top + frame->bottom) / 2.0);
    cairo_rotate(cairo, -acos(-1.0) / 2.0);
    nca__text(cairo, 0.0, 0.0, NCA__CENTRE, draw_plain, name, frame->bottom - frame->top + 60.0);
    cairo_restore(cairo);
}

static const double dashes[] = {6.0, 4.0};

static void draw_levels(const draw_frame *frame, const json_t *chart)
{
    size_t i;
    json_t *level;
    json_array_foreach(json_object_get(chart, "levels"), i, level)
    {
        const double y = draw_y(frame, json_number_value(json_object_get(level, "value")));
        nca__set_colour(frame->cairo, level_colour);
        cairo_set_line_width(frame->cairo, 1.4);
        cairo_set_dash(frame->cairo, dashes, 2, 0.0);
        cairo_move_to(frame->cairo, frame->left, y);
        cairo_line_to(frame->cairo, frame->right, y);
        cairo_stroke(frame->cairo);
        cairo_set_dash(frame->cairo, NULL, 0, 0.0);
    }
}

/* The sample of a legend entry. */
typedef enum sample {
    BOX,
    STROKE,
    DASHES
} sample;

/* Draws one legend entry; returns the x where the next one begins. */
static double draw_entry(const draw_frame *frame, double x, const char *name, unsigned colour,
                         sample kind)
{
    const double y = frame->top - 20.0;
    cairo_t *cairo = frame->cairo;
    nca__set_colour(cairo, colour);
    if (kind == BOX) {
        cairo_rectangle(cairo, x, y - 10.0, 13.0, 12.0);
        cairo_fill(cairo);
        x += 19.0;
    } else {
        cairo_set_line_width(cairo, kind == DASHES ? 1.4 : 2.4);
        cairo_set_dash(cairo, dashes, kind == DASHES ? 2 : 0, 0.0);
        cairo_move_to(cairo, x, y - 4.0);
        cairo_line_to(cairo, x + 26.0, y - 4.0);
        cairo_stroke(cairo);
        cairo_set_dash(cairo, NULL, 0, 0.0);
        x += 32.0;
    }
    return x + nca__text(cairo, x, y, NCA__LEFT, draw_small, name, 0.0) + 20.0;
}

static void draw_legend(const draw_frame *frame, const json_t *chart, bool bars)
{
    double x = frame->left;
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(chart, "series"), i, entry)
    {
        x = draw_entry(frame, x, draw_text(entry, "name"), draw_colour(i), bars ? BOX : STROKE);
    }
    json_array_foreach(json_object_get(chart, "marks"), i, entry)
    {
        x = draw_entry(frame, x, draw_text(entry, "name"), draw_mark_colour(i), STROKE);
    }
    json_array_foreach(json_object_get(chart, "levels"), i, entry)
    {
        x = draw_entry(frame, x, draw_text(entry, "name"), level_colour, DASHES);
    }
}

static void draw_chart(cairo_t *cairo, const json_t *chart)
{
    draw_frame frame = {.cairo = cairo,
                        .left = MARGIN_LEFT,
                        .right = DRAW_WIDTH - MARGIN_RIGHT,
                        .top = MARGIN_TOP,
                        .bottom = DRAW_HEIGHT - MARGIN_BOTTOM,
                        .log = json_is_true(json_object_get(chart, "log"))};
    const bool bars = strcmp(draw_text(chart, "kind"), "bars") == 0;
    fit(&frame, chart);
    nca__text(cairo, frame.left, 32.0, NCA__LEFT, title_font, draw_text(chart, "title"),
              DRAW_WIDTH - frame.left - 10.0);
    draw_y_axis(&frame, draw_text(chart, "y_name"));
    if (bars) {
        draw_bars(&frame, chart);
    } else {
        draw_lines(&frame, chart);
    }
    draw_levels(&frame, chart);
    nca__set_colour(cairo, NCA__INK_SOFT);
    cairo_set_line_width(cairo, 1.0);
    cairo_move_to(cairo, frame.left, frame.bottom);
    cairo_line_to(cairo, frame.right, frame.bottom);
    cairo_stroke(cairo);
    draw_legend(&frame, chart, bars);
    nca__text(cairo, (frame.left + frame.right) / 2.0, DRAW_HEIGHT - 14.0, NCA__CENTRE, draw_plain,
              draw_text(chart, "x_name"), 0.0);
}

/* ---- Files ------------------------------------------------------------------------------------*/

static bool save_chart(const json_t *chart, const char *folder)
{
    char path[4096];
    nca_error error = {NCA_OK, ""};
    nca__canvas canvas = {0};
    snprintf(path, sizeof path, "%s/%s", folder, draw_text(chart, "file"));
    nca_status status =
        nca__canvas_open(&canvas, path, DRAW_WIDTH, DRAW_HEIGHT, DENSITY, false, &error);
    if (status == NCA_OK) {
        draw_chart(canvas.cairo, chart);
        status = nca__canvas_save(&canvas, path, draw_text(chart, "title"), &error);
    }
    nca__canvas_close(&canvas);
    if (status != NCA_OK) {
        fprintf(stderr, "bench_draw: %s\n", error.message);
    }
    return status == NCA_OK;
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: %s CHARTS.json FOLDER\n", arguments[0]);
        return 2;
    }
    json_error_t mistake;
    json_t *charts = json_load_file(arguments[1], 0, &mistake);
    if (charts == NULL || !json_is_array(charts)) {
        fprintf(stderr, "bench_draw: %s: %s\n", arguments[1],
                charts == NULL ? mistake.text : "expected a list of charts");
        json_decref(charts);
        return 1;
    }
    bool good = true;
    size_t i;
    json_t *chart;
    json_array_foreach(charts, i, chart)
    {
        if (!json_is_array(json_object_get(chart, "series"))) {
            fprintf(stderr, "bench_draw: %s: chart %zu has no list \"series\"\n", arguments[1], i);
            good = false;
        } else {
            good = save_chart(chart, arguments[2]) && good;
        }
    }
    json_decref(charts);
    return good ? 0 : 1;
}
