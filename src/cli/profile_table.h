/* The table of --profile: where the time of a training iteration is spent. */
#ifndef NCA_CLI_PROFILE_TABLE_H
#define NCA_CLI_PROFILE_TABLE_H

#include <stdint.h>

#include "nca/profile.h"

typedef struct profile_table {
    const char *name, *kernels; /* of the heading */
    unsigned threads;
    const nca_profile *profile;
    uint64_t iterations; /* that the profile covers, at least 1 */
    /* What part of the peak each part reaches, 0: not known; NULL: the table has no such column. */
    const double *of_peak;
} profile_table;

/* The sum over all parts. */
double profile_seconds(const nca_profile *profile);
/* Prints the parts of an iteration, below an empty line and a heading, to standard output. */
void profile_table_print(const profile_table *table);

#endif
