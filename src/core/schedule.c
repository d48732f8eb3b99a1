/* Learning-rate schedules. The cosine is computed by the core itself: the C library's may round
 * differently on another machine, and one bit of the rate changes every weight. */
#include "core/schedule.h"

#include <stddef.h>

#include "core/trig.h"

static const double pi = 3.14159265358979323846;

/* A schedule. To add one: its function and its row. */
typedef struct schedule_row {
    const char *name;
    nca__schedule_end ends;
    /* The rate after the warm-up. */
    float (*rate)(const nca_schedule *schedule, uint64_t iteration);
} schedule_row;

static float constant_rate(const nca_schedule *schedule, uint64_t iteration)
{
    (void)iteration;
    return schedule->rate;
}

static float step_rate(const nca_schedule *schedule, uint64_t iteration)
{
    const double rate = (double)schedule->rate;
    return (float)(iteration >= schedule->decay_at ? rate * (double)schedule->decay_factor : rate);
}

/* From `rate` at the end of the warm-up down to rate * decay_factor at the last of `iterations`;
 * constant after that. */
static double cosine_until(const nca_schedule *schedule, uint64_t iterations, uint64_t iteration)
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

static float cosine_rate(const nca_schedule *schedule, uint64_t iteration)
{
    return (float)cosine_until(schedule, schedule->iterations, iteration);
}

static float plateau_rate(const nca_schedule *schedule, uint64_t iteration)
{
    return (float)cosine_until(schedule, schedule->decay_at, iteration);
}

static const schedule_row rows[] = {
    [NCA_SCHEDULE_CONSTANT] = {"constant", NCA__ENDS_NEVER, constant_rate},
    [NCA_SCHEDULE_STEP] = {"step", NCA__ENDS_NEVER, step_rate},
    [NCA_SCHEDULE_COSINE] = {"cosine", NCA__ENDS_WITH_TRAINING, cosine_rate},
    [NCA_SCHEDULE_PLATEAU] = {"plateau", NCA__ENDS_AT_DECAY, plateau_rate},
};
_Static_assert(sizeof rows / sizeof *rows == NCA_SCHEDULE_COUNT, "every schedule has a row");

const char *nca_schedule_name(nca_schedule_kind kind)
{
    return (unsigned)kind < NCA_SCHEDULE_COUNT ? rows[kind].name : NULL;
}

float nca_schedule_rate(const nca_schedule *schedule, uint64_t iteration)
{
    if (iteration < schedule->warmup) {
        return (float)((double)schedule->rate * (double)(iteration + 1) / (double)schedule->warmup);
    }
    return (unsigned)schedule->kind < NCA_SCHEDULE_COUNT
               ? rows[schedule->kind].rate(schedule, iteration)
               : schedule->rate;
}

nca__schedule_end nca__schedule_ends(nca_schedule_kind kind)
{
    return (unsigned)kind < NCA_SCHEDULE_COUNT ? rows[kind].ends : NCA__ENDS_NEVER;
}

uint64_t nca__schedule_last(const nca_schedule *schedule)
{
    switch (nca__schedule_ends(schedule->kind)) {
    case NCA__ENDS_WITH_TRAINING:
        return schedule->iterations;
    case NCA__ENDS_AT_DECAY:
        return schedule->decay_at;
    case NCA__ENDS_NEVER:
        break;
    }
    return UINT64_MAX;
}
