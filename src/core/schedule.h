/* Internal: when a learning-rate schedule ends. */
#ifndef NCA_CORE_SCHEDULE_H
#define NCA_CORE_SCHEDULE_H

#include "nca/adam.h"

/* Where the rate stops changing; a warm-up must be over before. */
typedef enum nca__schedule_end {
    NCA__ENDS_NEVER,
    NCA__ENDS_WITH_TRAINING, /* at `iterations`: another number of them is another schedule */
    NCA__ENDS_AT_DECAY       /* at `decay_at`, which follows `iterations` unless it is set */
} nca__schedule_end;

nca__schedule_end nca__schedule_ends(nca_schedule_kind kind);
/* That iteration; UINT64_MAX: none. */
uint64_t nca__schedule_last(const nca_schedule *schedule);

#endif
