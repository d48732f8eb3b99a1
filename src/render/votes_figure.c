/* See votes_figure.h. */
#include "render/votes_figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "render/canvas.h"
#include "render/legend.h"
#include "render/pen.h"

enum {
    MARGIN = 28,
    SIDE = 170, /* of a panel, about */
    GAP = 14,
    TOP = 76,    /* of the panels */
    BELOW = 28,  /* captions */
    BAR = 66,    /* the colour bar */
    AXES = 200,  /* height of the axes of the probabilities */
    LIST = 19,   /* height of a line of the legend */
    LEGEND = 300 /* its width */
};

static const nca__script soft = {0.0, false, NCA__TONE_SOFT}, ink = {0.0, false, NCA__TONE_INK};

/* Units per cell: a whole number of pixels if the picture is small. */
static double scale_of(const nca_image *picture, double side)
{
    const size_t longer = picture->width > picture->height ? picture->width : picture->height;
    const double pixels = floor(side * NCA__PLOT_DENSITY / (double)longer);
    return pixels >= 1.0 ? pixels / NCA__PLOT_DENSITY : side / (double)longer;
}

/* The classes with the largest ranks, in their own order; returns their number. */
static size_t choose_listed(size_t out[NCA__MOST_LISTED], const double *ranks, size_t classes)
{
    size_t count = 0;
    for (size_t k = 0; k < classes; k++) {
        size_t better = 0;
        for (size_t other = 0; other < classes; other++) {
            better += ranks[other] > ranks[k] || (ranks[other] == ranks[k] && other < k);
        }
        if (better < NCA__MOST_LISTED && count < NCA__MOST_LISTED) {
            out[count++] = k;
        }
    }
    return count;
}

static void print_share(char out[16], double value)
{
    snprintf(out, 16, isfinite(value) ? "%.3f" : "\xe2\x80\x93", value);
}

/* ---- The figure ------------------------------------------------------------------------------*/

typedef struct layout {
    double scale, panel_width, panel_height, width, height, lower;
    size_t listed[NCA__MOST_LISTED], listed_count;
} layout;

static layout arrange(const nca__votes_figure *figure)
{
    const nca_image *picture = figure->panels[0].picture;
    layout page = {.scale = scale_of(picture, SIDE)};
    page.panel_width = page.scale * (double)picture->width;
    page.panel_height = page.scale * (double)picture->height;
    const double column = fmax(page.panel_width, SIDE - 20.0);
    page.width = 2.0 * MARGIN + (double)figure->panel_count * (column + GAP) + GAP;
    page.width = fmax(page.width, 900.0);
    page.lower = TOP + page.panel_height + BELOW + BAR;
    page.listed_count = choose_listed(
        page.listed, figure->probabilities + figure->mark * figure->classes, figure->classes);
    const double list = LIST * (double)(page.listed_count + 2);
    page.height = page.lower + fmax(AXES + 60.0, list + 16.0);
    return page;
}

static void draw_panels(nca__canvas *canvas, const nca__pen *pen, const nca__votes_figure *figure,
                        const layout *page)
{
    const double column = fmax(page->panel_width, SIDE - 20.0);
    const double inset = (column - page->panel_width) / 2.0;
    double x = MARGIN;
    for (size_t i = 0; i < figure->panel_count; i++) {
        const bool evidence = i + 1 == figure->panel_count;
        x += evidence ? GAP : 0.0;
        nca__canvas_image(canvas, figure->panels[i].picture, x + inset, TOP, page->scale);
        nca__pen_frame(pen, x + inset, TOP, page->panel_width, page->panel_height);
        nca__pen_text(pen, x + column / 2.0, TOP + page->panel_height + 18.0, NCA__CENTRE, ink,
                      figure->panels[i].caption, column + GAP - 2.0);
        if (evidence) {
            const nca_legend bar = {
                .is_signed = true, .is_open = true, .end = figure->evidence_end};
            const nca__font font = {10.0, false, NCA__INK_SOFT};
            const double y = TOP + page->panel_height + BELOW;
            const double wide = fmax(page->panel_width - 16.0, 110.0);
            const double left = x + (column - wide) / 2.0 - 2.0; /* may be wider than the picture */
            nca__text(canvas->cairo, left, y + font.size, NCA__LEFT, font, figure->evidence_label,
                      column + GAP);
            nca__legend_draw(canvas->cairo, left, y, &bar, font, wide);
        }
        x += column + GAP;
    }
}

