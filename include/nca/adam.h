/* The Adam optimiser, gradient normalisation and learning-rate schedules. No function calls the C
 * library, so the results have the same bits on every platform. */
#ifndef NCA_ADAM_H
#define NCA_ADAM_H

#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_adam {
    float beta1, beta2, epsilon;
} nca_adam;

/* One update of `count` parameters (Kingma & Ba, arXiv 1412.6980, algorithm 1, in PyTorch's form):
 *   m = m + (1-beta1)(g - m)       v = beta2 v + (1-beta2) g^2
 *   theta -= rate/(1-beta1^t) * m / (sqrt(v)/sqrt(1-beta2^t) + epsilon)
 * `t` counts from 1. All arrays have the layout of the parameters. */
NCA_API void nca_adam_update(float *parameters, float *m, float *v, const float *gradient,
                             size_t count, const nca_adam *adam, float rate, uint64_t t);

/* Writes the L2 norm of each tensor of `gradient`, in the order of the list (nca_tensor_at).
 * Tensors without rows and unused entries get 0. */
NCA_API void nca_gradient_norms(double out[NCA_MAX_TENSORS], const float *gradient,
                                const nca_automaton *automaton);
/* Divides each tensor by (its L2 norm + 1e-8), the article's normalisation. */
NCA_API void nca_gradient_normalise(float *gradient, const double norms[NCA_MAX_TENSORS],
                                    const nca_automaton *automaton);

typedef enum nca_schedule_kind {
    NCA_SCHEDULE_CONSTANT,
    NCA_SCHEDULE_STEP,    /* multiplied by decay_factor from iteration decay_at on */
    NCA_SCHEDULE_COSINE,  /* falls to rate * decay_factor at the last iteration */
    NCA_SCHEDULE_PLATEAU, /* like cosine, but ends at iteration decay_at - 1 and then stays constant
                           */
    NCA_SCHEDULE_COUNT
} nca_schedule_kind;

NCA_API const char *nca_schedule_name(nca_schedule_kind kind);

typedef struct nca_schedule {
    nca_schedule_kind kind;
    float rate;         /* the highest rate */
    uint64_t warmup;    /* iterations of linear rise from rate/warmup, before the schedule proper */
    uint64_t decay_at;  /* for step and plateau; with plateau it must be > warmup */
    float decay_factor; /* for all kinds but constant */
    uint64_t iterations; /* length of cosine, including the warm-up */
} nca_schedule;

/* The learning rate of iteration `iteration`, counted from 0. */
NCA_API float nca_schedule_rate(const nca_schedule *schedule, uint64_t iteration);

#ifdef __cplusplus
}
#endif
#endif
