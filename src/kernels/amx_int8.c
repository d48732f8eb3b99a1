/* The int8 kernels for AMX (Intel, since Sapphire Rapids). They require the CPU features of the
 * VNNI kernels, and AMX-INT8.
 *
 * A tile is a register of 16 rows of 64 bytes. tdpbusd multiplies a tile of 16 rows of bytes by a
 * tile of weights in VNNI's layout, and adds the products to 16 x 16 sums of 32 bits:
 *
 *     A: rows 0..15, up to 64 depths     B: their weights, four depths a row     C: 16 x 16 sums
 *     [q[0][0]  q[0][1] ... ]            [w[0][c] w[1][c] w[2][c] w[3][c] ...]   [s[0][c] ...]
 *     [q[1][0]  q[1][1] ... ]            [w[4][c] w[5][c] w[6][c] w[7][c] ...]   [s[1][c] ...]
 *
 * That is 16,384 multiply-adds in sixteen cycles. The remaining work, and rows that do not fill a
 * tile, use the VNNI code. The sums are exact, so the bits are those of every other set. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/int8.h"
#include "kernels/registers.h"
#include "kernels/x86.h"

enum {
    TILE_ROWS = 16,
    TILE_BYTES = 64, /* per row */
};

/* Tiles 0 to 3 are sums, 4 is a piece of the rows, 5 to 7 are weights. The depth of a piece is the
 * largest one that divides the depth, which is a multiple of 16. */
#define SHAPES(depth)                                                                        \
    {                                                                                        \
        1, [16] = 64, [18] = 64, [20] = 64, [22] = 64, [24] = (depth), [26] = 64, [28] = 64, \
           [30] = 64, [48] = 16, 16, 16, 16, 16, (depth) / 4, (depth) / 4, (depth) / 4       \
    }
static const uint8_t shapes[4][64] = {SHAPES(16), SHAPES(32), SHAPES(48), SHAPES(64)};

static inline size_t piece_of(size_t depth)
{
    size_t piece = TILE_BYTES;
    while (depth % piece != 0) {
        piece -= NCA_LANES;
    }
    return piece;
}

static inline bool tiles_begin(size_t depth)
{
    _tile_loadconfig(shapes[piece_of(depth) / NCA_LANES - 1]);
    return true;
}

static inline void tiles_end(void)
{
    _tile_release();
}

/* Initialises the sums of a tile: sixteen times the same row (a stride of 0), or zero. */
#define tile_start(tile, start)          \
    do {                                 \
        if ((start) != NULL) {           \
            _tile_loadd(tile, start, 0); \
        } else {                         \
            _tile_zero(tile);            \
        }                                \
    } while (0)

/* Bytes between rows of a tile of sums, and of a tile of weights. */
static inline size_t sums_stride(size_t columns)
{
    return columns * sizeof(int32_t);
}
static inline size_t weights_stride(size_t columns)
{
    return columns * NCA_INT8_DEPTH;
}

/* Sixty-four columns of sixteen rows. */
NCA_INLINE void sum_wide(int32_t *sums, const uint8_t *rows, const int8_t *w, const int32_t *start,
                         const size_t depth, const size_t columns)
{
    const size_t piece = piece_of(depth);
    const size_t stride = weights_stride(columns);
    tile_start(0, start);
    tile_start(1, start == NULL ? NULL : start + NCA_LANES);
    tile_start(2, start == NULL ? NULL : start + 2 * NCA_LANES);
    tile_start(3, start == NULL ? NULL : start + 3 * NCA_LANES);
    for (size_t d = 0; d < depth; d += piece) {
        _tile_loadd(4, rows + d, depth);
        _tile_loadd(5, w, stride);
        _tile_dpbusd(0, 4, 5);
        _tile_loadd(6, w + TILE_BYTES, stride);
        _tile_dpbusd(1, 4, 6);
        _tile_loadd(7, w + 2 * TILE_BYTES, stride);
        _tile_dpbusd(2, 4, 7);
        _tile_loadd(5, w + 3 * TILE_BYTES, stride);
        _tile_dpbusd(3, 4, 5);
        w += piece * columns;
    }
    _tile_stored(0, sums, sums_stride(columns));
    _tile_stored(1, sums + NCA_LANES, sums_stride(columns));
    _tile_stored(2, sums + 2 * NCA_LANES, sums_stride(columns));
    _tile_stored(3, sums + 3 * NCA_LANES, sums_stride(columns));
}

