/* See pen.h. */
#include "render/pen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "render/canvas.h"
#include "render/class_colour.h"
#include "render/svg_text.h"

static const double default_size = 12.0;
static const double page_size = 15.0;    /* of a page's text, between 13 and, on a telephone, 16 */
static const double letter_width = 0.58; /* of the size; an estimate */

static unsigned colour_of(int tone)
{
    static const unsigned greys[] = {NCA__INK, NCA__INK_SOFT, NCA__RULE, 0xffffff};
    return tone >= 0 ? nca__class_colour((size_t)tone) : greys[-tone - 1];
}

static void use_tone(cairo_t *cairo, int tone, double opacity)
{
    const unsigned rgb = colour_of(tone);
    nca__cairo.set_source_rgba(cairo, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                               (rgb & 255) / 255.0, opacity);
}

/* The style class of a line or an area. */
static void print_tone(FILE *out, int tone)
{
    static const char *const names[] = {"strong", "soft", "grid", "paper"};
    if (tone >= 0) {
        fprintf(out, "c%d", tone % NCA__CLASS_COLOURS);
    } else {
        fputs(names[-tone - 1], out);
    }
}

/* ---- Lines and areas -------------------------------------------------------------------------*/

static void stroke_with_cairo(cairo_t *cairo, nca__stroke stroke, const double *points,
                              size_t count)
{
    static const double dashed[] = {7.0, 4.0}, dotted[] = {1.5, 3.5};
    use_tone(cairo, stroke.tone, 1.0);
    nca__cairo.set_line_width(cairo, stroke.width);
    nca__cairo.set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    if (stroke.dash != NCA__SOLID) {
        nca__cairo.set_dash(cairo, stroke.dash == NCA__DASHED ? dashed : dotted, 2, 0.0);
    }
    nca__cairo.new_path(cairo);
    for (size_t i = 0; i < count; i++) {
        const double *p = points + 2 * i;
        const bool starts = i == 0 || !isfinite(p[-2]) || !isfinite(p[-1]);
        if (isfinite(p[0]) && isfinite(p[1])) {
            (starts ? nca__cairo.move_to : nca__cairo.line_to)(cairo, p[0], p[1]);
        }
    }
    nca__cairo.stroke(cairo);
    nca__cairo.set_dash(cairo, NULL, 0, 0.0);
}

void nca__pen_line(const nca__pen *pen, nca__stroke stroke, const double *points, size_t count)
{
    static const char *const dashes[] = {"", " stroke-dasharray=\"7 4\"",
                                         " stroke-dasharray=\"1.5 3.5\""};
    if (pen->cairo != NULL) {
        stroke_with_cairo(pen->cairo, stroke, points, count);
        return;
    }
    fputs(stroke.tone == NCA__TONE_SOFT ? "<path class=\"" : "<path class=\"line ", pen->svg);
    if (stroke.tone == NCA__TONE_SOFT) {
        fputs(stroke.dash == NCA__SOLID ? "axis" : "mark", pen->svg);
    } else {
        print_tone(pen->svg, stroke.tone);
    }
    fprintf(pen->svg, "\"%s d=\"", dashes[stroke.dash]);
    for (size_t i = 0; i < count; i++) {
        const double *p = points + 2 * i;
        const bool starts = i == 0 || !isfinite(p[-2]) || !isfinite(p[-1]);
        if (isfinite(p[0]) && isfinite(p[1])) {
            nca__svg_point(pen->svg, starts ? 'M' : 'L', p[0], p[1]);
        }
    }
    fputs("\"/>\n", pen->svg);
}

static void print_box(FILE *out, double x, double y, double width, double height)
{
    nca__svg_point(out, 'M', x, y);
    fputc('h', out);
    nca__svg_coordinate(out, width);
    fputc('v', out);
    nca__svg_coordinate(out, height);
    fputc('h', out);
    nca__svg_coordinate(out, -width);
    fputs("z\"/>\n", out);
}

