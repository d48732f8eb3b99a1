/* The bf16 kernels: the scalar set compared with values computed by hand, all others with the
 * scalar set, bit for bit, for unusual sizes and extreme values, with no overrun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/table.h"
#include "nca/philox.h"

enum {
    GUARD = 64 /* words of sentinel around every output */
};
static const uint32_t sentinel = 0xDEADBEEFu;

static uint32_t draws; /* every test starts its own sequence */

static uint32_t next_word(void)
{
    uint32_t words[4];
    nca_draw(words, 43, NCA_STREAM_SHUFFLE, draws++, 0, 0, 0);
    return words[0];
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float value_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The bits of an fp32 whose upper half is an extreme bf16: ordinary in [-1, 1), or one of: any
 * bits, close to the smallest numbers, the ends of the range. */
static uint32_t next_bits(bool extreme)
{
    static const uint32_t nasty[] = {0,           0x80000000u, 0x7F800000u, 0xFF800000u,
                                     0x7FC00000u, 0x7F810000u, 0x00800000u, 0x807FFFFFu,
                                     0x00010000u, 0x7F7FFFFFu, 0x3F808000u, 0x3F818000u};
    const uint32_t word = next_word();
    if (extreme && word % 4 != 0) {
        switch (word % 4) {
        case 1:
            return nasty[word / 4 % (sizeof nasty / sizeof *nasty)];
        case 2:
            return next_word();
        default: /* products and sums around 2^-126 */
            return (word & 0x807FFFFFu) | (56 + word / 8 % 16) << 23;
        }
    }
    return bits_of(2.0f * nca_uniform(word) - 1.0f);
}

static uint32_t *new_block(size_t count)
{
    uint32_t *block = aligned_alloc(64, (count + 2 * GUARD + 15) / 16 * 64);
    assert_non_null(block);
    for (size_t i = 0; i < count + 2 * GUARD; i++) {
        block[i] = sentinel;
    }
    return block + GUARD;
}

static uint32_t *new_floats(size_t count, bool extreme)
{
    uint32_t *block = new_block(count);
    for (size_t i = 0; i < count; i++) {
        block[i] = next_bits(extreme);
    }
    return block;
}

static uint32_t *new_pairs(size_t count, bool extreme)
{
    uint32_t *block = new_block(count);
    for (size_t i = 0; i < count; i++) {
        block[i] = next_bits(extreme) >> 16 | (next_bits(extreme) & 0xFFFF0000u);
    }
    return block;
}

/* Zeros, denormals, ordinary numbers, infinity: possible results of a ReLU. */
static uint32_t *new_gate(size_t count)
{
    uint32_t *block = new_block(count);
    for (size_t i = 0; i < count; i++) {
        static const uint32_t halves[] = {0, 0, 1, 0x7F, 0x80, 0x3F80, 0x7F80};
        const uint32_t word = next_word();
        block[i] = halves[word % 7] | halves[word / 7 % 7] << 16;
    }
    return block;
}

static uint32_t *copy_block(const uint32_t *from, size_t count)
{
    uint32_t *block = new_block(count);
    memcpy(block, from, count * sizeof *from);
    return block;
}

static void free_block(uint32_t *block)
{
    free(block - GUARD);
}

static bool half_is_nan(uint32_t half)
{
    return (half & 0x7FFFu) > 0x7F80u;
}

static bool same_half(uint32_t a, uint32_t b)
{
    return a == b || (half_is_nan(a) && half_is_nan(b));
}

static bool same_word(uint32_t a, uint32_t b, bool pairs)
{
    if (pairs) {
        return same_half(a & 0xFFFFu, b & 0xFFFFu) && same_half(a >> 16, b >> 16);
    }
    const float first = value_of(a), second = value_of(b);
    return a == b || (first != first && second != second);
}

/* Checks for the same bits (any NaN for NaN), and that the guards are intact. */
static void assert_same(const uint32_t *expected, const uint32_t *found, size_t count, bool pairs,
                        const char *what, const char *where)
{
    for (size_t i = 0; i < count; i++) {
        if (!same_word(expected[i], found[i], pairs)) {
            fail_msg("%s: word %zu of %zu %s is %08x, expected %08x", what, i, count, where,
                     found[i], expected[i]);
        }
    }
    for (size_t i = 0; i < GUARD; i++) {
        if (found[-1 - (ptrdiff_t)i] != sentinel || found[count + i] != sentinel) {
            fail_msg("%s: wrote outside %s, at guard %zu", what, where, i);
        }
    }
}

/* ---- Comparison with the scalar set ------------------------------------------------------------
 */

typedef struct matmul_case {
    size_t rows, columns, pairs;
    bool relu, gate, start_row, accumulate, by_rows, out, along, across, extreme;
} matmul_case;

static void check_matmul(const nca__bf16_kernels *set, const nca__bf16_kernels *definition,
                         const matmul_case *c)
{
    char what[200];
    snprintf(what, sizeof what, "matmul %zux%zux2*%zu%s%s%s%s%s%s%s%s%s", c->rows, c->columns,
             c->pairs, c->relu ? " relu" : "", c->gate ? " gate" : "", c->start_row ? " bias" : "",
             c->accumulate ? " accumulate" : "", c->by_rows ? " by-rows" : "", c->out ? " out" : "",
             c->along ? " along" : "", c->across ? " across" : "", c->extreme ? " extreme" : "");
    const size_t stride = c->columns + 16;
    const size_t outs = c->rows * stride;
    uint32_t *a = new_pairs(c->rows * c->pairs + 1, c->extreme);
    uint32_t *b = new_pairs(c->pairs * stride + 1, c->extreme);
    uint32_t *gate = new_gate(outs);
    uint32_t *bias = new_floats(c->columns, c->extreme);
    uint32_t *out[2], *along[2], *across[2];
    out[0] = new_floats(outs, c->extreme);
    out[1] = copy_block(out[0], outs);
    along[0] = new_pairs(outs, false);
    along[1] = copy_block(along[0], outs);
    across[0] = new_pairs(outs, false);
    across[1] = copy_block(across[0], outs);
    for (int candidate = 0; candidate < 2; candidate++) {
        float *sums = (float *)(void *)out[candidate];
        const nca__bf16_matmul job = {
            .a = a,
            .a_row = c->by_rows ? 1 : c->pairs,
            .a_pair = c->by_rows ? c->rows : 1,
            .b = b,
            .b_stride = stride,
            .rows = c->rows,
            .columns = c->columns,
            .pairs = c->pairs,
            .start = c->accumulate  ? sums
                     : c->start_row ? (float *)(void *)bias
                                    : NULL,
            .start_stride = c->accumulate ? stride : 0,
            .relu = c->relu,
            .gate = c->gate ? gate : NULL,
            .gate_stride = stride,
            .out = c->out ? sums : NULL,
            .out_stride = stride,
            .along = c->along ? along[candidate] : NULL,
            .along_stride = stride,
            .across = c->across ? across[candidate] : NULL,
            .across_stride = stride,
        };
        (candidate ? set : definition)->matmul(&job);
    }
    assert_same(out[0], out[1], outs, false, what, "out");
    assert_same(along[0], along[1], outs, true, what, "along");
    assert_same(across[0], across[1], outs, true, what, "across");
    for (int i = 0; i < 2; i++) {
        free_block(out[i]);
        free_block(along[i]);
        free_block(across[i]);
    }
    free_block(a);
    free_block(b);
    free_block(gate);
    free_block(bias);
}

static void check_matmuls(const nca__bf16_kernels *set, const nca__bf16_kernels *definition)
{
    static const size_t rows[] = {1, 2, 3, 4, 5, 7, 8, 12, 13, 16, 20, 24, 28, 31, 36};
    static const size_t columns[] = {16, 32, 48, 64, 80, 128, 144};
    static const size_t pairs[] = {0, 1, 3, 8, 16, 24, 37, 96, 150};
    draws = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < sizeof columns / sizeof *columns; j++) {
            for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
                const bool fours = rows[i] % 4 == 0;
                const unsigned flags = next_word();
                const matmul_case c = {
                    .rows = rows[i],
                    .columns = columns[j],
                    .pairs = pairs[k],
                    .relu = flags & 1,
                    .gate = fours && flags & 2,
                    .start_row = flags & 4,
                    .accumulate = flags & 8,
                    .by_rows = flags & 16,
                    .out = !fours || flags & 32,
                    .along = flags & 64,
                    .across = fours && flags & 128,
                    .extreme = flags & 256,
                };
                check_matmul(set, definition, &c);
            }
        }
    }
}

