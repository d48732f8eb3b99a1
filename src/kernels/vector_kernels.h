/* The vector kernels for any vector width: the file of an instruction set defines the types and
 * operations below and then includes this file, which defines every kernel as a static function.
 *
 *   LANES                       floats in a vector; divides NCA_LANES
 *   TILE_ROWS                   rows of sums that matmul keeps in registers, times...
 *   TILE_VECTORS                ...vectors of columns
 *   TILE_STEPS                  optional: number of depth steps per loop iteration
 *   vec  vec_load(p)  vec_store(p, v)  vec_set1(f)  vec_fma(a, b, c)      a*b + c, one rounding
 *   vec_relu(v)                 lane by lane v > 0 ? v : 0
 *   vec_positive(gate, v)       lane by lane gate > 0 ? v : 0
 *   vec_keep(v)                 optional: keeps v in a register instead of loading it for every use
 *   ivec  ivec_set1(u)  ivec_ramp()  0, 1, 2...  ivec_add  ivec_xor  ivec_and  ivec_or
 *   ivec_multiply(&high, &low, a, b)    32 x 32 -> 64 bits, lane by lane
 *   ivec_shift_right(v, bits)   logical
 *   ivec_below(a, b)            all ones where a < b; both below 2^31
 *   ivec_store(p, v)            LANES words, no alignment
 *   NCA_FORWARD_ONLY            optional, for the whole build: no backward passes
 *
 * Vectors run across outputs, never along a sum, so the order of every sum is the scalar one. */
#include <stddef.h>
#include <stdint.h>

#include "kernels/registers.h"
#include "kernels/table.h"

#ifndef TILE_STEPS
#define TILE_STEPS 1
#endif
#ifndef vec_keep
#define vec_keep(v) ((void)0)
#endif

enum {
    COLUMN_VECTORS = NCA_LANES / LANES, /* vectors in the narrowest block of columns */
    /* the number of these in a tile, which has at most TILE_VECTORS */
    NARROW_VECTORS = COLUMN_VECTORS < TILE_VECTORS ? COLUMN_VECTORS : TILE_VECTORS,
    /* A matrix of one row does not have enough rows to fill the registers; more columns hide the
     * latency. */
    WIDE_VECTORS = 8,
    /* Number of cells that perception sums at once: two if 32 registers of the widest kind can hold
     * their filters and sums. */
    PERCEIVE_CELLS = COLUMN_VECTORS == 1 ? 2 : 1,
    /* Number of learned filters that are summed at once, if there are enough registers for their
     * taps. */
    LEARNED_FILTERS = COLUMN_VECTORS == 1 ? 2 : 1,
    SPREAD_CELLS = 4, /* number of cells of a row whose gradient spread keeps in registers */
    LINE_FLOATS = 16, /* floats per cache line */
};

/* ---- Matrix product --------------------------------------------------------------------------
 *
 * The result is divided into tiles of TILE_ROWS x TILE_VECTORS vectors, small enough to stay in
 * registers for the whole depth:
 *
 *                  b, one row of it          one step of depth d:
 *                 [ b0 ][ b1 ]                 load the vectors b0 and b1,
 *     a0  ->      [s00 ][s01 ]                 for every row r spread a[r][d] over a vector and
 *     a1  ->      [s10 ][s11 ]                 add a[r][d] * b0 to s[r][0], a[r][d] * b1 to s[r][1]
 *     ...
 *
 * A multiply-add takes about four cycles and two can start per cycle, so at least eight independent
 * sums are needed. The 12 + 2 loads for 24 multiply-adds leave the load units half idle, so the
 * multiply-adds limit the speed. Every sum still runs over d in ascending order. One step of depth
 * takes long enough for main memory to deliver a cache line, so each step prefetches one of the
 * lines that the caller names. */

/* Lines still to be prefetched; next == end: none. */
typedef struct fetch {
    const float *next, *end;
} fetch;

/* The start values of a tile's sums. */
NCA_INLINE void tile_start(vec sum[TILE_ROWS * TILE_VECTORS], const nca__matmul *job, size_t row,
                           size_t column, const int rows, const int vectors)
{
    const float *start = job->start != NULL ? job->start + row * job->start_stride + column : NULL;
    NCA_UNROLL for (int r = 0; r < rows; r++)
    {
        NCA_UNROLL for (int v = 0; v < vectors; v++)
        {
            sum[r * vectors + v] =
                start != NULL ? vec_load(start + (size_t)r * job->start_stride + (size_t)v * LANES)
                              : vec_set1(0.0f);
        }
    }
}

