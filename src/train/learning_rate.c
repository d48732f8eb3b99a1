/* Learning-rate schedules. The cosine is the core's own: the C library's may round differently on
 * another machine, and a bit of the rate is a bit of every weight. */
#include <stddef.h>

#include "core/trig.h"
#include "nca/adam.h"

static const double pi = 3.14159265358979323846;

const char *nca_schedule_name(nca_schedule_kind kind)
{
    static const char *const names[NCA_SCHEDULE_COUNT] = {"constant", "step", "cosine", "plateau"};
    return (unsigned)kind < NCA_SCHEDULE_COUNT ? names[kind] : NULL;
}

/* From rate at the end of the warm-up down to rate * decay_factor at the last of `iterations`, and
 * the same after it. */
static double cosine_rate(const nca_schedule *schedule, uint64_t iterations, uint64_t iteration)
{
    const double rate = (double)schedule->rate;
    const double low = rate * (double)schedule->decay_factor;
    if (iterations <= schedule->warmup + 1 || iteration >= iterations - 1) {
        return low;
    }
    const double span = (double)(iterations - 1 - schedule->warmup);
    const double progress = (double)(iteration - schedule->warmup) / span;
    double cosine, sine;
    nca__cos_sin(&cosine, &sine, pi * progress);
    return low + 0.5 * (rate - low) * (1.0 + cosine);
}

float nca_schedule_rate(const nca_schedule *schedule, uint64_t iteration)
{
    const double rate = (double)schedule->rate;
    if (iteration < schedule->warmup) {
        return (float)(rate * (double)(iteration + 1) / (double)schedule->warmup);
    }
    switch (schedule->kind) {
    case NCA_SCHEDULE_STEP:
        return (float)(iteration >= schedule->decay_at ? rate * (double)schedule->decay_factor
                                                       : rate);
    case NCA_SCHEDULE_COSINE:
        return (float)cosine_rate(schedule, schedule->iterations, iteration);
    case NCA_SCHEDULE_PLATEAU:
        return (float)cosine_rate(schedule, schedule->decay_at, iteration);
    case NCA_SCHEDULE_CONSTANT:
    case NCA_SCHEDULE_COUNT:
        break;
    }
    return schedule->rate;
}
