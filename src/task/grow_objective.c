/* The objective of growth. It is a sum over cells, so the gradient of a row does not depend on
 * other rows. */
#include "task/grow_objective.h"

#include "core/loss_terms.h"

static const float *row_of_target(const nca__grow_asked *asked, const nca__row *row)
{
    return asked->target + row->row * row->width * 4;
}

static void measure(double *sums, const void *data, const nca__row *row)
{
    const nca__grow_asked *asked = data;
    sums[0] += nca__loss_sum(0.0, asked->loss, row->cells, row->stride, row_of_target(asked, row),
                             row->width);
}

static double loss(const double *sums, const void *data, size_t cells, const nca__head *head)
{
    (void)head;
    const nca__grow_asked *asked = data;
    return sums[0] * nca__loss_scale(asked->loss, cells);
}

static void gradient(float *d, const void *data, const nca__row *row, const double *sums,
                     const nca__head *head, double weight)
{
    (void)sums;
    (void)head;
    const nca__grow_asked *asked = data;
    nca__loss_backward(d, asked->loss, row->cells, row->stride, row_of_target(asked, row),
                       row->width, nca__loss_scale(asked->loss, row->height * row->width) * weight);
}

const nca__objective nca__grow_objective = {
    .sums = 1,
    .measure = measure,
    .loss = loss,
    .gradient = gradient,
};
