/* The clock, the number of cores, signals. */
#include "nca/machine.h"

#include <sched.h>
#include <signal.h>
#include <string.h>

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

void nca_handle_signal(int number, void (*handler)(int number))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART; /* interrupted writes to files are restarted */
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}