/* Applies ReLU and gate, if any, and stores the results. */
NCA_INLINE void tile_finish(const nca__matmul *job, vec sum[TILE_ROWS * TILE_VECTORS], size_t row,
                            size_t column, const int rows, const int vectors)
{
    if (job->relu) {
        NCA_UNROLL for (int i = 0; i < rows * vectors; i++)
        {
            sum[i] = vec_relu(sum[i]);
        }
    }
    if (job->gate != NULL) {
        const float *gate = job->gate + row * job->gate_stride + column;
        NCA_UNROLL for (int r = 0; r < rows; r++)
        {
            NCA_UNROLL for (int v = 0; v < vectors; v++)
            {
                vec open = vec_load(gate + (size_t)r * job->gate_stride + (size_t)v * LANES);
                sum[r * vectors + v] = vec_positive(open, sum[r * vectors + v]);
            }
        }
    }
    float *out = job->out + row * job->out_stride + column;
    NCA_UNROLL for (int r = 0; r < rows; r++)
    {
        NCA_UNROLL for (int v = 0; v < vectors; v++)
        {
            vec_store(out + (size_t)r * job->out_stride + (size_t)v * LANES, sum[r * vectors + v]);
        }
    }
}

/* Adds a step of depth to a tile's sums, the vectors at b times the factors a[][d] of every row,
 * and advances the pointers. Four rows share an address in `a`. */
NCA_INLINE void tile_step(vec sum[TILE_ROWS * TILE_VECTORS], const float *a[], size_t a_row,
                          size_t a_depth, const float **b, size_t b_stride, const int rows,
                          const int vectors)
{
    vec factor[WIDE_VECTORS];
    NCA_UNROLL for (int v = 0; v < vectors; v++)
    {
        factor[v] = vec_load(*b + (size_t)v * LANES);
    }
    NCA_UNROLL for (int r = 0; r < rows; r++)
    {
        vec scale = vec_set1(a[r / 4][(size_t)(r % 4) * a_row]);
        NCA_UNROLL for (int v = 0; v < vectors; v++)
        {
            sum[r * vectors + v] = vec_fma(scale, factor[v], sum[r * vectors + v]);
        }
    }
    NCA_UNROLL for (int i = 0; TILE_STEPS > 1 && i < rows * vectors; i++)
    {
        vec_keep(sum[i]); /* otherwise steps are interleaved, and sums are moved out of registers */
    }
    NCA_UNROLL for (int group = 0; 4 * group < rows; group++)
    {
        a[group] += a_depth;
    }
    *b += b_stride;
}

/* One tile. `rows` and `vectors` are constants at every call, and so is depth_major: whether
 * consecutive rows of `a` are adjacent in memory, or consecutive depths. */
NCA_INLINE void matmul_tile(const nca__matmul *job, fetch *ahead, size_t row, size_t column,
                            const int rows, const int vectors, const bool depth_major)
{
    /* Several steps of depth per loop iteration reduce the overhead of the counters. */
    const int steps = vectors == 1 ? 2 * TILE_STEPS : TILE_STEPS;
    vec sum[TILE_ROWS * TILE_VECTORS];
    tile_start(sum, job, row, column, rows, vectors);
    const size_t a_row = depth_major ? 1 : job->a_row;
    const size_t a_depth = depth_major ? job->a_depth : 1;
    /* There are not enough registers for twelve row addresses. Four rows share one: their distances
     * from it are the same in each group. */
    const float *a[(TILE_ROWS + 3) / 4];
    NCA_UNROLL for (int group = 0; 4 * group < rows; group++)
    {
        a[group] = job->a + (row + 4 * (size_t)group) * a_row;
        if (!depth_major) {
            NCA_APART(a[group]);
        }
    }
    const float *b = job->b + column;
    const float *next = ahead->next;
    size_t d = 0;
    for (; d + (size_t)steps <= job->depth; d += (size_t)steps) {
        NCA_UNROLL for (int k = 0; k < steps; k++)
        {
            __builtin_prefetch(next + k * LINE_FLOATS, 0, 2);
            tile_step(sum, a, a_row, a_depth, &b, job->b_stride, rows, vectors);
        }
        next += next < ahead->end ? steps * LINE_FLOATS : 0;
    }
    for (; steps > 1 && d < job->depth; d++) {
        tile_step(sum, a, a_row, a_depth, &b, job->b_stride, rows, vectors);
    }
    ahead->next = next;
    tile_finish(job, sum, row, column, rows, vectors);
}

