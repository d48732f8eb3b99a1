/* The parts used by both kinds of charts: a frame with a y axis, and colours. */
#ifndef NCA_BENCH_DRAW_H
#define NCA_BENCH_DRAW_H

#include <cairo.h>
#include <jansson.h>
#include <stdbool.h>

#include "render/chart.h"

enum {
    DRAW_WIDTH = 800,
    DRAW_HEIGHT = 440,
    DRAW_SERIES = 6 /* number of colours */
};

/* The plot area inside the axes, and the values at its lower and upper edge. */
typedef struct draw_frame {
    cairo_t *cairo;
    double left, right, top, bottom;
    double low, high;
    bool log; /* the y axis is logarithmic */
} draw_frame;

unsigned draw_colour(size_t series);
unsigned draw_mark_colour(size_t mark);
double draw_y(const draw_frame *frame, double value);
extern const nca__font draw_small, draw_plain;

/* The text of a chart's key, or "" if it is missing. */
const char *draw_text(const json_t *chart, const char *key);
/* A number; NAN for null or if it is missing. */
double draw_number(const json_t *array, size_t index);

/* Draw the inside of the frame and the x axis below it. `chart` has been checked to be an object
 * with a list "series". */
void draw_bars(const draw_frame *frame, const json_t *chart);
void draw_lines(const draw_frame *frame, const json_t *chart);

#endif
