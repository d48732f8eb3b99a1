/* Text for charts and labelled pictures. Uses cairo's own font interface, so any font that
 * fontconfig finds is sufficient. */
#include "render/chart.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "render/canvas.h"

/* ---- Text -----------------------------------------------------------------------------------*/

static const char ellipsis[] = "\xe2\x80\xa6";

/* The length of the character at `text` if cairo accepts it, or 0: after one invalid byte, cairo
 * would ignore all further drawing. */
static size_t drawable_length(const char *text)
{
    uint32_t code;
    const size_t length = nca__utf8_read(&code, text, SIZE_MAX);
    if (length == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xfffe ||
        code == 0xffff) {
        return 0;
    }
    return length;
}

void nca__text_clean(char out_text[NCA__TEXT_SIZE], const char *text)
{
    const size_t room = NCA__TEXT_SIZE - sizeof ellipsis;
    size_t length = 0;
    for (const char *at = text != NULL ? text : ""; *at != '\0';) {
        size_t taken = drawable_length(at);
        size_t size = taken > 0 ? taken : 1;
        if (length + size > room) {
            memcpy(out_text + length, ellipsis, sizeof ellipsis);
            return;
        }
        if (taken > 0) {
            memcpy(out_text + length, at, size);
        } else {
            out_text[length] = '?';
        }
        length += size;
        at += size;
    }
    out_text[length] = '\0';
}

static void use_font(cairo_t *cairo, nca__font font)
{
    nca__cairo.select_font_face(cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                                font.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    nca__cairo.set_font_size(cairo, font.size);
    nca__set_colour(cairo, font.colour);
}

static double advance(cairo_t *cairo, const char *text)
{
    cairo_text_extents_t extents;
    nca__cairo.text_extents(cairo, text, &extents);
    return extents.x_advance;
}

double nca__text_width(cairo_t *cairo, nca__font font, const char *text)
{
    char clean[NCA__TEXT_SIZE];
    nca__text_clean(clean, text);
    use_font(cairo, font);
    return advance(cairo, clean);
}

/* Removes characters from the end until the text and an ellipsis fit. */
static void cut_to(cairo_t *cairo, char *text, double limit)
{
    size_t length = strlen(text);
    while (advance(cairo, text) > limit && length > 0) {
        length = nca__utf8_cut(text, length - 1);
        memcpy(text + length, ellipsis, sizeof ellipsis);
    }
}

static double anchored(double x, double width, nca__anchor anchor)
{
    return anchor == NCA__LEFT ? x : anchor == NCA__RIGHT ? x - width : x - width / 2.0;
}

double nca__text(cairo_t *cairo, double x, double y, nca__anchor anchor, nca__font font,
                 const char *text, double limit)
{
    char clean[NCA__TEXT_SIZE + sizeof ellipsis];
    nca__text_clean(clean, text);
    use_font(cairo, font);
    if (limit > 0.0) {
        cut_to(cairo, clean, limit);
    }
    double width = advance(cairo, clean);
    nca__cairo.move_to(cairo, anchored(x, width, anchor), y);
    nca__cairo.show_text(cairo, clean);
    return width;
}

static nca__font font_of_power(nca__font font)
{
    font.size *= 0.72;
    return font;
}

static double width_of_power(cairo_t *cairo, nca__font font, const nca__label *label)
{
    return label->power[0] != '\0' ? nca__text_width(cairo, font_of_power(font), label->power) + 1.0
                                   : 0.0;
}

double nca__label_width(cairo_t *cairo, nca__font font, const nca__label *label)
{
    return nca__text_width(cairo, font, label->text) + width_of_power(cairo, font, label);
}

double nca__label_draw(cairo_t *cairo, double x, double y, nca__anchor anchor, nca__font font,
                       const nca__label *label)
{
    double text = nca__text_width(cairo, font, label->text);
    double power = width_of_power(cairo, font, label);
    double left = anchored(x, text + power, anchor);
    nca__text(cairo, left, y, NCA__LEFT, font, label->text, 0.0);
    if (power > 0.0) {
        nca__text(cairo, left + text + 1.0, y - font.size * 0.38, NCA__LEFT, font_of_power(font),
                  label->power, 0.0);
    }
    return text + power;
}
