/* See plot_confusion.h. */
#include "render/plot_confusion.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum {
    WIDTH = 800,
    MARGIN = 24,
    NAMES = 196,   /* room for the names of the rows */
    MATRIX = 470,  /* the side of a matrix, about */
    LARGEST = 110, /* cell */
    SMALLEST = 9,
    HEADS = 132,      /* room for the names of the columns if they are turned */
    HEADS_LEVEL = 52, /* if they are not */
    LEVEL = 90,       /* the least cell above which they are not turned */
    STEEP = 18,       /* the least cell above which they are not turned upright */
    TABLE_ROW = 30,
    BAR = 170
};

static const nca__script soft = {0.0, false, NCA__TONE_SOFT};

/* ---- The matrix ------------------------------------------------------------------------------*/

static double cell_of(size_t classes)
{
    return fmin(fmax(floor((double)MATRIX / (double)classes), SMALLEST), LARGEST);
}

static double heads_of(double cell)
{
    return cell >= LEVEL ? HEADS_LEVEL : HEADS;
}

void nca__confusion_size(double *out_width, double *out_height, const nca__confusion_plot *plot)
{
    *out_width = WIDTH;
    if (plot->labels) {
        *out_height = 62.0 + (double)TABLE_ROW * (double)plot->classes + MARGIN;
        return;
    }
    const double cell = cell_of(plot->classes);
    const double side = cell * (double)plot->classes;
    *out_height = heads_of(cell) + side + 52.0;
    *out_width = fmax(WIDTH, MARGIN + 24.0 + NAMES + side + MARGIN + 60.0);
}

static void draw_count(const nca__pen *pen, double x, double y, double cell, size_t count,
                       double share)
{
    nca__script number = {fmin(15.0, cell * 0.33), cell > 60.0,
                          share > 0.5 ? NCA__TONE_PAPER : NCA__TONE_INK};
    char text[32];
    snprintf(text, sizeof text, "%zu", count);
    nca__pen_text(pen, x + cell / 2.0, y + cell * 0.48, NCA__CENTRE, number, text, cell - 1.0);
    number.size = fmin(12.0, cell * 0.27);
    number.bold = false;
    snprintf(text, sizeof text, "%.0f\xc2\xa0%%", share * 100.0);
    nca__pen_text(pen, x + cell / 2.0, y + cell * 0.82, NCA__CENTRE, number,
                  isfinite(share) ? text : "\xe2\x80\x93", 0.0);
}

static size_t sum_of(const size_t *counts, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += counts[i];
    }
    return sum;
}

static void draw_cells(const nca__pen *pen, const nca__confusion_plot *plot, double left,
                       double above, double cell)
{
    const size_t n = plot->classes;
    for (size_t row = 0; row < n; row++) {
        const size_t *counts = plot->counts + row * n;
        const double total = (double)sum_of(counts, n), y = above + cell * (double)row;
        for (size_t column = 0; column < n; column++) {
            const double share = (double)counts[column] / total; /* NaN: an empty class */
            const double x = left + cell * (double)column;
            nca__pen_area(pen, x, y, cell, cell, row == column ? 0 : 1,
                          isfinite(share) ? share : 0.0);
            nca__pen_frame(pen, x, y, cell, cell);
            if (cell >= 20.0) {
                draw_count(pen, x, y, cell, counts[column], share);
            }
        }
    }
}

static void draw_matrix(const nca__pen *pen, double top, const nca__confusion_plot *plot)
{
    const size_t n = plot->classes;
    const double cell = cell_of(n), side = cell * (double)n;
    const double left = MARGIN + 24.0 + NAMES, above = top + heads_of(cell);
    const nca__script name = {fmin(12.0, cell + 1.0), false, NCA__TONE_INK};
    draw_cells(pen, plot, left, above, cell);
    for (size_t k = 0; k < n; k++) {
        const double middle = cell * ((double)k + 0.5);
        char count[32];
        snprintf(count, sizeof count, " (%zu)", sum_of(plot->counts + k * n, n));
        const double room = nca__pen_width(pen, name, count);
        nca__pen_text(pen, left - 8.0, above + middle + name.size * 0.36, NCA__RIGHT, name, count,
                      0.0);
        nca__pen_text(pen, left - 8.0 - room, above + middle + name.size * 0.36, NCA__RIGHT, name,
                      plot->names[k], NAMES - 8.0 - room);
        if (cell >= LEVEL) {
            nca__pen_text(pen, left + middle, above - 8.0, NCA__CENTRE, name, plot->names[k],
                          cell - 6.0);
        } else {
            nca__pen_turned(pen, left + middle + name.size * 0.3, above - 8.0,
                            cell < STEEP ? 90.0 : 55.0, NCA__LEFT, name, plot->names[k], 118.0);
        }
    }
    const nca__script axis = {13.0, false, NCA__TONE_SOFT};
    nca__pen_text(pen, left + side / 2.0, above + side + 24.0, NCA__CENTRE, axis, "predicted class",
                  0.0);
    nca__pen_turned(pen, MARGIN + 8.0, above + side / 2.0, 90.0, NCA__CENTRE, axis,
                    "true class (images)", 0.0);
    nca__pen_text(pen, left + side / 2.0, above + side + 42.0, NCA__CENTRE,
                  (nca__script){11.0, false, NCA__TONE_SOFT},
                  "counts, and percent of the images of the true class", 0.0);
}

