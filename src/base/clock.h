/* Internal: time that only goes forward. */
#ifndef NCA_BASE_CLOCK_H
#define NCA_BASE_CLOCK_H

/* Seconds since some moment in the past. */
double nca__seconds(void);

#endif