/* All rows of a block of columns, in tiles of `tall`, then 4, then 1. */
NCA_INLINE void matmul_columns(const nca__matmul *job, fetch *ahead, size_t column, const int tall,
                               const int vectors, const bool depth_major)
{
    size_t row = 0;
    for (; row + (size_t)tall <= job->rows; row += (size_t)tall) {
        matmul_tile(job, ahead, row, column, tall, vectors, depth_major);
    }
    for (; tall > 4 && row + 4 <= job->rows; row += 4) {
        matmul_tile(job, ahead, row, column, 4, vectors, depth_major);
    }
    for (; row < job->rows; row++) {
        matmul_tile(job, ahead, row, column, 1, vectors, depth_major);
    }
}

NCA_INLINE void matmul_all(const nca__matmul *job, const bool depth_major)
{
    fetch ahead = {job->b, job->b};
    if (job->ahead != NULL) {
        ahead = (fetch){job->ahead, job->ahead + job->ahead_floats};
    }
    size_t column = 0;
    for (; job->rows == 1 && column + WIDE_VECTORS * LANES <= job->columns;
         column += WIDE_VECTORS * LANES) {
        matmul_tile(job, &ahead, 0, column, 1, WIDE_VECTORS, depth_major);
    }
    /* Three vectors are faster together, with fewer rows, than as two and one. */
    const bool threes = COLUMN_VECTORS == 1 && TILE_VECTORS == 2;
    for (; column + TILE_VECTORS * LANES <= job->columns &&
           !(threes && job->columns - column == 3 * LANES);
         column += TILE_VECTORS * LANES) {
        matmul_columns(job, &ahead, column, TILE_ROWS, TILE_VECTORS, depth_major);
    }
    if (threes && job->columns - column == 3 * LANES) {
        matmul_columns(job, &ahead, column, TILE_ROWS * 2 / 3, 3, depth_major);
        return;
    }
    const bool all_tiled = COLUMN_VECTORS % TILE_VECTORS == 0;
    for (; !all_tiled && column < job->columns; column += NARROW_VECTORS * LANES) {
        matmul_columns(job, &ahead, column, TILE_ROWS, NARROW_VECTORS, depth_major);
    }
}

static void matmul(const nca__matmul *job)
{
    if (job->a_depth == 1) {
        matmul_all(job, false);
#ifndef NCA_FORWARD_ONLY /* product of a gradient */
    } else if (job->a_row == 1) {
        matmul_all(job, true);
#endif
    } else {
        /* Neither is dense: a constant instead of a matrix. Rare, and not worth a tile. */
        nca__kernels_scalar.matmul(job);
    }
}

/* The perception of channels c.. of several cells at once: each of the nine steps of a sum has to
 * wait four cycles, in which the other sums continue. */
NCA_INLINE void perceive_cells(const nca__perceive *job, const vec filter_x[9],
                               const vec filter_y[9], size_t first, size_t c, const int cells)
{
    const ptrdiff_t channels = (ptrdiff_t)job->channels;
    const float *cell[PERCEIVE_CELLS];
    vec x[PERCEIVE_CELLS];
    vec y[PERCEIVE_CELLS];
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        cell[i] = job->grid + job->cells[first + (size_t)i] + c;
        x[i] = vec_set1(0.0f);
        y[i] = vec_set1(0.0f);
    }
    NCA_UNROLL for (int tap = 0; tap < 9; tap++)
    {
        const ptrdiff_t away =
            (tap / 3 - 1) * (ptrdiff_t)job->row_stride + (tap % 3 - 1) * channels;
        NCA_UNROLL for (int i = 0; i < cells; i++)
        {
            vec neighbour = vec_load(cell[i] + away);
            vec_keep(neighbour);
            x[i] = vec_fma(filter_x[tap], neighbour, x[i]);
            y[i] = vec_fma(filter_y[tap], neighbour, y[i]);
        }
    }
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        float *p = job->p + (first + (size_t)i) * job->p_stride + c;
        vec_store(p, vec_load(cell[i]));
        vec_store(p + channels, x[i]);
        vec_store(p + 2 * channels, y[i]);
    }
}

