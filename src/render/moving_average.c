/* The moving average of losses. */
#include "render/moving_average.h"

#include <math.h>

static nca__partial take(nca__partial before, double value)
{
    return isfinite(value) ? (nca__partial){before.sum + value, before.count + 1} : before;
}

void nca__moving_average(double *average, nca__partial *tails, const double *losses, size_t count,
                         size_t window)
{
    for (size_t block = 0; block < count; block += window) {
        nca__partial head = {0.0, 0};
        for (size_t i = 0; i < window && block + i < count; i++) {
            head = take(head, losses[block + i]);
            /* tails[i + 1] is the sum of the previous block from its element i + 1 on. */
            nca__partial tail = block > 0 && i + 1 < window ? tails[i + 1] : (nca__partial){0.0, 0};
            size_t members = head.count + tail.count;
            average[block + i] =
                members > 0 ? head.sum / (double)members + tail.sum / (double)members : NAN;
        }
        tails[window] = (nca__partial){0.0, 0};
        for (size_t i = window; i-- > 0 && block + window <= count;) {
            tails[i] = take(tails[i + 1], losses[block + i]);
        }
    }
}
