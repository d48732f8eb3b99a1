/* The names of the parts of an iteration. */
#include "nca/profile.h"

#include <stddef.h>

const char *nca_part_name(nca_part part)
{
    static const char *const names[NCA_PART_COUNT] = {
        [NCA_PART_PERCEPTION] = "perception",
        [NCA_PART_HIDDEN] = "hidden layer",
        [NCA_PART_OUTPUT] = "output layer",
        [NCA_PART_HIDDEN_AGAIN] = "hidden layer again",
        [NCA_PART_LAYER_GRADIENTS] = "layer gradients",
        [NCA_PART_WEIGHT_GRADIENTS] = "weight gradients",
        [NCA_PART_FIRE] = "fire masks",
        [NCA_PART_MASKS] = "alive masks",
        [NCA_PART_COPY] = "copying states",
        [NCA_PART_PACK] = "packing cells",
        [NCA_PART_SCATTER] = "scattering results",
        [NCA_PART_SPREAD] = "spreading gradients",
        [NCA_PART_LOSS] = "loss, states in and out",
        [NCA_PART_REDUCTION] = "adding gradients up",
        [NCA_PART_INITIAL] = "initial states",
        [NCA_PART_POOL] = "pool",
        [NCA_PART_OPTIMISER] = "optimiser",
        [NCA_PART_WAITING] = "waiting, scheduling",
    };
    return (unsigned)part < NCA_PART_COUNT ? names[part] : NULL;
}
