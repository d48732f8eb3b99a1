/* The contact sheet: a grid of pictures with labels, as a file or as an image. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "nca/picture.h"
#include "render/canvas.h"
#include "render/chart.h"
#include "render/legend.h"

enum {
    EMPTY_PLACE = 0xf6f8fa,
    MOST_LINES = 8 /* per label */
};

static const double line_spacing = 1.3;

typedef struct layout {
    double place_width, place_height; /* of the largest picture, enlarged */
    double column_width;              /* the place and extra room for its labels */
    double caption_height;            /* of the captions below a row */
    double gap, margin, left, top;    /* left and top: position of the first place */
    nca__font title, label, caption;
    double legend_limit, legend_top; /* maximum width of the legend, and its position */
    double width, height;
} layout;

void nca_sheet_default(nca_sheet *out)
{
    *out = (nca_sheet){.scale = 1};
}

static nca_status check(const char *name, const nca_sheet *sheet, nca_error *error)
{
    nca_status room = nca__check_reserved(sheet->reserved, NCA_RESERVED, "nca_sheet", error);
    if (room != NCA_OK) {
        return room;
    }
    size_t cells;
    if (sheet->rows == 0 || sheet->columns == 0 || sheet->scale == 0 ||
        __builtin_mul_overflow(sheet->rows, sheet->columns, &cells)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: a sheet needs at least one row, one column and a scale of at least "
                         "1, found %zu x %zu and scale %zu",
                         name, sheet->rows, sheet->columns, sheet->scale);
    }
    return NCA_OK;
}

/* ---- Labels with several lines --------------------------------------------------------------- */

typedef struct lines {
    char text[MOST_LINES][NCA__TEXT_SIZE];
    size_t count;
} lines;

static void split(lines *out, const char *label)
{
    out->count = 0;
    while (label != NULL && out->count < MOST_LINES) {
        size_t length = strcspn(label, "\n");
        size_t kept = length < NCA__TEXT_SIZE - 1 ? length : NCA__TEXT_SIZE - 1;
        memcpy(out->text[out->count], label, kept);
        out->text[out->count++][kept] = 0;
        label = label[length] == '\n' ? label + length + 1 : NULL;
    }
}

/* The width of the widest line and the largest number of lines of some labels. */
static double widest(cairo_t *cairo, nca__font font, const char *const *labels, size_t count,
                     size_t *out_lines)
{
    double most = 0.0;
    *out_lines = 0;
    for (size_t i = 0; i < count && labels != NULL; i++) {
        lines parts;
        split(&parts, labels[i]);
        *out_lines = parts.count > *out_lines ? parts.count : *out_lines;
        for (size_t k = 0; k < parts.count; k++) {
            most = fmax(most, nca__text_width(cairo, font, parts.text[k]));
        }
    }
    return ceil(most);
}

/* Draws a label whose last line has its baseline at `bottom`. */
static void draw_lines(cairo_t *cairo, double x, double bottom, nca__anchor anchor, nca__font font,
                       const char *label, double limit)
{
    lines parts;
    split(&parts, label);
    for (size_t i = 0; i < parts.count; i++) {
        double y = bottom - (double)(parts.count - 1 - i) * font.size * line_spacing;
        nca__text(cairo, x, y, anchor, font, parts.text[i], limit);
    }
}

/* ---- Layout ---------------------------------------------------------------------------------- */

static void measure_places(layout *page, const nca_sheet *sheet)
{
    size_t width = 1, height = 1;
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++) {
        const nca_image *cell = sheet->cells[i];
        width = cell != NULL && cell->width > width ? cell->width : width;
        height = cell != NULL && cell->height > height ? cell->height : height;
    }
    page->place_width = (double)width * (double)sheet->scale;
    page->place_height = (double)height * (double)sheet->scale;
}

/* The height of the places of a row: of its highest picture, so that rows of low pictures are low.
 */
static double height_of_row(const layout *page, const nca_sheet *sheet, size_t row)
{
    size_t height = 0;
    for (size_t i = row * sheet->columns; i < (row + 1) * sheet->columns; i++) {
        const nca_image *cell = sheet->cells[i];
        height = cell != NULL && cell->height > height ? cell->height : height;
    }
    return height > 0 ? (double)height * (double)sheet->scale : page->place_height;
}

