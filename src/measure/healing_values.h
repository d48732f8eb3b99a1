/* Internal: what the rollouts of the healing pass gave, and the spreads over it. */
#ifndef NCA_MEASURE_HEALING_VALUES_H
#define NCA_MEASURE_HEALING_VALUES_H

#include "measure/evaluate_pass.h"

enum {
    NCA__HEALING_MOMENTS = NCA_HEALING_STEPS + 1 /* the cut itself and the steps after it */
};

/* One cut of a shape. */
typedef struct nca__cut_values {
    double *loss;     /* (MOMENTS,rollouts) */
    double *before;   /* (rollouts) loss just before the cut */
    double *healed;   /* (rollouts) step from the cut, NaN while not healed */
    double *restored; /* (rollouts) the same */
    double *cells;    /* (rollouts) cells that the cut took */
    double *living;   /* (rollouts) share of the living cells inside the cut; NaN without any */
} nca__cut_values;

typedef struct nca__healing_values {
    size_t rollouts, cuts;
    double *twin;         /* (cuts * NCA_HEALING_STEPS + 1,rollouts) loss without damage */
    nca__cut_values *cut; /* (SHAPES,cuts) */
    double *memory;       /* (SHAPES,cuts,MOMENTS + 5,rollouts) of all of them */
} nca__healing_values;

/* False when there is no memory; nca__healing_values_free either way. */
bool nca__healing_values_create(nca__healing_values *values, size_t rollouts, size_t cuts);
void nca__healing_values_free(nca__healing_values *values);

/* Fills the healing of the evaluation; uses up the values. False when there is no memory. */
bool nca__healing_values_keep(nca_evaluation *evaluation, nca__healing_values *values);

#endif
