/* See nca/score_plot.h. */
#include "nca/score_plot.h"

#include <math.h>

#include "base/error.h"
#include "render/pen.h"

enum {
    LEFT = 176,
    PANEL = 300,
    BETWEEN = 24,
    TOP = 14,
    ROW = 36,
    LANE = 9, /* from the middle of a row to the published marks, and between own dots */
    AXIS = 60,
    LEGEND_PITCH = 22,
    LEGEND_COLUMNS = 3
};

static const double width = 820.0, radius = 4.0;

/* ---- Marks -----------------------------------------------------------------------------------*/

/* Corners of marks around (0, 0) in units of the radius; NaN ends a line. */
static const struct {
    size_t count;
    double points[2 * 11];
} shapes[] = {
    {5, {-0.85, -0.85, 0.85, -0.85, 0.85, 0.85, -0.85, 0.85, -0.85, -0.85}},
    {4, {0.0, -1.05, 1.0, 0.75, -1.0, 0.75, 0.0, -1.05}},
    {5, {0.0, -1.2, 1.2, 0.0, 0.0, 1.2, -1.2, 0.0, 0.0, -1.2}},
    {4, {0.0, 1.05, 1.0, -0.75, -1.0, -0.75, 0.0, 1.05}},
    {9,
     {1.0, 0.0, 0.71, 0.71, 0.0, 1.0, -0.71, 0.71, -1.0, 0.0, -0.71, -0.71, 0.0, -1.0, 0.71, -0.71,
      1.0, 0.0}},
    {5, {-0.85, -0.85, 0.85, 0.85, NAN, NAN, -0.85, 0.85, 0.85, -0.85}},
    {5, {-1.1, 0.0, 1.1, 0.0, NAN, NAN, 0.0, -1.1, 0.0, 1.1}},
};
enum {
    SHAPES = sizeof shapes / sizeof *shapes
};

/* The mark of the published series `index`: each shape in two greys. */
static void draw_mark(const nca__pen *pen, double x, double y, size_t index)
{
    double points[22];
    const size_t shape = index % SHAPES;
    for (size_t i = 0; i < shapes[shape].count; i++) {
        points[2 * i] = x + radius * shapes[shape].points[2 * i];
        points[2 * i + 1] = y + radius * shapes[shape].points[2 * i + 1];
    }
    const bool dark = index / SHAPES % 2 == 1;
    nca__pen_line(
        pen, (nca__stroke){dark ? NCA__TONE_INK : NCA__TONE_SOFT, dark ? 1.8 : 1.2, NCA__SOLID},
        points, shapes[shape].count);
}

/* ---- Layout ----------------------------------------------------------------------------------*/

static bool is_used(const nca_score_plot *plot, const nca_score_series *series)
{
    for (size_t i = 0; i < NCA_SCORE_PANELS * plot->row_count; i++) {
        if (isfinite(series->values[i].mean)) {
            return true;
        }
    }
    return false;
}

static size_t count_of(const nca_score_plot *plot, bool own)
{
    size_t count = 0;
    for (size_t i = 0; i < plot->series_count; i++) {
        count += plot->series[i].own == own && is_used(plot, &plot->series[i]);
    }
    return count;
}

