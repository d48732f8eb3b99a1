/* Philox4x32-10 compared with the published vectors and the authors' headers; the layout of the
 * draws. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nca/philox.h"

#if defined(__has_include)
#if __has_include(<Random123/philox.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <Random123/philox.h>
#pragma GCC diagnostic pop
#define HAVE_RANDOM123 1
#endif
#endif

/* kat_vectors of Random123 1.09: philox4x32 with 10 rounds. */
static void published_vectors_are_met(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } vectors[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint32_t out[4];
        nca_philox4x32(out, vectors[i].counter, vectors[i].key);
        assert_memory_equal(out, vectors[i].expected, sizeof out);
    }
}

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void random_blocks_equal_the_authors_implementation(void **state)
{
    (void)state;
#ifdef HAVE_RANDOM123
    uint64_t random = 7;
    for (int i = 0; i < 20000; i++) {
        uint32_t counter[4], key[2], out[4];
        for (int k = 0; k < 4; k++) {
            counter[k] = (uint32_t)next_random(&random);
        }
        key[0] = (uint32_t)next_random(&random);
        key[1] = (uint32_t)next_random(&random);
        philox4x32_ctr_t theirs_counter = {{counter[0], counter[1], counter[2], counter[3]}};
        philox4x32_key_t theirs_key = {{key[0], key[1]}};
        philox4x32_ctr_t theirs = philox4x32_R(10, theirs_counter, theirs_key);
        nca_philox4x32(out, counter, key);
        assert_memory_equal(out, theirs.v, sizeof out);
    }
#else
    skip();
#endif
}

static void a_block_may_overwrite_its_counter(void **state)
{
    (void)state;
    uint32_t words[4] = {0, 0, 0, 0};
    const uint32_t key[2] = {0, 0};
    nca_philox4x32(words, words, key);
    assert_int_equal(words[0], 0x6627e8d5);
    assert_int_equal(words[3], 0x9b00dbd8);
}

static void a_draw_puts_the_counter_together_as_documented(void **state)
{
    (void)state;
    const uint32_t counter[4] = {11, 22, (4u << 24) | 0x00abcdefu, 44};
    const uint32_t key[2] = {0x89abcdefu, 0x01234567u};
    uint32_t expected[4], out[4];
    nca_philox4x32(expected, counter, key);
    nca_draw(out, 0x0123456789abcdefu, NCA_STREAM_DAMAGE, 11, 22, 0x00abcdefu, 44);
    assert_memory_equal(out, expected, sizeof out);
}

static void uniform_stays_below_one(void **state)
{
    (void)state;
    assert_true(nca_uniform(0) == 0.0f);
    assert_true(nca_uniform(0xff) == 0.0f);
    assert_true(nca_uniform(0x80000000u) == 0.5f);
    assert_true(nca_uniform(0xffffffffu) == 1.0f - 0x1p-24f);
}

static void below_covers_its_range_evenly(void **state)
{
    (void)state;
    assert_int_equal(nca_below(0, 7), 0);
    assert_int_equal(nca_below(0xffffffffu, 7), 6);
    assert_int_equal(nca_below(0xffffffffu, 1), 0);
    assert_int_equal(nca_below(0xffffffffu, 0xffffffffu), 0xfffffffeu);
    unsigned counts[5] = {0};
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t words[4];
        nca_draw(words, 1, NCA_STREAM_POOL, i, 0, 0, 0);
        for (int k = 0; k < 4; k++) {
            counts[nca_below(words[k], 5)]++;
        }
    }
    /* 20000 draws: 4000 expected each, standard deviation 57; 5 standard deviations are allowed. */
    for (int i = 0; i < 5; i++) {
        assert_in_range(counts[i], 4000 - 285, 4000 + 285);
    }
}

static void the_fire_threshold_is_the_comparison_of_u(void **state)
{
    (void)state;
    assert_int_equal(nca_fire_threshold(1.0f), 1u << 24);
    assert_int_equal(nca_fire_threshold(0.5f), 1u << 23);
    assert_int_equal(nca_fire_threshold(0.0f), 0);
    assert_int_equal(nca_fire_threshold(-1.0f), 0);
    assert_int_equal(nca_fire_threshold(NAN), 0);
    assert_int_equal(nca_fire_threshold(0x1p-140f), 1);
    uint64_t random = 3;
    for (int i = 0; i < 20000; i++) {
        float rate = i < 40 ? ldexpf(1.1f, -i) : nca_uniform((uint32_t)next_random(&random));
        rate = rate > 1.0f ? 1.0f : rate;
        uint32_t threshold = nca_fire_threshold(rate);
        /* A rounding error would be visible in words near the threshold. */
        for (int64_t near = (int64_t)threshold - 2; near <= (int64_t)threshold + 2; near++) {
            if (near >= 0 && near < (1 << 24)) {
                uint32_t word = (uint32_t)near << 8 | 0xa5u;
                assert_int_equal((word >> 8) < threshold, nca_uniform(word) < rate);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors_are_met),
        cmocka_unit_test(random_blocks_equal_the_authors_implementation),
        cmocka_unit_test(a_block_may_overwrite_its_counter),
        cmocka_unit_test(a_draw_puts_the_counter_together_as_documented),
        cmocka_unit_test(uniform_stays_below_one),
        cmocka_unit_test(below_covers_its_range_evenly),
        cmocka_unit_test(the_fire_threshold_is_the_comparison_of_u),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