static void perceive(const nca__perceive *given)
{
    const nca__perceive copy = *given; /* local, so that no store can change it */
    const nca__perceive *job = &copy;
    vec filter_x[9];
    vec filter_y[9];
    for (int tap = 0; tap < 9; tap++) {
        filter_x[tap] = vec_set1(job->stencil->x[tap]);
        filter_y[tap] = vec_set1(job->stencil->y[tap]);
    }
    size_t i = 0;
    for (; i + PERCEIVE_CELLS <= job->count; i += PERCEIVE_CELLS) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            perceive_cells(job, filter_x, filter_y, i, c, PERCEIVE_CELLS);
        }
    }
    for (; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            perceive_cells(job, filter_x, filter_y, i, c, 1);
        }
    }
}

/* Learned filters f.. of channels c.. of several cells at once, as in perceive_cells. */
NCA_INLINE void perceive_filters(const nca__perceive *job, const vec *taps, size_t first, size_t f,
                                 size_t c, const int cells, const int filters)
{
    const ptrdiff_t channels = (ptrdiff_t)job->channels;
    const float *cell[PERCEIVE_CELLS];
    vec sum[PERCEIVE_CELLS * LEARNED_FILTERS];
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        cell[i] = job->grid + job->cells[first + (size_t)i] + c;
        NCA_UNROLL for (int k = 0; k < filters; k++)
        {
            sum[i * filters + k] = vec_set1(0.0f);
        }
    }
    NCA_UNROLL for (int tap = 0; tap < 9; tap++)
    {
        const ptrdiff_t away =
            (tap / 3 - 1) * (ptrdiff_t)job->row_stride + (tap % 3 - 1) * channels;
        NCA_UNROLL for (int i = 0; i < cells; i++)
        {
            vec neighbour = vec_load(cell[i] + away);
            vec_keep(neighbour);
            NCA_UNROLL for (int k = 0; k < filters; k++)
            {
                sum[i * filters + k] = vec_fma(taps[9 * k + tap], neighbour, sum[i * filters + k]);
            }
        }
    }
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        float *p = job->p + (first + (size_t)i) * job->p_stride + c;
        vec_store(p, vec_load(cell[i]));
        NCA_UNROLL for (int k = 0; k < filters; k++)
        {
            vec_store(p + (1 + f + (size_t)k) * job->channels, sum[i * filters + k]);
        }
    }
}

/* All cells, with the taps in registers. */
NCA_INLINE void perceive_all_cells(const nca__perceive *job, size_t f, size_t c, const int filters)
{
    vec taps[9 * LEARNED_FILTERS];
    NCA_UNROLL for (int i = 0; i < 9 * filters; i++)
    {
        taps[i] = vec_load(job->taps + (f * 9 + (size_t)i) * job->channels + c);
    }
    size_t i = 0;
    for (; i + PERCEIVE_CELLS <= job->count; i += PERCEIVE_CELLS) {
        perceive_filters(job, taps, i, f, c, PERCEIVE_CELLS, filters);
    }
    for (; i < job->count; i++) {
        perceive_filters(job, taps, i, f, c, 1, filters);
    }
}

static void perceive_learned(const nca__perceive *given)
{
    const nca__perceive copy = *given; /* local, so that no store can change it */
    for (size_t c = 0; c < copy.channels; c += LANES) {
        size_t f = 0;
        for (; f + LEARNED_FILTERS <= copy.filtered; f += LEARNED_FILTERS) {
            perceive_all_cells(&copy, f, c, LEARNED_FILTERS);
        }
        for (; f < copy.filtered; f++) {
            perceive_all_cells(&copy, f, c, 1);
        }
    }
}

static void advance(const nca__advance *job)
{
    const vec step = vec_set1(job->step);
    for (size_t i = 0; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            size_t at = job->cells[i] + c;
            vec dx = vec_load(job->dx + i * job->channels + c);
            vec_store(job->y + at, vec_fma(step, dx, vec_load(job->x + at)));
        }
    }
}

static void collect(const nca__collect *job)
{
    const vec step = vec_set1(job->step);
    const vec nothing = vec_set1(-0.0f); /* changes no product, not even a zero's sign */
    for (size_t i = 0; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            vec d = vec_load(job->d + job->cells[i] + c);
            vec_store(job->dx + i * job->channels + c, vec_fma(step, d, nothing));
        }
    }
}

NCA_INLINE void deliver_maps(const nca__deliver *job, const size_t filtered)
{
    const size_t channels = job->channels;
    const vec one = vec_set1(1.0f);
    for (size_t i = 0; i < job->count; i++) {
        const float *p = job->p + i * job->p_stride;
        float *d = job->d + job->cells[i];
        float *dp = job->dp + filtered * job->cells[i];
        for (size_t c = 0; c < channels; c += LANES) {
            vec_store(d + c, vec_fma(one, vec_load(d + c), vec_load(p + c)));
            for (size_t k = 0; k < filtered; k++) {
                vec_store(dp + k * channels + c, vec_load(p + (k + 1) * channels + c));
            }
        }
    }
}

