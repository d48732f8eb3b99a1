/* The fused multiply-adds that this processor can do, measured: what a kernel set could reach. */
#ifndef NCA_CLI_BENCH_PEAK_H
#define NCA_CLI_BENCH_PEAK_H

/* Floating-point operations per second (a multiply-add is two) of `threads` threads that do
 * nothing but the widest multiply-adds of a kernel set ("scalar", "avx2", "avx512", "neon"), the
 * best of several short runs. 0 when the set has no loop here, the processor has no such
 * instruction, or the threads cannot be created. */
double peak_measure(const char *kernels, unsigned threads);

#endif
