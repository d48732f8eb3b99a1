/* The bf16 kernels for AMX (Intel, since Sapphire Rapids): sums piece by piece.
 *
 * A tile is a register of 16 rows of 64 bytes. tdpbf16ps multiplies a piece of 16 pairs of 16 rows
 * with the same piece of 16 columns, and adds the products to 16 x 16 sums in fp32:
 *
 *     A, paired along            B, paired across           C
 *     [a(0,0)  a(0,1) ... ]      [b(0,0)  b(0,1) ... ]      [s00 s01 ...]
 *     [a(1,0)  a(1,1) ... ]      [b(1,0)  b(1,1) ... ]      [s10 s11 ...]
 *
 * That is 8,192 multiply-adds in sixteen cycles, sixteen times as many as with fp32. Tiles 0 to
 * 3 are sums of adjacent columns, 4 and 5 are A and B, 6 and 7 are A and B for the remaining
 * pairs. */
#if defined(__x86_64__)
#include "kernels/bf16_avx512.h"
#include "kernels/x86.h"

enum {
    TILE_ROWS = 16,
    TILE_BYTES = 64, /* per row */
    SUM_TILES = 4,   /* tiles of adjacent columns */
    SUM_COLUMNS = SUM_TILES * LANES,
    TURNED_PAIRS = 8 * NCA_BF16_PIECE, /* of a matrix that is transposed on the fly */
};

/* Configures the tiles for this number of rows, and of remaining pairs. */
static void configure(size_t rows, size_t rest)
{
    enum {
        PALETTE = 0,
        ROW_BYTES = 16, /* 16 bits per tile */
        ROWS = 48       /* 8 bits per tile */
    };
    _Alignas(64) uint8_t shape[64] = {[PALETTE] = 1};
    for (size_t tile = 0; tile < SUM_TILES + 4; tile++) {
        shape[ROW_BYTES + 2 * tile] = TILE_BYTES;
        shape[ROWS + tile] = (uint8_t)rows;
    }
    shape[ROWS + 5] = NCA_BF16_PIECE;
    if (rest > 0) {
        shape[ROW_BYTES + 2 * 6] = (uint8_t)(rest * sizeof(uint32_t));
        shape[ROWS + 7] = (uint8_t)rest;
    }
    __asm__ volatile(""
                     :
                     : "r"(shape)
                     : "memory"); /* the intrinsic does not declare that it reads memory */
    _tile_loadconfig(shape);
}

/* Rows of A in the form that tiles need. */
typedef struct left {
    const uint32_t *pairs; /* (rows, pairs) */
    size_t stride;         /* words */
} left;

/* Adds a piece to the sums of the block below: tile A holds its pairs of the rows, tile B those of
 * sixteen columns at a time. Tiles cannot be indexed, so their numbers must be constants in the
 * source. */
#define ADD_PIECE(A, B)                             \
    do {                                            \
        _tile_loadd(A, a.pairs + k, a_bytes);       \
        _tile_loadd(B, b, b_bytes);                 \
        _tile_dpbf16ps(0, A, B);                    \
        if (tiles > 1) {                            \
            _tile_loadd(B, b + LANES, b_bytes);     \
            _tile_dpbf16ps(1, A, B);                \
        }                                           \
        if (tiles > 2) {                            \
            _tile_loadd(B, b + 2 * LANES, b_bytes); \
            _tile_dpbf16ps(2, A, B);                \
        }                                           \
        if (tiles > 3) {                            \
            _tile_loadd(B, b + 3 * LANES, b_bytes); \
            _tile_dpbf16ps(3, A, B);                \
        }                                           \
    } while (0)

