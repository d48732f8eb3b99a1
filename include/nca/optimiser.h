/* The optimisers: how training updates the parameters. Freestanding. */
#ifndef NCA_OPTIMISER_H
#define NCA_OPTIMISER_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_optimiser {
    NCA_OPTIMISER_ADAM, /* nca/adam.h */
    NCA_OPTIMISER_MUON, /* nca/muon.h */
    NCA_OPTIMISER_COUNT
} nca_optimiser;

/* "adam", "muon"; NULL for any other value. */
NCA_API const char *nca_optimiser_name(nca_optimiser optimiser);

#ifdef __cplusplus
}
#endif
#endif
