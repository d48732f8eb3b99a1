/* The automaton for a page: one grid, forward only, behind functions that JavaScript can call.
 *
 * A module has one world. Everything it needs lies in one block of memory that the caller provides:
 * fill in the settings, ask for the size, open, fill in the parameters, use them. Sizes and
 * addresses are 32 bits in WebAssembly; a native build of the same file is for tests. */
#ifndef NCA_WEB_ENGINE_H
#define NCA_WEB_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"

/* As in nca_automaton, every field 32 bits wide; the grid, the seed of the fire masks, and what
 * came later. */
typedef struct nca_web_choice {
    uint32_t channels, hidden, filter, boundary;
    float angle, fire_rate, step_size;
    int32_t alive_channel;
    float alive_threshold;
    uint32_t output_bias;
    uint32_t height, width;
    uint32_t seed_low, seed_high;
    uint32_t filter_count;
} nca_web_choice;

/* The settings; what is written there counts from the next call of nca_web_open or, for angle,
 * fire_rate, step_size and the seed, of nca_web_retune. */
nca_web_choice *nca_web_settings(void);
/* Bytes of a world with these settings; 0 when they are not valid. */
size_t nca_web_bytes(void);
/* Opens the world in a zeroed block, 64-byte aligned: all cells 0, all parameters 0, step 0. */
void nca_web_open(void *block);
/* Takes over the settings that need no other block. */
void nca_web_retune(void);

/* The parameters (nca/automaton.h has their order), to be written before nca_web_use_parameters. */
float *nca_web_parameters(void);
size_t nca_web_parameter_count(void);
void nca_web_use_parameters(void);

/* A copy of the grid (H,W,C): taken out of the engine, put into it. */
float *nca_web_state(void);
void nca_web_take(void);
void nca_web_put(void);
/* The seed grid into that copy and into the engine. */
void nca_web_seed(void);

/* The target (H,W,4), to be written by the caller; the L2 loss of the grid against it. */
float *nca_web_target(void);
double nca_web_loss(void);
/* Cells whose neighbourhood is alive. */
size_t nca_web_alive(void);

/* Runs some steps. The steps done so far choose the fire masks, as in nca_rollout. */
void nca_web_run(uint32_t steps);
double nca_web_steps(void);
void nca_web_set_steps(double steps);

/* Whether vector instructions are used: 1 or 0. */
int nca_web_simd(void);

#endif
