/* The int8 kernels for AVX-512, shared by two sets: the VNNI set includes this file as it is, the
 * AMX set first defines how tiles sum 16 rows at a time. Both require VNNI.
 *
 * vpdpbusd takes four neighbouring bytes of a row (unsigned) and four weights (signed) in each of
 * its sixteen lanes and adds the four products to a sum of 32 bits, without saturation: 64
 * multiply-adds where a float instruction does 16. A lane is a column, so the weights of four
 * consecutive depths are adjacent, (depth / 4, columns, 4):
 *
 *     four bytes of row r, spread over all lanes      q[r][4s]  q[r][4s+1]  q[r][4s+2]  q[r][4s+3]
 *   x 64 weights at [s][column]                       w[4s][c]  w[4s+1][c]  w[4s+2][c]  w[4s+3][c]
 *
 * Tiles are as in vector_kernels.h: the sums of some rows times some vectors of columns stay in
 * registers for the whole depth. At this speed the other work takes as much time as the sums: the
 * largest value of a row and the two factors derived from it are computed for four rows at once,
 * and rounding is one multiply-add whose low byte is the result (NCA_INT8_ROUND).
 *
 * A file that can sum with wider instructions defines INT8_TILES and the following before it
 * includes this file:
 *
 *   tiles_begin(depth)   prepares the following calls for rows of this depth; returns true
 *   tiles_sum(sums, rows, count, w, start, depth, columns)
 *                        sums (count, columns) of rows (count, depth), NCA_INT8_GROUP or a multiple
 *                        of it, a layer's weights and its start or NULL
 *   tiles_end() */
#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/int8.h"
#include "kernels/registers.h"

#ifndef INT8_TILES
#define tiles_begin(depth)                                     false
#define tiles_sum(sums, rows, count, w, start, depth, columns) ((void)0)
#define tiles_end()                                            ((void)0)
#endif

enum {
    ROWS = NCA_INT8_ROWS,                      /* rows per tile of the hidden layer */
    UNIT_VECTORS = NCA_INT8_UNITS / NCA_LANES, /* its columns: 16 sums */
    OUTPUT_ROWS = 12, /* rows per tile of the output, which is one vector of columns wide */
    /* Sizes of the usual automaton, C = 16 and N = 128. As constants they let the compiler unroll
     * the loops completely. */
    USUAL_DEPTH = 48,
    USUAL_UNITS = 128,
};

/* Copies four bytes of a row to every lane. */
NCA_INLINE __m512i spread_bytes(const uint8_t *bytes)
{
    int32_t four;
    memcpy(&four, bytes, sizeof four);
    return _mm512_set1_epi32(four);
}

/* sum + the products of four bytes and four weights, per lane. The intrinsic is not used because
 * gcc 12 copies the sum to another register and back for each call, which halves the speed. */
NCA_INLINE __m512i add_products(__m512i sum, __m512i bytes, __m512i weights)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(bytes), "v"(weights));
    return sum;
}

/* The lanes 4 * r .. 4 * r + 3 are the largest lane of m[r]. */
NCA_INLINE __m512i most_of_rows(const __m512i m[ROWS])
{
    __m512i a = _mm512_max_epu32(_mm512_shuffle_i64x2(m[0], m[1], 0x44),
                                 _mm512_shuffle_i64x2(m[0], m[1], 0xEE));
    __m512i b = _mm512_max_epu32(_mm512_shuffle_i64x2(m[2], m[3], 0x44),
                                 _mm512_shuffle_i64x2(m[2], m[3], 0xEE));
    __m512i most =
        _mm512_max_epu32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xDD));
    most = _mm512_max_epu32(most, _mm512_shuffle_epi32(most, _MM_PERM_BADC));
    return _mm512_max_epu32(most, _mm512_shuffle_epi32(most, _MM_PERM_CDAB));
}

