/* Views of a state: pictures of a grid's channels with one pixel per cell.
 *
 *     nca_view view;
 *     nca_view_default(&view);
 *     nca_view_parse(&view, "hidden", &error);
 *     nca_view_range range = {0};
 *     nca_view_measure(&range, &view, &automaton, state, NULL, H, W);
 *     view.end = nca_view_range_end(&range);
 *     nca_view_picture(&picture, &view, &automaton, state, NULL, H, W, &error);
 *
 * Magnitudes are coloured by viridis from 0 to the end of the scale, signed values by
 * nca_colormap_diverging from -end to end. Pictures that are compared should have the same end.
 * Values beyond the end have the last colour; NaN is grey. */
#ifndef NCA_VIEW_H
#define NCA_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/export.h"
#include "nca/image.h"
#include "nca/picture.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_view_kind {
    NCA_VIEW_RGBA,   /* the image on a background, as nca_picture_rgba draws it; if it would be
                        invisible although cells are opaque (the seed on black), these cells get a
                        grey outline */
    NCA_VIEW_ALPHA,  /* channel 3, a magnitude from 0 to 1 for any `end` */
    NCA_VIEW_ALIVE,  /* the alive mask: dead cells are dark, cells over the threshold brightest, and
                        cells that live only through a neighbour in between */
    NCA_VIEW_HIDDEN, /* channels 4.. as a mosaic, signed */
    NCA_VIEW_UPDATE, /* the change of the last step: the L2 norm over the channels of state - before
                      */
    NCA_VIEW_CHANNEL, /* one channel, signed */
    NCA_VIEW_MOSAIC,  /* all channels as a mosaic, signed */
    NCA_VIEW_FILTER,  /* the perception of a filter: one channel, signed, or the L2 norm over the
                         channels, a magnitude */
    NCA_VIEW_COUNT
} nca_view_kind;

/* For nca_view.channel: the norm over all channels. */
#define NCA_VIEW_ALL_CHANNELS UINT32_MAX

typedef struct nca_view {
    nca_view_kind kind;
    uint32_t channel; /* for NCA_VIEW_CHANNEL, counted from 0; for NCA_VIEW_FILTER also
                         NCA_VIEW_ALL_CHANNELS */
    uint32_t filter;  /* for NCA_VIEW_FILTER: a map other than identity, 1 to K-1; for fixed filters
                         1 is x, 2 is y */
    const float *parameters; /* for NCA_VIEW_FILTER with learned filters: the flat parameters of the
                                automaton; otherwise not used. Borrowed */
    nca_colour background;   /* for NCA_VIEW_RGBA */
    double end;              /* the value of the last colour, > 0; for measured views */
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_view;

/* rgba on white, end 1. */
NCA_API void nca_view_default(nca_view *out);
/* "rgba" ... "filter"; NULL beyond the last. */
NCA_API const char *nca_view_name(nca_view_kind kind);
/* Sets kind, channel and filter from "rgba", "alpha", "alive", "hidden", "update", "channel=N",
 * "mosaic", "filter=K" (the norm) or "filter=K:N" (of channel N). Errors: NCA_INVALID_ARGUMENT; the
 * message says what is expected. */
NCA_API nca_status nca_view_parse(nca_view *view, const char *text, nca_error *error);
/* Checks whether the automaton has what the view shows: the channel, hidden channels, the filter.
 * Errors: NCA_INVALID_ARGUMENT, also if a learned filter is to be shown without parameters. */
NCA_API nca_status nca_view_check(const nca_view *view, const nca_automaton *automaton,
                                  nca_error *error);

/* Whether the view uses `end`: hidden, update, channel, mosaic and filter do. */
NCA_API bool nca_view_is_measured(const nca_view *view);
/* Whether the scale of such a view runs from -end to end; that of a norm starts at 0. */
NCA_API bool nca_view_is_signed(const nca_view *view);

/* A histogram of the magnitude of values: entry i counts the values between the round ends i - 1
 * and i. A zeroed histogram is empty. */
enum {
    NCA_VIEW_ENDS = 28 /* 0.001, 0.002, 0.005, 0.01 ... 1000000 */
};
typedef struct nca_view_range {
    uint64_t counts[NCA_VIEW_ENDS];
} nca_view_range;

/* Adds the values that the view shows of a state (H,W,C); does nothing for a view that is not
 * measured. `before` is the state one step earlier, for NCA_VIEW_UPDATE; NULL: no change. Values
 * below 0.001, which are negligible, and values that are not finite are not counted. */
NCA_API void nca_view_measure(nca_view_range *range, const nca_view *view,
                              const nca_automaton *automaton, const float *state,
                              const float *before, size_t height, size_t width);
/* The end of a scale for the counted values: the smallest round end that 98 % of them do not
 * exceed, so that a few outliers do not make all other values look alike; 0.001 for an empty
 * range. */
NCA_API double nca_view_range_end(const nca_view_range *range);

/* The size of the picture in pixels: that of the grid, or of a mosaic: ceil(sqrt(n)) tiles per row
 * for n channels, row by row, separated by lines of one pixel. */
NCA_API void nca_view_size(size_t *out_height, size_t *out_width, const nca_view *view,
                           const nca_automaton *automaton, size_t height, size_t width);
/* The picture, opaque; `state` and `before` as above. Release with nca_image_destroy. Errors: those
 * of nca_view_check, NCA_LIMIT (a picture over NCA_IMAGE_MAX_SIDE pixels a side),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_view_picture(nca_image **out_image, const nca_view *view,
                                    const nca_automaton *automaton, const float *state,
                                    const float *before, size_t height, size_t width,
                                    nca_error *error);
/* The legend of the colours, for nca_sheet.legend; false for rgba, whose colours are those of the
 * image. */
NCA_API bool nca_view_legend(nca_legend *out_legend, const nca_view *view,
                             const nca_automaton *automaton);

#ifdef __cplusplus
}
#endif
#endif
