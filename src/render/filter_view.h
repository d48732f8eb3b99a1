/* Internal: the perception of one filter, for views of it. */
#ifndef NCA_RENDER_FILTER_VIEW_H
#define NCA_RENDER_FILTER_VIEW_H

#include <stddef.h>

#include "nca/view.h"

/* The perception of a state (H,W,C) through a filter. */
typedef struct nca__filtered {
    const nca_automaton *automaton;
    const float *state;
    size_t height, width;
    const float *taps; /* (9, C) taps of a learned filter; NULL for a fixed one */
    float fixed[9];
} nca__filtered;

/* The view must be valid according to nca_view_check. */
void nca__filtered_open(nca__filtered *out, const nca_view *view, const nca_automaton *automaton,
                        const float *state, size_t height, size_t width);
/* The response of a channel at a cell. */
double nca__filtered_channel(const nca__filtered *from, size_t cell, size_t channel);
/* The L2 norm of the responses over the channels. */
double nca__filtered_norm(const nca__filtered *from, size_t cell);

#endif