static void draw_mark(const nca__pen *pen, const nca__axes *axes, size_t mark)
{
    const double x = nca__axes_x(axes, (double)mark);
    const double line[] = {x, axes->top, x, axes->bottom};
    char text[48];
    snprintf(text, sizeof text, "answer: step %zu", mark);
    nca__pen_line(pen, (nca__stroke){NCA__TONE_SOFT, 1.0, NCA__DASHED}, line, 2);
    nca__pen_text(pen, x + 6.0, axes->top - 6.0, NCA__CENTRE,
                  (nca__script){11.0, false, NCA__TONE_SOFT}, text, 0.0);
}

static nca_status draw_probabilities(const nca__pen *pen, const nca__votes_figure *figure,
                                     const layout *page, nca_error *error)
{
    const size_t points = figure->last + 1;
    double *line = malloc(points * 2 * sizeof *line);
    if (line == NULL) {
        return nca__fail_memory(error, "a figure", points * 2 * sizeof *line);
    }
    nca__axes axes = {.left = MARGIN + 52.0,
                      .right = page->width - MARGIN - LEGEND - 36.0,
                      .top = page->lower,
                      .bottom = page->lower + AXES,
                      .low = 0.0,
                      .high = 1.0,
                      .y_linear = true};
    nca__axes_span(&axes, 0.0, (double)figure->last);
    nca__pen_axes(pen, &axes, "step", "probability");
    draw_mark(pen, &axes, figure->mark);
    for (size_t i = 0; i < page->listed_count; i++) {
        const size_t k = page->listed[i];
        for (size_t step = 0; step < points; step++) {
            const double p = figure->probabilities[step * figure->classes + k];
            line[2 * step] = nca__axes_x(&axes, (double)step);
            line[2 * step + 1] = isfinite(p) ? nca__axes_y(&axes, p) : NAN;
        }
        nca__pen_line(pen, (nca__stroke){(int)k, 2.2, NCA__SOLID}, line, points);
    }
    free(line);
    return NCA_OK;
}

static void draw_legend(const nca__pen *pen, const nca__votes_figure *figure, const layout *page)
{
    const double *final = figure->probabilities + figure->mark * figure->classes;
    const double x = page->width - MARGIN - LEGEND;
    double y = page->lower + 10.0;
    char text[64];
    snprintf(text, sizeof text, "step %zu", figure->mark);
    nca__pen_text(pen, x, y, NCA__LEFT, soft, "class", 0.0);
    nca__pen_text(pen, x + LEGEND, y, NCA__RIGHT, soft, text, 0.0);
    for (size_t i = 0; i < page->listed_count; i++) {
        const size_t k = page->listed[i];
        y += LIST;
        nca__pen_area(pen, x, y - 10.0, 22.0, 12.0, (int)k, 1.0);
        nca__pen_text(pen, x + 30.0, y, NCA__LEFT, ink, figure->names[k], LEGEND - 30.0 - 52.0);
        print_share(text, final[k]);
        nca__pen_text(pen, x + LEGEND, y, NCA__RIGHT, ink, text, 0.0);
    }
    if (page->listed_count < figure->classes) {
        snprintf(text, sizeof text, "and %zu more", figure->classes - page->listed_count);
        nca__pen_text(pen, x + 30.0, y + LIST, NCA__LEFT, soft, text, 0.0);
    }
}

static void draw_titles(const nca__pen *pen, const char *title, const char *subtitle, double limit)
{
    nca__pen_text(pen, MARGIN, 34.0, NCA__LEFT, (nca__script){17.0, true, NCA__TONE_INK}, title,
                  limit);
    nca__pen_text(pen, MARGIN, 55.0, NCA__LEFT, (nca__script){12.5, false, NCA__TONE_SOFT},
                  subtitle, limit);
}

nca_status nca__votes_figure_save(const nca__votes_figure *figure, const char *path,
                                  nca_error *error)
{
    const layout page = arrange(figure);
    nca__canvas canvas = {0};
    nca_status status =
        nca__canvas_open(&canvas, path, page.width, page.height, NCA__PLOT_DENSITY, true, error);
    if (status == NCA_OK) {
        const nca__pen pen = {.cairo = canvas.cairo};
        draw_titles(&pen, figure->title, figure->subtitle, page.width - 2.0 * MARGIN);
        draw_panels(&canvas, &pen, figure, &page);
        draw_legend(&pen, figure, &page);
        status = draw_probabilities(&pen, figure, &page, error);
    }
    if (status == NCA_OK) {
        status = nca__canvas_save(&canvas, path, figure->title, error);
    }
    nca__canvas_close(&canvas);
    return status;
}

/* ---- A frame ---------------------------------------------------------------------------------*/

enum {
    FRAME_MARGIN = 20,
    FRAME_SIDE = 252,
    FRAME_TOP = 66,
    FRAME_BARS = 270,
    BAR_ROW = 30
};

