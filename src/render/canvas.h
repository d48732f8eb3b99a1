/* Internal: a white page to draw on with cairo, saved as PNG or SVG depending on the path's
 * extension. */
#ifndef NCA_RENDER_CANVAS_H
#define NCA_RENDER_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/image.h"
#include "nca/picture.h"
#include "nca/status.h"
#include "render/cairo_library.h"

typedef struct nca__canvas {
    cairo_t *cairo;
    cairo_surface_t *surface;
    double width, height; /* in user units */
    bool vector;          /* SVG */
    uint8_t *bytes;       /* the SVG document as cairo writes it */
    size_t size, capacity;
} nca__canvas;

/* A white page of width x height units. In a PNG a unit is `density` pixels; in an SVG it is one
 * user unit. The path's extension decides; if `vector_allowed` is false, only .png is accepted. On
 * failure the canvas is zeroed. */
nca_status nca__canvas_open(nca__canvas *canvas, const char *path, double width, double height,
                            double density, bool vector_allowed, nca_error *error);
/* Writes the file, completely or not at all; the same drawing gives the same bits. `title` (may be
 * NULL) becomes the SVG's title element, because text is drawn as outlines. */
nca_status nca__canvas_save(nca__canvas *canvas, const char *path, const char *title,
                            nca_error *error);
/* The page as an opaque image; the canvas must have been opened for a PNG. */
nca_status nca__canvas_read(nca_image **out_image, nca__canvas *canvas, nca_error *error);
void nca__canvas_close(nca__canvas *canvas); /* accepts a zeroed canvas */

/* Draws an image with its upper left corner at (x, y), without smoothing: every pixel is a square
 * of `scale` units; transparent pixels show the page. */
void nca__canvas_image(nca__canvas *canvas, const nca_image *image, double x, double y,
                       double scale);

/* Sets a colour given as 0xRRGGBB, as on the web. */
void nca__set_colour(cairo_t *cairo, unsigned rgb);

#endif
