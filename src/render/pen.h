/* Internal: draws a plot once for both kinds of output: with cairo, or as elements of an <svg>
 * whose colours come from the page's stylesheet. */
#ifndef NCA_RENDER_PEN_H
#define NCA_RENDER_PEN_H

#include <stdio.h>

#include "nca/status.h"
#include "render/axes.h"

typedef struct nca__pen {
    cairo_t *cairo; /* or NULL, and then */
    FILE *svg;
} nca__pen;

/* A tone is the index of a class's colour, or one of these. */
enum {
    NCA__TONE_INK = -1,
    NCA__TONE_SOFT = -2,
    NCA__TONE_RULE = -3,
    NCA__TONE_PAPER = -4 /* the background; for text on dark areas */
};

typedef enum nca__dash {
    NCA__SOLID,
    NCA__DASHED,
    NCA__DOTTED
} nca__dash;

typedef struct nca__stroke {
    int tone;
    double width; /* in an <svg> the stylesheet decides; 3 or more: a strong line */
    nca__dash dash;
} nca__stroke;

typedef struct nca__script {
    double size; /* 0: 12 units, in an <svg> the size of the page */
    bool bold;
    int tone;
} nca__script;

/* Lines between points (count,2); a point that is not finite is a gap. */
void nca__pen_line(const nca__pen *pen, nca__stroke stroke, const double *points, size_t count);
/* A filled rectangle, and a disc. */
void nca__pen_area(const nca__pen *pen, double x, double y, double width, double height, int tone,
                   double opacity);
void nca__pen_dot(const nca__pen *pen, double x, double y, double radius, int tone);
/* The outline of a rectangle. */
void nca__pen_frame(const nca__pen *pen, double x, double y, double width, double height);
/* Text is cut to `limit` (0: none). Widths are estimates in an <svg>. */
void nca__pen_text(const nca__pen *pen, double x, double y, nca__anchor anchor, nca__script script,
                   const char *text, double limit);
/* The same, turned counterclockwise around (x, y). */
void nca__pen_turned(const nca__pen *pen, double x, double y, double degrees, nca__anchor anchor,
                     nca__script script, const char *text, double limit);
double nca__pen_width(const nca__pen *pen, nca__script script, const char *text);
/* The grid, numbers, names and edges of the axes. */
void nca__pen_axes(const nca__pen *pen, const nca__axes *axes, const char *x_name,
                   const char *y_name);

/* ---- Plots -----------------------------------------------------------------------------------*/

/* A plot for nca__pen_save and nca__pen_print. */
typedef struct nca__drawing {
    double width, height;
    const char *title; /* or NULL; drawn above the plot, in an <svg> its accessible name */
    /* Draws below `top`, the end of the title. */
    void (*draw)(const nca__pen *pen, double top, const void *data);
    const void *data;
} nca__drawing;

enum {
    NCA__TITLE_HEIGHT = 44 /* the height is larger by this in files, if there is a title */
};

/* Writes a PNG or SVG file. Errors: those of nca__canvas_open and nca__canvas_save. */
nca_status nca__pen_save(const nca__drawing *drawing, const char *path, nca_error *error);
/* The <svg> element; free() it. Errors: NCA_OUT_OF_MEMORY. */
nca_status nca__pen_print(char **out_svg, const nca__drawing *drawing, nca_error *error);

#endif