/* levels / most if that is a normal number, else 0. */
NCA_INLINE __m512 factor_of(__m512 most, __mmask16 ordinary, float levels)
{
    return _mm512_maskz_div_ps(ordinary, _mm512_set1_ps(levels), most);
}

/* Stores lane 4 * r for each row. */
NCA_INLINE void store_rows(float *out, __m512 v)
{
    _mm_storeu_ps(out, _mm512_castps512_ps128(_mm512_maskz_compress_ps(0x1111, v)));
}

/* ---- Perception to bytes ---------------------------------------------------------------------*/

/* The factors of ROWS rows, and their scales. */
NCA_INLINE void quantise_tile(const nca__int8_quantise *job, float factors[ROWS], size_t row,
                              const size_t depth)
{
    const __m512i size = _mm512_set1_epi32(0x7FFFFFFF);
    const float *p = job->p + row * job->p_stride;
    __m512i m[ROWS];
    NCA_UNROLL for (int r = 0; r < ROWS; r++)
    {
        m[r] = _mm512_setzero_si512();
        for (size_t d = 0; d < depth; d += NCA_LANES) {
            __m512i v = _mm512_loadu_si512(p + (size_t)r * job->p_stride + d);
            m[r] = _mm512_max_epu32(m[r], _mm512_and_si512(v, size));
        }
    }
    /* Compared as integers, infinities and NaN are larger than all other magnitudes. */
    __m512 most = _mm512_castsi512_ps(most_of_rows(m));
    __mmask16 finite = _mm512_cmp_ps_mask(most, _mm512_set1_ps(0x1.fffffep127f), _CMP_LE_OQ);
    __mmask16 ordinary =
        _mm512_mask_cmp_ps_mask(finite, most, _mm512_set1_ps(NCA_INT8_TINY), _CMP_GE_OQ);
    store_rows(factors, factor_of(most, ordinary, 127.0f));
    store_rows(job->scale + row,
               _mm512_maskz_mul_ps(ordinary, most, _mm512_set1_ps(1.0f / 127.0f)));
}

NCA_INLINE void quantise_all(const nca__int8_quantise *given, const size_t depth)
{
    const nca__int8_quantise copy = *given;
    const nca__int8_quantise *job = &copy;
    const __m512 round = _mm512_set1_ps(NCA_INT8_ROUND + 128.0f);
    for (size_t first = 0; first < job->rows; first += NCA_INT8_GROUP) {
        const size_t left = job->rows - first;
        const size_t rows = left < NCA_INT8_GROUP ? left : NCA_INT8_GROUP;
        float factors[NCA_INT8_GROUP];
        for (size_t r = 0; r < rows; r += ROWS) {
            quantise_tile(job, factors + r, first + r, depth);
        }
        for (size_t r = 0; r < rows; r++) {
            const float *p = job->p + (first + r) * job->p_stride;
            const __m512 factor = _mm512_set1_ps(factors[r]);
            /* If the factor is 0, the row counts as zero, whatever its values. */
            const __mmask16 some = _mm512_cmp_ps_mask(factor, _mm512_setzero_ps(), _CMP_NEQ_OQ);
            for (size_t d = 0; d < depth; d += NCA_LANES) {
                __m512 v = _mm512_mask3_fmadd_ps(_mm512_loadu_ps(p + d), factor, round, some);
                _mm_storeu_si128((__m128i *)(void *)(job->q + (first + r) * depth + d),
                                 _mm512_cvtepi32_epi8(_mm512_castps_si512(v)));
            }
        }
    }
}

static void quantise(const nca__int8_quantise *job)
{
    if (job->depth == USUAL_DEPTH) {
        quantise_all(job, USUAL_DEPTH);
    } else {
        quantise_all(job, job->depth);
    }
}

/* ---- Hidden layer ----------------------------------------------------------------------------*/

