/* For tests: which kernel set computes in a precision here. */
#ifndef NCA_TESTS_KERNELS_WITH_PRECISION_H
#define NCA_TESTS_KERNELS_WITH_PRECISION_H

#include <string.h>

#include "nca/kernels.h"

/* The fastest set that computes in it here; the scalar one, its definition, always does. */
static inline const nca_kernels *kernels_with(nca_precision precision)
{
    const nca_kernels *found = NULL, *kernels;
    for (size_t i = 0; (kernels = nca_kernels_at(i)) != NULL; i++) {
        found = nca_kernels_missing_for(kernels, precision) == NULL ? kernels : found;
    }
    return found;
}

/* Ends a test as skipped: what had only its definition to run here has not been compared with the
 * instructions. */
static inline void skip_without_instructions(nca_precision precision)
{
    if (strcmp(nca_kernels_name(kernels_with(precision)), "scalar") == 0) {
        print_message("skipped: only the definition of %s runs on this processor\n",
                      nca_precision_name(precision));
        skip();
    }
}

#endif
