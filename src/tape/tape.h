/* Internal: the tape of one sample: the states kept during its rollout, and the program of phases
 * that runs it forward and, in training, backward through time.
 *
 * A phase is executed band by band. A band may execute phase p when its neighbouring bands have
 * completed phase p - 1, and gradient(0) when all bands have. There are no other dependencies, so
 * any number of threads may share a tape. The first and the last band are also neighbours, for the
 * torus. For other boundaries, the halo is a copy of rows at most two away from those that read it,
 * so waiting for neighbours is sufficient.
 *
 *   load          initial state into plane 0, its alive marks
 *   count         number of alive cells of a state that was only loaded
 *   update(t)     y = x(t-1) + step * dx where cells fire
 *   mask(t)       x(t) = y where alive before and after
 *   measure(j)    the objective's sums of loss j > 0, that of a state before x(T)
 *   loss          the objective's sums, alive cells, gradient of x(T); the final state out
 *   gradient(j)   gradient of the state of loss j; that of x(T), loss 0, only if it needs all bands
 *   reopen(t)     alive marks of a kept state, before its segment is recomputed
 *   backward(t)   gradients through the update network of step t
 *   spread(t)     gradients through the perception of step t
 *   finish        gradient of the initial state out
 *
 * Of the states x(0)..x(T) every interval-th is kept; the states in between are recomputed, one
 * segment at a time, when the backward pass reaches them. With interval 1 nothing is recomputed. */
#ifndef NCA_TAPE_TAPE_H
#define NCA_TAPE_TAPE_H

#include "tape/engine.h"
#include "tape/kept_hidden.h"

/* Inputs and outputs of one pass of a tape; any output may be NULL. */
typedef struct nca__pass {
    nca__firing firing;
    uint32_t first_step; /* step t uses the fire masks of step first_step + t - 1 */
    size_t steps;
    bool backward;
    const void *asked;       /* data of the engine's objective; NULL: no loss is computed */
    double loss_weight;      /* factor of this sample's loss in the gradient: 1/B */
    const float *initial;    /* (H,W,C); NULL: continue from the state in the tape (forward only) */
    float *final;            /* (H,W,C) */
    float *initial_gradient; /* (H,W,C) */
} nca__pass;

/* The marks of a cell in a step: whether it was alive before and after, and whether it fired (only
 * known for candidates). Gradients flow through the network if both are set. */
enum {
    NCA__LIVE = 1,
    NCA__FIRED = 2,
    NCA__ACTIVE = NCA__LIVE | NCA__FIRED
};

typedef struct nca__phase {
    uint32_t operation;
    uint32_t step; /* of measure and gradient: the number of the loss */
} nca__phase;

typedef struct nca__tape {
    const nca__engine *engine;
    size_t max_steps, interval; /* interval 0: forward only, with two alternating planes */
    float *kept;                /* planes of x(0), x(interval), ... */
    float *segment;             /* (interval - 1) planes */
    nca__span *spans; /* (planes, H) columns outside of it are zero in that row of the plane */
    uint8_t *over_x, *over_y; /* mark planes: alive channel over the threshold, in x and in y */
    uint8_t *live; /* (steps, H, W): NCA__LIVE, NCA__FIRED; only one step if forward only */
    float *d;      /* (H+2, W+2, Cp) gradient of the state */
    float *dp; /* (H+2, W+2, (K-1)*Cp) gradient of the filters' outputs; the halo is 0 except on a
                  torus */
    nca__span *d_spans;  /* (H) columns outside of it are zero in that row of d */
    nca__span *dp_spans; /* (H) the same for dp */
    float *sums;         /* (bands) gradient blocks */
    nca__kept_hidden kept_hidden;
    double *band_sums;  /* (losses, bands, objective's sums) */
    double *totals;     /* (bands, objective's sums): totals of all bands, as added by each band */
    size_t *band_alive; /* (bands) */
    nca__phase *program;
    size_t phases;
    nca__pass pass;
    size_t held; /* forward only: which of the two planes contains x(0) of the pass */
} nca__tape;

/* Bytes of the kept states, and of everything, for a tape of up to `max_steps` steps. */
size_t nca__tape_state_bytes(const nca__engine *engine, size_t max_steps, size_t interval);
size_t nca__tape_bytes(const nca__engine *engine, size_t max_steps, size_t interval);
/* The interval (1..max_steps) that recomputes the fewest steps within `limit` bytes of states, or
 * the one with the smallest memory if none fits. */
size_t nca__tape_interval(const nca__engine *engine, size_t max_steps, size_t limit);

/* `block` has nca__tape_bytes() zeroed bytes, 64-byte aligned. */
nca__tape nca__tape_carve(void *block, const nca__engine *engine, size_t max_steps,
                          size_t interval);

/* Writes the program for a pass, where `pass->steps` <= max_steps, and clears its sums. With a
 * loss, the engine's `losses` are at most nca__most_losses(pass->steps). */
void nca__tape_begin(nca__tape *tape, const nca__pass *pass);
/* Writes the program that only loads a state (H,W,C) and counts its alive cells; forward only. */
void nca__tape_load(nca__tape *tape, const float *state);
void nca__tape_run(nca__tape *tape, size_t phase, size_t band, nca__workspace *workspace);
/* Whether a band may start the phase only after all bands have completed the previous one. */
bool nca__tape_waits(const nca__tape *tape, size_t phase);

/* After the last phase: the loss of the sample, which is the mean of its losses (0 if none was
 * requested), its number of alive cells, and the plane of its state. */
double nca__tape_loss(const nca__tape *tape);
size_t nca__tape_alive(const nca__tape *tape);
float *nca__tape_state(const nca__tape *tape, size_t t);
/* The columns of a row of that plane that may be non-zero. */
nca__span *nca__tape_span(const nca__tape *tape, size_t t, size_t row);
/* Adds the gradients of the bands to a flat one, in order. */
void nca__tape_add_gradient(float *flat, const nca__tape *tape);

/* The work of the phases, for tape.c. */
void nca__update_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace);
void nca__mask_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace);
void nca__backward_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace);
void nca__spread_band(nca__tape *tape, size_t band);

/* The live marks (H,W) of step t. */
uint8_t *nca__tape_live(const nca__tape *tape, size_t t);

#endif