static void check_pack(const nca__bf16_kernels *set, size_t count, size_t rows, size_t columns,
                       unsigned flags)
{
    char what[100];
    snprintf(what, sizeof what, "pack %zu of %zu x %zu, flags %u", count, rows, columns, flags);
    const size_t stride = columns + 16;
    uint32_t *from = new_floats(count * stride + 1, flags & 4);
    uint32_t *along[2], *across[2];
    along[0] = new_pairs(rows * stride, false);
    along[1] = copy_block(along[0], rows * stride);
    across[0] = new_pairs(rows * stride, false);
    across[1] = copy_block(across[0], rows * stride);
    for (int candidate = 0; candidate < 2; candidate++) {
        const nca__bf16_pack job = {.along = flags & 1 ? along[candidate] : NULL,
                                    .along_stride = stride,
                                    .across = flags & 2 ? across[candidate] : NULL,
                                    .across_stride = stride,
                                    .from = (float *)(void *)from,
                                    .from_stride = stride,
                                    .count = count,
                                    .rows = rows,
                                    .columns = columns};
        (candidate ? set : &nca__bf16_scalar)->pack(&job);
    }
    assert_same(along[0], along[1], rows * stride, true, what, "along");
    assert_same(across[0], across[1], rows * stride, true, what, "across");
    for (int i = 0; i < 2; i++) {
        free_block(along[i]);
        free_block(across[i]);
    }
    free_block(from);
}

