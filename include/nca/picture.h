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

/* "white", "black", "grey", "#RRGGBB" or "#RGB". Errors: NCA_INVALID_ARGUMENT, with what is
 * expected. */
NCA_API nca_status nca_colour_parse(nca_colour *out_colour, const char *text, nca_error *error);

/* Premultiplied float RGBA (H,W,4) on a background, opaque:
 *   clamp((1 - clamp(alpha)) * background + rgb), which on white is the article's
 *   clamp(1 - clamp(alpha) + rgb); rounded to the nearest of 0..255. NaN shows as background.
 * Errors as of nca_image_create. */
NCA_API nca_status nca_picture_rgba(nca_image **out_image, const float *rgba, size_t height,
                                    size_t width, nca_colour background, nca_error *error);

/* The background that suits a target: white, as in the article, or black when the target's rim
 * (cells with alpha of at least 0.1 beside one with less, or at the edge) is nearer to white than
 * to black. */
NCA_API nca_colour nca_picture_background(const float *target, size_t height, size_t width);

typedef struct nca_picture_target {
    const float *rgba; /* (H,W,4) premultiplied */
    size_t height, width;
} nca_picture_target;

/* One background for several targets that stand in one figure, so that a dead grid looks the same
 * in every place of it: the one that suits all of them. Where they differ, targets with transparent
 * cells decide, since opaque ones are seen on any; grey where those differ too, white where there
 * are none or no target at all. */
NCA_API nca_colour nca_picture_background_of(const nca_picture_target *targets, size_t count);

/* The scale at which a grid's longer side is about 250 pixels, at least 1. */
NCA_API size_t nca_picture_scale(size_t height, size_t width);

/* One row (or several when there are many) of frames with a label under each, e.g. "step 80".
 * All frames have one size; they are enlarged by `scale` without smoothing. Frames and labels are
 * borrowed. PNG by the path's ending.
 * Errors: NCA_INVALID_ARGUMENT (no frame, frames of different sizes, another ending), NCA_LIMIT
 * (over 30000 pixels a side), NCA_UNSUPPORTED (cairo is not installed), NCA_NOT_FOUND and NCA_IO
 * (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_picture_filmstrip(const char *path, const nca_image *const *frames,
                                         const char *const *labels, size_t count, size_t scale,
                                         const char *title, nca_error *error);

/* `count` pictures of one size in a plain grid without gaps, row by row, as an image. Places beyond
 * the last picture are black. NCA_INVALID_ARGUMENT for no picture, pictures of different sizes, or
 * more pictures than places. Release with nca_image_destroy.
 * Other errors: NCA_LIMIT, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_picture_montage(nca_image **out_image, const nca_image *const *pictures,
                                       size_t count, size_t rows, size_t columns, nca_error *error);

/* Target, grown and difference side by side with titles, a colour bar for the difference
 * (mean |t - x| over RGBA), and the loss in the caption. Arrays are (H,W,4) premultiplied.
 * Errors: as of nca_image_create and nca_picture_sheet. */
NCA_API nca_status nca_picture_comparison(const char *path, const float *target, const float *grown,
                                          size_t height, size_t width, nca_colour background,
                                          const char *caption, nca_error *error);

enum {
    NCA_LEGEND_TEXT = 64,
    NCA_LEGEND_SWATCHES = 4
};

/* What colours mean, drawn under a sheet: a bar with numbers, or a few colours with a name each. */
typedef struct nca_legend {
    char label[NCA_LEGEND_TEXT]; /* beside it: what the numbers are */
    bool is_signed;              /* the bar goes from -end to end, else from 0 to end */
    bool is_open;                /* values may lie beyond, which pointed ends say */
    double end;
    size_t swatches; /* 0: a bar */
    nca_colour colours[NCA_LEGEND_SWATCHES];
    const char *names[NCA_LEGEND_SWATCHES];
} nca_legend;

/* A contact sheet: pictures in a grid, with a label beside each row and above each column. Pictures
 * may differ in size; each is enlarged by `scale` without smoothing and stands in the middle of its
 * place. Labels may have several lines, parted by '\n'. Everything is borrowed. */
typedef struct nca_sheet {
    size_t rows, columns;
    const nca_image *const *cells;    /* (rows, columns); NULL: an empty place, */
    bool is_blank;                    /* which is drawn as one unless this is true */
    const char *const *row_labels;    /* (rows), or NULL */
    const char *const *column_labels; /* (columns), or NULL */
    const char *const *captions;      /* (rows, columns), under each; NULL: none */
    const bool *marked;               /* (rows, columns): whose captions are bold; or NULL */
    size_t scale;
    const char *title;               /* or NULL */
    const nca_legend *legend;        /* or NULL */
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_sheet;

/* No rows and columns, no texts, scale 1. */
NCA_API void nca_sheet_default(nca_sheet *out);

/* Writes the sheet as a PNG, whole or not at all. NCA_LIMIT when it would be over 30000 pixels a
 * side.
 * Other errors: NCA_INVALID_ARGUMENT (another ending than .png), NCA_UNSUPPORTED (cairo is not
 * installed), NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_picture_sheet(const char *path, const nca_sheet *sheet, nca_error *error);
/* The same as an opaque image, for a frame of an animation: sheets that differ in their cells'
 * pixels alone have one size. Release with nca_image_destroy.
 * Errors: NCA_LIMIT, NCA_UNSUPPORTED, NCA_IO and NCA_OUT_OF_MEMORY as above. */
NCA_API nca_status nca_picture_sheet_image(nca_image **out_image, const nca_sheet *sheet,
                                           nca_error *error);

/* ---- Labels ----------------------------------------------------------------------------------*/

enum {
    NCA_SHORT_NAME_SIZE = 160
};

/* Labels of several things in one picture: their names without what they share. Names are words
 * joined by '_', as a sweep names its runs. Words that all names have in the same place are left
 * out, and the rest is joined by spaces, in lines of about `width` characters. A name that is left
 * empty keeps its words and gets its number (from 1), and so do those that are alike. */
NCA_API void nca_picture_short_names(char (*out)[NCA_SHORT_NAME_SIZE], const char *const *names,
                                     size_t count, size_t width);

#ifdef __cplusplus
}
#endif
#endif
