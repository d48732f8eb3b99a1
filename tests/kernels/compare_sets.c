/* See compare_sets.h. */
#include "kernels/compare_sets.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nca/automaton.h"
#include "nca/philox.h"

enum {
    GUARD = 64 /* floats of sentinel around every output */
};
static const uint32_t sentinel = 0x7fc0dead;

/* ---- Values and buffers ----------------------------------------------------------------------*/

static uint32_t draws; /* every kind of kernel starts its own sequence */

static uint32_t next_word(void)
{
    uint32_t words[4];
    nca_draw(words, 42, NCA_STREAM_SHUFFLE, draws++, 0, 0, 0);
    return words[0];
}

/* Mostly ordinary, sometimes extreme values of a float. */
static float next_value(bool extreme)
{
    static const float nasty[] = {0.0f,   -0.0f,  1e-42f,      -3e-45f, 1e30f,
                                  -3e38f, 1e-38f, 16777217.0f, 1.0f,    -1.0f};
    uint32_t word = next_word();
    if (extreme && word % 3 == 0) {
        switch (word / 3 % 12) {
        case 10:
            return __builtin_inff();
        case 11:
            return __builtin_nanf("");
        default:
            return nasty[word / 3 % 12];
        }
    }
    return 2.0f * nca_uniform(word) - 1.0f;
}

/* An aligned block with guards on both sides; the pointer points between them. */
static float *new_values(size_t count, bool extreme)
{
    float *block = aligned_alloc(64, (count + 2 * GUARD + 15) / 16 * 64);
    if (block == NULL) {
        abort();
    }
    for (size_t i = 0; i < GUARD; i++) {
        memcpy(block + i, &sentinel, sizeof sentinel);
        memcpy(block + GUARD + count + i, &sentinel, sizeof sentinel);
    }
    for (size_t i = 0; i < count; i++) {
        block[GUARD + i] = next_value(extreme);
    }
    return block + GUARD;
}

static float *copy_values(const float *values, size_t count)
{
    float *copy = new_values(count, false);
    memcpy(copy, values, count * sizeof *copy);
    return copy;
}

static void free_values(float *values)
{
    free(values - GUARD);
}

static char difference[320]; /* the first difference; empty if there is none */

__attribute__((format(printf, 1, 2))) static void differs(const char *format, ...)
{
    if (difference[0] == '\0') {
        va_list values;
        va_start(values, format);
        vsnprintf(difference, sizeof difference, format, values);
        va_end(values);
    }
}

/* Checks for the same bits (any NaN for NaN), and that the guards are intact. */
static void check_same(const float *expected, const float *found, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t a;
        uint32_t b;
        memcpy(&a, expected + i, sizeof a);
        memcpy(&b, found + i, sizeof b);
        bool both_nan = expected[i] != expected[i] && found[i] != found[i];
        if (a != b && !both_nan) {
            differs("%s: value %zu of %zu is %a (%08x), expected %a (%08x)", what, i, count,
                    (double)found[i], b, (double)expected[i], a);
        }
    }
    for (size_t i = 0; i < GUARD; i++) {
        if (memcmp(found - GUARD + i, &sentinel, sizeof sentinel) != 0 ||
            memcmp(found + count + i, &sentinel, sizeof sentinel) != 0) {
            differs("%s: wrote outside its output, at guard %zu", what, i);
        }
    }
}

/* ---- The kernels, candidate against scalar ---------------------------------------------------*/

typedef struct matmul_case {
    size_t rows, columns, depth;
    bool relu, gate, start_row, accumulate, depth_major, extreme;
} matmul_case;

