/* Internal: numbers as text, and the positions of an axis's ticks. */
#ifndef NCA_RENDER_TICKS_H
#define NCA_RENDER_TICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NCA__LABEL_SIZE = 32, /* bytes of a number */
    NCA__TICKS = 128      /* maximum number of ticks on an axis */
};

/* ---- Numbers ---------------------------------------------------------------------------------*/

/* A number at a tick: "0.002", or "2×10" with the exponent "−7" as a superscript. */
typedef struct nca__label {
    char text[NCA__LABEL_SIZE];
    char power[8];
} nca__label;

/* `digits` significant digits (1..9), plain if that is readable, otherwise with a power of ten.
 * Trailing zeros are removed if `shorten`. Does not depend on the locale. */
nca__label nca__number(double value, int digits, bool shorten);
/* "12,345" */
nca__label nca__integer(uint64_t value);

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

/* Multiples of 1, 2 or 5 times a power of ten within [low, high], about `wanted` of them; `whole`
 * restricts them to integers, written with thousands separators. There are none if low is not below
 * high, or one is not finite. */
void nca__ticks_linear(nca__ticks *ticks, double low, double high, int wanted, bool whole);
/* Powers of ten with their 2..9 as minor ticks; on a short range 1, 2, 5 are labelled, and on a
 * very short one the ticks are linear. There are none unless 0 < low < high, both finite. */
void nca__ticks_log(nca__ticks *ticks, double low, double high);

#endif
