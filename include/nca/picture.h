/* Grids as pictures: states to pixels, filmstrips, comparisons. */
#ifndef NCA_PICTURE_H
#define NCA_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/image.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_colour {
    uint8_t r, g, b;
} nca_colour;

/* Parses "white", "black", "grey", "#RRGGBB" or "#RGB". Errors: NCA_INVALID_ARGUMENT; the message
 * says what is expected. */
NCA_API nca_status nca_colour_parse(nca_colour *out_colour, const char *text, nca_error *error);

/* Draws premultiplied float RGBA (H,W,4) on a background as an opaque image:
 *   clamp((1 - clamp(alpha)) * background + rgb), which on white is the article's
 *   clamp(1 - clamp(alpha) + rgb); rounded to the nearest of 0..255
 * NaN becomes the background. Errors as for nca_image_create. */
NCA_API nca_status nca_picture_rgba(nca_image **out_image, const float *rgba, size_t height,
                                    size_t width, nca_colour background, nca_error *error);

/* The background that suits a target: white, as in the article, or black if the target's border
 * cells are closer to white than to black. Border cells have an alpha of at least 0.1 and are next
 * to a cell with less, or at the edge of the grid. */
NCA_API nca_colour nca_picture_background(const float *target, size_t height, size_t width);

typedef struct nca_picture_target {
    const float *rgba; /* (H,W,4) premultiplied */
    size_t height, width;
} nca_picture_target;

/* One background for several targets in one figure, so that a dead grid looks the same everywhere:
 * the background that suits all of them. If they differ, the targets with transparent cells decide,
 * since opaque ones are visible on any background; if those differ too, the background is grey.
 * White if there are no targets. */
NCA_API nca_colour nca_picture_background_of(const nca_picture_target *targets, size_t count);

/* The scale at which the longer side of a grid is about 250 pixels, at least 1. */
NCA_API size_t nca_picture_scale(size_t height, size_t width);

/* Draws frames in a row, or in several rows if there are many, with a label such as "step 80" below
 * each. All frames have the same size; they are enlarged by `scale` without smoothing. Frames and
 * labels are borrowed. Writes a PNG; the path must end in .png.
 * Errors: NCA_INVALID_ARGUMENT (no frame, frames of different sizes, another extension), NCA_LIMIT
 * (over 30000 pixels a side), NCA_UNSUPPORTED (cairo is not installed), NCA_NOT_FOUND and NCA_IO
 * (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_picture_filmstrip(const char *path, const nca_image *const *frames,
                                         const char *const *labels, size_t count, size_t scale,
                                         const char *title, nca_error *error);

/* Places `count` pictures of the same size in a grid without gaps, row by row. Unused places are
 * black. Release with nca_image_destroy. Errors: NCA_INVALID_ARGUMENT (no picture, pictures of
 * different sizes, more pictures than places), NCA_LIMIT, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_picture_montage(nca_image **out_image, const nca_image *const *pictures,
                                       size_t count, size_t rows, size_t columns, nca_error *error);

/* Draws the target, the grown image and their difference side by side with titles, a colour bar for
 * the difference (mean |t - x| over RGBA), and the loss in the caption. Arrays are (H,W,4)
 * premultiplied. Errors: those of nca_image_create and nca_picture_sheet. */
NCA_API nca_status nca_picture_comparison(const char *path, const float *target, const float *grown,
                                          size_t height, size_t width, nca_colour background,
                                          const char *caption, nca_error *error);

enum {
    NCA_LEGEND_TEXT = 64,
    NCA_LEGEND_SWATCHES = 4
};

/* The legend below a sheet: a colour bar with numbers, or a few named colours. */
typedef struct nca_legend {
    char label[NCA_LEGEND_TEXT]; /* next to it: the meaning of the numbers */
    bool is_signed;              /* the bar goes from -end to end, else from 0 to end */
    bool is_open;                /* values may be beyond the ends, which are drawn pointed */
    double end;
    size_t swatches; /* 0: a bar */
    nca_colour colours[NCA_LEGEND_SWATCHES];
    const char *names[NCA_LEGEND_SWATCHES];
} nca_legend;

/* A contact sheet: pictures in a grid, with a label next to each row and above each column.
 * Pictures may differ in size; each is enlarged by `scale` without smoothing and centred in its
 * place. Labels may have several lines, separated by '\n'. All pointers are borrowed. */
typedef struct nca_sheet {
    size_t rows, columns;
    const nca_image *const *cells;    /* (rows, columns); NULL: an empty place */
    bool is_blank;                    /* do not draw empty places */
    const char *const *row_labels;    /* (rows), or NULL */
    const char *const *column_labels; /* (columns), or NULL */
    const char *const *captions;      /* (rows, columns), below each picture; NULL: none */
    const bool *marked;               /* (rows, columns): pictures with bold captions; or NULL */
    size_t scale;
    const char *title;               /* or NULL */
    const nca_legend *legend;        /* or NULL */
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_sheet;

/* No rows and columns, no texts, scale 1. */
NCA_API void nca_sheet_default(nca_sheet *out);

/* Writes the sheet as a PNG, whole or not at all. Errors: NCA_LIMIT (over 30000 pixels a side),
 * NCA_INVALID_ARGUMENT (another extension than .png), NCA_UNSUPPORTED (cairo is not installed),
 * NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_picture_sheet(const char *path, const nca_sheet *sheet, nca_error *error);
/* The same as an opaque image, for a frame of an animation: sheets that differ only in the pixels
 * of their cells have the same size. Release with nca_image_destroy. Errors: NCA_LIMIT,
 * NCA_UNSUPPORTED, NCA_IO and NCA_OUT_OF_MEMORY as above. */
NCA_API nca_status nca_picture_sheet_image(nca_image **out_image, const nca_sheet *sheet,
                                           nca_error *error);

/* ---- Labels ----------------------------------------------------------------------------------*/

enum {
    NCA_SHORT_NAME_SIZE = 160
};

/* Labels for several things in one picture: their names without the common parts. Names are words
 * joined by '_', as a sweep names its runs. Words that all names have in the same position are
 * removed; the rest is joined by spaces, in lines of about `width` characters. A name that would be
 * empty, and names that would be equal, keep their words and get their number (from 1). */
NCA_API void nca_picture_short_names(char (*out)[NCA_SHORT_NAME_SIZE], const char *const *names,
                                     size_t count, size_t width);

#ifdef __cplusplus
}
#endif
#endif
