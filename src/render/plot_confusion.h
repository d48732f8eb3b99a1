/* Internal: which classes are taken for which: a matrix, or a table of bars for labels. */
#ifndef NCA_RENDER_PLOT_CONFUSION_H
#define NCA_RENDER_PLOT_CONFUSION_H

#include <stdbool.h>
#include <stddef.h>

#include "render/pen.h"

typedef struct nca__confusion_plot {
    const size_t *counts; /* (classes,classes): of the true class [row], predicted as [column]; or,
                             for labels, (classes,4): true negatives, false positives, false
                             negatives, true positives */
    size_t classes;
    bool labels;
    const char *const *names; /* (classes) */
} nca__confusion_plot;

/* The size of a drawing, and its draw function. */
void nca__confusion_size(double *out_width, double *out_height, const nca__confusion_plot *plot);
void nca__confusion_draw(const nca__pen *pen, double top, const void *data);

#endif
