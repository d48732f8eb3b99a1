/* The loss plot: raw losses as a light line, their moving average as a dark one, on a logarithmic
 * axis. */
#include "nca/plot.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "render/axes.h"
#include "render/canvas.h"
#include "render/chart.h"
#include "render/moving_average.h"

enum {
    MARGIN_LEFT = 78,
    MARGIN_RIGHT = 118, /* room for the final value next to the line's end */
    MARGIN_BOTTOM = 60
};

enum {
    RAW_COLOUR = 0xa9c7e4,
    AVERAGE_COLOUR = 0x0b4f9e
};

/* ---- Lines -----------------------------------------------------------------------------------*/

typedef struct line_style {
    unsigned colour;
    double width;
    double dot; /* radius of a value without neighbours */
} line_style;

/* Draws one run of finite values, [begin, end). Of the values that share a column of half a unit,
 * the first, the smallest, the largest and the last are drawn. */
static void draw_run(cairo_t *cairo, const nca__axes *area, double first_iteration,
                     const double *values, size_t begin, size_t end)
{
    for (size_t i = begin; i < end;) {
        double x = nca__axes_x(area, first_iteration + (double)i);
        double column = floor(x * NCA__PLOT_DENSITY);
        double y = nca__axes_y(area, values[i]);
        double least = y;
        double greatest = y;
        double final_x = x;
        double final_y = y;
        nca__cairo.line_to(cairo, x, y);
        for (i++; i < end; i++) {
            double next = nca__axes_x(area, first_iteration + (double)i);
            if (floor(next * NCA__PLOT_DENSITY) != column) {
                break;
            }
            final_x = next;
            final_y = nca__axes_y(area, values[i]);
            least = fmin(least, final_y);
            greatest = fmax(greatest, final_y);
        }
        if (final_x > x) {
            double middle = (x + final_x) / 2.0;
            nca__cairo.line_to(cairo, middle, least);
            nca__cairo.line_to(cairo, middle, greatest);
            nca__cairo.line_to(cairo, final_x, final_y);
        }
    }
}

static void draw_values(cairo_t *cairo, const nca__axes *area, double first_iteration,
                        const double *values, size_t count, line_style style)
{
    nca__set_colour(cairo, style.colour);
    nca__cairo.set_line_width(cairo, style.width);
    nca__cairo.set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    nca__cairo.set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    for (size_t begin = 0; begin < count;) {
        size_t end = begin;
        while (end < count && isfinite(values[end])) {
            end++;
        }
        if (end == begin + 1) {
            nca__dot(cairo, nca__axes_x(area, first_iteration + (double)begin),
                     nca__axes_y(area, values[begin]), style.dot);
            nca__cairo.fill(cairo);
        } else if (end > begin) {
            nca__cairo.new_path(cairo);
            draw_run(cairo, area, first_iteration, values, begin, end);
            nca__cairo.stroke(cairo);
        }
        begin = end + 1;
    }
    nca__cairo.set_line_cap(cairo, CAIRO_LINE_CAP_BUTT);
}

/* ---- Text ------------------------------------------------------------------------------------ */

static void draw_legend(cairo_t *cairo, const nca__axes *area, size_t window)
{
    const double y = area->top - 18.0;
    char average[64];
    nca__label number = nca__integer(window);
    snprintf(average, sizeof average, "mean of the last %s", number.text);
    const char *const names[] = {"each iteration", average};
    const line_style styles[] = {{RAW_COLOUR, 2.0, 0.0}, {AVERAGE_COLOUR, 2.4, 0.0}};
    double x = area->left;
    for (size_t i = 0; i < 2; i++) {
        nca__set_colour(cairo, styles[i].colour);
        nca__cairo.set_line_width(cairo, styles[i].width);
        nca__cairo.move_to(cairo, x, y - 4.0);
        nca__cairo.line_to(cairo, x + 24.0, y - 4.0);
        nca__cairo.stroke(cairo);
        x += 31.0 + nca__text(cairo, x + 31.0, y, NCA__LEFT, nca__tick_font, names[i], 0.0) + 24.0;
    }
}

