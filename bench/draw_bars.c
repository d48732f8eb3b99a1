/* Groups of bars, each bar with its value in it and the range of its runs as a whisker, and strokes
 * across a group. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "draw.h"
#include "render/canvas.h"

static const double group_share = 0.78; /* of a group's width, for the bars */

/* Draws the lines of a label, one below the other, centred under a group. */
static void draw_label(const draw_frame *frame, double x, const char *label, double limit)
{
    char line[128];
    double y = frame->bottom + 18.0;
    while (*label != '\0') {
        const size_t length = strcspn(label, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, label);
        nca__text(frame->cairo, x, y, NCA__CENTRE, draw_small, line, limit);
        label += length + (label[length] == '\n');
        y += 15.0;
    }
}

static void draw_whisker(const draw_frame *frame, double x, double low, double high)
{
    cairo_t *cairo = frame->cairo;
    if (!isfinite(low) || !isfinite(high) || high <= low) {
        return;
    }
    nca__set_colour(cairo, NCA__INK);
    cairo_set_line_width(cairo, 1.2);
    cairo_move_to(cairo, x, draw_y(frame, low));
    cairo_line_to(cairo, x, draw_y(frame, high));
    for (int end = 0; end < 2; end++) {
        const double y = draw_y(frame, end == 0 ? low : high);
        cairo_move_to(cairo, x - 4.0, y);
        cairo_line_to(cairo, x + 4.0, y);
    }
    cairo_stroke(cairo);
}

static void draw_bar(const draw_frame *frame, double x, double width, const json_t *series,
                     size_t group, unsigned colour, const json_t *chart)
{
    const double value = draw_number(json_object_get(series, "values"), group);
    const double low = draw_number(json_object_get(series, "low"), group);
    const double high = draw_number(json_object_get(series, "high"), group);
    if (!isfinite(value)) {
        return;
    }
    nca__set_colour(frame->cairo, colour);
    cairo_rectangle(frame->cairo, x, draw_y(frame, value), width,
                    frame->bottom - draw_y(frame, value));
    cairo_fill(frame->cairo);
    draw_whisker(frame, x + width / 2.0, low, high);
    char text[64];
    const int digits = (int)json_integer_value(json_object_get(chart, "digits"));
    snprintf(text, sizeof text, "%.*f%s", digits, value, draw_text(chart, "suffix"));
    /* Inside the bar, below its whisker, where no line crosses it; above the bar if it is too
     * short. */
    const double inside = draw_y(frame, isfinite(low) ? low : value) + 18.0;
    const bool fits = inside + 6.0 < frame->bottom;
    const nca__font font = {width < 34.0 ? 11.0 : 13.0, true, fits ? 0xffffff : NCA__INK};
    nca__text(frame->cairo, x + width / 2.0,
              fits ? inside : draw_y(frame, isfinite(high) ? high : value) - 6.0, NCA__CENTRE, font,
              text, 0.0);
}

static void draw_marks(const draw_frame *frame, const json_t *chart, size_t group, double left,
                       double right)
{
    size_t i;
    json_t *mark;
    json_array_foreach(json_object_get(chart, "marks"), i, mark)
    {
        const double value = draw_number(json_object_get(mark, "values"), group);
        if (isfinite(value)) {
            nca__set_colour(frame->cairo, draw_mark_colour(i));
            cairo_set_line_width(frame->cairo, 2.4);
            cairo_move_to(frame->cairo, left, draw_y(frame, value));
            cairo_line_to(frame->cairo, right, draw_y(frame, value));
            cairo_stroke(frame->cairo);
        }
    }
}

void draw_bars(const draw_frame *frame, const json_t *chart)
{
    const json_t *groups = json_object_get(chart, "groups");
    const json_t *series = json_object_get(chart, "series");
    const size_t count = json_array_size(groups), bars = json_array_size(series);
    const double place = (frame->right - frame->left) / (double)(count > 0 ? count : 1);
    /* Limits the width of the bars when there are few groups. */
    const double widest = 64.0 * (double)(bars > 0 ? bars : 1);
    const double taken = fmin(place * group_share, widest);
    for (size_t group = 0; group < count; group++) {
        const double middle = frame->left + place * ((double)group + 0.5);
        const double width = taken / (double)(bars > 0 ? bars : 1);
        for (size_t i = 0; i < bars; i++) {
            draw_bar(frame, middle - taken / 2.0 + width * (double)i + 1.0, width - 2.0,
                     json_array_get(series, i), group, draw_colour(i), chart);
        }
        draw_marks(frame, chart, group, middle - taken / 2.0 - 5.0, middle + taken / 2.0 + 5.0);
        const char *label = json_string_value(json_array_get(groups, group));
        draw_label(frame, middle, label != NULL ? label : "", place - 4.0);
    }
}
