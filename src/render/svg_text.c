/* The parts of plots as elements of a page: numbers, texts, axes. */
#include "render/svg_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/growing_text.h"

/* ---- Text ------------------------------------------------------------------------------------*/

void nca__svg_coordinate(FILE *out, double value)
{
    const long tenths = lround(fmin(fmax(value, -9999.0), 9999.0) * 10.0);
    fprintf(out, "%s%ld", tenths < 0 ? "-" : "", labs(tenths) / 10);
    if (tenths % 10 != 0) {
        fprintf(out, ".%ld", labs(tenths) % 10);
    }
}

void nca__svg_point(FILE *out, char command, double x, double y)
{
    fputc(command, out);
    nca__svg_coordinate(out, x);
    fputc(' ', out);
    nca__svg_coordinate(out, y);
}

void nca__svg_escaped(FILE *out, const char *text)
{
    char clean[NCA__TEXT_SIZE];
    nca__text_clean(clean, text);
    for (const char *at = clean; *at != 0; at++) {
        const char *entity = nca__entity(*at);
        if (entity != NULL) {
            fputs(entity, out);
        } else {
            fputc(*at, out);
        }
    }
}

static void begin_text(FILE *out, double x, double y, const char *anchor)
{
    fputs("<text x=\"", out);
    nca__svg_coordinate(out, x);
    fputs("\" y=\"", out);
    nca__svg_coordinate(out, y);
    fprintf(out, "\"%s%s%s>", anchor != NULL ? " text-anchor=\"" : "", anchor != NULL ? anchor : "",
            anchor != NULL ? "\"" : "");
}

void nca__svg_text(FILE *out, double x, double y, const char *anchor, const char *text)
{
    begin_text(out, x, y, anchor);
    nca__svg_escaped(out, text);
    fputs("</text>\n", out);
}

void nca__svg_label(FILE *out, double x, double y, const char *anchor, const nca__label *label)
{
    begin_text(out, x, y, anchor);
    fputs(label->text, out);
    if (label->power[0] != 0) {
        fprintf(out, "<tspan dy=\"-5\" font-size=\"75%%\">%s</tspan>", label->power);
    }
    fputs("</text>\n", out);
}

size_t nca__svg_letters(const char *text)
{
    size_t count = 0;
    for (; text != NULL && *text != 0; text++) {
        count += ((unsigned char)*text & 0xC0u) != 0x80u;
    }
    return count;
}

/* ---- Axes ------------------------------------------------------------------------------------*/

void nca__svg_axes(FILE *out, const nca__axes *axes, const char *x_name)
{
    nca__ticks x, y;
    nca__axes_ticks_x(&x, axes);
    nca__axes_ticks_y(&y, axes);
    fputs("<path class=\"grid\" d=\"", out);
    for (size_t i = 0; i < y.count; i++) {
        if (y.tick[i].major) {
            nca__svg_point(out, 'M', axes->left, nca__axes_y(axes, y.tick[i].value));
            nca__svg_point(out, 'L', axes->right, nca__axes_y(axes, y.tick[i].value));
        }
    }
    for (size_t i = 0; i < x.count; i++) {
        if (x.tick[i].major) {
            nca__svg_point(out, 'M', nca__axes_x(axes, x.tick[i].value), axes->top);
            nca__svg_point(out, 'L', nca__axes_x(axes, x.tick[i].value), axes->bottom);
        }
    }
    fputs("\"/>\n<path class=\"axis\" d=\"", out);
    nca__svg_point(out, 'M', axes->left, axes->top);
    nca__svg_point(out, 'L', axes->left, axes->bottom);
    nca__svg_point(out, 'L', axes->right, axes->bottom);
    fputs("\"/>\n", out);
    for (size_t i = 0; i < y.count; i++) {
        if (y.tick[i].label.text[0] != 0) {
            nca__svg_label(out, axes->left - 7, nca__axes_y(axes, y.tick[i].value) + 4.5, "end",
                           &y.tick[i].label);
        }
    }
    for (size_t i = 0; i < x.count; i++) {
        if (x.tick[i].label.text[0] == 0) {
            continue;
        }
        nca__svg_label(out, nca__axes_x(axes, x.tick[i].value), axes->bottom + 18, "middle",
                       &x.tick[i].label);
    }
    nca__svg_text(out, (axes->left + axes->right) / 2, axes->bottom + 40, "middle", x_name);
}

char *nca__svg_finish(FILE *out, char **text)
{
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(*text);
        return NULL;
    }
    return *text;
}