/* The sums of ROWS rows and 64 units. */
NCA_INLINE void hidden_sums(__m512i sum[ROWS * UNIT_VECTORS], const nca__int8_hidden *job,
                            const uint8_t *p, size_t unit, const size_t depth, const size_t units)
{
    const nca__int8_layer *layer = job->layer;
    NCA_UNROLL for (int i = 0; i < ROWS * UNIT_VECTORS; i++)
    {
        sum[i] = _mm512_loadu_si512(layer->start + unit + (size_t)(i % UNIT_VECTORS) * NCA_LANES);
    }
    const int8_t *w = layer->w + unit * NCA_INT8_DEPTH;
    for (size_t d = 0; d < depth; d += NCA_INT8_DEPTH) {
        __m512i bytes[ROWS];
        NCA_UNROLL for (int r = 0; r < ROWS; r++)
        {
            bytes[r] = spread_bytes(p + (size_t)r * depth + d);
        }
        NCA_UNROLL for (int k = 0; k < UNIT_VECTORS; k++)
        {
            __m512i weights = _mm512_loadu_si512(w + (size_t)k * NCA_LANES * NCA_INT8_DEPTH);
            NCA_UNROLL for (int r = 0; r < ROWS; r++)
            {
                int i = r * UNIT_VECTORS + k;
                sum[i] = add_products(sum[i], bytes[r], weights);
            }
        }
        w += units * NCA_INT8_DEPTH;
    }
}

/* Converts the sums to values v, and updates the maximum of each lane in m. */
NCA_INLINE void hidden_values(const nca__int8_hidden *job, float *v_rows, __m512i m[ROWS],
                              const __m512i sum[ROWS * UNIT_VECTORS], const float *p_scale,
                              size_t unit, const size_t units)
{
    NCA_UNROLL for (int k = 0; k < UNIT_VECTORS; k++)
    {
        const size_t at = unit + (size_t)k * NCA_LANES;
        const __m512 scale = _mm512_loadu_ps(job->layer->scale + at);
        const __m512 bias = _mm512_loadu_ps(job->layer->bias + at);
        NCA_UNROLL for (int r = 0; r < ROWS; r++)
        {
            __m512 v = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r * UNIT_VECTORS + k]),
                                       _mm512_mul_ps(_mm512_set1_ps(p_scale[r]), scale), bias);
            _mm512_storeu_ps(v_rows + (size_t)r * units + at, v);
            /* Compared as integers, non-negative floats keep their order and all others are
             * lower. */
            m[r] = _mm512_max_epi32(m[r], _mm512_castps_si512(v));
        }
    }
}

/* Converts 64 values to bytes. ReLU is applied to the rounded integers, four units at once: values
 * below NCA_INT8_ROUND become NCA_INT8_ROUND, and so does the negative NaN of infinity times 0.
 * Then the low bytes of the lanes of each vector are combined, those of later vectors in higher
 * positions. */
NCA_INLINE __m512i hidden_bytes(const float *v, __m512 factor)
{
    const __m512 round = _mm512_set1_ps(NCA_INT8_ROUND);
    /* The low byte of a lane, repeated four times; masks select one of the four. */
    const __m512i lanes =
        _mm512_broadcast_i32x4(_mm_set_epi32(0x0C0C0C0C, 0x08080808, 0x04040404, 0x00000000));
    __m512i part[UNIT_VECTORS];
    NCA_UNROLL for (int k = 0; k < UNIT_VECTORS; k++)
    {
        __m512 sum = _mm512_fmadd_ps(_mm512_loadu_ps(v + (size_t)k * NCA_LANES), factor, round);
        part[k] = _mm512_max_epi32(_mm512_castps_si512(sum), _mm512_castps_si512(round));
    }
    __m512i bytes = part[0];
    bytes = _mm512_mask_shuffle_epi8(bytes, 0x2222222222222222u, part[1], lanes);
    bytes = _mm512_mask_shuffle_epi8(bytes, 0x4444444444444444u, part[2], lanes);
    return _mm512_mask_shuffle_epi8(bytes, 0x8888888888888888u, part[3], lanes);
}

