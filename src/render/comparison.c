/* The comparison: target, grown image and their difference side by side, with a colour bar. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/picture.h"
#include "render/canvas.h"
#include "render/chart.h"
#include "render/magma.h"

enum {
    PANEL = 480,  /* approximate longer side of a panel in pixels */
    MARGIN = 36,  /* around everything */
    GAP = 32,     /* between panels */
    HEADING = 44, /* above the panels */
    CAPTION = 52, /* below them */
    BAR_GAP = 18, /* between the difference and its bar */
    BAR_WIDTH = 22,
    BAR_LABELS = 92,   /* room for the bar's numbers */
    LEAST_BAR = 200,   /* minimum height of a bar with more than two numbers */
    LEAST_COLUMN = 360 /* minimum width for the line below a panel */
};

static const nca__font heading_font = {22.0, true, NCA__INK};
static const nca__font caption_font = {20.0, false, NCA__INK_SOFT};
static const nca__font number_font = {18.0, false, NCA__INK_SOFT};

typedef struct panels {
    double scale;
    double width, height; /* size of one panel */
    double page_width, page_height;
} panels;

/* Mean |t - x| over the four channels of each cell; NaN if a value is NaN. Returns the largest
 * finite one. */
static double differences(double *out, const float *target, const float *grown, size_t cells)
{
    double greatest = 0.0;
    for (size_t cell = 0; cell < cells; cell++) {
        double sum = 0.0;
        for (size_t c = 0; c < 4; c++) {
            sum += fabs((double)target[4 * cell + c] - (double)grown[4 * cell + c]);
        }
        out[cell] = sum / 4.0;
        if (isfinite(out[cell])) {
            greatest = fmax(greatest, out[cell]);
        }
    }
    return greatest;
}

/* The upper end of the bar: the smallest of 1, 2, 5 times a power of ten that is at least every
 * value. It is at least a thousandth, because smaller differences are invisible and should not look
 * large. */
static double bar_end(double greatest)
{
    double least = fmax(greatest, 1e-3);
    double unit = pow(10.0, floor(log10(least)));
    const double steps[] = {1.0, 2.0, 5.0, 10.0};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (least <= steps[i] * unit * (1.0 + 1e-9)) {
            return steps[i] * unit;
        }
    }
    return least;
}

static nca_status paint_differences(nca_image **out_image, const double *values, size_t height,
                                    size_t width, double end, nca_error *error)
{
    nca_image *image = NULL;
    nca_status status = nca_image_create(&image, width, height, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t cell = 0; cell < height * width; cell++) {
        nca_colour colour = nca__magma(values[cell] / end);
        uint8_t *pixel = image->pixels + 4 * cell;
        pixel[0] = colour.r;
        pixel[1] = colour.g;
        pixel[2] = colour.b;
        pixel[3] = 255;
    }
    *out_image = image;
    return NCA_OK;
}

static panels arrange(size_t height, size_t width)
{
    size_t longer = height > width ? height : width;
    size_t scale = (PANEL + longer / 2) / longer;
    panels page = {.scale = scale > 0 ? (double)scale : 1.0};
    page.width = (double)width * page.scale;
    page.height = (double)height * page.scale;
    double column = fmax(page.width, LEAST_COLUMN);
    page.page_width =
        2 * MARGIN + 3 * column + 2 * GAP + BAR_GAP + BAR_WIDTH + BAR_LABELS - MARGIN / 2.0;
    page.page_height = MARGIN + HEADING + page.height + CAPTION + MARGIN / 2.0;
    return page;
}

static void draw_border(cairo_t *cairo, double x, double y, double width, double height)
{
    nca__set_colour(cairo, NCA__RULE);
    nca__cairo.set_line_width(cairo, 1.0);
    nca__cairo.rectangle(cairo, x - 0.5, y - 0.5, width + 1.0, height + 1.0);
    nca__cairo.stroke(cairo);
}

