/* The matrix product of vector_kernels.h, which includes this file.
 *
 * The result is cut into tiles of TILE_ROWS x TILE_VECTORS vectors, small enough to stay in
 * registers while the whole depth goes by:
 *
 *                  b, one row of it          one step of depth d:
 *                 [ b0 ][ b1 ]                 load the vectors b0 and b1,
 *     a0  ->      [s00 ][s01 ]                 for every row r spread a[r][d] over a vector and
 *     a1  ->      [s10 ][s11 ]                 add a[r][d] * b0 to s[r][0], a[r][d] * b1 to s[r][1]
 *     ...
 *
 * A multiply-add takes about four cycles and two can begin in each, so at least eight sums must be
 * under way; and the 12 + 2 loads for 24 multiply-adds leave the load units half idle, so that the
 * multiply-adds set the pace. Every sum still runs over d in ascending order on its own. One step
 * of depth is also slow enough for main memory to bring a cache line, so each asks for one of those
 * that the caller names. */

/* Lines still to be asked for; next == end: none. */
typedef struct fetch {
    const float *next, *end;
} fetch;

/* The sums of a tile before the first step of depth. */
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

/* ReLU and gate, where there are any, and out. */
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
 * and goes on to the next. Four rows share an address in `a`. */
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
        vec_keep(sum[i]); /* else steps are mixed, and sums leave their registers */
    }
    NCA_UNROLL for (int group = 0; 4 * group < rows; group++)
    {
        a[group] += a_depth;
    }
    *b += b_stride;
}

/* One tile. `rows` and `vectors` are constants at every call, as is depth_major (whether
 * neighbouring rows of `a` are neighbours in memory, or neighbouring depths are). */
NCA_INLINE void matmul_tile(const nca__matmul *job, fetch *ahead, size_t row, size_t column,
                            const int rows, const int vectors, const bool depth_major)
{
    /* Several steps of depth between two looks at the counters. */
    const int steps = vectors == 1 ? 2 * TILE_STEPS : TILE_STEPS;
    vec sum[TILE_ROWS * TILE_VECTORS];
    tile_start(sum, job, row, column, rows, vectors);
    const size_t a_row = depth_major ? 1 : job->a_row;
    const size_t a_depth = depth_major ? job->a_depth : 1;
    /* Twelve row addresses are more than there are registers for. Four rows share one: their
     * distances from it are the same in each group. */
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
    /* Three vectors are better taken together, by fewer rows, than as two and one. */
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
#ifndef NCA_FORWARD_ONLY /* a gradient's product */
    } else if (job->a_row == 1) {
        matmul_all(job, true);
#endif
    } else {
        /* Neither is dense: a constant in place of a matrix. Rare, and never worth a tile. */
        nca__kernels_scalar.matmul(job);
    }
}
