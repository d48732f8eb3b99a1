/* Text, numbers and ticks for charts and labelled pictures. Draws with cairo's own font interface,
 * so that any font that fontconfig finds will do. Knows nothing of files or of what is plotted. */
#include "render/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/canvas.h"

/* ---- Text -----------------------------------------------------------------------------------*/

static const char ellipsis[] = "\xe2\x80\xa6";
static const char minus_sign[] = "\xe2\x88\x92";

/* The length of the well-formed UTF-8 sequence at `text`, or 0: one bad byte would make cairo
 * refuse everything that is drawn after it. */
static size_t sequence_length(const unsigned char *text)
{
    static const struct {
        unsigned char mask, lead, length;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 1, 0x20},
                 {0xe0, 0xc0, 2, 0xa0},
                 {0xf0, 0xe0, 3, 0x800},
                 {0xf8, 0xf0, 4, 0x10000}};
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        if ((text[0] & forms[form].mask) != forms[form].lead) {
            continue;
        }
        uint32_t point = text[0] & (unsigned char)~forms[form].mask;
        for (size_t i = 1; i < forms[form].length; i++) {
            if ((text[i] & 0xc0) != 0x80) {
                return 0;
            }
            point = point << 6 | (text[i] & 0x3fu);
        }
        bool good = point >= forms[form].least && point != 0x7f && point <= 0x10ffff &&
                    (point < 0xd800 || point > 0xdfff) && point != 0xfffe && point != 0xffff;
        return good ? forms[form].length : 0;
    }
    return 0;
}

void nca__text_clean(char out_text[NCA__TEXT_SIZE], const char *text)
{
    const size_t room = NCA__TEXT_SIZE - sizeof ellipsis;
    size_t length = 0;
    for (const char *at = text != NULL ? text : ""; *at != '\0';) {
        size_t taken = sequence_length((const unsigned char *)at);
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
    cairo_select_font_face(cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           font.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, font.size);
    nca__set_colour(cairo, font.colour);
}

static double advance(cairo_t *cairo, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text, &extents);
    return extents.x_advance;
}

double nca__text_width(cairo_t *cairo, nca__font font, const char *text)
{
    char clean[NCA__TEXT_SIZE];
    nca__text_clean(clean, text);
    use_font(cairo, font);
    return advance(cairo, clean);
}

/* Takes characters off the end until the rest and an ellipsis fit. */
static void cut_to(cairo_t *cairo, char *text, double limit)
{
    size_t length = strlen(text);
    while (advance(cairo, text) > limit && length > 0) {
        do {
            length--;
        } while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80);
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
    cairo_move_to(cairo, anchored(x, width, anchor), y);
    cairo_show_text(cairo, clean);
    return width;
}

/* ---- Numbers ---------------------------------------------------------------------------------*/

/* A number taken apart: value = ±d.ddd × 10^exponent, the digits without the point. */
typedef struct parts {
    bool negative;
    char digits[16];
    int count, exponent;
} parts;

/* Only the digits of what printf gives are used: the locale may put anything between them. */
static parts take_apart(double value, int digits)
{
    parts result = {.negative = value < 0.0};
    char text[64];
    snprintf(text, sizeof text, "%.*e", digits - 1, fabs(value));
    const char *at = text;
    for (; *at != 'e' && *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9' && result.count < 15) {
            result.digits[result.count++] = *at;
        }
    }
    result.exponent = *at == 'e' ? (int)strtol(at + 1, NULL, 10) : 0;
    return result;
}

static void append(nca__label *label, const char *text, size_t length)
{
    size_t used = strlen(label->text);
    if (used + length < sizeof label->text) {
        memcpy(label->text + used, text, length);
        label->text[used + length] = '\0';
    }
}

static void append_string(nca__label *label, const char *text)
{
    append(label, text, strlen(text));
}

static void append_power(nca__label *label, int exponent)
{
    append_string(label, "10");
    snprintf(label->power, sizeof label->power, "%s%d", exponent < 0 ? minus_sign : "",
             abs(exponent) % 1000);
}

/* The digits with a point after the first `whole` of them; zeros are put in where none are. */
static void append_plain(nca__label *label, const parts *number, int whole)
{
    if (whole <= 0) {
        append_string(label, "0");
    }
    for (int i = 0; i < whole; i++) {
        append(label, i < number->count ? &number->digits[i] : "0", 1);
    }
    if (number->count > whole) {
        append_string(label, ".");
        for (int i = whole; i < number->count; i++) {
            append(label, i < 0 ? "0" : &number->digits[i], 1);
        }
    }
}

nca__label nca__number(double value, int digits, bool shorten)
{
    enum {
        LEAST_PLAIN = -4,
        MOST_PLAIN = 5
    };
    nca__label label = {0};
    if (!isfinite(value)) {
        append_string(&label, isnan(value) ? "not a number" : "infinite");
        return label;
    }
    if (value == 0.0) {
        append_string(&label, "0");
        return label;
    }
    parts number = take_apart(value, digits);
    while (shorten && number.count > 1 && number.digits[number.count - 1] == '0') {
        number.count--;
    }
    append_string(&label, number.negative ? minus_sign : "");
    if (number.exponent >= LEAST_PLAIN && number.exponent <= MOST_PLAIN) {
        append_plain(&label, &number, number.exponent + 1);
    } else {
        append_plain(&label, &number, 1);
        append_string(&label, "\xc3\x97"); /* × */
        append_power(&label, number.exponent);
    }
    return label;
}

