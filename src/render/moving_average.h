/* Internal: the moving average of losses, for all plots of them. */
#ifndef NCA_RENDER_MOVING_AVERAGE_H
#define NCA_RENDER_MOVING_AVERAGE_H

#include <stddef.h>

enum {
    NCA__LOSS_WINDOW = 50 /* default length of the window */
};

typedef struct nca__partial {
    double sum;
    size_t count;
} nca__partial;

/* average[i] is the mean of the finite values among the last `window` up to i; NaN if there are
 * none. Each window consists of the end of one block and the start of the next, so values are only
 * added to sums and never subtracted: a huge value has no influence after it has left the window.
 * `tails` has one more element than `window`. */
void nca__moving_average(double *average, nca__partial *tails, const double *losses, size_t count,
                         size_t window);

#endif
