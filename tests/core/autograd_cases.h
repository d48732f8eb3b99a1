/* Rollouts and gradients computed by PyTorch: fixtures/gradients.bin, whose layout is described in
 * fixtures/make_gradients.py. */
#ifndef NCA_TESTS_AUTOGRAD_CASES_H
#define NCA_TESTS_AUTOGRAD_CASES_H

#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/loss.h"

typedef struct autograd_case {
    nca_automaton automaton;
    nca_loss loss;
    size_t batch, height, width, steps;
    uint64_t seed;
    uint32_t iteration;
    const float *parameters, *target;         /* flat; (H,W,4) */
    const float *initial, *final;             /* (B,H,W,C) */
    const float *losses;                      /* (B) */
    const float *gradient, *initial_gradient; /* flat, (B,H,W,C): of the mean loss */
} autograd_case;

typedef struct autograd_cases {
    size_t count;
    autograd_case *cases;
    void *bytes;
} autograd_cases;

/* Reads the file; ends the program with a message if it is missing or incomplete. */
autograd_cases autograd_cases_read(const char *path);
void autograd_cases_free(autograd_cases *cases);

#endif
