/* Internal: what cells perceive through one filter, for views of it. */
#ifndef NCA_RENDER_FILTER_VIEW_H
#define NCA_RENDER_FILTER_VIEW_H

#include <stddef.h>

#include "nca/view.h"

/* A state (H,W,C) seen through a filter. */
typedef struct nca__filtered {
    const nca_automaton *automaton;
    const float *state;
    size_t height, width;
    const float *taps; /* (9, C) of a learned filter; NULL: fixed */
    float fixed[9];
} nca__filtered;

/* The view is one that nca_view_check accepts. */
void nca__filtered_open(nca__filtered *out, const nca_view *view, const nca_automaton *automaton,
                        const float *state, size_t height, size_t width);
/* The response of a channel at a cell. */
double nca__filtered_channel(const nca__filtered *from, size_t cell, size_t channel);
/* The L2 norm of the responses over the channels. */
double nca__filtered_norm(const nca__filtered *from, size_t cell);

#endif
