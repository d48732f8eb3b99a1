/* Internal: the table of kernels. Each set fills one. The scalar set is the definition; every other
 * set gives the same bits for the same arguments, whatever their values.
 *
 * Strides and sizes are in floats. A size that is "padded" is a multiple of NCA_LANES. */
#ifndef NCA_KERNELS_TABLE_H
#define NCA_KERNELS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/bf16.h"
#include "nca/kernels.h"

enum {
    NCA_LANES = 16
}; /* lanes of the widest vector; channels and hidden units are padded to it */

/* out[r][j] = finish(start[r][j] + sum over d of a[r][d] * b[d][j]). The sum is a chain of fused
 * multiply-adds in ascending d that begins with the start value. */
typedef struct nca__matmul {
    float *out; /* (rows, columns) */
    size_t out_stride;
    const float *a; /* element (r, d) at a[r * a_row + d * a_depth] */
    size_t a_row, a_depth;
    const float *b; /* (depth, columns); rows aligned to 64 bytes are fastest */
    size_t b_stride;
    size_t rows, columns, depth; /* columns padded */
    const float *start; /* NULL: 0. Stride 0: the same row for all. May be equal to `out`. */
    size_t start_stride;
    bool relu;         /* v > 0 ? v : 0 */
    const float *gate; /* not NULL: gate[r][j] > 0 ? v : 0 */
    size_t gate_stride;
    /* Not NULL: floats that will be needed soon, to be prefetched into the second-level cache
     * during the product. */
    const float *ahead;
    size_t ahead_floats;
} nca__matmul;

/* Nine taps of filter x and of filter y, row-major. */
typedef struct nca__stencil {
    float x[9], y[9];
} nca__stencil;

/* A cell of index i in 0..count-1 is at grid + cells[i]; its neighbours lie `row_stride` and
 * `channels` floats away.
 *
 * perceive: p[i] (3, channels) = identity, filter x and filter y of the cell. Each filter is a
 * chain of fused multiply-adds from 0 over the nine taps in row-major order.
 *
 * perceive_learned: p[i] (1 + filtered, channels) = identity and each learned filter, in which
 * every channel has its own taps; the chains are the same.
 *
 * sum_taps: the gradient of learned taps, where p[i] is that of the perception and only read:
 * sums[f][tap][c] continues as a chain of fused multiply-adds over the cells, of
 * p[i][1 + f][c] * grid[cells[i] + c at tap]. */
typedef struct nca__perceive {
    float *p; /* (count, p_stride) */
    size_t p_stride;
    const float *grid;
    size_t row_stride;
    const size_t *cells;
    size_t count, channels;      /* channels padded */
    const nca__stencil *stencil; /* perceive */
    const float *taps;           /* perceive_learned: (filtered * 9, channels) */
    size_t filtered;             /* maps beside identity */
    float *sums;                 /* sum_taps: (filtered * 9, channels) */
} nca__perceive;

/* y[cells[i] + c] = step * dx[i][c] + x[cells[i] + c], with one rounding each. */
typedef struct nca__advance {
    float *y;
    const float *x;
    const float *dx; /* (count, channels) */
    const size_t *cells;
    size_t count, channels; /* channels padded */
    float step;
} nca__advance;

/* dx[i][c] = step * d[cells[i] + c]. */
typedef struct nca__collect {
    float *dx; /* (count, channels) */
    const float *d;
    const size_t *cells;
    size_t count, channels; /* channels padded */
    float step;
} nca__collect;

/* Distributes the gradient p[i] (1 + filtered, channels) of a cell's perception: that of identity
 * to the cell itself, those of the filters to dp, which `spread` reads:
 *     d[cells[i] + c] += p[i][0][c]
 *     dp[filtered * cells[i]] (filtered, channels) = p[i][1..filtered] */
typedef struct nca__deliver {
    float *d, *dp;
    const float *p; /* (count, p_stride) */
    size_t p_stride;
    const size_t *cells;
    size_t count, channels; /* channels padded */
    size_t filtered;        /* number of maps without identity */
} nca__deliver;

/* The transpose of perceive's filters for a run of cells in a row:
 *     d[i][c] += sum over the nine neighbours, row-major,
 *                of stencil.x[8 - tap] * dx + stencil.y[8 - tap] * dy
 *
 * where the dp of a cell is (2, channels): dx then dy. `dp` points to that of the first cell.
 * spread_learned: the same sum of taps[f][8 - tap][c] * dp[f], with ascending filters for each
 * neighbour, where the dp of a cell is (filtered, channels). */
typedef struct nca__spread {
    float *d; /* (count, channels) */
    const float *dp;
    size_t dp_row_stride;
    size_t count, channels;      /* channels padded */
    const nca__stencil *stencil; /* spread */
    const float *taps;           /* spread_learned: (filtered * 9, channels) */
    size_t filtered;             /* number of maps without identity */
} nca__spread;

/* fired[4 * i + lane] = 1 when word `lane` of the Philox block for counter (first + i, counter[1],
 * counter[2], counter[3]) has (word >> 8) < threshold, else 0; i in 0..blocks-1. */
typedef struct nca__fire {
    uint8_t *fired;
    size_t blocks;
    uint32_t counter[4]; /* counter[0] is `first` */
    uint32_t key[2];
    uint32_t threshold;
} nca__fire;

typedef struct nca__int8_kernels nca__int8_kernels; /* kernels/int8.h */

struct nca_kernels {
    const char *name;
    const char *(*missing)(void);
    void (*matmul)(const nca__matmul *job);
    void (*perceive)(const nca__perceive *job);
    void (*perceive_learned)(const nca__perceive *job);
    void (*advance)(const nca__advance *job);
    void (*collect)(const nca__collect *job);
    void (*deliver)(const nca__deliver *job);
    void (*spread)(const nca__spread *job);
    void (*spread_learned)(const nca__spread *job);
    void (*sum_taps)(const nca__perceive *job);
    void (*fire)(const nca__fire *job);
    const nca__int8_kernels *int8;        /* more CPU features; or NULL */
    const nca__bf16_kernels *bf16;        /* sums one after the other; NULL: not available */
    const nca__bf16_kernels *bf16_pieces; /* sums piece by piece; NULL: not available */
};

/* Little-endian AArch64; a big-endian one would store the lanes of `fire` in another order. */
#if defined(__AARCH64EL__)
#define NCA_HAS_NEON 1
#else
#define NCA_HAS_NEON 0
#endif

#if defined(__wasm_simd128__)
#define NCA_HAS_WASM 1
#else
#define NCA_HAS_WASM 0
#endif

extern const nca_kernels nca__kernels_scalar;
#if NCA_HAS_WASM
extern const nca_kernels nca__kernels_wasm;
#endif
#if NCA_HAS_NEON
extern const nca_kernels nca__kernels_neon;
#endif
#if defined(__x86_64__)
extern const nca_kernels nca__kernels_avx2;
extern const nca_kernels nca__kernels_avx512;
#endif

#endif
