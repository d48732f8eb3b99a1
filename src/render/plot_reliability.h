/* Internal: the reliability diagram: accuracy over confidence, with the number of decisions. */
#ifndef NCA_RENDER_PLOT_RELIABILITY_H
#define NCA_RENDER_PLOT_RELIABILITY_H

#include <stddef.h>

#include "render/pen.h"

typedef struct nca__reliability_bin {
    size_t count;
    double confidence, accuracy; /* means; only with count > 0 */
} nca__reliability_bin;

/* Bins of equal width from 0 to 1. */
typedef struct nca__reliability_series {
    const char *name;
    const nca__reliability_bin *bins; /* (bins) */
    double ece;
} nca__reliability_series;

typedef struct nca__reliability_plot {
    const nca__reliability_series *series; /* (count), 1 or 2; the first has bars */
    size_t count, bins;
} nca__reliability_plot;

void nca__reliability_draw(const nca__pen *pen, double top, const void *data);
enum {
    NCA__RELIABILITY_WIDTH = 800,
    NCA__RELIABILITY_HEIGHT = 526
};

#endif
