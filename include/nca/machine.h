/* This machine: clock, CPU cores, and signals of this process. The functions may be called from any
 * thread. */
#ifndef NCA_MACHINE_H
#define NCA_MACHINE_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds since an unspecified moment, from a monotonic clock. */
NCA_API double nca_seconds(void);
/* The number of CPU cores that this process may use, at least 1. */
NCA_API unsigned nca_core_count(void);
/* Sets how the whole process handles a signal: a function, SIG_IGN or SIG_DFL. Interrupted reads
 * and writes are restarted (SA_RESTART). The library itself calls this only in the child processes
 * of a sweep. */
NCA_API void nca_handle_signal(int number, void (*handler)(int number));

#ifdef __cplusplus
}
#endif
#endif
