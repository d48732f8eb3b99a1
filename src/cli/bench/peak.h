/* Measures the rate of fused multiply-adds of this CPU: the upper limit for a kernel set. */
#ifndef NCA_CLI_BENCH_PEAK_H
#define NCA_CLI_BENCH_PEAK_H

/* Floating-point operations per second (a multiply-add counts as two) of `threads` threads that run
 * only the widest multiply-adds of a kernel set ("scalar", "avx2", "avx512", "neon"), the best of
 * several short runs. 0 if there is no loop for the set, the CPU does not have the instruction, or
 * the threads cannot be created. */
double peak_measure(const char *kernels, unsigned threads);

#endif