void nca__pen_area(const nca__pen *pen, double x, double y, double width, double height, int tone,
                   double opacity)
{
    if (!(width > 0.0 && height > 0.0 && opacity > 0.0)) {
        return;
    }
    if (pen->cairo != NULL) {
        use_tone(pen->cairo, tone, opacity);
        nca__cairo.rectangle(pen->cairo, x, y, width, height);
        nca__cairo.fill(pen->cairo);
        return;
    }
    fputs("<path class=\"area ", pen->svg);
    print_tone(pen->svg, tone);
    const long percent = lround(fmin(opacity, 1.0) * 100.0);
    if (percent < 100) {
        fprintf(pen->svg, "\" fill-opacity=\".%02ld", percent);
    }
    fputs("\" d=\"", pen->svg);
    print_box(pen->svg, x, y, width, height);
}

void nca__pen_frame(const nca__pen *pen, double x, double y, double width, double height)
{
    if (pen->cairo != NULL) {
        use_tone(pen->cairo, NCA__TONE_RULE, 1.0);
        nca__cairo.set_line_width(pen->cairo, 1.0);
        nca__cairo.rectangle(pen->cairo, x, y, width, height);
        nca__cairo.stroke(pen->cairo);
        return;
    }
    fputs("<path class=\"grid\" d=\"", pen->svg);
    print_box(pen->svg, x, y, width, height);
}

void nca__pen_dot(const nca__pen *pen, double x, double y, double radius, int tone)
{
    if (pen->cairo != NULL) {
        use_tone(pen->cairo, tone, 1.0);
        nca__dot(pen->cairo, x, y, radius);
        nca__cairo.fill(pen->cairo);
        return;
    }
    fputs("<circle class=\"dot ", pen->svg);
    print_tone(pen->svg, tone);
    fputs("\" r=\"", pen->svg);
    nca__svg_coordinate(pen->svg, radius);
    fputs("\" cx=\"", pen->svg);
    nca__svg_coordinate(pen->svg, x);
    fputs("\" cy=\"", pen->svg);
    nca__svg_coordinate(pen->svg, y);
    fputs("\"/>\n", pen->svg);
}

/* ---- Text ------------------------------------------------------------------------------------*/

static nca__font font_of(nca__script script)
{
    return (nca__font){script.size > 0.0 ? script.size : default_size, script.bold,
                       colour_of(script.tone)};
}

double nca__pen_width(const nca__pen *pen, nca__script script, const char *text)
{
    if (pen->cairo != NULL) {
        return nca__text_width(pen->cairo, font_of(script), text);
    }
    const double size = script.size > 0.0 ? script.size : page_size;
    return (double)nca__svg_letters(text) * letter_width * size;
}

static void print_script(const nca__pen *pen, nca__anchor anchor, nca__script script,
                         const char *text, double limit)
{
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    static const char ellipsis[] = "\xe2\x80\xa6";
    char clean[NCA__TEXT_SIZE + sizeof ellipsis];
    nca__text_clean(clean, text);
    size_t length = strlen(clean);
    while (limit > 0.0 && length > 0 && nca__pen_width(pen, script, clean) > limit) {
        length = nca__utf8_cut(clean, length - 1);
        memcpy(clean + length, ellipsis, sizeof ellipsis);
    }
    fputs(anchors[anchor], pen->svg);
    if (script.tone == NCA__TONE_INK || script.tone == NCA__TONE_PAPER) {
        fputs(script.tone == NCA__TONE_INK ? " class=\"ink\"" : " class=\"on\"", pen->svg);
    }
    if (script.size > 0.0) {
        fputs(" font-size=\"", pen->svg);
        nca__svg_coordinate(pen->svg, script.size);
        fputc('"', pen->svg);
    }
    fputs(script.bold ? " font-weight=\"bold\">" : ">", pen->svg);
    nca__svg_escaped(pen->svg, clean);
    fputs("</text>\n", pen->svg);
}