static void check_matmul(const nca_kernels *set, const matmul_case *c)
{
    char what[160];
    snprintf(what, sizeof what, "%s matmul %zux%zux%zu%s%s%s%s%s%s", set->name, c->rows, c->columns,
             c->depth, c->relu ? " relu" : "", c->gate ? " gate" : "", c->start_row ? " bias" : "",
             c->accumulate ? " accumulate" : "", c->depth_major ? " depth-major" : "",
             c->extreme ? " extreme" : "");
    size_t stride = c->columns + 16;
    size_t outs = c->rows * stride;
    float *a = new_values(c->rows * c->depth + 1, c->extreme);
    float *b = new_values(c->depth * stride + 1, c->extreme);
    float *gate = new_values(outs, c->extreme);
    float *bias = new_values(c->columns, c->extreme);
    float *expected = new_values(outs, c->extreme);
    float *found = copy_values(expected, outs);
    nca__matmul job = {
        .out = expected,
        .out_stride = stride,
        .a = a,
        .a_row = c->depth_major ? 1 : c->depth,
        .a_depth = c->depth_major ? c->rows : 1,
        .b = b,
        .b_stride = stride,
        .rows = c->rows,
        .columns = c->columns,
        .depth = c->depth,
        .start = c->accumulate  ? expected
                 : c->start_row ? bias
                                : NULL,
        .start_stride = c->accumulate ? stride : 0,
        .relu = c->relu,
        .gate = c->gate ? gate : NULL,
        .gate_stride = stride,
        /* Prefetching is only a hint, so any pointer is allowed. */
        .ahead = c->gate ? bias : NULL,
        .ahead_floats = 3 * c->columns,
    };
    nca__kernels_scalar.matmul(&job);
    job.out = found;
    job.start = c->accumulate ? found : job.start;
    set->matmul(&job);
    check_same(expected, found, outs, what);
    free_values(a);
    free_values(b);
    free_values(gate);
    free_values(bias);
    free_values(expected);
    free_values(found);
}

static void check_matmuls(const nca_kernels *set)
{
    static const size_t rows[] = {1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 17, 31};
    static const size_t columns[] = {16, 32, 48, 80, 144};
    static const size_t depths[] = {0, 1, 2, 3, 8, 17, 48};
    draws = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < sizeof columns / sizeof *columns; j++) {
            for (size_t k = 0; k < sizeof depths / sizeof *depths; k++) {
                unsigned flags = next_word();
                matmul_case c = {
                    .rows = rows[i],
                    .columns = columns[j],
                    .depth = depths[k],
                    .relu = flags & 1,
                    .gate = flags & 2,
                    .start_row = flags & 4,
                    .accumulate = flags & 8,
                    .depth_major = flags & 16,
                    .extreme = flags & 32,
                };
                check_matmul(set, &c);
            }
        }
    }
}

/* A row of `columns` cells in the middle of three, with halo. */
static void check_stencils(const nca_kernels *set, size_t columns, size_t channels, bool extreme)
{
    char what[100];
    snprintf(what, sizeof what, "%s stencils, %zu cells of %zu channels%s", set->name, columns,
             channels, extreme ? ", extreme" : "");
    nca__stencil stencil;
    for (int tap = 0; tap < 9; tap++) {
        stencil.x[tap] = next_value(false);
        stencil.y[tap] = next_value(false);
    }
    size_t row_stride = (columns + 2) * channels;
    float *grid = new_values(3 * row_stride, extreme);
    size_t *cells = calloc(columns, sizeof *cells);
    size_t count = 0;
    for (size_t i = 0; i < columns; i++) {
        cells[count] = row_stride + (i + 1) * channels;
        count += i == 0 || next_word() % 2 == 0;
    }
    size_t inputs = 3 * channels;
    float *expected = new_values(count * inputs, false);
    float *found = copy_values(expected, count * inputs);
    nca__perceive perceive = {.p = expected,
                              .p_stride = inputs,
                              .grid = grid,
                              .row_stride = row_stride,
                              .cells = cells,
                              .count = count,
                              .channels = channels,
                              .stencil = &stencil};
    nca__kernels_scalar.perceive(&perceive);
    perceive.p = found;
    set->perceive(&perceive);
    check_same(expected, found, count * inputs, what);

    float *y_expected = new_values(3 * row_stride, false);
    float *y_found = copy_values(y_expected, 3 * row_stride);
    nca__advance advance = {.y = y_expected,
                            .x = grid,
                            .dx = expected,
                            .cells = cells,
                            .count = count,
                            .channels = channels,
                            .step = next_value(false)};
    nca__kernels_scalar.advance(&advance);
    advance.y = y_found;
    set->advance(&advance);
    check_same(y_expected, y_found, 3 * row_stride, what);

    float *dp = new_values(6 * row_stride, extreme);
    float *d_expected = new_values(columns * channels, extreme);
    float *d_found = copy_values(d_expected, columns * channels);
    nca__spread spread = {.d = d_expected,
                          .dp = dp + 2 * row_stride + 2 * channels,
                          .dp_row_stride = 2 * row_stride,
                          .count = columns,
                          .channels = channels,
                          .stencil = &stencil};
    nca__kernels_scalar.spread(&spread);
    spread.d = d_found;
    set->spread(&spread);
    check_same(d_expected, d_found, columns * channels, what);
    free(cells);
    free_values(grid);
    free_values(expected);
    free_values(found);
    free_values(y_expected);
    free_values(y_found);
    free_values(dp);
    free_values(d_expected);
    free_values(d_found);
}