/* ---- The table of labels ---------------------------------------------------------------------*/

/* A bar of two parts: right and wrong decisions. */
static void draw_bar(const nca__pen *pen, double x, double y, size_t right, size_t wrong)
{
    const nca__script number = {11.0, false, NCA__TONE_INK};
    const double total = (double)right + (double)wrong, bar = 18.0;
    char text[32];
    nca__pen_frame(pen, x, y, BAR, bar);
    if (total > 0.0) {
        const double share = (double)right / total;
        nca__pen_area(pen, x, y, BAR * share, bar, 0, 0.45);
        nca__pen_area(pen, x + BAR * share, y, BAR * (1.0 - share), bar, 1, 0.55);
    }
    snprintf(text, sizeof text, "%zu", right);
    nca__pen_text(pen, x + 5.0, y + 13.0, NCA__LEFT, number, text, 0.0);
    snprintf(text, sizeof text, "%zu", wrong);
    nca__pen_text(pen, x + BAR - 5.0, y + 13.0, NCA__RIGHT, number, text, 0.0);
}

static void draw_share(const nca__pen *pen, double x, double y, size_t part, size_t rest)
{
    char text[32] = "\xe2\x80\x93";
    if (part + rest > 0) {
        snprintf(text, sizeof text, "%.3f", (double)part / ((double)part + (double)rest));
    }
    nca__pen_text(pen, x, y, NCA__RIGHT, (nca__script){0.0, false, NCA__TONE_INK}, text, 0.0);
}

static void draw_table(const nca__pen *pen, double top, const nca__confusion_plot *plot)
{
    const double with = MARGIN + NAMES + 14.0, without = with + BAR + 18.0;
    const double recall = without + BAR + 86.0, precision = recall + 88.0;
    const nca__script head = {11.0, false, NCA__TONE_SOFT};
    double y = top + 40.0;
    nca__pen_text(pen, with, y - 14.0, NCA__LEFT, soft, "with the label", BAR);
    nca__pen_text(pen, without, y - 14.0, NCA__LEFT, soft, "without the label", BAR);
    nca__pen_text(pen, with, y, NCA__LEFT, head, "found", 0.0);
    nca__pen_text(pen, with + BAR, y, NCA__RIGHT, head, "missed", 0.0);
    nca__pen_text(pen, without, y, NCA__LEFT, head, "right", 0.0);
    nca__pen_text(pen, without + BAR, y, NCA__RIGHT, head, "false alarm", 0.0);
    nca__pen_text(pen, recall, y - 6.0, NCA__RIGHT, soft, "recall", 0.0);
    nca__pen_text(pen, precision, y - 6.0, NCA__RIGHT, soft, "precision", 0.0);
    y += 8.0;
    for (size_t k = 0; k < plot->classes; k++, y += TABLE_ROW) {
        const size_t *c = plot->counts + 4 * k;
        nca__pen_text(pen, MARGIN + NAMES, y + 14.0, NCA__RIGHT,
                      (nca__script){0.0, false, NCA__TONE_INK}, plot->names[k], NAMES - 4.0);
        draw_bar(pen, with, y, c[3], c[2]);
        draw_bar(pen, without, y, c[0], c[1]);
        draw_share(pen, recall, y + 14.0, c[3], c[2]);
        draw_share(pen, precision, y + 14.0, c[3], c[1]);
    }
}

void nca__confusion_draw(const nca__pen *pen, double top, const void *data)
{
    const nca__confusion_plot *plot = data;
    (plot->labels ? draw_table : draw_matrix)(pen, top, plot);
}
