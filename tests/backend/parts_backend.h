/* For tests: backends that wrap the CPU backend, to be registered for a device. One counts the
 * calls; the other splits a batch into two, as if for two machines. A pass of either fails on
 * request. */
#ifndef NCA_TESTS_PARTS_BACKEND_H
#define NCA_TESTS_PARTS_BACKEND_H

#include "backend/backend.h"

enum {
    BACKEND_PARTS =
        2 /* number of batches that a batch is split into, unless it has fewer samples */
};

/* The calls of all batches of both backends. */
typedef struct backend_calls {
    int created, destroyed, parameters, fire_rates, states, run, trained;
    int fails_at; /* the pass that fails, forward or training, counted from 1; 0: none */
} backend_calls;

extern backend_calls calls;

/* A failing pass returns NCA_DEVICE_LOST after a part of the work, and leaves NaN in the values
 * that a training pass writes. */
extern const nca__backend backend_counting, backend_dividing;

/* Registers a backend for a device and sets all counts to 0; pass `fails_at` fails. */
void backend_use(nca_device device, const nca__backend *backend, int fails_at);

#endif