/* Below everything, and as wide as all places together; a page that is too narrow is widened. */
static void add_legend(layout *page, cairo_t *cairo, const nca_sheet *sheet)
{
    double width, height;
    page->legend_limit = page->width - page->left - page->margin;
    page->legend_top = page->height;
    nca__legend_size(&width, &height, cairo, sheet->legend, page->caption, page->legend_limit);
    page->width = fmax(page->width, page->left + width + page->margin);
    page->height += height + page->margin * 0.75;
}

static layout arrange(const nca_sheet *sheet)
{
    layout page = {0};
    measure_places(&page, sheet);
    double larger = fmax(page.place_width, page.place_height);
    double size = floor(fmin(fmax(larger * 0.115, 12.0), 30.0));
    page.label = (nca__font){size, false, NCA__INK};
    page.caption = (nca__font){floor(fmax(size * 0.9, 11.0)), false, NCA__INK_SOFT};
    page.title = (nca__font){floor(size * 1.2), true, NCA__INK};
    page.gap = floor(fmax(larger * 0.08, 8.0));
    page.margin = floor(page.gap * 2.0);

    /* Measures text before the page exists. */
    cairo_surface_t *surface = nca__cairo.image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cairo = nca__cairo.create(surface);
    size_t ignored, above, below;
    nca__font bold = page.caption;
    bold.bold = sheet->marked != NULL;
    double rows = widest(cairo, page.label, sheet->row_labels, sheet->rows, &ignored);
    double columns = widest(cairo, page.label, sheet->column_labels, sheet->columns, &above);
    double captions = widest(cairo, bold, sheet->captions, sheet->rows * sheet->columns, &below);

    double wanted = fmin(fmax(columns, captions), 14.0 * size);
    page.column_width = ceil(fmax(page.place_width, wanted));
    page.caption_height =
        sheet->captions != NULL
            ? ceil((double)below * page.caption.size * line_spacing) + page.gap * 0.5
            : 0.0;

    page.left =
        page.margin + (sheet->row_labels != NULL ? fmin(rows, 18.0 * size) + page.gap * 1.5 : 0.0);
    page.left = ceil(page.left);
    page.top = page.margin + ceil((double)above * size * line_spacing) +
               (sheet->title != NULL ? ceil(page.title.size * 2.0) : 0.0);
    page.width = page.left + (double)sheet->columns * page.column_width +
                 (double)(sheet->columns - 1) * page.gap + page.margin;
    page.height = page.top + (double)sheet->rows * page.caption_height +
                  (double)(sheet->rows - 1) * page.gap + page.margin * 0.75;
    for (size_t row = 0; row < sheet->rows; row++) {
        page.height += height_of_row(&page, sheet, row);
    }
    if (sheet->legend != NULL) {
        add_legend(&page, cairo, sheet);
    }
    nca__cairo.destroy(cairo);
    nca__cairo.surface_destroy(surface);
    return page;
}

/* ---- Drawing ---------------------------------------------------------------------------------*/

/* Returns the lower edge of the picture. */
static double draw_place(nca__canvas *canvas, const layout *page, const nca_image *cell, double x,
                         double y, double row_height, double scale)
{
    double width = cell != NULL ? (double)cell->width * scale : page->place_width;
    double height = cell != NULL ? (double)cell->height * scale : row_height;
    x += floor((page->column_width - width) / 2.0);
    y += floor((row_height - height) / 2.0);
    if (cell != NULL) {
        nca__canvas_image(canvas, cell, x, y, scale);
    } else {
        nca__set_colour(canvas->cairo, EMPTY_PLACE);
        nca__cairo.rectangle(canvas->cairo, x, y, width, height);
        nca__cairo.fill(canvas->cairo);
    }
    nca__set_colour(canvas->cairo, NCA__RULE);
    nca__cairo.set_line_width(canvas->cairo, 1.0);
    nca__cairo.rectangle(canvas->cairo, x - 0.5, y - 0.5, width + 1.0, height + 1.0);
    nca__cairo.stroke(canvas->cairo);
    return y + height;
}

