/* This machine: its clock, its processor cores, signals to this process. The functions may be
 * called from any thread. */
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
/* Sets what the whole process does on a signal: a function, SIG_IGN or SIG_DFL. Reads and writes
 * under way go on after it (SA_RESTART). The library calls this by itself in the child processes of
 * a sweep only. */
NCA_API void nca_handle_signal(int number, void (*handler)(int number));

#ifdef __cplusplus
}
#endif
#endif