/* The learned filters on a row of `columns` cells in the middle of three, with halo. */
static void check_learned(const nca_kernels *set, size_t columns, size_t channels, size_t filtered,
                          bool extreme)
{
    char what[100];
    snprintf(what, sizeof what, "%s, %zu learned filters, %zu cells of %zu channels%s", set->name,
             filtered, columns, channels, extreme ? ", extreme" : "");
    const size_t row_stride = (columns + 2) * channels;
    const size_t inputs = (1 + filtered) * channels;
    const size_t taps_floats = filtered * 9 * channels;
    float *taps = new_values(taps_floats, extreme);
    float *grid = new_values(3 * row_stride, extreme);
    size_t *cells = calloc(columns, sizeof *cells);
    size_t count = 0;
    for (size_t i = 0; i < columns; i++) {
        cells[count] = row_stride + (i + 1) * channels;
        count += i == 0 || next_word() % 2 == 0;
    }
    float *expected = new_values(count * inputs, extreme);
    float *found = copy_values(expected, count * inputs);
    nca__perceive perceive = {.p = expected,
                              .p_stride = inputs,
                              .grid = grid,
                              .row_stride = row_stride,
                              .cells = cells,
                              .count = count,
                              .channels = channels,
                              .taps = taps,
                              .filtered = filtered};
    nca__kernels_scalar.perceive_learned(&perceive);
    perceive.p = found;
    set->perceive_learned(&perceive);
    check_same(expected, found, count * inputs, what);

    float *sums_expected = new_values(taps_floats, false);
    float *sums_found = copy_values(sums_expected, taps_floats);
    nca__tap_sums sums = {.sums = sums_expected,
                          .dp = expected,
                          .dp_stride = inputs,
                          .grid = grid,
                          .row_stride = row_stride,
                          .cells = cells,
                          .count = count,
                          .channels = channels,
                          .filtered = filtered};
    nca__kernels_scalar.sum_taps(&sums);
    sums.sums = sums_found;
    set->sum_taps(&sums);
    check_same(sums_expected, sums_found, taps_floats, what);

    float *dp = new_values(3 * filtered * row_stride, extreme);
    float *d_expected = new_values(columns * channels, extreme);
    float *d_found = copy_values(d_expected, columns * channels);
    nca__spread spread = {.d = d_expected,
                          .dp = dp + filtered * (row_stride + channels),
                          .dp_row_stride = filtered * row_stride,
                          .count = columns,
                          .channels = channels,
                          .taps = taps,
                          .filtered = filtered};
    nca__kernels_scalar.spread_learned(&spread);
    spread.d = d_found;
    set->spread_learned(&spread);
    check_same(d_expected, d_found, columns * channels, what);
    free(cells);
    free_values(taps);
    free_values(grid);
    free_values(expected);
    free_values(found);
    free_values(sums_expected);
    free_values(sums_found);
    free_values(dp);
    free_values(d_expected);
    free_values(d_found);
}

