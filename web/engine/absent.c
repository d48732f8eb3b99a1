/* Stubs for the training functions that the engine refers to and a page never calls. Leaving the
 * real code out makes the engine smaller. */
#include "tape/tape.h"

void nca__backward_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace)
{
    (void)tape, (void)t, (void)band, (void)workspace;
    __builtin_trap();
}

void nca__spread_band(nca__tape *tape, size_t band)
{
    (void)tape, (void)band;
    __builtin_trap();
}

void nca__fp32_backward(const nca__network_job *job, const nca__sums *sums)
{
    (void)job, (void)sums;
    __builtin_trap();
}
