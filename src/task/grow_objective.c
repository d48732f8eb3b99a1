/* The objective of growth. It is a sum over cells, so the gradient of a row does not depend on
 * other rows. */
#include "task/grow_objective.h"

#include <stdint.h>
#include <string.h>

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

/* The number of the loss, then the target. */
static size_t pack(unsigned char *out, const void *data, size_t cells)
{
    const nca__grow_asked *asked = data;
    const uint64_t kind = (uint64_t)asked->loss;
    const size_t target = cells * 4 * sizeof *asked->target;
    if (out != NULL) {
        memcpy(out, &kind, sizeof kind);
        memcpy(out + sizeof kind, asked->target, target);
    }
    return sizeof kind + target;
}

static void unpack(void *out, const unsigned char *packed)
{
    uint64_t kind;
    memcpy(&kind, packed, sizeof kind);
    *(nca__grow_asked *)out = (nca__grow_asked){
        .loss = (nca_loss)kind,
        .target = (const float *)(const void *)(packed + sizeof kind),
    };
}

const nca__objective nca__grow_objective = {
    .name = "grow",
    .sums = 1,
    .measure = measure,
    .loss = loss,
    .gradient = gradient,
    .pack = pack,
    .unpack = unpack,
    .unpacked = sizeof(nca__grow_asked),
};
