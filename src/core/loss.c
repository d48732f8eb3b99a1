/* The losses and their gradients, one row each, in double precision. */
#include "core/loss_terms.h"

#include <math.h>
#include <stdbool.h>

enum {
    COMPARED = 4 /* number of channels of a cell that are compared, from the first */
};

/* A loss. It has its own loops over cells, so that one call processes many cells. To add one: its
 * term and slope, LOOPS, and its row. */
typedef struct loss_row {
    const char *name;
    bool is_sum; /* sum over the values; otherwise their mean */
    double (*term)(double difference);
    double (*sum)(double sum, const float *cells, size_t cell_stride, const float *wanted,
                  size_t count);
    void (*backward)(float *gradient, const float *cells, size_t cell_stride, const float *wanted,
                     size_t count, double scale);
} loss_row;

/* ---- The loops -------------------------------------------------------------------------------*/

/* The functions passed as arguments are constant at each call site, so inlining makes them part of
 * the loop. */
#define PART_OF_CALLER static inline __attribute__((always_inline))

PART_OF_CALLER double sum_terms(double (*term)(double), double sum, const float *cells,
                                size_t cell_stride, const float *wanted, size_t count)
{
    for (size_t cell = 0; cell < count; cell++) {
        for (size_t c = 0; c < COMPARED; c++) {
            sum += term((double)cells[cell * cell_stride + c] - wanted[cell * COMPARED + c]);
        }
    }
    return sum;
}

PART_OF_CALLER void add_slopes(double (*slope)(double), float *gradient, const float *cells,
                               size_t cell_stride, const float *wanted, size_t count, double scale)
{
    for (size_t cell = 0; cell < count; cell++) {
        for (size_t c = 0; c < COMPARED; c++) {
            const double difference =
                (double)cells[cell * cell_stride + c] - wanted[cell * COMPARED + c];
            gradient[cell * cell_stride + c] += (float)(slope(difference) * scale);
        }
    }
}

#define LOOPS(loss)                                                                      \
    static double loss##_sum(double sum, const float *cells, size_t cell_stride,         \
                             const float *wanted, size_t count)                          \
    {                                                                                    \
        return sum_terms(loss##_term, sum, cells, cell_stride, wanted, count);           \
    }                                                                                    \
    static void loss##_backward(float *gradient, const float *cells, size_t cell_stride, \
                                const float *wanted, size_t count, double scale)         \
    {                                                                                    \
        add_slopes(loss##_slope, gradient, cells, cell_stride, wanted, count, scale);    \
    }

/* ---- The losses ------------------------------------------------------------------------------*/

static double magnitude_of(double difference)
{
    return difference < 0.0 ? -difference : difference;
}

static double sign_of(double difference)
{
    return (double)(difference > 0.0) - (double)(difference < 0.0);
}

static double l2_term(double difference)
{
    return difference * difference;
}

static double l2_slope(double difference)
{
    return 2.0 * difference;
}

LOOPS(l2)

static double l1_term(double difference)
{
    return magnitude_of(difference);
}

static double l1_slope(double difference)
{
    return sign_of(difference);
}

LOOPS(l1)

static const double hinge_margin = 0.5;

static double hinge_term(double difference)
{
    const double magnitude = magnitude_of(difference);
    /* Written so that NaN does not count as "within the margin". */
    return magnitude <= hinge_margin ? 0.0 : magnitude - hinge_margin;
}

static double hinge_slope(double difference)
{
    const bool beyond = difference > hinge_margin || difference < -hinge_margin;
    return beyond ? sign_of(difference) : 0.0;
}

LOOPS(hinge)

#define ROW(loss) .term = loss##_term, .sum = loss##_sum, .backward = loss##_backward

static const loss_row rows[] = {
    [NCA_LOSS_L2] = {.name = "L2", ROW(l2)},
    [NCA_LOSS_L1] = {.name = "L1", ROW(l1)},
    [NCA_LOSS_MANHATTAN] = {.name = "Manhattan", .is_sum = true, ROW(l1)},
    [NCA_LOSS_HINGE] = {.name = "Hinge", ROW(hinge)},
};
_Static_assert(sizeof rows / sizeof *rows == NCA_LOSS_COUNT, "every loss has a row");

/* ---- Functions that use the table ------------------------------------------------------------ */

const char *nca_loss_name(nca_loss loss)
{
    return (unsigned)loss < NCA_LOSS_COUNT ? rows[loss].name : NULL;
}

double nca__loss_sum(double sum, nca_loss loss, const float *cells, size_t cell_stride,
                     const float *wanted, size_t count)
{
    return rows[loss].sum(sum, cells, cell_stride, wanted, count);
}

double nca__loss_scale(nca_loss loss, size_t cells)
{
    return rows[loss].is_sum ? 1.0 : 1.0 / (double)(cells * COMPARED);
}

void nca__loss_backward(float *gradient, nca_loss loss, const float *cells, size_t cell_stride,
                        const float *wanted, size_t count, double scale)
{
    rows[loss].backward(gradient, cells, cell_stride, wanted, count, scale);
}

double nca__loss_of_difference(nca_loss loss, double difference, size_t cells)
{
    const double term = rows[loss].term(difference);
    return rows[loss].is_sum ? term * (double)(cells * COMPARED) : term;
}

double nca_loss_value(nca_loss loss, const float *grid, const float *wanted, size_t height,
                      size_t width, size_t channels)
{
    size_t cells = height * width;
    if ((unsigned)loss >= NCA_LOSS_COUNT) {
        return NAN;
    }
    return nca__loss_sum(0.0, loss, grid, channels, wanted, cells) * nca__loss_scale(loss, cells);
}