static void draw_cell(nca__canvas *canvas, const layout *page, const nca_sheet *sheet, size_t at,
                      double y, double row_height)
{
    double x = page->left + (double)(at % sheet->columns) * (page->column_width + page->gap);
    if (sheet->cells[at] == NULL && sheet->is_blank) {
        return;
    }
    const double bottom =
        draw_place(canvas, page, sheet->cells[at], x, y, row_height, (double)sheet->scale);
    if (sheet->captions != NULL && sheet->captions[at] != NULL) {
        nca__font font = page->caption;
        font.bold = sheet->marked != NULL && sheet->marked[at];
        font.colour = font.bold ? NCA__INK : font.colour;
        lines parts;
        split(&parts, sheet->captions[at]);
        draw_lines(canvas->cairo, x + page->column_width / 2.0,
                   bottom + (double)parts.count * page->caption.size * line_spacing, NCA__CENTRE,
                   font, sheet->captions[at], page->column_width + page->gap * 0.8);
    }
}

static void draw_sheet(nca__canvas *canvas, const layout *page, const nca_sheet *sheet)
{
    if (sheet->title != NULL) {
        nca__text(canvas->cairo, page->margin, page->margin + page->title.size * 0.85, NCA__LEFT,
                  page->title, sheet->title, page->width - 2.0 * page->margin);
    }
    for (size_t column = 0; column < sheet->columns && sheet->column_labels != NULL; column++) {
        double x = page->left + (double)column * (page->column_width + page->gap);
        draw_lines(canvas->cairo, x + page->column_width / 2.0, page->top - page->label.size * 0.5,
                   NCA__CENTRE, page->label, sheet->column_labels[column],
                   page->column_width + page->gap * 0.8);
    }
    double y = page->top;
    for (size_t row = 0; row < sheet->rows; row++) {
        const double row_height = height_of_row(page, sheet, row);
        if (sheet->row_labels != NULL) {
            lines parts;
            split(&parts, sheet->row_labels[row]);
            double below = ((double)parts.count - 1.0) / 2.0 * page->label.size * line_spacing;
            draw_lines(canvas->cairo, page->margin,
                       y + row_height / 2.0 + page->label.size * 0.35 + below, NCA__LEFT,
                       page->label, sheet->row_labels[row], page->left - page->margin - page->gap);
        }
        for (size_t column = 0; column < sheet->columns; column++) {
            draw_cell(canvas, page, sheet, row * sheet->columns + column, y, row_height);
        }
        y += row_height + page->caption_height + page->gap;
    }
    if (sheet->legend != NULL) {
        nca__legend_draw(canvas->cairo, page->left, page->legend_top, sheet->legend, page->caption,
                         page->legend_limit);
    }
}

static nca_status draw(nca__canvas *canvas, const char *path, const nca_sheet *sheet,
                       nca_error *error)
{
    nca_status status = check(path, sheet, error);
    if (status == NCA_OK) {
        status = nca__cairo_open(error);
    }
    if (status != NCA_OK) {
        return status;
    }
    assert(sheet->cells != NULL);
    layout page = arrange(sheet);
    status = nca__canvas_open(canvas, path, page.width, page.height, 1.0, false, error);
    if (status == NCA_OK) {
        draw_sheet(canvas, &page, sheet);
    }
    return status;
}

nca_status nca_picture_sheet(const char *path, const nca_sheet *sheet, nca_error *error)
{
    assert(path != NULL);
    nca__canvas canvas = {0};
    nca_status status = draw(&canvas, path, sheet, error);
    if (status == NCA_OK) {
        status = nca__canvas_save(&canvas, path, NULL, error);
    }
    nca__canvas_close(&canvas);
    return status;
}

nca_status nca_picture_sheet_image(nca_image **out_image, const nca_sheet *sheet, nca_error *error)
{
    assert(out_image != NULL);
    nca__canvas canvas = {0};
    nca_status status = draw(&canvas, "sheet.png", sheet, error); /* a name for messages only */
    if (status == NCA_OK) {
        status = nca__canvas_read(out_image, &canvas, error);
    }
    nca__canvas_close(&canvas);
    return status;
}