static void draw_bar(cairo_t *cairo, double x, double y, double height, double end)
{
    const size_t bands = (size_t)height;
    for (size_t i = 0; i < bands; i++) {
        nca_colour colour = nca__magma(1.0 - ((double)i + 0.5) / (double)bands);
        nca__set_colour(cairo, (unsigned)(colour.r << 16 | colour.g << 8 | colour.b));
        nca__cairo.rectangle(cairo, x, y + (double)i, BAR_WIDTH, 1.0);
        nca__cairo.fill(cairo);
    }
    draw_border(cairo, x, y, BAR_WIDTH, (double)bands);
    nca__ticks ticks;
    nca__ticks_linear(&ticks, 0.0, end, height >= LEAST_BAR ? 5 : 2, false);
    for (size_t i = 0; i < ticks.count; i++) {
        double at = floor(y + (double)bands * (1.0 - ticks.tick[i].value / end)) + 0.5;
        nca__set_colour(cairo, NCA__INK_SOFT);
        nca__cairo.move_to(cairo, x + BAR_WIDTH + 1.0, at);
        nca__cairo.line_to(cairo, x + BAR_WIDTH + 7.0, at);
        nca__cairo.stroke(cairo);
        nca__label_draw(cairo, x + BAR_WIDTH + 12.0, at + 6.5, NCA__LEFT, number_font,
                        &ticks.tick[i].label);
    }
}

static void draw_page(nca__canvas *canvas, const panels *page, nca_image *const images[3],
                      const char *caption, double end)
{
    static const char *const headings[] = {"target", "grown", "difference"};
    double column = fmax(page->width, LEAST_COLUMN);
    double top = MARGIN + HEADING;
    double left = MARGIN;
    for (size_t i = 0; i < 3; i++) {
        double inset = floor((column - page->width) / 2.0);
        nca__text(canvas->cairo, left + column / 2.0, MARGIN + 20.0, NCA__CENTRE, heading_font,
                  headings[i], 0.0);
        nca__canvas_image(canvas, images[i], left + inset, top, page->scale);
        draw_border(canvas->cairo, left + inset, top, page->width, page->height);
        left += column + GAP;
    }
    draw_bar(canvas->cairo, left - GAP + BAR_GAP, top, page->height, end);
    double below = top + page->height + 34.0;
    const char *const meaning = "mean |target \xe2\x88\x92 grown| over RGBA";
    nca__text(canvas->cairo, left - GAP - column / 2.0, below, NCA__CENTRE, caption_font, meaning,
              column + GAP / 2.0);
    if (caption != NULL) { /* it describes the grown picture */
        nca__text(canvas->cairo, left - 2 * GAP - 1.5 * column, below, NCA__CENTRE, caption_font,
                  caption, column + GAP / 2.0);
    }
}

nca_status nca_picture_comparison(const char *path, const float *target, const float *grown,
                                  size_t height, size_t width, nca_colour background,
                                  const char *caption, nca_error *error)
{
    assert(path != NULL && target != NULL && grown != NULL);
    nca_image *images[3] = {NULL, NULL, NULL};
    nca__canvas canvas = {0};
    double *values = NULL;
    if (height == 0 || width == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: a grid of %zu x %zu cells cannot be drawn", path, width, height);
    }
    nca_status status = nca_picture_rgba(&images[0], target, height, width, background, error);
    if (status != NCA_OK) {
        goto done;
    }
    status = nca_picture_rgba(&images[1], grown, height, width, background, error);
    if (status != NCA_OK) {
        goto done;
    }
    values = calloc(height * width, sizeof *values);
    if (values == NULL) {
        status = nca__fail_memory(error, path, height * width * sizeof *values);
        goto done;
    }
    double end = bar_end(differences(values, target, grown, height * width));
    status = paint_differences(&images[2], values, height, width, end, error);
    if (status != NCA_OK) {
        goto done;
    }
    panels page = arrange(height, width);
    status = nca__canvas_open(&canvas, path, page.page_width, page.page_height, 1.0, false, error);
    if (status != NCA_OK) {
        goto done;
    }
    draw_page(&canvas, &page, images, caption, end);
    status = nca__canvas_save(&canvas, path, NULL, error);
done:
    nca__canvas_close(&canvas);
    free(values);
    for (size_t i = 0; i < 3; i++) {
        nca_image_destroy(images[i]);
    }
    return status;
}