/* Two filters are the usual case, so the compiler gets it as a constant. */
static void deliver(const nca__deliver *job)
{
    if (job->filtered == 2) {
        deliver_maps(job, 2);
    } else {
        deliver_maps(job, job->filtered);
    }
}

/* Cells first..first + cells - 1 of the row: each loaded gradient belongs to a neighbour of up to
 * three of them. The columns are processed in order, which keeps the order of every cell's sum. */
NCA_INLINE void spread_cells(const nca__spread *job, const vec filter_x[9], const vec filter_y[9],
                             size_t first, size_t c, const int cells)
{
    const size_t channels = job->channels;
    float *d = job->d + first * channels + c;
    vec sum[SPREAD_CELLS];
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        sum[i] = vec_load(d + (size_t)i * channels);
    }
    NCA_UNROLL for (int row = 0; row < 3; row++)
    {
        const float *line =
            job->dp + first * 2 * channels + (row - 1) * (ptrdiff_t)job->dp_row_stride + c;
        NCA_UNROLL for (int column = -1; column <= cells; column++)
        {
            const float *dp = line + column * (ptrdiff_t)(2 * channels);
            vec dx = vec_load(dp);
            vec dy = vec_load(dp + channels);
            NCA_UNROLL for (int i = column - 1; i <= column + 1; i++)
            {
                if (i >= 0 && i < cells) {
                    const int tap = 3 * row + column - i + 1;
                    sum[i] = vec_fma(filter_x[tap], dx, sum[i]);
                    sum[i] = vec_fma(filter_y[tap], dy, sum[i]);
                }
            }
        }
    }
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        vec_store(d + (size_t)i * channels, sum[i]);
    }
}

static void spread(const nca__spread *job)
{
    vec filter_x[9];
    vec filter_y[9];
    for (int tap = 0; tap < 9; tap++) {
        filter_x[tap] = vec_set1(job->stencil->x[8 - tap]);
        filter_y[tap] = vec_set1(job->stencil->y[8 - tap]);
    }
    for (size_t c = 0; c < job->channels; c += LANES) {
        size_t i = 0;
        for (; i + SPREAD_CELLS <= job->count; i += SPREAD_CELLS) {
            spread_cells(job, filter_x, filter_y, i, c, SPREAD_CELLS);
        }
        for (; i < job->count; i++) {
            spread_cells(job, filter_x, filter_y, i, c, 1);
        }
    }
}

/* Cells first..first + cells - 1 of the row, as in spread_cells. */
NCA_INLINE void spread_filters(const nca__spread *job, size_t first, size_t c, const int cells,
                               const size_t filtered)
{
    const size_t channels = job->channels;
    const size_t cell_stride = filtered * channels;
    float *d = job->d + first * channels + c;
    vec sum[SPREAD_CELLS];
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        sum[i] = vec_load(d + (size_t)i * channels);
    }
    NCA_UNROLL for (int row = 0; row < 3; row++)
    {
        const float *line =
            job->dp + first * cell_stride + (row - 1) * (ptrdiff_t)job->dp_row_stride + c;
        NCA_UNROLL for (int column = -1; column <= cells; column++)
        {
            const float *dp = line + column * (ptrdiff_t)cell_stride;
            for (size_t f = 0; f < filtered; f++) {
                vec gradient = vec_load(dp + f * channels);
                const float *taps = job->taps + f * 9 * channels + c;
                NCA_UNROLL for (int i = column - 1; i <= column + 1; i++)
                {
                    if (i >= 0 && i < cells) {
                        const int tap = 3 * row + column - i + 1;
                        vec factor = vec_load(taps + (size_t)(8 - tap) * channels);
                        sum[i] = vec_fma(factor, gradient, sum[i]);
                    }
                }
            }
        }
    }
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        vec_store(d + (size_t)i * channels, sum[i]);
    }
}

NCA_INLINE void spread_row(const nca__spread *job, const size_t filtered)
{
    for (size_t c = 0; c < job->channels; c += LANES) {
        size_t i = 0;
        for (; i + SPREAD_CELLS <= job->count; i += SPREAD_CELLS) {
            spread_filters(job, i, c, SPREAD_CELLS, filtered);
        }
        for (; i < job->count; i++) {
            spread_filters(job, i, c, 1, filtered);
        }
    }
}

