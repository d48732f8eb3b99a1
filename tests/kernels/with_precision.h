/* For tests: kernel sets that support a precision on this machine. */
#ifndef NCA_TESTS_KERNELS_WITH_PRECISION_H
#define NCA_TESTS_KERNELS_WITH_PRECISION_H

#include <string.h>

#include "nca/kernels.h"

/* The fastest set that supports it on this machine; the scalar one, its definition, always does. */
static inline const nca_kernels *kernels_with(nca_precision precision)
{
    const nca_kernels *found = NULL, *kernels;
    for (size_t i = 0; (kernels = nca_kernels_at(i)) != NULL; i++) {
        found = nca_kernels_missing_for(kernels, precision) == NULL ? kernels : found;
    }
    return found;
}

/* Ends a test as skipped: if only the definition can run, nothing was compared with the
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
