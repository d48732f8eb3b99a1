/* The int8 kernels: the definition compared with values computed by hand, and all other sets with
 * the definition, bit for bit: unusual sizes, extreme values, no overrun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/int8.h"
#include "nca/philox.h"

enum {
    GUARD = 64 /* bytes of sentinel after every output */
};

/* ---- Values and buffers ----------------------------------------------------------------------*/

static uint32_t draws; /* every test starts its own sequence */

static uint32_t next_word(void)
{
    uint32_t words[4];
    nca_draw(words, 8, NCA_STREAM_SHUFFLE, draws++, 0, 0, 0);
    return words[0];
}

/* Between -1 and 1; in an extreme row sometimes any float. */
static float next_value(bool extreme)
{
    static const float nasty[] = {0.0f,   -0.0f,  1e-42f, -3e-45f,          1e30f,
                                  -3e38f, 1e-38f, 3e38f,  __builtin_inff(), -__builtin_inff()};
    uint32_t word = next_word();
    if (extreme && word % 7 == 0) {
        return word / 7 % 11 == 10 ? __builtin_nanf("") : nasty[word / 7 % 11];
    }
    return 2.0f * nca_uniform(word) - 1.0f;
}

/* Zeroed bytes on a cache line, followed by the guard. */
static void *new_block(size_t bytes)
{
    unsigned char *block = aligned_alloc(64, (bytes + GUARD + 63) / 64 * 64);
    assert_non_null(block);
    memset(block, 0, bytes);
    memset(block + bytes, 0xA5, GUARD);
    return block;
}

/* Checks for the same bits (any NaN for NaN if the bytes are floats), and that both guards are
 * intact. */
static void assert_same(const void *expected, const void *found, size_t bytes, bool floats,
                        const char *what)
{
    for (size_t i = 0; i < bytes; i += floats ? sizeof(float) : 1) {
        float a = 0;
        float b = 0;
        if (floats) {
            memcpy(&a, (const char *)expected + i, sizeof a);
            memcpy(&b, (const char *)found + i, sizeof b);
        }
        if (memcmp((const char *)expected + i, (const char *)found + i,
                   floats ? sizeof(float) : 1) != 0 &&
            !(a != a && b != b)) {
            fail_msg("%s: differs at byte %zu of %zu: %d (%a), expected %d (%a)", what, i, bytes,
                     ((const uint8_t *)found)[i], (double)b, ((const uint8_t *)expected)[i],
                     (double)a);
        }
    }
    for (size_t i = 0; i < GUARD; i++) {
        assert_int_equal(((const uint8_t *)found)[bytes + i], 0xA5);
    }
}

/* A layer with weights of any byte except -128, and finite scales and biases; with `wide` these
 * range from the smallest to the largest floats. */
static nca__int8_layer new_layer(size_t depth, size_t columns, bool start, bool wide)
{
    nca__int8_layer layer = {.w = new_block(depth * columns),
                             .start = start ? new_block(columns * sizeof(int32_t)) : NULL,
                             .scale = new_block(columns * sizeof(float)),
                             .bias = new_block(columns * sizeof(float))};
    for (size_t i = 0; i < depth * columns; i++) {
        int byte = (int)(next_word() % 255) - 127;
        layer.w[i] = (int8_t)byte;
        if (start) {
            layer.start[i / NCA_INT8_DEPTH % columns] -= 128 * byte;
        }
    }
    for (size_t i = 0; i < columns; i++) {
        static const float scales[] = {0.0f, 1e-45f, 1e-38f, 1e30f, 3e38f};
        uint32_t word = next_word();
        layer.scale[i] = wide && word % 3 == 0 ? scales[word / 3 % 5] : nca_uniform(word);
        layer.bias[i] = next_value(false) * (wide && word % 5 == 0 ? 3e38f : 1.0f);
    }
    return layer;
}

static void free_layer(nca__int8_layer *layer)
{
    free(layer->w);
    free(layer->start);
    free(layer->scale);
    free(layer->bias);
}

/* The results of one set for a perception: bytes, hidden bytes, update. */
typedef struct pass {
    uint8_t *q, *h;
    float *q_scale, *h_scale, *v, *out;
} pass;

static pass run_set(const nca__int8_kernels *set, const float *p, size_t p_stride, size_t rows,
                    size_t depth, const nca__int8_layer *hidden, size_t units,
                    const nca__int8_layer *output, size_t columns)
{
    pass r = {.q = new_block(rows * depth),
              .h = new_block(rows * units),
              .q_scale = new_block(rows * sizeof(float)),
              .h_scale = new_block(rows * sizeof(float)),
              .v = new_block(NCA_INT8_GROUP * units * sizeof(float)),
              .out = new_block(rows * columns * sizeof(float))};
    set->quantise(&(nca__int8_quantise){
        .q = r.q, .scale = r.q_scale, .p = p, .p_stride = p_stride, .rows = rows, .depth = depth});
    set->hidden(&(nca__int8_hidden){.h = r.h,
                                    .h_scale = r.h_scale,
                                    .p = r.q,
                                    .p_scale = r.q_scale,
                                    .layer = hidden,
                                    .v = r.v,
                                    .rows = rows,
                                    .depth = depth,
                                    .units = units});
    set->output(&(nca__int8_output){.out = r.out,
                                    .h = r.h,
                                    .h_scale = r.h_scale,
                                    .layer = output,
                                    .rows = rows,
                                    .depth = units,
                                    .columns = columns});
    return r;
}

