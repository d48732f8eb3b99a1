/* This machine: its clock and its processor cores. Both functions may be called from any thread. */
#ifndef NCA_MACHINE_H
#define NCA_MACHINE_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds of a clock that is never set back, since some moment in the past. */
NCA_API double nca_seconds(void);
/* Processor cores that this process may use, at least 1. */
NCA_API unsigned nca_core_count(void);

#ifdef __cplusplus
}
#endif
#endif
