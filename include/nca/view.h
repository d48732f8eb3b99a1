/* Views of a state: what a grid's channels hold, as pictures of one pixel a cell.
 *
 *     nca_view view;
 *     nca_view_default(&view);
 *     nca_view_parse(&view, "hidden", &error);
 *     nca_view_range range = {0};
 *     nca_view_measure(&range, &view, &automaton, state, NULL, H, W);
 *     view.end = nca_view_range_end(&range);
 *     nca_view_picture(&picture, &view, &automaton, state, NULL, H, W, &error);
 *
 * Magnitudes have the colours of viridis from 0 to the end of the scale, signed values those of
 * nca_colormap_diverging from -end to end. Pictures that are to be compared have one end. Values
 * beyond it have the last colour, values that are no numbers are grey. */
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
    NCA_VIEW_RGBA,   /* the image on a background, as nca_picture_rgba draws it; where nothing of it
                        would be seen though cells are opaque (the seed on black), they have a
                        grey outline */
    NCA_VIEW_ALPHA,  /* channel 3, a magnitude from 0 to 1 whatever the end */
    NCA_VIEW_ALIVE,  /* the alive mask: dark where dead, brightest where the cell itself is over
                        the threshold, between them where a neighbour is */
    NCA_VIEW_HIDDEN, /* channels 4.. as a mosaic, signed */
    NCA_VIEW_UPDATE, /* what a step changed: the L2 norm over the channels of state - before */
    NCA_VIEW_CHANNEL, /* one channel, signed */
    NCA_VIEW_MOSAIC,  /* all channels as a mosaic, signed */
    NCA_VIEW_FILTER,  /* what cells perceive through a filter: one channel, signed, or the L2 norm
                         over the channels, a magnitude */
    NCA_VIEW_COUNT
} nca_view_kind;

/* nca_view.channel: the norm over all of them. */
#define NCA_VIEW_ALL_CHANNELS UINT32_MAX

typedef struct nca_view {
    nca_view_kind kind;
    uint32_t channel; /* of NCA_VIEW_CHANNEL, counted from 0; of NCA_VIEW_FILTER, where it may be
                         NCA_VIEW_ALL_CHANNELS */
    uint32_t filter;  /* of NCA_VIEW_FILTER: a map beside identity, 1 to K-1; of a fixed filter 1
                         is x, 2 is y */
    const float *parameters; /* of the automaton, flat, whose learned filters NCA_VIEW_FILTER shows;
                                not read otherwise. Borrowed */
    nca_colour background;   /* of NCA_VIEW_RGBA */
    double end; /* the value that has the last colour, > 0; of views that are measured */
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_view;

/* rgba on white, the end 1. */
NCA_API void nca_view_default(nca_view *out);
/* "rgba" ... "filter"; NULL beyond the last. */
NCA_API const char *nca_view_name(nca_view_kind kind);
/* Sets kind, channel and filter from "rgba", "alpha", "alive", "hidden", "update", "channel=N",
 * "mosaic", "filter=K" (the norm) or "filter=K:N" (of channel N). NCA_INVALID_ARGUMENT, with what
 * is expected. */
NCA_API nca_status nca_view_parse(nca_view *view, const char *text, nca_error *error);
/* Whether the automaton has what the view shows: the channel, hidden channels at all, the filter.
 * NCA_INVALID_ARGUMENT; also when a learned filter is to be shown without parameters. */
NCA_API nca_status nca_view_check(const nca_view *view, const nca_automaton *automaton,
                                  nca_error *error);

/* Whether the view reads `end`: hidden, update, channel, mosaic and filter do. */
NCA_API bool nca_view_is_measured(const nca_view *view);
/* Whether its scale then runs from -end to end; a norm runs from 0. */
NCA_API bool nca_view_is_signed(const nca_view *view);

/* How large the values of some states are: how many of them each round end holds that the one
 * before does not. Zeroed, it is empty. */
enum {
    NCA_VIEW_ENDS = 28 /* 0.001, 0.002, 0.005, 0.01 ... 1000000 */
};
typedef struct nca_view_range {
    uint64_t counts[NCA_VIEW_ENDS];
} nca_view_range;

/* Adds the values that the view shows of a state (H,W,C); nothing for a view that is not measured.
 * `before` is the state one step earlier, for NCA_VIEW_UPDATE; NULL: nothing changed. Values below
 * 0.001, which are next to nothing, and those that are not finite do not count. */
NCA_API void nca_view_measure(nca_view_range *range, const nca_view *view,
                              const nca_automaton *automaton, const float *state,
                              const float *before, size_t height, size_t width);
/* The end of a scale for them: the least of these round numbers that 98 of 100 do not exceed, so
 * that a few outliers do not leave the rest without colour; 0.001 for an empty range. */
NCA_API double nca_view_range_end(const nca_view_range *range);

/* The picture's sides in pixels: those of the grid, or of a mosaic: ceil(sqrt(n)) tiles in a row
 * for n channels, row by row, a line of one pixel between them. */
NCA_API void nca_view_size(size_t *out_height, size_t *out_width, const nca_view *view,
                           const nca_automaton *automaton, size_t height, size_t width);
/* The picture, opaque; `state` and `before` as above. The errors of nca_view_check, and
 * NCA_OUT_OF_MEMORY. Release with nca_image_destroy. NCA_LIMIT (a picture over NCA_IMAGE_MAX_SIDE
 * pixels a side). */
NCA_API nca_status nca_view_picture(nca_image **out_image, const nca_view *view,
                                    const nca_automaton *automaton, const float *state,
                                    const float *before, size_t height, size_t width,
                                    nca_error *error);
/* What the colours mean, for nca_sheet.legend; false for rgba, whose colours are the image's. */
NCA_API bool nca_view_legend(nca_legend *out_legend, const nca_view *view,
                             const nca_automaton *automaton);

#ifdef __cplusplus
}
#endif
#endif
