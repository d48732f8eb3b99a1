/* The oracle: the automaton of nca/automaton.h in its most obvious form, for comparison in tests.
 *
 * No packing, no blocks, no skipped cells, no threads: every cell of every step is computed, one
 * scalar after the other. The forward pass defines each rounding, so the engine must match it bit
 * for bit. The backward pass starts from those states but computes in double precision, so
 * differences are caused by the engine's rounding and not the oracle's. The oracle uses only the
 * settings, the filters and the random numbers of the engine. */
#ifndef NCA_TESTS_ORACLE_H
#define NCA_TESTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/loss.h"

/* One sample's automaton on a grid of H x W cells, and the source of its fire masks. */
typedef struct oracle {
    const nca_automaton *automaton;
    const float *parameters; /* flat */
    size_t height, width;
    uint64_t seed;
    uint32_t sample, iteration;
} oracle;

/* Whether a cell fires in a step. */
bool oracle_fires(const oracle *o, size_t cell, uint32_t step);
/* Whether the 3x3 neighbourhood of a cell of the state x (H,W,C) is alive; true without masking.
 * Cells outside a zero boundary are 0, so they count as alive if the threshold is negative. */
bool oracle_alive(const oracle *o, const float *x, size_t cell);
size_t oracle_alive_count(const oracle *o, const float *x);

/* One step from x to out, both (H,W,C), which must not overlap. */
void oracle_step(float *out, const oracle *o, const float *x, uint32_t step);
/* states (T+1,H,W,C): states[0] is the initial state on entry, the others are filled. */
void oracle_rollout(float *states, const oracle *o, uint32_t first_step, size_t steps);

/* The loss of a grid (H,W,C) against a target (H,W,4). */
double oracle_loss(nca_loss loss, const float *grid, const float *target, size_t height,
                   size_t width, size_t channels);
/* out (H,W,C) = scale * d loss / d grid. The slope at a kink is 0. */
void oracle_loss_backward(double *out, nca_loss loss, const float *grid, const float *target,
                          size_t height, size_t width, size_t channels, double scale);

/* Goes through steps first_step + T - 1 down to first_step. state_gradient (H,W,C) is the gradient
 * of the last state on entry and that of the first on return; `gradient` (flat) is added to. */
void oracle_backward(double *state_gradient, double *gradient, const oracle *o, const float *states,
                     uint32_t first_step, size_t steps);

#endif
