/* Internal: the values of a state that a view shows. */
#ifndef NCA_RENDER_VIEW_VALUES_H
#define NCA_RENDER_VIEW_VALUES_H

#include <stddef.h>

#include "nca/view.h"
#include "render/filter_view.h"

enum {
    NCA__HIDDEN_FROM = 4 /* the first channel that is not part of the image */
};

/* The channels that are shown, each as a tile, one after the other. */
typedef struct nca__view_tiles {
    size_t first, count, columns;
} nca__view_tiles;

nca__view_tiles nca__view_tiles_of(const nca_view *view, const nca_automaton *automaton);

/* The L2 norm over the channels of a cell's change since `before`. */
double nca__view_change(const float *cell, const float *before, size_t channels);
/* What a view of a filter shows of a cell: the response of its channel, or the norm over all. */
double nca__view_filter(const nca__filtered *filtered, const nca_view *view, size_t cell);

#endif