/* The sums of a block of rows and `tiles` * 16 columns, beginning with their start values. */
NCA_INLINE void sum_block(float *sums, size_t sums_stride, const nca__bf16_matmul *job, left a,
                          size_t row, size_t column, const int tiles)
{
    const size_t sums_bytes = sums_stride * sizeof(float);
    const size_t a_bytes = a.stride * sizeof(uint32_t);
    const size_t b_bytes = job->b_stride * sizeof(uint32_t);
    if (job->start != NULL) {
        const float *start = job->start + row * job->start_stride + column;
        const size_t start_bytes = job->start_stride * sizeof(float);
        _tile_loadd(0, start, start_bytes);
        if (tiles > 1) {
            _tile_loadd(1, start + LANES, start_bytes);
        }
        if (tiles > 2) {
            _tile_loadd(2, start + 2 * LANES, start_bytes);
        }
        if (tiles > 3) {
            _tile_loadd(3, start + 3 * LANES, start_bytes);
        }
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    const uint32_t *b = job->b + column;
    size_t k = 0;
    for (; k + NCA_BF16_PIECE <= job->pairs; k += NCA_BF16_PIECE) {
        ADD_PIECE(4, 5);
        b += NCA_BF16_PIECE * job->b_stride;
    }
    if (k < job->pairs) {
        ADD_PIECE(6, 7);
    }
    _tile_stored(0, sums, sums_bytes);
    if (tiles > 1) {
        _tile_stored(1, sums + LANES, sums_bytes);
    }
    if (tiles > 2) {
        _tile_stored(2, sums + 2 * LANES, sums_bytes);
    }
    if (tiles > 3) {
        _tile_stored(3, sums + 3 * LANES, sums_bytes);
    }
}

/* Finishes some rows of sums, `vectors` wide, and stores the results. */
NCA_INLINE void finish_rows(const nca__bf16_matmul *job, const float *sums, size_t row,
                            size_t column, const int rows, const int vectors)
{
    __m512 sum[MOST_SUMS];
    NCA_UNROLL for (int r = 0; r < rows; r++)
    {
        NCA_UNROLL for (int v = 0; v < vectors; v++)
        {
            sum[r * vectors + v] = _mm512_loadu_ps(sums + r * SUM_COLUMNS + v * LANES);
        }
    }
    tile_finish(job, sum, row, column, rows, vectors, false);
}

/* Up to sixteen rows of a block of columns. */
NCA_INLINE void rows_of_block(const nca__bf16_matmul *job, left a, size_t row, size_t rows,
                              size_t column, const int tiles, bool plain)
{
    if (plain) {
        sum_block(job->out + row * job->out_stride + column, job->out_stride, job, a, row, column,
                  tiles);
        return;
    }
    _Alignas(64) float sums[TILE_ROWS * SUM_COLUMNS];
    sum_block(sums, SUM_COLUMNS, job, a, row, column, tiles);
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        finish_rows(job, sums + r * SUM_COLUMNS, row + r, column, 4, tiles);
    }
    for (; r < rows; r++) {
        finish_rows(job, sums + r * SUM_COLUMNS, row + r, column, 1, tiles);
    }
}

static void rows_of_all(const nca__bf16_matmul *job, left a, size_t row, size_t rows, bool plain)
{
    size_t column = 0;
    for (; column + SUM_COLUMNS <= job->columns; column += SUM_COLUMNS) {
        rows_of_block(job, a, row, rows, column, 4, plain);
    }
    switch ((job->columns - column) / LANES) {
    case 3:
        rows_of_block(job, a, row, rows, column, 3, plain);
        break;
    case 2:
        rows_of_block(job, a, row, rows, column, 2, plain);
        break;
    case 1:
        rows_of_block(job, a, row, rows, column, 1, plain);
        break;
    default:
        break;
    }
}