/* Loads sums that were stored in the place of the values. */
NCA_INLINE void load_sums(__m512i sum[ROWS * UNIT_VECTORS], const float *v, const size_t units)
{
    NCA_UNROLL for (int i = 0; i < ROWS * UNIT_VECTORS; i++)
    {
        const size_t at = (size_t)(i % UNIT_VECTORS) * NCA_LANES;
        sum[i] = _mm512_loadu_si512(v + (size_t)(i / UNIT_VECTORS) * units + at);
    }
}

/* The values of ROWS rows from `row` on, and for each row the factor that converts them to bytes.
 * `summed`: their sums are already in v. */
NCA_INLINE void hidden_tile(const nca__int8_hidden *job, float *v, float factors[ROWS], size_t row,
                            const size_t depth, const size_t units, const bool summed)
{
    __m512i m[ROWS];
    NCA_UNROLL for (int r = 0; r < ROWS; r++)
    {
        m[r] = _mm512_setzero_si512();
    }
    for (size_t unit = 0; unit < units; unit += NCA_INT8_UNITS) {
        __m512i sum[ROWS * UNIT_VECTORS];
        if (summed) {
            load_sums(sum, v + unit, units);
        } else {
            hidden_sums(sum, job, job->p + row * depth, unit, depth, units);
        }
        hidden_values(job, v, m, sum, job->p_scale + row, unit, units);
    }
    __m512 most = _mm512_castsi512_ps(most_of_rows(m));
    __mmask16 enough = _mm512_cmp_ps_mask(most, _mm512_set1_ps(NCA_INT8_TINY), _CMP_GE_OQ);
    store_rows(factors, factor_of(most, enough, 255.0f)); /* 0 for an infinite maximum */
    store_rows(job->h_scale + row,
               _mm512_maskz_mul_ps(enough, most, _mm512_set1_ps(1.0f / 255.0f)));
}

/* Up to NCA_INT8_GROUP rows: first all values, then all bytes, so that the conversion does not wait
 * for the division of its tile. `summed`: the sums are already in v. */
NCA_INLINE void hidden_group(const nca__int8_hidden *job, size_t first, size_t rows,
                             const size_t depth, const size_t units, const bool summed)
{
    float *v = job->v;
    float factors[NCA_INT8_GROUP];
    for (size_t r = 0; r < rows; r += ROWS) {
        hidden_tile(job, v + r * units, factors + r, first + r, depth, units, summed);
    }
    for (size_t r = 0; r < rows; r++) {
        const __m512 factor = _mm512_set1_ps(factors[r]);
        uint8_t *h = job->h + (first + r) * units;
        for (size_t unit = 0; unit < units; unit += NCA_INT8_UNITS) {
            _mm512_storeu_si512(h + unit, hidden_bytes(v + r * units + unit, factor));
        }
    }
}

NCA_INLINE void hidden_all(const nca__int8_hidden *given, const size_t depth, const size_t units)
{
    /* Local copies, so that the compiler knows that no store changes them. */
    const nca__int8_layer layer = *given->layer;
    nca__int8_hidden copy = *given;
    copy.layer = &layer;
    const nca__int8_hidden *job = &copy;
    const bool tiles = job->rows >= NCA_INT8_GROUP && tiles_begin(depth);
    for (size_t first = 0; first < job->rows; first += NCA_INT8_GROUP) {
        const size_t left = job->rows - first;
        if (tiles && left >= NCA_INT8_GROUP) {
            tiles_sum(job->v, job->p + first * depth, NCA_INT8_GROUP, layer.w, layer.start, depth,
                      units);
            hidden_group(job, first, NCA_INT8_GROUP, depth, units, true);
        } else {
            hidden_group(job, first, left < NCA_INT8_GROUP ? left : NCA_INT8_GROUP, depth, units,
                         false);
        }
    }
    if (tiles) {
        tiles_end();
    }
}

