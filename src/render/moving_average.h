/* Internal: the moving average of losses, for every plot of them. */
#ifndef NCA_RENDER_MOVING_AVERAGE_H
#define NCA_RENDER_MOVING_AVERAGE_H

#include <stddef.h>

enum {
    NCA__LOSS_WINDOW = 50 /* default number of losses of a mean */
};

typedef struct nca__partial {
    double sum;
    size_t count;
} nca__partial;

/* average[i] is the mean of the finite values among the last `window` up to i, NaN without any.
 * Each window is the end of one block and the start of the next, so that sums are only ever
 * added to: a huge value has no influence after it has left the window. `tails` has one more
 * element than `window`. */
void nca__moving_average(double *average, nca__partial *tails, const double *losses, size_t count,
                         size_t window);

#endif