static void check_packs(const nca__bf16_kernels *set)
{
    draws = 1u << 30;
    for (size_t count = 0; count <= 9; count++) {
        for (size_t columns = 16; columns <= 80; columns += 16) {
            for (unsigned flags = 0; flags < 8; flags++) {
                check_pack(set, count, (count + 3) / 4 * 4, columns, flags);
                check_pack(set, count, (count + 1) / 2 * 2, columns, flags);
            }
        }
    }
}

static void assert_avx512_like(const nca__bf16_kernels *definition, nca_precision precision)
{
    const nca_kernels *set = nca_kernels_named("avx512");
    if (set == NULL) {
        print_message("skipped: this build has no such set\n");
        skip();
    }
    const char *missing = nca_kernels_missing_for(set, precision);
    if (missing != NULL) {
        print_message("skipped: it lacks %s\n", missing);
        skip();
    }
    const nca__bf16_kernels *form = precision == NCA_PRECISION_BF16 ? set->bf16 : set->bf16_pieces;
    check_matmuls(form, definition);
    check_packs(form);
}

static void avx512_gives_the_scalar_bits(void **state)
{
    (void)state;
    assert_avx512_like(&nca__bf16_scalar, NCA_PRECISION_BF16);
}

static void amx_gives_the_scalar_bits(void **state)
{
    (void)state;
    assert_avx512_like(&nca__bf16_pieces_scalar, NCA_PRECISION_BF16_AMX);
}

/* ---- The definition, computed by hand ----------------------------------------------------------
 */

static uint32_t rounded(uint32_t bits)
{
    const float from[NCA_LANES] = {value_of(bits)};
    uint32_t along[NCA_LANES];
    const nca__bf16_pack job = {.along = along,
                                .along_stride = 8,
                                .from = from,
                                .count = 1,
                                .rows = 2,
                                .columns = NCA_LANES};
    nca__bf16_scalar.pack(&job);
    assert_int_equal(along[0] >> 16, 0);
    return along[0];
}

static void numbers_are_rounded_to_nearest_even(void **state)
{
    (void)state;
    assert_int_equal(rounded(0x3F800000u), 0x3F80); /* 1 */
    assert_int_equal(rounded(0x3F808000u), 0x3F80); /* half way: rounded to the even number below */
    assert_int_equal(rounded(0x3F818000u), 0x3F82); /* half way: rounded to the even number above */
    assert_int_equal(rounded(0x3F808001u), 0x3F81);
    assert_int_equal(rounded(0xBF80FFFFu), 0xBF81);
    assert_int_equal(rounded(0x7F7FFFFFu), 0x7F80); /* beyond the largest number: infinity */
    assert_int_equal(rounded(0x7F800000u), 0x7F80);
    assert_int_equal(rounded(0x7F800001u), 0x7FC0); /* a NaN must not become infinity */
    assert_int_equal(rounded(0x807FFFFFu), 0x8000); /* below 2^-126: a zero of the same sign */
    assert_int_equal(rounded(0x00800000u), 0x0080);
}