static void spread_learned(const nca__spread *given)
{
    const nca__spread copy = *given;
    if (copy.filtered == 2) {
        spread_row(&copy, 2);
    } else {
        spread_row(&copy, copy.filtered);
    }
}

/* The nine sums of each of several filters stay in registers for all cells. */
NCA_INLINE void sum_filters(const nca__tap_sums *job, size_t f, size_t c, const int filters)
{
    const ptrdiff_t channels = (ptrdiff_t)job->channels;
    float *sums = job->sums + f * 9 * job->channels + c;
    vec sum[9 * LEARNED_FILTERS];
    NCA_UNROLL for (int i = 0; i < 9 * filters; i++)
    {
        sum[i] = vec_load(sums + (size_t)i * job->channels);
    }
    for (size_t i = 0; i < job->count; i++) {
        const float *cell = job->grid + job->cells[i] + c;
        const float *dp = job->dp + i * job->dp_stride + (1 + f) * job->channels + c;
        vec gradient[LEARNED_FILTERS];
        NCA_UNROLL for (int k = 0; k < filters; k++)
        {
            gradient[k] = vec_load(dp + (size_t)k * job->channels);
        }
        NCA_UNROLL for (int tap = 0; tap < 9; tap++)
        {
            const ptrdiff_t away =
                (tap / 3 - 1) * (ptrdiff_t)job->row_stride + (tap % 3 - 1) * channels;
            vec neighbour = vec_load(cell + away);
            NCA_UNROLL for (int k = 0; k < filters; k++)
            {
                sum[9 * k + tap] = vec_fma(gradient[k], neighbour, sum[9 * k + tap]);
            }
        }
    }
    NCA_UNROLL for (int i = 0; i < 9 * filters; i++)
    {
        vec_store(sums + (size_t)i * job->channels, sum[i]);
    }
}

static void sum_taps(const nca__tap_sums *given)
{
    const nca__tap_sums copy = *given;
    for (size_t c = 0; c < copy.channels; c += LANES) {
        size_t f = 0;
        for (; f + LEARNED_FILTERS <= copy.filtered; f += LEARNED_FILTERS) {
            sum_filters(&copy, f, c, LEARNED_FILTERS);
        }
        for (; f < copy.filtered; f++) {
            sum_filters(&copy, f, c, 1);
        }
    }
}

/* Philox4x32-10 on LANES consecutive counters; the four results of each lane become the four bytes
 * of a word, which little-endian memory stores in the order of the scalar kernel. */
NCA_INLINE ivec fire_lanes(ivec index, const nca__fire *job)
{
    ivec word[4] = {index, ivec_set1(job->counter[1]), ivec_set1(job->counter[2]),
                    ivec_set1(job->counter[3])};
    uint32_t key0 = job->key[0];
    uint32_t key1 = job->key[1];
    for (int round = 0; round < 10; round++) {
        ivec high0;
        ivec low0;
        ivec high2;
        ivec low2;
        ivec_multiply(&high0, &low0, word[0], ivec_set1(0xD2511F53u));
        ivec_multiply(&high2, &low2, word[2], ivec_set1(0xCD9E8D57u));
        word[0] = ivec_xor(ivec_xor(high2, word[1]), ivec_set1(key0));
        word[1] = low2;
        word[2] = ivec_xor(ivec_xor(high0, word[3]), ivec_set1(key1));
        word[3] = low0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    ivec threshold = ivec_set1(job->threshold);
    ivec fired = ivec_set1(0);
    for (int lane = 0; lane < 4; lane++) {
        ivec below = ivec_below(ivec_shift_right(word[lane], 8), threshold);
        fired = ivec_or(fired, ivec_and(below, ivec_set1(1u << (8 * lane))));
    }
    return fired;
}

static void fire(const nca__fire *job)
{
    size_t i = 0;
    for (; i + LANES <= job->blocks; i += LANES) {
        ivec index = ivec_add(ivec_set1(job->counter[0] + (uint32_t)i), ivec_ramp());
        ivec_store(job->fired + 4 * i, fire_lanes(index, job));
    }
    if (i < job->blocks) {
        uint8_t last[4 * LANES];
        ivec index = ivec_add(ivec_set1(job->counter[0] + (uint32_t)i), ivec_ramp());
        ivec_store(last, fire_lanes(index, job));
        for (size_t k = 0; k < 4 * (job->blocks - i); k++) {
            job->fired[4 * i + k] = last[k];
        }
    }
}