static void free_pass(pass *r)
{
    free(r->q);
    free(r->h);
    free(r->q_scale);
    free(r->h_scale);
    free(r->v);
    free(r->out);
}

/* ---- The tests -------------------------------------------------------------------------------*/

/* Compares a set with the definition for one size. */
static void compare(const nca__int8_kernels *set, size_t rows, size_t depth, size_t units,
                    size_t columns, bool extreme)
{
    char what[128];
    snprintf(what, sizeof what, "%s, %zu rows, %zu -> %zu -> %zu%s", set->name, rows, depth, units,
             columns, extreme ? ", extreme" : "");
    const size_t stride = depth + 16;
    float *p = new_block(rows * stride * sizeof(float));
    for (size_t i = 0; i < rows * stride; i++) {
        /* Some rows are all zero, some tiny, some huge, some contain any values. */
        const float sizes[] = {1.0f, 1.0f, 0.0f, 1e-33f, 1e35f, 1.0f};
        const size_t row = i / stride;
        p[i] = next_value(extreme && row % 6 == 5) * (extreme ? sizes[row % 6] : 1.0f);
    }
    nca__int8_layer hidden = new_layer(depth, units, true, extreme);
    nca__int8_layer output = new_layer(units, columns, false, extreme);
    pass expected =
        run_set(&nca__int8_scalar, p, stride, rows, depth, &hidden, units, &output, columns);
    pass found = run_set(set, p, stride, rows, depth, &hidden, units, &output, columns);
    assert_same(expected.q, found.q, rows * depth, false, what);
    assert_same(expected.q_scale, found.q_scale, rows * sizeof(float), true, what);
    assert_same(expected.h, found.h, rows * units, false, what);
    assert_same(expected.h_scale, found.h_scale, rows * sizeof(float), true, what);
    assert_same(expected.out, found.out, rows * columns * sizeof(float), true, what);
    free_pass(&expected);
    free_pass(&found);
    free_layer(&hidden);
    free_layer(&output);
    free(p);
}

static void compare_sizes(const nca__int8_kernels *set)
{
    static const size_t rows[] = {4, 12, 16, 20, 28, 52, 64, 100};
    static const size_t sizes[][3] = {/* depth, units, columns */
                                      {48, 128, 16}, {48, 64, 16},  {96, 128, 32}, {144, 192, 48},
                                      {48, 320, 16}, {192, 64, 64}, {16, 64, 80},  {32, 64, 16}};
    draws = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            compare(set, rows[i], sizes[j][0], sizes[j][1], sizes[j][2], false);
            compare(set, rows[i], sizes[j][0], sizes[j][1], sizes[j][2], true);
        }
    }
}

/* The int8 kernels of that name in any set of this build; NULL if there are none. */
static const nca__int8_kernels *form_named(const char *name)
{
    for (size_t k = 0; nca_kernels_at(k) != NULL; k++) {
        const nca__int8_kernels *set = nca_kernels_at(k)->int8;
        for (; set != NULL; set = set->otherwise) {
            if (strcmp(set->name, name) == 0) {
                return set;
            }
        }
    }
    return NULL;
}

static void assert_defined_bits(const char *name)
{
    const nca__int8_kernels *set = form_named(name);
    const char *missing = set == NULL ? "such kernels in this build" : set->missing();
    if (missing != NULL) {
        print_message("skipped: %s needs %s\n", name, missing);
        skip();
    }
    compare_sizes(set);
}

static void vnni_gives_the_bits_of_the_definition(void **state)
{
    (void)state;
    assert_defined_bits("int8-avx512-vnni");
}

static void amx_gives_the_bits_of_the_definition(void **state)
{
    (void)state;
    assert_defined_bits("int8-amx");
}