/* collect and deliver for every second of `columns` cells. */
static void check_gathering(const nca_kernels *set, size_t columns, size_t channels,
                            size_t filtered, bool extreme)
{
    char what[100];
    snprintf(what, sizeof what, "%s gathering, %zu cells of %zu channels, %zu filters%s", set->name,
             columns, channels, filtered, extreme ? ", extreme" : "");
    const size_t count = (columns + 1) / 2;
    const size_t p_stride = (1 + filtered) * channels;
    size_t *cells = calloc(count, sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        cells[i] = 2 * i * channels;
    }
    float *d_expected = new_values(columns * channels, extreme);
    float *d_found = copy_values(d_expected, columns * channels);
    float *dx_expected = new_values(count * channels, false);
    float *dx_found = copy_values(dx_expected, count * channels);
    nca__collect collect = {.dx = dx_expected,
                            .d = d_expected,
                            .cells = cells,
                            .count = count,
                            .channels = channels,
                            .step = next_value(false)};
    nca__kernels_scalar.collect(&collect);
    collect.dx = dx_found;
    set->collect(&collect);
    check_same(dx_expected, dx_found, count * channels, what);

    float *p = new_values(count * p_stride, extreme);
    float *dp_expected = new_values(filtered * columns * channels, false);
    float *dp_found = copy_values(dp_expected, filtered * columns * channels);
    nca__deliver deliver = {.d = d_expected,
                            .dp = dp_expected,
                            .p = p,
                            .p_stride = p_stride,
                            .cells = cells,
                            .count = count,
                            .channels = channels,
                            .filtered = filtered};
    nca__kernels_scalar.deliver(&deliver);
    deliver.d = d_found;
    deliver.dp = dp_found;
    set->deliver(&deliver);
    check_same(d_expected, d_found, columns * channels, what);
    check_same(dp_expected, dp_found, filtered * columns * channels, what);
    free(cells);
    free_values(d_expected);
    free_values(d_found);
    free_values(dx_expected);
    free_values(dx_found);
    free_values(p);
    free_values(dp_expected);
    free_values(dp_found);
}

static void check_all_stencils(const nca_kernels *set)
{
    static const size_t columns[] = {1, 2, 3, 7, 17};
    draws = 1000000;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        for (size_t channels = 16; channels <= 48; channels += 16) {
            check_stencils(set, columns[i], channels, false);
            check_stencils(set, columns[i], channels, true);
            check_gathering(set, columns[i], channels, 2, false);
            check_gathering(set, columns[i], channels, 2, true);
            check_gathering(set, columns[i], channels, 1 + i, true);
            for (size_t filtered = 1; filtered <= NCA_MAX_FILTERS; filtered++) {
                check_learned(set, columns[i], channels, filtered, filtered % 2 != i % 2);
            }
        }
    }
}

static void check_fire(const nca_kernels *set)
{
    static const uint32_t thresholds[] = {0, 1, 1u << 23, (1u << 24) - 1, 1u << 24};
    enum {
        MOST = 40
    };
    draws = 2000000;
    for (size_t blocks = 0; blocks <= MOST; blocks++) {
        for (size_t k = 0; k < sizeof thresholds / sizeof *thresholds; k++) {
            uint8_t expected[4 * MOST + 8];
            uint8_t found[4 * MOST + 8];
            memset(expected, 0xAB, sizeof expected);
            memset(found, 0xAB, sizeof found);
            nca__fire job = {.fired = expected,
                             .blocks = blocks,
                             .counter = {blocks % 2 ? UINT32_MAX - 3 : next_word(), next_word(),
                                         next_word(), next_word()},
                             .key = {next_word(), next_word()},
                             .threshold = thresholds[k]};
            nca__kernels_scalar.fire(&job);
            job.fired = found;
            set->fire(&job);
            if (memcmp(expected, found, sizeof expected) != 0) {
                differs("%s fire, %zu blocks, threshold %u", set->name, blocks, thresholds[k]);
            }
        }
    }
}

const char *difference_from_scalar(const nca_kernels *set)
{
    difference[0] = '\0';
    check_matmuls(set);
    check_all_stencils(set);
    check_fire(set);
    return difference[0] != '\0' ? difference : NULL;
}
