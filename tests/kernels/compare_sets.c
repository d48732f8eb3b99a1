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

static void free_all(float *const all[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free_values(all[i]);
    }
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
    float *const all[] = {a, b, gate, bias, expected, found};
    free_all(all, sizeof all / sizeof *all);
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

/* A kernel of both sets on copies of the same output, which the caller's job points to. */
#define CHECK_SAME(set, kernel, job, output, count, what)        \
    do {                                                         \
        float *expected_of_it = (job).output;                    \
        float *found_of_it = copy_values(expected_of_it, count); \
        nca__kernels_scalar.kernel(&(job));                      \
        (job).output = found_of_it;                              \
        (set)->kernel(&(job));                                   \
        (job).output = expected_of_it;                           \
        check_same(expected_of_it, found_of_it, count, what);    \
        free_values(found_of_it);                                \
    } while (0)

/* The first of `columns` cells and about every other after it; `stride` floats apart. */
static size_t *new_cells(size_t *out_count, size_t columns, size_t first, size_t stride)
{
    size_t *cells = calloc(columns, sizeof *cells);
    if (cells == NULL) {
        abort();
    }
    *out_count = 0;
    for (size_t i = 0; i < columns; i++) {
        cells[*out_count] = first + i * stride;
        *out_count += i == 0 || next_word() % 2 == 0;
    }
    return cells;
}

/* Perception and its gradient on a row of `columns` cells in the middle of three, with halo: of a
 * stencil, where learned is 0, or of so many learned filters. */
static void check_perception(const nca_kernels *set, size_t columns, size_t channels,
                             size_t learned, bool extreme)
{
    char what[100];
    snprintf(what, sizeof what, "%s perception, %zu learned filters, %zu cells of %zu channels%s",
             set->name, learned, columns, channels, extreme ? ", extreme" : "");
    nca__stencil stencil;
    for (int tap = 0; tap < 9; tap++) {
        stencil.x[tap] = next_value(false);
        stencil.y[tap] = next_value(false);
    }
    const size_t filtered = learned > 0 ? learned : 2;
    const size_t row_stride = (columns + 2) * channels, taps_floats = filtered * 9 * channels;
    const size_t inputs = (1 + filtered) * channels;
    float *taps = new_values(taps_floats, extreme);
    float *grid = new_values(3 * row_stride, extreme);
    size_t count;
    size_t *cells = new_cells(&count, columns, row_stride + channels, channels);
    float *p = new_values(count * inputs, extreme), *sums = new_values(taps_floats, false);
    nca__perceive perceive = {.p = p,
                              .p_stride = inputs,
                              .grid = grid,
                              .row_stride = row_stride,
                              .cells = cells,
                              .count = count,
                              .channels = channels,
                              .stencil = &stencil,
                              .taps = taps,
                              .sums = sums,
                              .filtered = filtered};
    float *dp = new_values(3 * filtered * row_stride, extreme);
    float *d = new_values(columns * channels, extreme);
    nca__spread spread = {.d = d,
                          .dp = dp + filtered * (row_stride + channels),
                          .dp_row_stride = filtered * row_stride,
                          .count = columns,
                          .channels = channels,
                          .stencil = &stencil,
                          .taps = taps,
                          .filtered = filtered};
    if (learned > 0) {
        CHECK_SAME(set, perceive_learned, perceive, p, count * inputs, what);
        CHECK_SAME(set, sum_taps, perceive, sums, taps_floats, what);
        CHECK_SAME(set, spread_learned, spread, d, columns * channels, what);
    } else {
        CHECK_SAME(set, perceive, perceive, p, count * inputs, what);
        CHECK_SAME(set, spread, spread, d, columns * channels, what);
    }
    free(cells);
    float *const all[] = {taps, grid, p, sums, dp, d};
    free_all(all, sizeof all / sizeof *all);
}

/* advance, collect and deliver on some of `columns` cells. */
static void check_update(const nca_kernels *set, size_t columns, size_t channels, size_t filtered,
                         bool extreme)
{
    char what[100];
    snprintf(what, sizeof what, "%s update, %zu cells of %zu channels, %zu filters%s", set->name,
             columns, channels, filtered, extreme ? ", extreme" : "");
    size_t count;
    size_t *cells = new_cells(&count, columns, 0, channels);
    const size_t p_stride = (1 + filtered) * channels, floats = columns * channels;
    float *x = new_values(floats, extreme), *dx = new_values(count * channels, extreme);
    float *y = new_values(floats, false), *d = new_values(floats, extreme);
    float *p = new_values(count * p_stride, extreme), *dp = new_values(filtered * floats, false);
    nca__advance advance = {.y = y,
                            .x = x,
                            .dx = dx,
                            .cells = cells,
                            .count = count,
                            .channels = channels,
                            .step = next_value(false)};
    CHECK_SAME(set, advance, advance, y, floats, what);
    nca__collect collect = {.dx = dx,
                            .d = d,
                            .cells = cells,
                            .count = count,
                            .channels = channels,
                            .step = next_value(false)};
    CHECK_SAME(set, collect, collect, dx, count * channels, what);
    /* deliver has two outputs. */
    float *d_found = copy_values(d, floats), *dp_found = copy_values(dp, filtered * floats);
    nca__deliver deliver = {.d = d,
                            .dp = dp,
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
    check_same(d, d_found, floats, what);
    check_same(dp, dp_found, filtered * floats, what);
    free(cells);
    float *const all[] = {x, dx, y, d, p, dp, d_found, dp_found};
    free_all(all, sizeof all / sizeof *all);
}

static void check_cells(const nca_kernels *set)
{
    static const size_t columns[] = {1, 2, 3, 7, 17};
    draws = 1000000;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        for (size_t channels = 16; channels <= 48; channels += 16) {
            for (int extreme = 0; extreme < 2; extreme++) {
                check_perception(set, columns[i], channels, 0, extreme != 0);
                check_update(set, columns[i], channels, 2, extreme != 0);
            }
            check_update(set, columns[i], channels, 1 + i, true);
            for (size_t filtered = 1; filtered <= NCA_MAX_FILTERS; filtered++) {
                check_perception(set, columns[i], channels, filtered, filtered % 2 != i % 2);
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
    check_cells(set);
    check_fire(set);
    return difference[0] != '\0' ? difference : NULL;
}
