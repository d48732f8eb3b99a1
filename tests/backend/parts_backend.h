/* For tests: backends that stand around the CPU's, to be registered for a device. One counts the
 * calls; one deals a batch out to two, as to machines. A pass of either fails on request. */
#ifndef NCA_TESTS_PARTS_BACKEND_H
#define NCA_TESTS_PARTS_BACKEND_H

#include "backend/backend.h"

enum {
    BACKEND_PARTS = 2 /* batches that a dealt one consists of, unless it has fewer samples */
};

/* Of all batches of both backends. */
typedef struct backend_calls {
    int created, destroyed, parameters, fire_rates, states, run, trained;
    int fails_at; /* the pass that fails, run or trained, counted from 1; 0: none */
} backend_calls;

extern backend_calls calls;

/* A failing pass gives NCA_DEVICE_LOST when a part of the work is done, and leaves NaN in what a
 * training pass writes. */
extern const nca__backend backend_counting, backend_dealing;

#endif