static double plot_height(const nca_score_plot *plot)
{
    const size_t entries = count_of(plot, true) + count_of(plot, false);
    const size_t lines = (entries + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS;
    return TOP + ROW * (double)plot->row_count + AXIS + LEGEND_PITCH * (double)lines + 8.0;
}

/* The deviation, or 0 if it is unknown. */
static double deviation_of(nca_spread value)
{
    return isfinite(value.deviation) ? value.deviation : 0.0;
}

/* Along x: the range of the values of a panel with their bars, slightly extended. */
static nca__axes panel_axes(const nca_score_plot *plot, size_t panel, double top)
{
    nca__axes axes = {.left = LEFT + (PANEL + BETWEEN) * (double)panel,
                      .top = top + TOP,
                      .bottom = top + TOP + ROW * (double)plot->row_count,
                      .x_real = true,
                      .y_linear = true,
                      .high = 1.0};
    double low = INFINITY, high = -INFINITY;
    axes.right = axes.left + PANEL;
    for (size_t s = 0; s < plot->series_count; s++) {
        for (size_t row = 0; row < plot->row_count; row++) {
            const nca_spread value = plot->series[s].values[NCA_SCORE_PANELS * row + panel];
            if (isfinite(value.mean)) {
                const double bar = plot->series[s].own ? deviation_of(value) : 0.0;
                low = fmin(low, value.mean - bar);
                high = fmax(high, value.mean + bar);
            }
        }
    }
    if (low > high) {
        low = 0.0, high = 1.0;
    }
    const double edge = fmax(0.05 * (high - low), 0.01);
    axes.first = low - edge;
    axes.last = high + edge;
    return axes;
}

/* ---- Drawing ---------------------------------------------------------------------------------*/

static void draw_panel(const nca__pen *pen, const nca_score_plot *plot, const nca__axes *axes,
                       size_t panel)
{
    nca__ticks ticks;
    nca__axes_ticks_x(&ticks, axes);
    for (size_t i = 0; i < ticks.count; i++) {
        const double x = nca__axes_x(axes, ticks.tick[i].value);
        nca__pen_line(pen, (nca__stroke){NCA__TONE_RULE, 1.0, NCA__SOLID},
                      (double[]){x, axes->top, x, axes->bottom}, 2);
        nca__pen_text(pen, x, axes->bottom + 19.0, NCA__CENTRE,
                      (nca__script){.tone = NCA__TONE_SOFT}, ticks.tick[i].label.text, 0.0);
    }
    nca__pen_frame(pen, axes->left, axes->top, axes->right - axes->left, axes->bottom - axes->top);
    nca__pen_text(pen, (axes->left + axes->right) / 2.0, axes->bottom + 41.0, NCA__CENTRE,
                  (nca__script){13.0, true, NCA__TONE_INK}, plot->panels[panel], 0.0);
}

static void draw_own(const nca__pen *pen, const nca__axes *axes, nca_spread value, double y,
                     int tone)
{
    const double x = nca__axes_x(axes, value.mean), bar = deviation_of(value);
    if (bar > 0.0) {
        const double from = nca__axes_x(axes, value.mean - bar);
        const double to = nca__axes_x(axes, value.mean + bar);
        const double line[] = {from, y,       to,  y,   NAN, NAN,     from, y - 3.0,
                               from, y + 3.0, NAN, NAN, to,  y - 3.0, to,   y + 3.0};
        nca__pen_line(pen, (nca__stroke){tone, 1.8, NCA__SOLID}, line, 8);
    }
    nca__pen_dot(pen, x, y, radius, tone);
}

/* All marks of a panel, those of this program on top. */
static void draw_values(const nca__pen *pen, const nca_score_plot *plot, const nca__axes *axes,
                        size_t panel, bool own)
{
    size_t index = 0;
    for (size_t s = 0; s < plot->series_count; s++) {
        const nca_score_series *series = &plot->series[s];
        if (series->own != own) {
            continue;
        }
        for (size_t row = 0; row < plot->row_count; row++) {
            const nca_spread value = series->values[NCA_SCORE_PANELS * row + panel];
            const double middle = axes->top + ROW * ((double)row + 0.5);
            if (!isfinite(value.mean)) {
                continue;
            }
            if (own) {
                const double lane = index == 0 ? 0.1 : fmin((double)index, 1.2);
                draw_own(pen, axes, value, middle + LANE * lane, (int)index);
            } else {
                draw_mark(pen, nca__axes_x(axes, value.mean), middle - LANE, index);
            }
        }
        index++;
    }
}

static void draw_rows(const nca__pen *pen, const nca_score_plot *plot, const nca__axes *first,
                      const nca__axes *last)
{
    for (size_t row = 0; row < plot->row_count; row++) {
        const double y = first->top + ROW * (double)row;
        if (row % 2 == 1) {
            nca__pen_area(pen, 12.0, y, last->right - 12.0, ROW, NCA__TONE_RULE, 0.3);
        }
        nca__pen_text(pen, LEFT - 12.0, y + ROW / 2.0 + 4.0, NCA__RIGHT,
                      (nca__script){.size = 12.5, .tone = NCA__TONE_INK}, plot->rows[row],
                      LEFT - 24.0);
    }
}

/* This program's series first, then the published ones. */
static void draw_legend(const nca__pen *pen, const nca_score_plot *plot, double top)
{
    const double column = (width - 24.0) / LEGEND_COLUMNS;
    size_t place = 0;
    for (int own = 1; own >= 0; own--) {
        size_t index = 0;
        for (size_t s = 0; s < plot->series_count; s++) {
            const nca_score_series *series = &plot->series[s];
            if (series->own != (own == 1)) {
                continue;
            }
            const size_t mark = index++; /* the same for a series in all plots */
            if (!is_used(plot, series)) {
                continue;
            }
            const double x = 24.0 + column * (double)(place % LEGEND_COLUMNS);
            const double y = top + LEGEND_PITCH * (double)(place / LEGEND_COLUMNS);
            if (own == 1) {
                nca__pen_dot(pen, x, y, radius, (int)mark);
            } else {
                draw_mark(pen, x, y, mark);
            }
            nca__pen_text(pen, x + 14.0, y + 4.0, NCA__LEFT, (nca__script){.tone = NCA__TONE_INK},
                          series->name, column - 22.0);
            place++;
        }
    }
}

static void draw(const nca__pen *pen, double top, const void *data)
{
    const nca_score_plot *plot = data;
    nca__axes axes[NCA_SCORE_PANELS];
    for (size_t i = 0; i < NCA_SCORE_PANELS; i++) {
        axes[i] = panel_axes(plot, i, top);
    }
    draw_rows(pen, plot, &axes[0], &axes[NCA_SCORE_PANELS - 1]);
    for (size_t i = 0; i < NCA_SCORE_PANELS; i++) {
        draw_panel(pen, plot, &axes[i], i);
        draw_values(pen, plot, &axes[i], i, false);
        draw_values(pen, plot, &axes[i], i, true);
    }
    draw_legend(pen, plot, axes[0].bottom + AXIS + 4.0);
}

void nca_score_plot_default(nca_score_plot *out)
{
    *out = (nca_score_plot){.panels = {"AUC", "ACC"}};
}

nca_status nca_plot_scores(const nca_score_plot *plot, const char *path, nca_error *error)
{
    const nca_status room =
        nca__check_reserved(plot->reserved, NCA_RESERVED, "nca_score_plot", error);
    if (room != NCA_OK) {
        return room;
    }
    if (plot->row_count == 0 || plot->row_count > NCA_SCORE_MAX_ROWS ||
        plot->series_count > NCA_SCORE_MAX_SERIES) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "a plot of scores: expected 1 to %d rows and at most %d series, found %zu "
                         "rows and %zu series",
                         NCA_SCORE_MAX_ROWS, NCA_SCORE_MAX_SERIES, plot->row_count,
                         plot->series_count);
    }
    const nca__drawing drawing = {.width = width,
                                  .height = plot_height(plot),
                                  .title = plot->title,
                                  .draw = draw,
                                  .data = plot};
    return nca__pen_save(&drawing, path, error);
}