static void draw_bars(const nca__pen *pen, const nca__votes_frame *frame, double x)
{
    size_t listed[NCA__MOST_LISTED];
    const size_t count = choose_listed(listed, frame->ranks, frame->classes);
    double y = FRAME_TOP;
    char text[64];
    for (size_t i = 0; i < count; i++, y += BAR_ROW) {
        const size_t k = listed[i];
        const double p = frame->probabilities[k];
        nca__pen_text(pen, x, y + 11.0, NCA__LEFT, ink, frame->names[k], FRAME_BARS - 52.0);
        print_share(text, p);
        nca__pen_text(pen, x + FRAME_BARS, y + 11.0, NCA__RIGHT, ink, text, 0.0);
        nca__pen_area(pen, x, y + 15.0, FRAME_BARS, 8.0, NCA__TONE_RULE, 0.6);
        nca__pen_area(pen, x, y + 15.0, FRAME_BARS * (isfinite(p) ? p : 0.0), 8.0, (int)k, 1.0);
    }
    if (count < frame->classes) {
        snprintf(text, sizeof text, "and %zu more", frame->classes - count);
        nca__pen_text(pen, x, y + 11.0, NCA__LEFT, soft, text, 0.0);
    }
}

/* The step as a number and as a place on a line with a mark at the answer. */
static void draw_step(const nca__pen *pen, const nca__votes_frame *frame, double width, double y)
{
    const double left = FRAME_MARGIN, length = width - 2.0 * FRAME_MARGIN;
    const double last = frame->last > 0 ? (double)frame->last : 1.0;
    const double mark = left + length * (double)frame->mark / last;
    char text[64];
    nca__pen_area(pen, left, y, length, 4.0, NCA__TONE_RULE, 1.0);
    nca__pen_area(pen, left, y, length * (double)frame->step / last, 4.0, NCA__TONE_SOFT, 1.0);
    if (frame->mark <= frame->last) {
        nca__pen_area(pen, mark - 1.0, y - 4.0, 2.0, 12.0, NCA__TONE_INK, 1.0);
    }
    snprintf(text, sizeof text, "step %zu of %zu", frame->step, frame->last);
    nca__pen_text(pen, left, y + 22.0, NCA__LEFT, ink, text, 0.0);
    snprintf(text, sizeof text, "answer: step %zu", frame->mark);
    nca__pen_text(pen, left + length, y + 22.0, NCA__RIGHT, soft, text, 0.0);
}

nca_status nca__votes_frame_draw(nca_image **out, const nca__votes_frame *frame, nca_error *error)
{
    const size_t longer =
        frame->votes->width > frame->votes->height ? frame->votes->width : frame->votes->height;
    double scale = floor(FRAME_SIDE / (double)longer);
    scale = scale >= 1.0 ? scale : FRAME_SIDE / (double)longer;
    const double picture_width = scale * (double)frame->votes->width;
    const double picture_height = scale * (double)frame->votes->height;
    const size_t rows = frame->classes < NCA__MOST_LISTED ? frame->classes : NCA__MOST_LISTED + 1;
    const double middle = fmax(picture_height, BAR_ROW * (double)rows);
    const double bars = 2.0 * FRAME_MARGIN + 2.0 * picture_width + 14.0;
    const double width = ceil((bars + FRAME_BARS + FRAME_MARGIN) / 2.0) * 2.0;
    const double height = ceil((FRAME_TOP + middle + 56.0) / 2.0) * 2.0;
    nca__canvas canvas = {0};
    nca_status status = nca__canvas_open(&canvas, "frame.png", width, height, 1.0, false, error);
    if (status == NCA_OK) {
        const nca__pen pen = {.cairo = canvas.cairo};
        nca__pen_text(&pen, FRAME_MARGIN, 28.0, NCA__LEFT, (nca__script){15.0, true, NCA__TONE_INK},
                      frame->title, width - 2.0 * FRAME_MARGIN);
        nca__pen_text(&pen, FRAME_MARGIN, 48.0, NCA__LEFT, soft, frame->subtitle,
                      width - 2.0 * FRAME_MARGIN);
        nca__canvas_image(&canvas, frame->input, FRAME_MARGIN, FRAME_TOP, scale);
        nca__canvas_image(&canvas, frame->votes, FRAME_MARGIN + picture_width + 14.0, FRAME_TOP,
                          scale);
        draw_bars(&pen, frame, bars);
        draw_step(&pen, frame, width, FRAME_TOP + middle + 18.0);
        status = nca__canvas_read(out, &canvas, error);
    }
    nca__canvas_close(&canvas);
    return status;
}
