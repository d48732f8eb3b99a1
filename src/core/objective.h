/* Internal: the objective of a training pass. It computes the loss from a state, and the gradient
 * of the loss with respect to that state. It is a table of functions over rows of cells; their data
 * belongs to the caller, one for each sample. How to add one: docs/architecture.md.
 *
 * The loss of a sample is that of its final state or, with K losses, the mean over K states of the
 * second half of its rollout. */
#ifndef NCA_CORE_OBJECTIVE_H
#define NCA_CORE_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

/* One row of a state. */
typedef struct nca__row {
    const float *cells; /* the cell in column 0; the cell in column x begins at x * stride */
    size_t stride;
    size_t row, height, width; /* index of the row, and size of the grid */
} nca__row;

/* The dense layer that an objective may apply to its sums, or a gradient of it: scores = w f + b
 * for the features f that the objective computes from the sums. */
typedef struct nca__head {
    size_t inputs, outputs; /* 0: the automaton has no head */
    float *w;               /* (outputs, inputs) */
    float *b;               /* (outputs) */
} nca__head;

typedef struct nca__objective {
    const char *name; /* distinguishes the library's objectives; NULL: `pack` is NULL too */
    size_t sums;      /* number of doubles that `measure` adds to, at least 1 */
    /* Whether the gradient needs the sums over the whole grid: then it is computed after all bands
     * have been measured. Otherwise the gradient of a row is computed right after the row has been
     * measured, and the sums passed to it must not be read. */
    bool waits;
    /* Adds the contribution of the row. Sums start at 0; the rows of a band are added in order,
     * then the bands in order. */
    void (*measure)(double *sums, const void *data, const nca__row *row);
    /* Joins the sums of a band to those of the bands before it; NULL: adds each of them. */
    void (*join)(double *sums, const double *band);
    /* The loss of the sample, from the sums over a grid of `cells` cells. */
    double (*loss)(const double *sums, const void *data, size_t cells, const nca__head *head);
    /* Adds the gradient of the loss, times `weight`, to that of the cells of a row; d has the
     * layout of row->cells. */
    void (*gradient)(float *d, const void *data, const nca__row *row, const double *sums,
                     const nca__head *head, double weight);
    /* Adds the gradient of the loss, times `weight`, to that of the head. NULL: the objective does
     * not use a head. */
    void (*head_gradient)(const nca__head *gradient, const double *sums, const void *data,
                          size_t cells, const nca__head *head, double weight);
    /* The data of a sample as bytes, so that another process can compute it: returns how many, and
     * writes them unless `out` is NULL. NULL: the data cannot leave this process. */
    size_t (*pack)(unsigned char *out, const void *data, size_t cells);
    /* Makes `unpacked` bytes of data from packed ones, into which the data may point. Both are
     * aligned like a double. */
    void (*unpack)(void *out, const unsigned char *packed);
    size_t unpacked;
} nca__objective;

/* The steps of a rollout of T steps after which the objective is applied: number j = 0..K-1, from
 * the last to the first, is T - floor(j T / 2K). They are distinct if K <= nca__most_losses(T). */
static inline size_t nca__loss_step(size_t steps, size_t losses, size_t j)
{
    return steps - j * steps / (2 * losses);
}

/* The largest number of losses of a rollout. */
static inline size_t nca__most_losses(size_t steps)
{
    return steps < 2 ? 1 : steps / 2;
}

#endif
