/* Internal: the results of the rollouts of the healing pass, and their means and deviations. */
#ifndef NCA_MEASURE_HEALING_VALUES_H
#define NCA_MEASURE_HEALING_VALUES_H

#include "measure/evaluate_pass.h"

enum {
    NCA__HEALING_MOMENTS = NCA_HEALING_STEPS + 1 /* the cut itself and the steps after it */
};

/* The results of one cut of a shape. */
typedef struct nca__cut_values {
    double *loss;     /* (MOMENTS,rollouts) */
    double *before;   /* (rollouts) loss just before the cut */
    double *healed;   /* (rollouts) number of steps after the cut, NaN if not healed */
    double *restored; /* (rollouts) the same */
    double *cells;    /* (rollouts) number of cells that the cut removed */
    double *living; /* (rollouts) fraction of the living cells inside the cut; NaN if none lives */
} nca__cut_values;

typedef struct nca__healing_values {
    size_t rollouts, cuts;
    double *twin;         /* (cuts * NCA_HEALING_STEPS + 1,rollouts) loss without damage */
    nca__cut_values *cut; /* (SHAPES,cuts) */
    double *memory;       /* (SHAPES,cuts,MOMENTS + 5,rollouts) memory of all of them */
} nca__healing_values;

/* False if out of memory; call nca__healing_values_free in either case. */
bool nca__healing_values_create(nca__healing_values *values, size_t rollouts, size_t cuts);
void nca__healing_values_free(nca__healing_values *values);

/* Fills the healing results of the evaluation; overwrites the values. False if out of memory. */
bool nca__healing_values_keep(nca_evaluation *evaluation, nca__healing_values *values);

#endif
