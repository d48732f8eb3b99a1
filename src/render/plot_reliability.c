/* See plot_reliability.h. */
#include "render/plot_reliability.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    LEFT = 78,
    SIDE = 356,
    STRIP = 66, /* height of the histogram */
    BETWEEN = 24,
    LEGEND = LEFT + SIDE + 26,
    RIGHT = NCA__RELIABILITY_WIDTH - 18,
    MOST_BINS = 64,
    PITCH = 21
};

static const nca__script soft = {0.0, false, NCA__TONE_SOFT}, ink = {0.0, false, NCA__TONE_INK};

static void draw_bars(const nca__pen *pen, const nca__axes *axes,
                      const nca__reliability_series *series, size_t bins)
{
    for (size_t b = 0; b < bins; b++) {
        const nca__reliability_bin *bin = &series->bins[b];
        if (bin->count == 0 || !isfinite(bin->accuracy)) {
            continue;
        }
        const double x = nca__axes_x(axes, (double)b / (double)bins);
        const double width = (axes->right - axes->left) / (double)bins;
        const double y = nca__axes_y(axes, bin->accuracy);
        nca__pen_area(pen, x + 1.0, y, width - 2.0, axes->bottom - y, 0, 0.35);
    }
}

static void draw_line(const nca__pen *pen, const nca__axes *axes,
                      const nca__reliability_series *series, size_t bins, int tone)
{
    double points[2 * MOST_BINS];
    size_t used = 0;
    for (size_t b = 0; b < bins && b < MOST_BINS; b++) {
        const nca__reliability_bin *bin = &series->bins[b];
        if (bin->count > 0 && isfinite(bin->accuracy) && isfinite(bin->confidence)) {
            points[2 * used] = nca__axes_x(axes, bin->confidence);
            points[2 * used + 1] = nca__axes_y(axes, bin->accuracy);
            nca__pen_dot(pen, points[2 * used], points[2 * used + 1], 3.5, tone);
            used++;
        }
    }
    nca__pen_line(pen, (nca__stroke){tone, 2.0, tone == 0 ? NCA__SOLID : NCA__DASHED}, points,
                  used);
}

/* A count in at most four characters. */
static void short_count(char out[16], size_t count)
{
    if (count < 1000) {
        snprintf(out, 16, "%zu", count);
    } else if (count < 1000000) {
        snprintf(out, 16, "%zuk", (count + 500) / 1000);
    } else {
        snprintf(out, 16, "%zuM", (count + 500000) / 1000000);
    }
}

static void draw_strip(const nca__pen *pen, const nca__axes *axes, double top,
                       const nca__reliability_series *series, size_t bins)
{
    size_t most = 1;
    for (size_t b = 0; b < bins; b++) {
        most = series->bins[b].count > most ? series->bins[b].count : most;
    }
    const double bottom = top + STRIP, width = (axes->right - axes->left) / (double)bins;
    for (size_t b = 0; b < bins; b++) {
        const double x = axes->left + width * (double)b;
        const double height = (STRIP - 14.0) * (double)series->bins[b].count / (double)most;
        char text[16];
        nca__pen_area(pen, x + 1.0, bottom - height, width - 2.0, height, 0, 0.7);
        short_count(text, series->bins[b].count);
        if (series->bins[b].count > 0) {
            nca__pen_text(pen, x + width / 2.0, bottom - height - 3.0, NCA__CENTRE,
                          (nca__script){9.5, false, NCA__TONE_SOFT}, text, 0.0);
        }
    }
    const double line[] = {axes->left, bottom, axes->right, bottom};
    nca__pen_line(pen, (nca__stroke){NCA__TONE_SOFT, 1.0, NCA__SOLID}, line, 2);
    nca__pen_turned(pen, axes->left - 14.0, (top + bottom) / 2.0, 90.0, NCA__CENTRE,
                    (nca__script){11.0, false, NCA__TONE_SOFT}, "decisions", 0.0);
}

static void draw_legend(const nca__pen *pen, const nca__reliability_plot *plot, double y)
{
    nca__pen_text(pen, RIGHT, y, NCA__RIGHT, soft, "ECE", 0.0);
    for (size_t i = 0; i < plot->count; i++) {
        const nca__reliability_series *series = &plot->series[i];
        char text[32] = "\xe2\x80\x93";
        y += PITCH;
        nca__pen_line(pen, (nca__stroke){(int)i, 2.0, i == 0 ? NCA__SOLID : NCA__DASHED},
                      (double[]){LEGEND, y - 4.0, LEGEND + 26.0, y - 4.0}, 2);
        nca__pen_text(pen, LEGEND + 34.0, y, NCA__LEFT, ink, series->name,
                      RIGHT - LEGEND - 34.0 - 62.0);
        if (isfinite(series->ece)) {
            snprintf(text, sizeof text, "%.3f", series->ece);
        }
        nca__pen_text(pen, RIGHT, y, NCA__RIGHT, ink, text, 0.0);
    }
    y += PITCH;
    nca__pen_line(pen, (nca__stroke){NCA__TONE_SOFT, 1.0, NCA__DASHED},
                  (double[]){LEGEND, y - 4.0, LEGEND + 26.0, y - 4.0}, 2);
    nca__pen_text(pen, LEGEND + 34.0, y, NCA__LEFT, soft, "perfect calibration", 0.0);
}

void nca__reliability_draw(const nca__pen *pen, double top, const void *data)
{
    const nca__reliability_plot *plot = data;
    nca__axes axes = nca__axes_unit(LEFT, top + 20.0, SIDE);
    const double diagonal[] = {axes.left, axes.bottom, axes.right, axes.top};
    nca__pen_axes(pen, &axes, "confidence", "accuracy");
    draw_bars(pen, &axes, &plot->series[0], plot->bins);
    nca__pen_line(pen, (nca__stroke){NCA__TONE_SOFT, 1.0, NCA__DASHED}, diagonal, 2);
    for (size_t i = plot->count; i-- > 0;) {
        draw_line(pen, &axes, &plot->series[i], plot->bins, (int)i);
    }
    draw_strip(pen, &axes, axes.bottom + 44.0 + BETWEEN - 10.0, &plot->series[0], plot->bins);
    draw_legend(pen, plot, axes.top + 10.0);
}
