/* Internal: what every chart and labelled picture shares: text, numbers, ticks. */
#ifndef NCA_RENDER_CHART_H
#define NCA_RENDER_CHART_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NCA__TEXT_SIZE = 512, /* bytes of one label, the final zero included */
    NCA__LABEL_SIZE = 32, /* bytes of a number */
    NCA__TICKS = 128      /* the most ticks on an axis */
};

/* The grey tones of all charts. */
enum {
    NCA__INK = 0x1f2328,
    NCA__INK_SOFT = 0x59636e,
    NCA__RULE = 0xd1d9e0,
    NCA__RULE_LIGHT = 0xeceff2
};

/* ---- Text -----------------------------------------------------------------------------------*/

/* Copies text for drawing: what is not UTF-8 and control characters become "?", too long text
 * ends in an ellipsis. Accepts NULL. */
void nca__text_clean(char out_text[NCA__TEXT_SIZE], const char *text);

typedef enum nca__anchor {
    NCA__LEFT,
    NCA__CENTRE,
    NCA__RIGHT
} nca__anchor;

typedef struct nca__font {
    double size;
    bool bold;
    unsigned colour;
} nca__font;

/* Draws cleaned text with its baseline at y; wider than `limit` (0: none) it is cut with an
 * ellipsis. Returns the width drawn. */
double nca__text(cairo_t *cairo, double x, double y, nca__anchor anchor, nca__font font,
                 const char *text, double limit);
double nca__text_width(cairo_t *cairo, nca__font font, const char *text);

/* ---- Numbers ---------------------------------------------------------------------------------*/

/* A number as it stands beside a tick: "0.002", or "2×10" with the exponent "−7" raised. */
typedef struct nca__label {
    char text[NCA__LABEL_SIZE];
    char power[8];
} nca__label;

/* `digits` significant digits (1..9), plain where that is readable, in tens' powers otherwise.
 * Final zeros go when `shorten`. Never asks the locale. */
nca__label nca__number(double value, int digits, bool shorten);
/* 10 to the `exponent`. */
nca__label nca__power_of_ten(int exponent);
/* "12,345" */
nca__label nca__integer(uint64_t value);

double nca__label_draw(cairo_t *cairo, double x, double y, nca__anchor anchor, nca__font font,
                       const nca__label *label);

/* ---- Axes ------------------------------------------------------------------------------------*/

typedef struct nca__tick {
    double value;
    bool major;
    nca__label label; /* empty: no text */
} nca__tick;

typedef struct nca__ticks {
    nca__tick tick[NCA__TICKS];
    size_t count;
} nca__ticks;

/* Multiples of 1, 2 or 5 times a power of ten within [low, high], about `wanted` of them;
 * `whole` keeps to whole numbers and writes them with thousands separators. */
void nca__ticks_linear(nca__ticks *ticks, double low, double high, int wanted, bool whole);
/* Powers of ten with their 2..9 as minor ticks; on a short range 1, 2, 5 are labelled, on a very
 * short one the linear ticks serve. 0 < low < high. */
void nca__ticks_log(nca__ticks *ticks, double low, double high);

#endif
