/* Internal: a monotonic clock. */
#ifndef NCA_BASE_CLOCK_H
#define NCA_BASE_CLOCK_H

/* Seconds since an arbitrary moment in the past. */
double nca__seconds(void);

#endif
