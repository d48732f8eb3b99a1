/* Clock and number of cores. */
#include "nca/machine.h"

#include <sched.h>

#include "base/clock.h"

double nca_seconds(void)
{
    return nca__seconds();
}

unsigned nca_core_count(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1;
    }
    int count = CPU_COUNT(&set);
    return count < 1 ? 1u : (unsigned)count;
}
