/* Internal: a stopwatch for the parts of an iteration. Each thread has its own; a lap tells it
 * which part begins. Without a stopwatch a lap costs one comparison. The clock is passed in because
 * the core has none. */
#ifndef NCA_CORE_STOPWATCH_H
#define NCA_CORE_STOPWATCH_H

#include <stddef.h>

#include "nca/profile.h"

typedef struct nca__stopwatch {
    double (*now)(void); /* seconds */
    double since;
    nca_part part;
    nca_profile profile;
} nca__stopwatch;

/* Ends the current part and begins `part`. `watch` may be NULL. */
static inline void nca__lap(nca__stopwatch *watch, nca_part part)
{
    if (watch != NULL) {
        const double now = watch->now();
        watch->profile.seconds[watch->part] += now - watch->since;
        watch->since = now;
        watch->part = part;
    }
}

/* Begins `part` without counting the time since the last lap. */
static inline void nca__lap_first(nca__stopwatch *watch, nca_part part)
{
    if (watch != NULL) {
        watch->since = watch->now();
        watch->part = part;
    }
}

#endif