/* Sixteen columns of four times sixteen rows. */
NCA_INLINE void sum_tall(int32_t *sums, const uint8_t *rows, const int8_t *w, const int32_t *start,
                         const size_t depth, const size_t columns)
{
    const size_t piece = piece_of(depth);
    const size_t stride = weights_stride(columns);
    tile_start(0, start);
    tile_start(1, start);
    tile_start(2, start);
    tile_start(3, start);
    for (size_t d = 0; d < depth; d += piece) {
        _tile_loadd(5, w, stride);
        _tile_loadd(4, rows + d, depth);
        _tile_dpbusd(0, 4, 5);
        _tile_loadd(4, rows + TILE_ROWS * depth + d, depth);
        _tile_dpbusd(1, 4, 5);
        _tile_loadd(4, rows + 2 * TILE_ROWS * depth + d, depth);
        _tile_dpbusd(2, 4, 5);
        _tile_loadd(4, rows + 3 * TILE_ROWS * depth + d, depth);
        _tile_dpbusd(3, 4, 5);
        w += piece * columns;
    }
    _tile_stored(0, sums, sums_stride(columns));
    _tile_stored(1, sums + TILE_ROWS * columns, sums_stride(columns));
    _tile_stored(2, sums + 2 * TILE_ROWS * columns, sums_stride(columns));
    _tile_stored(3, sums + 3 * TILE_ROWS * columns, sums_stride(columns));
}

/* Sixteen columns of sixteen rows. */
NCA_INLINE void sum_one(int32_t *sums, const uint8_t *rows, const int8_t *w, const int32_t *start,
                        const size_t depth, const size_t columns)
{
    const size_t piece = piece_of(depth);
    const size_t stride = weights_stride(columns);
    tile_start(0, start);
    for (size_t d = 0; d < depth; d += piece) {
        _tile_loadd(4, rows + d, depth);
        _tile_loadd(5, w, stride);
        _tile_dpbusd(0, 4, 5);
        w += piece * columns;
    }
    _tile_stored(0, sums, sums_stride(columns));
}

/* Uses four tiles of sums at a time if there are enough, so that no instruction waits for the
 * previous one. */
NCA_INLINE void tiles_sum(void *sums, const uint8_t *rows, size_t count, const int8_t *w,
                          const int32_t *start, const size_t depth, const size_t columns)
{
    int32_t *out = sums;
    size_t column = 0;
    for (; column + 4 * NCA_LANES <= columns; column += 4 * NCA_LANES) {
        for (size_t row = 0; row < count; row += TILE_ROWS) {
            sum_wide(out + row * columns + column, rows + row * depth, w + column * NCA_INT8_DEPTH,
                     start == NULL ? NULL : start + column, depth, columns);
        }
    }
    for (; column < columns; column += NCA_LANES) {
        const int8_t *weights = w + column * NCA_INT8_DEPTH;
        const int32_t *first = start == NULL ? NULL : start + column;
        size_t row = 0;
        for (; row + 4 * TILE_ROWS <= count; row += 4 * TILE_ROWS) {
            sum_tall(out + row * columns + column, rows + row * depth, weights, first, depth,
                     columns);
        }
        for (; row < count; row += TILE_ROWS) {
            sum_one(out + row * columns + column, rows + row * depth, weights, first, depth,
                    columns);
        }
    }
}

#define INT8_TILES
#include "kernels/int8_avx512.h"

const nca__int8_kernels nca__int8_amx = {
    .name = "int8-amx",
    .missing = nca__x86_missing_amx_int8,
    .otherwise = &nca__int8_avx512_vnni,
    .quantise = quantise,
    .hidden = hidden,
    .output = output,
};
#else
typedef int nca__no_amx_int8; /* an empty file is not C */
#endif
