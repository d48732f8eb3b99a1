/* The Muon update.
 *
 * All matrix products use the kernel table, whose sums have a fixed order, and everything else is a
 * single rounding per element, so the bits are the same on every machine. */
#include "nca/muon.h"

#include <string.h>

#include "kernels/table.h"

static size_t padded(size_t size)
{
    return (size + NCA_LANES - 1) / NCA_LANES * NCA_LANES;
}

/* ---- Orthogonalisation -----------------------------------------------------------------------*/

/* x (a,b) with a <= b is the matrix, transposed if it has more rows than columns. Rows are padded
 * to whole vectors with zeros. */
typedef struct iteration {
    size_t a, b;
    size_t a_stride, b_stride;
    float *x, *next; /* (a,b) */
    float *turned;   /* (b,a) x transposed */
    float *gram;     /* (a,a) x x' */
    float *factor;   /* (a,a) the factor of x */
} iteration;

static size_t iteration_floats(size_t rows, size_t columns)
{
    const size_t a = rows < columns ? rows : columns;
    const size_t b = rows < columns ? columns : rows;
    return 2 * a * padded(b) + b * padded(a) + 2 * a * padded(a);
}

static iteration lay_out(float *scratch, size_t rows, size_t columns)
{
    iteration it = {.a = rows < columns ? rows : columns, .b = rows < columns ? columns : rows};
    it.a_stride = padded(it.a);
    it.b_stride = padded(it.b);
    it.x = scratch;
    it.next = it.x + it.a * it.b_stride;
    it.turned = it.next + it.a * it.b_stride;
    it.gram = it.turned + it.b * it.a_stride;
    it.factor = it.gram + it.a * it.a_stride;
    memset(scratch, 0, iteration_floats(rows, columns) * sizeof *scratch);
    return it;
}

static void multiply(float *out, const float *left, const float *right, size_t rows, size_t columns,
                     size_t depth, size_t left_stride, const nca_kernels *kernels)
{
    const nca__matmul product = {
        .out = out,
        .out_stride = columns,
        .a = left,
        .a_row = left_stride,
        .a_depth = 1,
        .b = right,
        .b_stride = columns,
        .rows = rows,
        .columns = columns,
        .depth = depth,
    };
    kernels->matmul(&product);
}

/* x <- a x + (b x x' + c (x x')^2) x. The coefficients are those of the web page named in the
 * header. */
static void iterate(iteration *it, const nca_kernels *kernels)
{
    const float coefficient_a = 3.4445f, coefficient_b = -4.7750f, coefficient_c = 2.0315f;
    for (size_t j = 0; j < it->b; j++) {
        for (size_t i = 0; i < it->a; i++) {
            it->turned[j * it->a_stride + i] = it->x[i * it->b_stride + j];
        }
    }
    multiply(it->gram, it->x, it->turned, it->a, it->a_stride, it->b, it->b_stride, kernels);
    multiply(it->factor, it->gram, it->gram, it->a, it->a_stride, it->a, it->a_stride, kernels);
    for (size_t i = 0; i < it->a * it->a_stride; i++) {
        it->factor[i] = coefficient_b * it->gram[i] + coefficient_c * it->factor[i];
    }
    for (size_t i = 0; i < it->a; i++) {
        it->factor[i * it->a_stride + i] += coefficient_a;
    }
    multiply(it->next, it->factor, it->x, it->a, it->b_stride, it->a, it->a_stride, kernels);
    float *held = it->x;
    it->x = it->next;
    it->next = held;
}

static double norm_of(const float *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)values[i] * (double)values[i];
    }
    return __builtin_sqrt(sum);
}

void nca_orthogonalise(float *matrix, size_t rows, size_t columns, float *scratch,
                       const nca_kernels *kernels)
{
    enum {
        STEPS = 5
    };
    const double norm = norm_of(matrix, rows * columns);
    if (norm == 0.0) {
        return;
    }
    iteration it = lay_out(scratch, rows, columns);
    /* Element (i, j) of x is matrix[i * across + j * along]. */
    const size_t across = rows < columns ? columns : 1;
    const size_t along = rows < columns ? 1 : columns;
    for (size_t i = 0; i < it.a; i++) {
        for (size_t j = 0; j < it.b; j++) {
            const double value = (double)matrix[i * across + j * along];
            it.x[i * it.b_stride + j] = (float)(value / norm);
        }
    }
    for (int step = 0; step < STEPS; step++) {
        iterate(&it, kernels);
    }
    for (size_t i = 0; i < it.a; i++) {
        for (size_t j = 0; j < it.b; j++) {
            matrix[i * across + j * along] = it.x[i * it.b_stride + j];
        }
    }
}

/* ---- The update ------------------------------------------------------------------------------*/

size_t nca_muon_scratch(const nca_automaton *automaton)
{
    size_t largest = 0;
    size_t most = 0;
    for (size_t k = 0; k < nca_tensor_count(automaton); k++) {
        const nca_tensor tensor = nca_tensor_at(automaton, k);
        const size_t rows = tensor.rows;
        const size_t columns = tensor.columns;
        const size_t work = tensor.matrix ? iteration_floats(rows, columns) : 0;
        largest = rows * columns > largest ? rows * columns : largest;
        most = work > most ? work : most;
    }
    return most + padded(largest);
}

/* Updates m with the gradient; u is the momentum after the next step, as in Nesterov's method. */
static void look_ahead(float *u, float *m, const float *gradient, size_t count, float momentum)
{
    const float keep = (float)(1.0 - (double)momentum);
    for (size_t i = 0; i < count; i++) {
        const float g = gradient[i];
        m[i] = m[i] + keep * (g - m[i]);
        u[i] = g + momentum * (m[i] - g);
    }
}

static void normalise(float *vector, size_t count)
{
    const double norm = norm_of(vector, count);
    for (size_t i = 0; i < count && norm != 0.0; i++) {
        vector[i] = (float)((double)vector[i] / norm);
    }
}

void nca_muon_update(float *parameters, float *m, const float *gradient,
                     const nca_automaton *automaton, float momentum, float rate, float *scratch,
                     const nca_kernels *kernels)
{
    for (size_t k = 0; k < nca_tensor_count(automaton); k++) {
        const nca_tensor tensor = nca_tensor_at(automaton, k);
        const size_t rows = tensor.rows;
        const size_t columns = tensor.columns;
        const size_t count = rows * columns;
        const size_t offset = tensor.offset;
        float *u = scratch;
        look_ahead(u, m + offset, gradient + offset, count, momentum);
        /* A tensor that is not a linear map is treated as one column. */
        double longer = (double)(rows > columns ? rows : columns);
        if (tensor.matrix) {
            nca_orthogonalise(u, rows, columns, scratch + padded(count), kernels);
        } else {
            normalise(u, count);
            longer = (double)count;
        }
        const float step = (float)((double)rate * __builtin_sqrt(longer));
        for (size_t i = 0; i < count; i++) {
            parameters[offset + i] -= step * u[i];
        }
    }
}