/* Transposes up to sixteen rows of up to sixteen words; missing elements become 0. */
static void turn(uint32_t *to, size_t to_stride, const uint32_t *from, size_t from_stride,
                 size_t rows, size_t words)
{
    const __mmask16 some = (__mmask16)((1u << words) - 1u);
    __m512i a[LANES];
    __m512i b[LANES];
    NCA_UNROLL for (size_t i = 0; i < LANES; i++)
    {
        a[i] = _mm512_maskz_loadu_epi32(i < rows ? some : 0, from + i * from_stride);
    }
    NCA_UNROLL for (int i = 0; i < LANES; i += 2)
    {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    NCA_UNROLL for (int i = 0; i < LANES; i += 4)
    {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    /* Quarter q of a[4 g + c] holds column 4 q + c of rows 4 g to 4 g + 3. */
    NCA_UNROLL for (int c = 0; c < 4; c++)
    {
        const __m512i even01 = _mm512_shuffle_i32x4(a[c], a[4 + c], 0x88);
        const __m512i odd01 = _mm512_shuffle_i32x4(a[c], a[4 + c], 0xDD);
        const __m512i even23 = _mm512_shuffle_i32x4(a[8 + c], a[12 + c], 0x88);
        const __m512i odd23 = _mm512_shuffle_i32x4(a[8 + c], a[12 + c], 0xDD);
        _mm512_storeu_si512(to + (size_t)c * to_stride, _mm512_shuffle_i32x4(even01, even23, 0x88));
        _mm512_storeu_si512(to + (size_t)(4 + c) * to_stride,
                            _mm512_shuffle_i32x4(odd01, odd23, 0x88));
        _mm512_storeu_si512(to + (size_t)(8 + c) * to_stride,
                            _mm512_shuffle_i32x4(even01, even23, 0xDD));
        _mm512_storeu_si512(to + (size_t)(12 + c) * to_stride,
                            _mm512_shuffle_i32x4(odd01, odd23, 0xDD));
    }
}

/* The job's rows from `row` on in the form that tiles need: in place, or transposed into scratch
 * memory. */
static left left_rows(const nca__bf16_matmul *job, uint32_t turned[TILE_ROWS * TURNED_PAIRS],
                      size_t row, size_t rows)
{
    if (job->a_pair == 1) {
        return (left){job->a + row * job->a_row, job->a_row};
    }
    for (size_t k = 0; k < job->pairs; k += NCA_BF16_PIECE) {
        turn(turned + k, TURNED_PAIRS, job->a + k * job->a_pair + row, job->a_pair, job->pairs - k,
             rows);
    }
    __asm__ volatile("" : : "r"(turned) : "memory"); /* the tiles read it */
    return (left){turned, TURNED_PAIRS};
}

static void multiply(const nca__bf16_matmul *job, bool plain)
{
    _Alignas(64) uint32_t turned[TILE_ROWS * TURNED_PAIRS];
    size_t configured = 0;
    for (size_t row = 0; row < job->rows; row += TILE_ROWS) {
        const size_t rows = job->rows - row < TILE_ROWS ? job->rows - row : TILE_ROWS;
        if (rows != configured) {
            configure(rows, job->pairs % NCA_BF16_PIECE);
            configured = rows;
        }
        rows_of_all(job, left_rows(job, turned, row, rows), row, rows, plain);
    }
    _tile_release();
}

static void matmul(const nca__bf16_matmul *given)
{
    nca__bf16_matmul job = *given;
    const bool dense = job.a_pair == 1;
    const bool plain =
        job.out != NULL && !job.relu && job.gate == NULL && job.along == NULL && job.across == NULL;
    if (!dense && (job.a_row != 1 || !plain)) {
        nca__bf16_pieces_scalar.matmul(given); /* not used by any network */
        return;
    }
    while (!dense && job.pairs > TURNED_PAIRS) {
        nca__bf16_matmul some = job;
        some.pairs = TURNED_PAIRS;
        multiply(&some, plain);
        job.a += TURNED_PAIRS * job.a_pair;
        job.b += TURNED_PAIRS * job.b_stride;
        job.pairs -= TURNED_PAIRS;
        job.start = job.out;
        job.start_stride = job.out_stride;
    }
    multiply(&job, plain);
}

const nca__bf16_kernels nca__bf16_amx = {
    .missing = nca__x86_missing_amx_bf16,
    .matmul = matmul,
    .pack = pack,
};
#else
typedef int nca__no_amx_bf16; /* an empty file is not C */
#endif
