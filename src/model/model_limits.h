/* Internal: the maximum size of a model file. Every file that is saved can be loaded: the largest
 * parameters (NCA_MAX_CHANNELS, NCA_MAX_HIDDEN: 256 MiB), the largest target and the header are
 * within the limit. */
#ifndef NCA_MODEL_LIMITS_H
#define NCA_MODEL_LIMITS_H

#include <stdint.h>

#define NCA__MODEL_TARGET_MAX ((uint64_t)512 << 20)
#define NCA__MODEL_FILE_MAX   ((uint64_t)1 << 30)

#endif