/* Sixteen inputs, three of which are used, two units and one channel. */
static void the_definition_follows_its_formulas(void **state)
{
    (void)state;
    float p[NCA_LANES] = {1.0f, -0.5f, 0.25f};
    uint8_t q[NCA_LANES];
    uint8_t h[NCA_INT8_UNITS];
    float scale;
    float h_scale;
    float v[NCA_INT8_GROUP * NCA_INT8_UNITS];
    float out[NCA_LANES];
    nca__int8_scalar.quantise(&(nca__int8_quantise){
        .q = q, .scale = &scale, .p = p, .p_stride = NCA_LANES, .rows = 1, .depth = NCA_LANES});
    assert_int_equal(q[0], 128 + 127);
    assert_int_equal(q[1], 128 - 64); /* 63.5, a tie, rounded to the even 64 */
    assert_int_equal(q[2], 128 + 32); /* 31.75 */
    assert_int_equal(q[3], 128);
    assert_true(scale == 1.0f / 127.0f);
    nca__int8_layer hidden = {.w = new_block(NCA_LANES * NCA_INT8_UNITS),
                              .start = new_block(NCA_INT8_UNITS * sizeof(int32_t)),
                              .scale = new_block(NCA_INT8_UNITS * sizeof(float)),
                              .bias = new_block(NCA_INT8_UNITS * sizeof(float))};
    hidden.w[0] = 10; /* unit 0 has weight 10 for the first input and -2 for the second */
    hidden.w[1] = -2;
    hidden.start[0] = -128 * 8;
    hidden.scale[0] = 0.5f;
    hidden.bias[0] = 1.0f;
    hidden.w[NCA_INT8_DEPTH] = -1; /* unit 1 would be negative */
    hidden.start[1] = 128;
    hidden.scale[1] = 0.5f;
    hidden.bias[2] = 2.0f; /* unit 2 is its bias */
    nca__int8_scalar.hidden(&(nca__int8_hidden){.h = h,
                                                .h_scale = &h_scale,
                                                .p = q,
                                                .p_scale = &scale,
                                                .layer = &hidden,
                                                .v = v,
                                                .rows = 1,
                                                .depth = NCA_LANES,
                                                .units = NCA_INT8_UNITS});
    const float first = __builtin_fmaf(1270.0f + 128.0f, scale * 0.5f, 1.0f);
    assert_true(v[0] == first && v[1] == 0.0f && v[2] == 2.0f && v[3] == 0.0f);
    assert_int_equal(h[nca__int8_unit_at(0)], 255);
    assert_int_equal(h[nca__int8_unit_at(1)], 0);
    assert_int_equal(h[nca__int8_unit_at(2)], 78); /* 2 / 6.504 * 255 = 78.4 */
    nca__int8_layer output = {.w = new_block(NCA_INT8_UNITS * NCA_LANES),
                              .scale = new_block(NCA_LANES * sizeof(float)),
                              .bias = new_block(NCA_LANES * sizeof(float))};
    const size_t at = nca__int8_unit_at(2); /* channel 5 has weight -3 for unit 2 */
    output.w[(at / NCA_INT8_DEPTH * NCA_LANES + 5) * NCA_INT8_DEPTH + at % NCA_INT8_DEPTH] = -3;
    output.scale[5] = 0.25f;
    output.bias[5] = 7.0f;
    nca__int8_scalar.output(&(nca__int8_output){.out = out,
                                                .h = h,
                                                .h_scale = &h_scale,
                                                .layer = &output,
                                                .rows = 1,
                                                .depth = NCA_INT8_UNITS,
                                                .columns = NCA_LANES});
    assert_true(out[4] == 0.0f);
    assert_true(out[5] == __builtin_fmaf(-3.0f * 78.0f, h_scale * 0.25f, 7.0f));
    free_layer(&hidden);
    free_layer(&output);
}

static void units_have_places_of_their_own(void **state)
{
    (void)state;
    bool taken[3 * NCA_INT8_UNITS] = {false};
    for (size_t n = 0; n < 3 * NCA_INT8_UNITS; n++) {
        const size_t at = nca__int8_unit_at(n);
        assert_true(at / NCA_INT8_UNITS == n / NCA_INT8_UNITS && !taken[at]);
        taken[at] = true;
    }
}

/* A row with a NaN or an infinity counts as zero, and so does one that is too small to divide
 * by. */
static void rows_out_of_range_count_as_zero(void **state)
{
    (void)state;
    const float bad[] = {__builtin_nanf(""), __builtin_inff(), -__builtin_inff(), 1e-44f, 0.0f};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float p[NCA_LANES] = {0.0f, bad[i]};
        uint8_t q[NCA_LANES];
        float scale = 1.0f;
        p[0] = i < 3 ? 0.5f : 0.0f;
        nca__int8_scalar.quantise(&(nca__int8_quantise){
            .q = q, .scale = &scale, .p = p, .p_stride = NCA_LANES, .rows = 1, .depth = NCA_LANES});
        assert_true(scale == 0.0f);
        for (size_t d = 0; d < NCA_LANES; d++) {
            assert_int_equal(q[d], 128);
        }
    }
}

static void a_set_without_int8_of_its_own_runs_the_definition(void **state)
{
    (void)state;
    assert_ptr_equal(nca__int8_for(&nca__kernels_scalar), &nca__int8_scalar);
    assert_null(nca_kernels_missing_for(&nca__kernels_scalar, NCA_PRECISION_INT8));
    for (size_t k = 1; nca_kernels_at(k) != NULL; k++) {
        const nca_kernels *set = nca_kernels_at(k);
        const bool fast = nca_kernels_missing_for(set, NCA_PRECISION_INT8) == NULL;
        assert_true((nca__int8_for(set) != &nca__int8_scalar) == fast);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_definition_follows_its_formulas),
        cmocka_unit_test(units_have_places_of_their_own),
        cmocka_unit_test(rows_out_of_range_count_as_zero),
        cmocka_unit_test(vnni_gives_the_bits_of_the_definition),
        cmocka_unit_test(amx_gives_the_bits_of_the_definition),
        cmocka_unit_test(a_set_without_int8_of_its_own_runs_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
