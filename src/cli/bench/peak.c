/* Loops of independent fused multiply-adds, one per instruction set. They access no memory, so only
 * the arithmetic units limit their speed. */
#include "cli/bench/peak.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum {
    CHAINS = 12, /* more than the latency times the number of multiply-add units of any CPU */
    PIECE = 4096,
    RUNS = 5
};

/* Runs PIECE rounds of CHAINS multiply-adds. */
typedef void peak_loop(void);

/* Each chain is x = fma(x, a, b), whose values must stay normal. The empty assembly makes the
 * compiler assume that every value is used and changed; otherwise it would remove the loop. The
 * chains are separate variables, because an array would be in memory. `reg` names a register
 * class. */
#define PEAK_LOOP(name, isa, type, reg, set, fma)                                               \
    isa static void name(void)                                                                  \
    {                                                                                           \
        type a = set(0.5f), b = set(0.5f);                                                      \
        type x0 = a, x1 = a, x2 = a, x3 = a, x4 = a, x5 = a;                                    \
        type x6 = a, x7 = a, x8 = a, x9 = a, x10 = a, x11 = a;                                  \
        for (int i = 0; i < PIECE; i++) {                                                       \
            x0 = fma(x0, a, b), x1 = fma(x1, a, b), x2 = fma(x2, a, b), x3 = fma(x3, a, b);     \
            x4 = fma(x4, a, b), x5 = fma(x5, a, b), x6 = fma(x6, a, b), x7 = fma(x7, a, b);     \
            x8 = fma(x8, a, b), x9 = fma(x9, a, b), x10 = fma(x10, a, b), x11 = fma(x11, a, b); \
            __asm__ volatile(""                                                                 \
                             : "+" reg(x0), "+" reg(x1), "+" reg(x2), "+" reg(x3), "+" reg(x4), \
                               "+" reg(x5), "+" reg(x6), "+" reg(x7), "+" reg(x8), "+" reg(x9), \
                               "+" reg(x10), "+" reg(x11));                                     \
        }                                                                                       \
    }

#define SAME(value) (value)

#if defined(__x86_64__)
#include <immintrin.h>

#define NEEDS(isa) __attribute__((target(isa)))
/* clang-format off */
PEAK_LOOP(loop_scalar, NEEDS("fma"), float, "x", SAME, __builtin_fmaf)
PEAK_LOOP(loop_avx2, NEEDS("avx2,fma"), __m256, "x", _mm256_set1_ps, _mm256_fmadd_ps)
PEAK_LOOP(loop_avx512, NEEDS("avx512f"), __m512, "v", _mm512_set1_ps, _mm512_fmadd_ps)
/* clang-format on */

static peak_loop *loop_of(const char *kernels, double *out_lanes)
{
    bool fma = __builtin_cpu_supports("fma");
    if (strcmp(kernels, "scalar") == 0 && fma) {
        *out_lanes = 1;
        return loop_scalar;
    }
    if (strcmp(kernels, "avx2") == 0 && fma && __builtin_cpu_supports("avx2")) {
        *out_lanes = 8;
        return loop_avx2;
    }
    if (strcmp(kernels, "avx512") == 0 && __builtin_cpu_supports("avx512f")) {
        *out_lanes = 16;
        return loop_avx512;
    }
    return NULL;
}
#elif defined(__aarch64__)
#include <arm_neon.h>

/* The chain is the sum: a Cortex-A72 forwards the sum of a multiply-add after three cycles but a
 * factor after seven, which CHAINS would not hide. 4096 additions of a quarter stay normal. */
#define ADD_TO(x, a, b) __builtin_fmaf((a), (b), (x))
/* clang-format off */
PEAK_LOOP(loop_scalar, , float, "w", SAME, ADD_TO)
PEAK_LOOP(loop_neon, , float32x4_t, "w", vdupq_n_f32, vfmaq_f32)
/* clang-format on */

static peak_loop *loop_of(const char *kernels, double *out_lanes)
{
    if (strcmp(kernels, "scalar") == 0) {
        *out_lanes = 1;
        return loop_scalar;
    }
    if (strcmp(kernels, "neon") == 0) {
        *out_lanes = 4;
        return loop_neon;
    }
    return NULL;
}
#else
static peak_loop *loop_of(const char *kernels, double *out_lanes)
{
    (void)kernels;
    (void)out_lanes;
    return NULL;
}
#endif

/* The work of one thread: it starts together with the others and keeps the best of several short
 * measurements. */
typedef struct peak_worker {
    peak_loop *loop;
    pthread_barrier_t *start;
    double pieces_per_second;
} peak_worker;

static void *count_pieces(void *user)
{
    enum {
        AT_ONCE = 64
    };
    peak_worker *worker = user;
    double best = 0;
    for (int run = 0; run < RUNS; run++) {
        pthread_barrier_wait(worker->start);
        const double began = nca_seconds();
        double passed = 0, pieces = 0;
        while (passed < 0.04) {
            for (int i = 0; i < AT_ONCE; i++) {
                worker->loop();
            }
            pieces += AT_ONCE;
            passed = nca_seconds() - began;
        }
        best = pieces / passed > best ? pieces / passed : best;
    }
    worker->pieces_per_second = best;
    return NULL;
}

double peak_measure(const char *kernels, unsigned threads)
{
    double lanes = 0, sum = 0;
    peak_loop *loop = loop_of(kernels, &lanes);
    if (loop == NULL || threads == 0) {
        return 0;
    }
    pthread_t *ids = calloc(threads, sizeof *ids);
    peak_worker *workers = calloc(threads, sizeof *workers);
    pthread_barrier_t start;
    if (ids == NULL || workers == NULL || pthread_barrier_init(&start, NULL, threads) != 0) {
        free(ids);
        free(workers);
        return 0;
    }
    unsigned made = 0;
    for (; made < threads; made++) {
        workers[made] = (peak_worker){.loop = loop, .start = &start};
        if (made > 0 && pthread_create(&ids[made], NULL, count_pieces, &workers[made]) != 0) {
            return 0; /* threads waiting at the barrier end with this process, a child of the
                         benchmark */
        }
    }
    count_pieces(&workers[0]);
    for (unsigned i = 0; i < made; i++) {
        if (i > 0) {
            pthread_join(ids[i], NULL);
        }
        sum += workers[i].pieces_per_second;
    }
    pthread_barrier_destroy(&start);
    free(ids);
    free(workers);
    return sum * 2 * lanes * CHAINS * PIECE;
}
