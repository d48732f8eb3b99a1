/* Internal: the end of a learning-rate schedule. */
#ifndef NCA_CORE_SCHEDULE_H
#define NCA_CORE_SCHEDULE_H

#include "nca/adam.h"

/* Where the rate stops changing; the warm-up must end before that. */
typedef enum nca__schedule_end {
    NCA__ENDS_NEVER,
    NCA__ENDS_WITH_TRAINING, /* at `iterations`: another number of iterations is another schedule */
    NCA__ENDS_AT_DECAY       /* at `decay_at`, which follows `iterations` unless it is set */
} nca__schedule_end;

nca__schedule_end nca__schedule_ends(nca_schedule_kind kind);
/* The iteration of that end; UINT64_MAX: none. */
uint64_t nca__schedule_last(const nca_schedule *schedule);

#endif