/* Marks the last average and writes it next to the line's end. */
static void draw_final(cairo_t *cairo, const nca__axes *area, double first_iteration,
                       const double *average, size_t count)
{
    size_t last = count;
    while (last > 0 && !isfinite(average[last - 1])) {
        last--;
    }
    if (last == 0) {
        nca__text(cairo, (area->left + area->right) / 2.0, (area->top + area->bottom) / 2.0,
                  NCA__CENTRE, nca__axis_font, "no finite loss", 0.0);
        return;
    }
    nca__axes_draw_end(cairo, area, first_iteration + (double)(last - 1), average[last - 1],
                       AVERAGE_COLOUR, "final mean");
}

static void draw_plot(cairo_t *cairo, const nca_loss_plot *plot, const double *average,
                      size_t window)
{
    double first = (double)plot->first_iteration;
    double last = first + (double)(plot->count - 1);
    nca__axes area = {
        .left = MARGIN_LEFT,
        .right = NCA__PLOT_WIDTH - MARGIN_RIGHT,
        .top = nca__axes_top(plot->title),
        .bottom = NCA__PLOT_HEIGHT - MARGIN_BOTTOM,
    };
    /* A long run is easier to read from 0 than from 1; a short one needs all the ticks. */
    const bool from_zero = plot->first_iteration == 1 && plot->count > 20;
    nca__axes_span(&area, from_zero ? 0.0 : first, last);
    nca__axes_fit(&area, plot->losses, plot->count);
    char name[NCA__TEXT_SIZE];
    snprintf(name, sizeof name, "%s loss (mean over the batch)",
             plot->loss_name != NULL ? plot->loss_name : "");
    nca__axes_draw_x(cairo, &area, "iteration");
    nca__axes_draw_y(cairo, &area, name);
    nca__cairo.save(cairo);
    nca__cairo.rectangle(cairo, area.left, area.top - 4.0, area.right - area.left + 8.0,
                         area.bottom - area.top + 5.0);
    nca__cairo.clip(cairo);
    draw_values(cairo, &area, first, plot->losses, plot->count, (line_style){RAW_COLOUR, 1.0, 2.0});
    draw_values(cairo, &area, first, average, plot->count, (line_style){AVERAGE_COLOUR, 2.4, 3.0});
    nca__cairo.restore(cairo);
    nca__axes_draw_edges(cairo, &area);
    draw_final(cairo, &area, first, average, plot->count);
    draw_legend(cairo, &area, window);
    nca__axes_draw_title(cairo, &area, plot->title);
}

void nca_loss_plot_default(nca_loss_plot *out)
{
    *out = (nca_loss_plot){.first_iteration = 1, .window = NCA__LOSS_WINDOW};
}

nca_status nca_plot_loss(const nca_loss_plot *plot, const char *path, nca_error *error)
{
    nca_status room = nca__check_reserved(plot->reserved, NCA_RESERVED, "nca_loss_plot", error);
    if (room != NCA_OK) {
        return room;
    }
    assert(plot != NULL && path != NULL);
    if (plot->count == 0 || plot->losses == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: there are no losses to plot; train at least one iteration", path);
    }
    size_t window = plot->window > 0 ? plot->window : NCA__LOSS_WINDOW;
    /* A window longer than the data is equivalent to a window over all data. */
    size_t block = window < plot->count ? window : plot->count;
    double *average = calloc(plot->count, sizeof *average);
    nca__partial *tails = calloc(block + 1, sizeof *tails);
    nca__canvas canvas = {0};
    nca_status status = NCA_OK;
    if (average == NULL || tails == NULL) {
        status = nca__fail_memory(error, path, plot->count * sizeof *average);
        goto done;
    }
    nca__moving_average(average, tails, plot->losses, plot->count, block);
    status = nca__canvas_open(&canvas, path, NCA__PLOT_WIDTH, NCA__PLOT_HEIGHT, NCA__PLOT_DENSITY,
                              true, error);
    if (status != NCA_OK) {
        goto done;
    }
    draw_plot(canvas.cairo, plot, average, window);
    status = nca__canvas_save(&canvas, path, plot->title, error);
done:
    nca__canvas_close(&canvas);
    free(tails);
    free(average);
    return status;
}
