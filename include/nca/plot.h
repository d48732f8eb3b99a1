/* Plots of a run's metrics, good enough for a paper. */
#ifndef NCA_PLOT_H
#define NCA_PLOT_H

#include <stddef.h>

#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_loss_plot {
    const char *title;     /* e.g. "phantom, distill, regenerating" */
    const char *loss_name; /* "L2" ...: the y axis says "L2 loss (mean over the batch)" */
    const double *losses;  /* (count), one per iteration; values that are not finite are gaps */
    size_t count;
    size_t first_iteration; /* the iteration of losses[0], usually 1 */
    size_t window;          /* of the moving average; 0: 50 */
} nca_loss_plot;

/* Raw losses in a light line, their moving average in a strong one, logarithmic y axis, grid,
 * labels, the final average written out. PNG or SVG by the path's ending. */
nca_status nca_plot_loss(const nca_loss_plot *plot, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
