/* One training pass of a batch, computed by the oracle and by the engine, for tests to compare.
 * Every output of the engine is between sentinels, which batch_result_check examines. */
#ifndef NCA_TESTS_BATCH_CASE_H
#define NCA_TESTS_BATCH_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/batch.h"
#include "core/noise.h"
#include "nca/automaton.h"
#include "nca/kernels.h"
#include "nca/loss.h"

/* The contents of the initial states. */
typedef enum batch_start {
    BATCH_START_SPARSE,  /* random, about one cell in eight above the alive threshold */
    BATCH_START_SEED,    /* the seed, alpha spread by b2 and W2 */
    BATCH_START_DEAD,    /* all 0 */
    BATCH_START_TINY,    /* random below 2^-125, alpha large enough to live */
    BATCH_START_HUGE,    /* some values around 1e30, the rest random */
    BATCH_START_INFINITE /* some values infinite or NaN, the rest random */
} batch_start;

typedef struct batch_case {
    nca_automaton automaton;
    size_t batch, height, width, steps;
    size_t losses; /* as in nca__batch_options */
    uint64_t seed;
    uint32_t iteration;
    nca_loss loss;
    batch_start start;
    float *parameters; /* flat */
    float *target;     /* (H,W,4) */
    float *initial;    /* (B,H,W,C) */
} batch_case;

typedef struct batch_result {
    float *final;            /* (B,H,W,C) */
    double *losses;          /* (B) */
    size_t *alive;           /* (B) */
    float *gradient;         /* flat */
    float *initial_gradient; /* (B,H,W,C) */
} batch_result;

/* Options of the engine; a zero means: all cores, the best set, no limit, T. */
typedef struct batch_how {
    unsigned threads;
    const nca_kernels *kernels;
    size_t memory_limit, max_steps, kept_hidden;
    nca_precision precision;
    const struct nca__backend *backend; /* NULL: the CPU's */
    size_t device;
} batch_how;

size_t batch_values(const batch_case *c); /* H*W*C */
void *batch_allocate(size_t count, size_t size);

/* The default automaton with other sizes; other differences are set afterwards. */
batch_case batch_case_make(size_t batch, size_t height, size_t width, size_t steps,
                           uint32_t channels, uint32_t hidden);
/* Fills parameters, target and initial states of a case whose other fields are set. */
void batch_case_draw(batch_case *c, noise *n);
void batch_case_free(batch_case *c);
/* "5x6 C 8 N 12 T 4 B 2 sobel zero fire 0.5 ..."; overwritten by the next call. */
const char *batch_case_text(const batch_case *c);

/* The result of the oracle. */
batch_result batch_expected(const batch_case *c);
/* The result of the engine, in a batch created for this pass. */
batch_result batch_found(const batch_case *c, batch_how how);
/* The same in an existing batch; the parameters are set first. */
batch_result batch_found_in(nca__batch *batch, const batch_case *c);
/* The same, and the contribution of each sample to the gradient (B, parameters). */
batch_result batch_found_parts(nca__batch *batch, const batch_case *c, float *sample_gradients);
nca__batch_options batch_options(const batch_case *c, batch_how how);
nca__batch *batch_make(const batch_case *c, batch_how how);
void batch_result_free(batch_result *r);

/* Equal bits, or both NaN (whose payload is not specified). */
bool batch_same(const float *a, const float *b, size_t count);
/* Fails the test unless everything in a and b has the same bits. */
void batch_assert_same(const batch_case *c, const char *what, const batch_result *a,
                       const batch_result *b);
/* Fails the test unless the states and counts of `found` have the bits of `expected`, and losses
 * and gradients (unless `states_only`) are close. */
void batch_assert_near(const batch_case *c, const char *what, const batch_result *found,
                       const batch_result *expected, bool states_only);
/* The largest difference divided by the largest expected value; INFINITY if `found` is not
 * finite. */
double batch_distance(const float *found, const float *expected, size_t count);

/* The sets that this CPU can run, by index; NULL beyond the last. */
const nca_kernels *batch_kernels(size_t index);

#endif