static void hidden(const nca__int8_hidden *job)
{
    if (job->depth == USUAL_DEPTH && job->units == USUAL_UNITS) {
        hidden_all(job, USUAL_DEPTH, USUAL_UNITS);
    } else {
        hidden_all(job, job->depth, job->units);
    }
}

/* ---- Output layer ----------------------------------------------------------------------------*/

/* Converts sums to the update. */
NCA_INLINE void output_values(const nca__int8_output *job, const __m512i sum[], size_t row,
                              size_t column, const int rows, const size_t columns)
{
    const __m512 scale = _mm512_loadu_ps(job->layer->scale + column);
    const __m512 bias = _mm512_loadu_ps(job->layer->bias + column);
    NCA_UNROLL for (int r = 0; r < rows; r++)
    {
        __m512 row_scale = _mm512_mul_ps(_mm512_set1_ps(job->h_scale[row + (size_t)r]), scale);
        _mm512_storeu_ps(job->out + (row + (size_t)r) * columns + column,
                         _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r]), row_scale, bias));
    }
}

NCA_INLINE void output_tile(const nca__int8_output *job, size_t row, size_t column, const int rows,
                            const size_t depth, const size_t columns)
{
    __m512i sum[OUTPUT_ROWS];
    NCA_UNROLL for (int r = 0; r < rows; r++)
    {
        sum[r] = _mm512_setzero_si512();
    }
    const uint8_t *h = job->h + row * depth;
    const int8_t *w = job->layer->w + column * NCA_INT8_DEPTH;
    for (size_t d = 0; d < depth; d += NCA_INT8_DEPTH) {
        __m512i weights = _mm512_loadu_si512(w);
        NCA_UNROLL for (int r = 0; r < rows; r++)
        {
            sum[r] = add_products(sum[r], spread_bytes(h + (size_t)r * depth + d), weights);
        }
        w += columns * NCA_INT8_DEPTH;
    }
    output_values(job, sum, row, column, rows, columns);
}

/* The output of the first rows, whose sums were stored in the place of the output. */
NCA_INLINE void output_summed(const nca__int8_output *job, size_t rows, const size_t columns)
{
    for (size_t column = 0; column < columns; column += NCA_LANES) {
        for (size_t row = 0; row < rows; row += ROWS) {
            __m512i sum[ROWS];
            NCA_UNROLL for (int r = 0; r < ROWS; r++)
            {
                sum[r] = _mm512_loadu_si512(job->out + (row + (size_t)r) * columns + column);
            }
            output_values(job, sum, row, column, ROWS, columns);
        }
    }
}

NCA_INLINE void output_all(const nca__int8_output *job, const size_t depth, const size_t columns)
{
    size_t first = 0;
    if (job->rows >= NCA_INT8_GROUP && tiles_begin(depth)) {
        first = job->rows / NCA_INT8_GROUP * NCA_INT8_GROUP;
        tiles_sum(job->out, job->h, first, job->layer->w, NULL, depth, columns);
        tiles_end();
        output_summed(job, first, columns);
    }
    for (size_t column = 0; column < columns; column += NCA_LANES) {
        size_t row = first;
        for (; row + OUTPUT_ROWS <= job->rows; row += OUTPUT_ROWS) {
            output_tile(job, row, column, OUTPUT_ROWS, depth, columns);
        }
        for (; row < job->rows; row += ROWS) {
            output_tile(job, row, column, ROWS, depth, columns);
        }
    }
}

static void output(const nca__int8_output *job)
{
    if (job->depth == USUAL_UNITS && job->columns == NCA_LANES) {
        output_all(job, USUAL_UNITS, NCA_LANES);
    } else {
        output_all(job, job->depth, job->columns);
    }
}