nca__label nca__power_of_ten(int exponent)
{
    nca__label label = {0};
    append_power(&label, exponent);
    return label;
}

nca__label nca__integer(uint64_t value)
{
    nca__label label = {0};
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) {
            append_string(&label, ",");
        }
        append(&label, &digits[i], 1);
    }
    return label;
}

double nca__label_draw(cairo_t *cairo, double x, double y, nca__anchor anchor, nca__font font,
                       const nca__label *label)
{
    nca__font small = font;
    small.size = font.size * 0.72;
    double text = nca__text_width(cairo, font, label->text);
    double power =
        label->power[0] != '\0' ? nca__text_width(cairo, small, label->power) + 1.0 : 0.0;
    double left = anchored(x, text + power, anchor);
    nca__text(cairo, left, y, NCA__LEFT, font, label->text, 0.0);
    if (power > 0.0) {
        nca__text(cairo, left + text + 1.0, y - font.size * 0.38, NCA__LEFT, small, label->power,
                  0.0);
    }
    return text + power;
}

/* ---- Axes ------------------------------------------------------------------------------------*/

static void add_tick(nca__ticks *ticks, double value, bool major, nca__label label)
{
    if (ticks->count < NCA__TICKS) {
        ticks->tick[ticks->count++] = (nca__tick){value, major, label};
    }
}

/* The multiple of a power of ten (1, 2 or 5 times) that divides a span into about `wanted`. */
static double nice_step(double span, int wanted, bool whole)
{
    double rough = span / (double)wanted;
    double unit = pow(10.0, floor(log10(rough)));
    double ratio = rough / unit;
    double step = unit * (ratio < 1.41 ? 1.0 : ratio < 3.16 ? 2.0 : ratio < 7.07 ? 5.0 : 10.0);
    return whole && step < 1.0 ? 1.0 : step;
}

/* As many digits as the step has, so that the labels of an axis have one length: 0.08, 0.10. */
static nca__label tick_label(double value, double step)
{
    int unit = (int)floor(log10(step) + 1e-9);
    int digits = value != 0.0 ? (int)floor(log10(fabs(value)) + 1e-9) - unit + 1 : 1;
    return nca__number(value, digits < 1 ? 1 : digits > 9 ? 9 : digits, false);
}

void nca__ticks_linear(nca__ticks *ticks, double low, double high, int wanted, bool whole)
{
    ticks->count = 0;
    double step = nice_step(high - low, wanted, whole);
    double first = ceil(low / step - 1e-6);
    double last = floor(high / step + 1e-6);
    if (!(step > 0.0) || !(last - first < (double)NCA__TICKS)) {
        return;
    }
    for (double index = first; index <= last; index += 1.0) {
        double value = index * step;
        add_tick(ticks, value, true,
                 whole ? nca__integer((uint64_t)(value + 0.5)) : tick_label(value, step));
    }
}

/* Every power of ten in the range labelled, or every second, third ... when there are many. */
static void ticks_by_decade(nca__ticks *ticks, int lowest, int highest, double low, double high)
{
    enum {
        MOST_LABELS = 8
    };
    int every = (highest - lowest) / MOST_LABELS + 1;
    bool minor = every == 1;
    for (int exponent = lowest - 1; exponent <= highest; exponent++) {
        double decade = pow(10.0, exponent);
        for (int multiple = 1; multiple <= (minor ? 9 : 1); multiple++) {
            double value = multiple * decade;
            if (value < low || value > high) {
                continue;
            }
            bool major = multiple == 1 && (exponent - lowest) % every == 0;
            add_tick(ticks, value, major,
                     major ? nca__power_of_ten(exponent) : (nca__label){.text = ""});
        }
    }
}

/* 1, 2 and 5 times a power of ten labelled, the other multiples as minor ticks. */
static size_t ticks_by_multiple(nca__ticks *ticks, double low, double high)
{
    size_t labelled = 0;
    for (int exponent = (int)floor(log10(low)) - 1; exponent <= (int)log10(high) + 1; exponent++) {
        for (int multiple = 1; multiple <= 9; multiple++) {
            double value = multiple * pow(10.0, exponent);
            if (value < low || value > high) {
                continue;
            }
            bool major = multiple == 1 || multiple == 2 || multiple == 5;
            labelled += major;
            add_tick(ticks, value, major,
                     major ? nca__number(value, 1, true) : (nca__label){.text = ""});
        }
    }
    return labelled;
}

void nca__ticks_log(nca__ticks *ticks, double low, double high)
{
    int lowest = (int)ceil(log10(low) - 1e-9);
    int highest = (int)floor(log10(high) + 1e-9);
    ticks->count = 0;
    if (highest - lowest >= 2) {
        ticks_by_decade(ticks, lowest, highest, low, high);
        return;
    }
    if (ticks_by_multiple(ticks, low, high) < 3) {
        nca__ticks_linear(ticks, low, high, 5, false);
    }
}
