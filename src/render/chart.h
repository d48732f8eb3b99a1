/* Internal: text on charts and labelled pictures. */
#ifndef NCA_RENDER_CHART_H
#define NCA_RENDER_CHART_H

#include <stdbool.h>

#include "render/cairo_library.h"
#include "render/ticks.h"

enum {
    NCA__TEXT_SIZE = 512 /* bytes of a label, including the final zero */
};

/* The grey tones of all charts. */
enum {
    NCA__INK = 0x1f2328,
    NCA__INK_SOFT = 0x59636e,
    NCA__RULE = 0xd1d9e0,
    NCA__RULE_LIGHT = 0xeceff2
};

/* ---- Text -----------------------------------------------------------------------------------*/

/* Copies text for drawing: control characters and bytes that are not UTF-8 become "?", text that is
 * too long ends in an ellipsis. Accepts NULL. */
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

/* Draws cleaned text with its baseline at y; if it is wider than `limit` (0: no limit), it is
 * truncated with an ellipsis. Returns the width drawn. */
double nca__text(cairo_t *cairo, double x, double y, nca__anchor anchor, nca__font font,
                 const char *text, double limit);
double nca__text_width(cairo_t *cairo, nca__font font, const char *text);

/* The width of a number with its exponent. */
double nca__label_width(cairo_t *cairo, nca__font font, const nca__label *label);
/* Draws a number with its exponent as a superscript; returns the width. */
double nca__label_draw(cairo_t *cairo, double x, double y, nca__anchor anchor, nca__font font,
                       const nca__label *label);

#endif