/* start + first * first' + second * second', as words of two. */
static uint32_t summed(uint32_t start, uint32_t a, uint32_t b)
{
    uint32_t factors[NCA_LANES] = {b};
    float out[NCA_LANES];
    float sums[NCA_LANES] = {value_of(start)};
    const nca__bf16_matmul job = {.a = &a,
                                  .a_row = 1,
                                  .a_pair = 1,
                                  .b = factors,
                                  .rows = 1,
                                  .columns = NCA_LANES,
                                  .pairs = 1,
                                  .start = sums,
                                  .out = out};
    nca__bf16_scalar.matmul(&job);
    return bits_of(out[0]);
}

static void the_second_product_is_added_first_and_small_sums_are_flushed(void **state)
{
    (void)state;
    enum {
        ONE = 0x3F80,
        BIG = 0x4B80, /* 2^24 */
        MINUS_BIG = 0xCB80
    };
    /* 1 + 2^24 * 1 loses the 1 (half way, to even); then -2^24 gives 0. The other order gives 1. */
    assert_int_equal(summed(bits_of(1.0f), MINUS_BIG | BIG << 16, ONE | ONE << 16), 0);
    assert_int_equal(summed(bits_of(1.0f), BIG | (uint32_t)MINUS_BIG << 16, ONE | ONE << 16),
                     bits_of(1.0f));
    /* 3 * 5 + 0.5 * -2 + 0.25 */
    assert_int_equal(summed(bits_of(0.25f), 0x4040 | 0x3F00u << 16, 0x40A0 | 0xC000u << 16),
                     bits_of(14.25f));
    /* A start value, a factor or a result below 2^-126 becomes a zero of the same sign. */
    assert_int_equal(summed(0x80000001u, 0x8000 | 0x80000000u, ONE | ONE << 16), 0x80000000u);
    assert_int_equal(summed(0, 0x007F, 0x7F00), 0);
    assert_int_equal(summed(0, 0x0080, 0x3F00), 0);                     /* 2^-127 */
    assert_int_equal(summed(0x00800000u, 0x8A02, 0x29E9), 0);           /* 2^-126 minus 2^-150.1 */
    assert_int_equal(summed(0x00800000u, 0x0A02, 0x29E9), 0x00800000u); /* plus */
    assert_int_equal(summed(0x80800000u, 0x0A02, 0x29E9), 0x80000000u);
    assert_int_equal(summed(0x00800000u, 0x8A02, 0x2969),
                     0x00800000u); /* minus 2^-151.1: rounded up */
}

/* By pieces, with start 1: firsts 1 each over 16 pairs, then 3; seconds 2^24 in the first pair
 * only. */
static void pieces_sum_firsts_and_seconds_apart(void **state)
{
    (void)state;
    enum {
        PAIRS = NCA_BF16_PIECE + 1,
        ONE = 0x3F80,
        THREE = 0x4040,
        BIG = 0x4B80 /* 2^24 */
    };
    uint32_t a[PAIRS];
    uint32_t b[PAIRS][NCA_LANES] = {{0}};
    float out[NCA_LANES];
    const float start[NCA_LANES] = {1.0f};
    for (size_t k = 0; k < PAIRS; k++) {
        a[k] = k < NCA_BF16_PIECE ? ONE : THREE;
        b[k][0] = ONE | ONE << 16;
    }
    a[0] |= (uint32_t)BIG << 16;
    const nca__bf16_matmul job = {.a = a,
                                  .a_row = PAIRS,
                                  .a_pair = 1,
                                  .b = b[0],
                                  .b_stride = NCA_LANES,
                                  .rows = 1,
                                  .columns = NCA_LANES,
                                  .pairs = PAIRS,
                                  .start = start,
                                  .out = out};
    /* 16 + 2^24 is exact; the start value 1 is lost in it (half way, to even); 3 rounds up to 4. */
    nca__bf16_pieces_scalar.matmul(&job);
    assert_true(out[0] == 0x1p24f + 16.0f + 4.0f);
    /* One after the other, every 1 is lost. */
    nca__bf16_scalar.matmul(&job);
    assert_true(out[0] == 0x1p24f + 4.0f);
    assert_true(out[1] == 0.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_rounded_to_nearest_even),
        cmocka_unit_test(the_second_product_is_added_first_and_small_sums_are_flushed),
        cmocka_unit_test(pieces_sum_firsts_and_seconds_apart),
        cmocka_unit_test(avx512_gives_the_scalar_bits),
        cmocka_unit_test(amx_gives_the_scalar_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
