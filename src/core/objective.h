/* Internal: what a training pass asks of the state at its end: a number, the loss, and the gradient
 * of the state. A table of functions over rows of cells; the data that they read is the caller's,
 * one for each sample. Freestanding. How to add one: docs/architecture.md. */
#ifndef NCA_CORE_OBJECTIVE_H
#define NCA_CORE_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

/* One row of a state. */
typedef struct nca__row {
    const float *cells; /* of the cell of column 0; the cell of column x begins at x * stride */
    size_t stride;
    size_t row, height, width; /* which row, of what grid */
} nca__row;

/* The dense layer that an objective may apply to its sums, or a gradient of it: scores = w f + b
 * for the features f that the objective makes of the sums. */
typedef struct nca__head {
    size_t inputs, outputs; /* 0: the automaton has no head */
    float *w;               /* (outputs, inputs) */
    float *b;               /* (outputs) */
} nca__head;

typedef struct nca__objective {
    size_t sums; /* doubles that `measure` adds to, at least 1 */
    /* The gradient needs the sums over the whole grid: it is taken when every band has been
     * measured. Otherwise a band's gradient is taken row by row as the row is measured, and the
     * sums that it is given are not to be read. */
    bool waits;
    /* Adds the row's part. Sums begin at 0; the rows of a band are added in order, then the bands
     * in order. */
    void (*measure)(double *sums, const void *data, const nca__row *row);
    /* The sample's loss, from the sums over a grid of that many cells. */
    double (*loss)(const double *sums, const void *data, size_t cells, const nca__head *head);
    /* Writes the gradient of the loss, times `weight`, to the cells of a row that the loss depends
     * on; d lies like row->cells, and is 0. */
    void (*gradient)(float *d, const void *data, const nca__row *row, const double *sums,
                     const nca__head *head, double weight);
    /* Adds the gradient of the loss, times `weight`, to that of the head. NULL: the objective does
     * not use a head. */
    void (*head_gradient)(const nca__head *gradient, const double *sums, const void *data,
                          size_t cells, const nca__head *head, double weight);
} nca__objective;

#endif
