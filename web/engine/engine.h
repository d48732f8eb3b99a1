/* The automaton for a page: one grid, forward pass only, behind functions that JavaScript can call.
 *
 * A module has one world. Everything it needs lies in one block of memory that the caller provides:
 * fill in the settings, ask for the size, open, fill in the parameters, apply them. Sizes and
 * addresses are 32 bits in WebAssembly; tests build the same file natively. */
#ifndef NCA_WEB_ENGINE_H
#define NCA_WEB_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"

/* The fields of nca_automaton, each 32 bits wide, then the grid, the random seed of the fire masks,
 * and fields added later. The layout is shared with web/page/src/engine.js. */
typedef struct nca_web_choice {
    uint32_t channels, hidden, filter, boundary;
    float angle, fire_rate, step_size;
    int32_t alive_channel;
    float alive_threshold;
    uint32_t output_bias;
    uint32_t height, width;
    uint32_t seed_low, seed_high;
    uint32_t filter_count;
    uint32_t input_channels; /* a head is left out: no step reads it (classes.h) */
} nca_web_choice;

/* The settings. Changes take effect at the next nca_web_open or, for angle, fire_rate, step_size
 * and the random seed, at the next nca_web_retune. */
nca_web_choice *nca_web_settings(void);
/* Bytes of a world with these settings; 0 if they are not valid. */
size_t nca_web_bytes(void);
/* Opens the world in a zeroed, 64-byte aligned block: all cells 0, all parameters 0, step 0. */
void nca_web_open(void *block);
/* Applies the settings that do not need a new block. */
void nca_web_retune(void);

/* The parameters, in the order given in nca/automaton.h; nca_web_use_parameters applies what was
 * written there. */
float *nca_web_parameters(void);
size_t nca_web_parameter_count(void);
void nca_web_use_parameters(void);

/* A copy of the grid (H,W,C): nca_web_take copies from the engine, nca_web_put copies to it. */
float *nca_web_state(void);
void nca_web_take(void);
void nca_web_put(void);
/* Writes the seed into the copy and the engine. */
void nca_web_seed(void);

/* The target (H,W,4), written by the caller, and the L2 loss of the grid against it. */
float *nca_web_target(void);
double nca_web_loss(void);
/* The number of cells in the alive mask. */
size_t nca_web_alive(void);

/* Runs some steps. The number of steps done so far selects the fire masks, as in nca_rollout. */
void nca_web_run(uint32_t steps);
double nca_web_steps(void);
void nca_web_set_steps(double steps);

/* 1 if vector instructions are used, else 0. */
int nca_web_simd(void);

#endif
