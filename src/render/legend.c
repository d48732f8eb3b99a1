/* The legend below pictures: a colour bar with numbers, or a few named colours. */
#include "render/legend.h"

#include <math.h>

#include "render/canvas.h"
#include "render/cell_colour.h"

/* In units of the font size. */
static const double bar_width = 16.0, bar_height = 0.8, line_height = 1.5, tick_length = 0.3,
                    numbers_height = 1.5, swatch_gap = 0.5, between_swatches = 1.5,
                    point_length = 0.7; /* in units of the bar's height */

static unsigned packed(nca_colour colour)
{
    return (unsigned)(colour.r << 16 | colour.g << 8 | colour.b);
}

static void draw_frame(cairo_t *cairo, double x, double y, double width, double height)
{
    nca__set_colour(cairo, NCA__RULE);
    nca__cairo.set_line_width(cairo, 1.0);
    nca__cairo.rectangle(cairo, x - 0.5, y - 0.5, width + 1.0, height + 1.0);
    nca__cairo.stroke(cairo);
}

/* ---- A bar -----------------------------------------------------------------------------------*/

static double width_of_bar(nca__font font, double limit)
{
    return floor(fmin(bar_width * font.size, limit));
}

/* A pointed end, which means that values may be beyond it. `length` is negative for the left
 * end. */
static void draw_point(cairo_t *cairo, double x, double y, double length, double height,
                       nca_colour colour)
{
    nca__set_colour(cairo, packed(colour));
    nca__cairo.move_to(cairo, x, y);
    nca__cairo.line_to(cairo, x + length, y + height / 2.0);
    nca__cairo.line_to(cairo, x, y + height);
    nca__cairo.close_path(cairo);
    nca__cairo.fill(cairo);
}

/* Whether the numbers halfway fit between their neighbours. */
static bool halves_fit(cairo_t *cairo, const nca_legend *legend, nca__font font, double width)
{
    const double between = width / (legend->is_signed ? 4.0 : 2.0);
    const nca__label half = nca__number(-legend->end / 2.0, 4, true);
    const nca__label end = nca__number(-legend->end, 4, true);
    return (nca__label_width(cairo, font, &half) + nca__label_width(cairo, font, &end)) / 2.0 <
           between;
}

/* The numbers at both ends, at 0 and, if there is room, halfway between. */
static void draw_numbers(cairo_t *cairo, double x, double y, const nca_legend *legend,
                         nca__font font, double width)
{
    const double length = floor(tick_length * font.size);
    const int first = legend->is_signed ? -2 : 0;
    const int stride = halves_fit(cairo, legend, font, width) ? 1 : 2;
    for (int half = first; half <= 2; half += stride) {
        double share = (double)(half - first) / (double)(2 - first);
        double at = x + floor(share * (width - 1.0)) + 0.5;
        nca__label label = nca__number(legend->end * half / 2.0, 4, true);
        nca__set_colour(cairo, NCA__INK_SOFT);
        nca__cairo.move_to(cairo, at, y);
        nca__cairo.line_to(cairo, at, y + length);
        nca__cairo.stroke(cairo);
        nca__label_draw(cairo, at, y + length + font.size, NCA__CENTRE, font, &label);
    }
}

static void draw_bar(cairo_t *cairo, double x, double y, const nca_legend *legend, nca__font font,
                     double width)
{
    const double low = legend->is_signed ? -legend->end : 0.0, span = legend->end - low;
    const double height = floor(bar_height * font.size);
    for (double at = 0.0; at < width; at += 1.0) {
        double value = low + (at + 0.5) / width * span;
        nca__set_colour(cairo, packed(nca__cell_colour(value, legend->end, legend->is_signed)));
        nca__cairo.rectangle(cairo, x + at, y, 1.0, height);
        nca__cairo.fill(cairo);
    }
    if (legend->is_open) {
        draw_point(cairo, x + width, y, height * point_length, height,
                   nca__cell_colour(legend->end, legend->end, legend->is_signed));
    }
    if (legend->is_open && legend->is_signed) {
        draw_point(cairo, x, y, -height * point_length, height,
                   nca__cell_colour(-legend->end, legend->end, true));
    }
    if (!legend->is_open) {
        draw_frame(cairo, x, y, width, height);
    }
    draw_numbers(cairo, x, y + height + 1.0, legend, font, width);
}

/* ---- Swatches --------------------------------------------------------------------------------*/

static double width_of_swatch(cairo_t *cairo, const nca_legend *legend, nca__font font, size_t i)
{
    return font.size * (1.0 + swatch_gap) + nca__text_width(cairo, font, legend->names[i]);
}

/* In one row if they fit, otherwise one below the other. */
static double width_of_swatches(cairo_t *cairo, const nca_legend *legend, nca__font font,
                                double limit, bool *out_row)
{
    double row = 0.0, widest = 0.0;
    for (size_t i = 0; i < legend->swatches; i++) {
        double width = width_of_swatch(cairo, legend, font, i);
        row += width + (i > 0 ? between_swatches * font.size : 0.0);
        widest = fmax(widest, width);
    }
    *out_row = row <= limit;
    return *out_row ? row : widest;
}

static void draw_swatches(cairo_t *cairo, double x, double y, const nca_legend *legend,
                          nca__font font, double limit)
{
    bool row;
    width_of_swatches(cairo, legend, font, limit, &row);
    for (size_t i = 0; i < legend->swatches; i++) {
        nca__set_colour(cairo, packed(legend->colours[i]));
        nca__cairo.rectangle(cairo, floor(x), floor(y), floor(font.size), floor(font.size));
        nca__cairo.fill(cairo);
        draw_frame(cairo, floor(x), floor(y), floor(font.size), floor(font.size));
        nca__text(cairo, x + font.size * (1.0 + swatch_gap), y + font.size * 0.87, NCA__LEFT, font,
                  legend->names[i], 0.0);
        if (row) {
            x += width_of_swatch(cairo, legend, font, i) + between_swatches * font.size;
        } else {
            y += line_height * font.size;
        }
    }
}

/* ---- Both kinds ------------------------------------------------------------------------------ */

void nca__legend_size(double *out_width, double *out_height, cairo_t *cairo,
                      const nca_legend *legend, nca__font font, double limit)
{
    if (legend->swatches > 0) {
        bool row;
        *out_width = ceil(width_of_swatches(cairo, legend, font, limit, &row));
        *out_height = ceil(line_height * font.size * (row ? 1.0 : (double)legend->swatches));
        return;
    }
    /* The last number is centred below the bar's end, so it extends beyond the bar. */
    double bar = width_of_bar(font, limit) + 2.0 * font.size;
    *out_width = ceil(fmax(bar, nca__text_width(cairo, font, legend->label)));
    *out_height = ceil(font.size * (line_height + bar_height + tick_length + numbers_height));
}

void nca__legend_draw(cairo_t *cairo, double x, double y, const nca_legend *legend, nca__font font,
                      double limit)
{
    if (legend->swatches > 0) {
        draw_swatches(cairo, x, y, legend, font, limit);
        return;
    }
    nca__text(cairo, x, y + font.size, NCA__LEFT, font, legend->label, 0.0);
    draw_bar(cairo, x, floor(y + line_height * font.size), legend, font, width_of_bar(font, limit));
}