void nca__pen_turned(const nca__pen *pen, double x, double y, double degrees, nca__anchor anchor,
                     nca__script script, const char *text, double limit)
{
    if (pen->cairo != NULL) {
        nca__cairo.save(pen->cairo);
        nca__cairo.translate(pen->cairo, x, y);
        nca__cairo.rotate(pen->cairo, -degrees * acos(-1.0) / 180.0);
        nca__text(pen->cairo, 0.0, 0.0, anchor, font_of(script), text, limit);
        nca__cairo.restore(pen->cairo);
        return;
    }
    fputs("<text transform=\"translate(", pen->svg);
    nca__svg_coordinate(pen->svg, x);
    fputc(' ', pen->svg);
    nca__svg_coordinate(pen->svg, y);
    fputs(")rotate(", pen->svg);
    nca__svg_coordinate(pen->svg, -degrees);
    fputs(")\"", pen->svg);
    print_script(pen, anchor, script, text, limit);
}

void nca__pen_text(const nca__pen *pen, double x, double y, nca__anchor anchor, nca__script script,
                   const char *text, double limit)
{
    if (pen->cairo != NULL) {
        nca__text(pen->cairo, x, y, anchor, font_of(script), text, limit);
        return;
    }
    fputs("<text x=\"", pen->svg);
    nca__svg_coordinate(pen->svg, x);
    fputs("\" y=\"", pen->svg);
    nca__svg_coordinate(pen->svg, y);
    fputc('"', pen->svg);
    print_script(pen, anchor, script, text, limit);
}

void nca__pen_axes(const nca__pen *pen, const nca__axes *axes, const char *x_name,
                   const char *y_name)
{
    if (pen->cairo != NULL) {
        nca__axes_draw_x(pen->cairo, axes, x_name);
        nca__axes_draw_y(pen->cairo, axes, y_name);
        nca__axes_draw_edges(pen->cairo, axes);
        return;
    }
    nca__svg_axes(pen->svg, axes, x_name);
    nca__pen_turned(pen, axes->left - 50.0, (axes->top + axes->bottom) / 2.0, 90.0, NCA__CENTRE,
                    (nca__script){.tone = NCA__TONE_SOFT}, y_name, 0.0);
}

/* ---- Plots -----------------------------------------------------------------------------------*/

nca_status nca__pen_save(const nca__drawing *drawing, const char *path, nca_error *error)
{
    const bool titled = drawing->title != NULL && drawing->title[0] != '\0';
    const double top = titled ? NCA__TITLE_HEIGHT : 0.0;
    nca__canvas canvas = {0};
    nca_status status = nca__canvas_open(&canvas, path, drawing->width, drawing->height + top,
                                         NCA__PLOT_DENSITY, true, error);
    if (status == NCA_OK) {
        const nca__font font = {17.0, true, NCA__INK};
        if (titled) {
            nca__text(canvas.cairo, 24.0, 32.0, NCA__LEFT, font, drawing->title,
                      drawing->width - 48.0);
        }
        drawing->draw(&(nca__pen){.cairo = canvas.cairo}, top, drawing->data);
        status = nca__canvas_save(&canvas, path, drawing->title, error);
    }
    nca__canvas_close(&canvas);
    return status;
}

nca_status nca__pen_print(char **out_svg, const nca__drawing *drawing, nca_error *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out != NULL) {
        fprintf(out, "<svg class=\"plot\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"",
                drawing->width, drawing->height);
        nca__svg_escaped(out, drawing->title);
        fputs("\">\n", out);
        drawing->draw(&(nca__pen){.svg = out}, 0.0, drawing->data);
        fputs("</svg>\n", out);
        text = nca__svg_finish(out, &text);
    }
    if (text == NULL) {
        return nca__fail_memory(error, "a plot", size);
    }
    *out_svg = text;
    return NCA_OK;
}
