/* The filmstrip: frames in rows, with a label below each and a title above. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "nca/picture.h"
#include "render/canvas.h"
#include "render/chart.h"

enum {
    MOST_IN_A_ROW = 8
};

typedef struct layout {
    size_t columns, rows;
    double frame_width, frame_height; /* enlarged */
    double cell_width, cell_height;   /* frame, label and the gap after it */
    double margin, gap, top;
    double label_size, title_size;
    double width, height;
} layout;

static nca_status check_frames(const char *path, const nca_image *const *frames, size_t count,
                               size_t scale, nca_error *error)
{
    if (count == 0 || scale == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: a filmstrip needs at least one frame and a scale of at least 1, "
                         "found %zu frames and scale %zu",
                         path, count, scale);
    }
    for (size_t i = 0; i < count; i++) {
        if (frames[i]->width != frames[0]->width || frames[i]->height != frames[0]->height) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "%s: frame %zu is %zu x %zu, expected %zu x %zu as the first", path, i,
                             frames[i]->width, frames[i]->height, frames[0]->width,
                             frames[0]->height);
        }
    }
    return NCA_OK;
}

/* Width of the widest label in units of the font size, measured before the page exists. */
static double widest_label(const char *const *labels, size_t count)
{
    cairo_surface_t *surface = nca__cairo.image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cairo = nca__cairo.create(surface);
    double widest = 0.0;
    for (size_t i = 0; i < count && labels != NULL; i++) {
        const nca__font font = {100.0, false, NCA__INK};
        widest = fmax(widest, nca__text_width(cairo, font, labels[i]) / 100.0);
    }
    nca__cairo.destroy(cairo);
    nca__cairo.surface_destroy(surface);
    return widest;
}

/* Balances the rows: nine frames are drawn as 5 + 4 rather than 8 + 1. */
static layout arrange(const nca_image *frame, const char *const *labels, size_t count, size_t scale,
                      bool titled)
{
    layout page = {.rows = (count + MOST_IN_A_ROW - 1) / MOST_IN_A_ROW};
    page.columns = (count + page.rows - 1) / page.rows;
    page.frame_width = (double)frame->width * (double)scale;
    page.frame_height = (double)frame->height * (double)scale;
    double larger = fmax(page.frame_width, page.frame_height);
    page.label_size = floor(fmin(fmax(larger * 0.085, 12.0), 48.0));
    page.title_size = floor(page.label_size * 1.25);
    page.gap = floor(fmax(larger * 0.07, 8.0));
    page.margin = page.gap * 1.5;
    page.margin = floor(page.margin);
    double label_width = widest_label(labels, count) * page.label_size + 4.0;
    page.cell_width = ceil(fmax(page.frame_width, fmin(label_width, 16.0 * page.label_size)));
    double label_height = labels != NULL ? ceil(page.label_size * 1.75) : 0.0;
    page.cell_height = page.frame_height + label_height;
    page.top = page.margin + (titled ? ceil(page.title_size * 1.8) : 0.0);
    double columns = (double)page.columns;
    double rows = (double)page.rows;
    page.width = 2.0 * page.margin + columns * page.cell_width + (columns - 1.0) * page.gap;
    page.height = page.top + rows * page.cell_height + (rows - 1.0) * page.gap +
                  (labels != NULL ? floor(page.margin * 0.6) : page.margin);
    return page;
}

static void draw_frame(nca__canvas *canvas, const layout *page, const nca_image *frame, double x,
                       double y, size_t scale)
{
    nca__canvas_image(canvas, frame, x, y, (double)scale);
    nca__set_colour(canvas->cairo, NCA__RULE);
    nca__cairo.set_line_width(canvas->cairo, 1.0);
    nca__cairo.rectangle(canvas->cairo, x - 0.5, y - 0.5, page->frame_width + 1.0,
                         page->frame_height + 1.0);
    nca__cairo.stroke(canvas->cairo);
}

static void draw_strip(nca__canvas *canvas, const layout *page, const nca_image *const *frames,
                       const char *const *labels, size_t count, size_t scale, const char *title)
{
    const nca__font title_font = {page->title_size, true, NCA__INK};
    const nca__font label_font = {page->label_size, false, NCA__INK_SOFT};
    double inset = floor((page->cell_width - page->frame_width) / 2.0);
    if (title != NULL) {
        nca__text(canvas->cairo, page->margin + inset, page->margin + page->title_size * 0.85,
                  NCA__LEFT, title_font, title, page->width - 2.0 * page->margin - inset);
    }
    for (size_t i = 0; i < count; i++) {
        double column = (double)(i % page->columns);
        double row = (double)(i / page->columns);
        double x = page->margin + column * (page->cell_width + page->gap);
        double y = page->top + row * (page->cell_height + page->gap);
        draw_frame(canvas, page, frames[i], x + inset, y, scale);
        if (labels != NULL && labels[i] != NULL) {
            nca__text(canvas->cairo, x + page->cell_width / 2.0,
                      y + page->frame_height + page->label_size * 1.35, NCA__CENTRE, label_font,
                      labels[i], page->cell_width);
        }
    }
}

nca_status nca_picture_filmstrip(const char *path, const nca_image *const *frames,
                                 const char *const *labels, size_t count, size_t scale,
                                 const char *title, nca_error *error)
{
    assert(path != NULL && (frames != NULL || count == 0));
    nca_status status = check_frames(path, frames, count, scale, error);
    if (status == NCA_OK) {
        status = nca__cairo_open(error);
    }
    if (status != NCA_OK) {
        return status;
    }
    bool titled = title != NULL && title[0] != '\0';
    layout page = arrange(frames[0], labels, count, scale, titled);
    nca__canvas canvas;
    status = nca__canvas_open(&canvas, path, page.width, page.height, 1.0, false, error);
    if (status != NCA_OK) {
        return status;
    }
    draw_strip(&canvas, &page, frames, labels, count, scale, titled ? title : NULL);
    status = nca__canvas_save(&canvas, path, title, error);
    nca__canvas_close(&canvas);
    return status;
}
