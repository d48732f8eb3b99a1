/* Corruptions of images: what strength 0 and simple images lead to, bits that must not move, what
 * they do not depend on, and calls that are refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/noise.h"
#include "nca/corruption.h"

enum {
    HEIGHT = 12,
    WIDTH = 15,
    CHANNELS = 3,
    VALUES = HEIGHT * WIDTH * CHANNELS,
    COUNT = 3,
    LARGE = 128
};

static void make_image(uint8_t *out, size_t values, uint64_t seed)
{
    noise n = {seed};
    for (size_t i = 0; i < values; i++) {
        out[i] = (uint8_t)noise_below(&n, 256);
    }
}

static nca_corruption_options options_of(nca_corruption kind, double amount)
{
    nca_corruption_options options;
    nca_corruption_options_default(&options);
    options.kind = kind;
    options.amount = amount;
    options.seed = 7;
    return options;
}

static void corrupt(uint8_t *out, const uint8_t *images, size_t count, size_t height, size_t width,
                    size_t channels, nca_corruption kind, double amount)
{
    const nca_corruption_options options = options_of(kind, amount);
    nca_error error;
    if (nca_corrupt(out, images, count, height, width, channels, &options, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
}

static uint64_t hash_of(const uint8_t *bytes, size_t count)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    }
    return hash;
}

static void strength_0_changes_nothing(void **state)
{
    (void)state;
    uint8_t images[COUNT * VALUES], out[COUNT * VALUES];
    make_image(images, sizeof images, 1);
    for (int kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
        const nca_corruption_about *about = nca_corruption_describe((nca_corruption)kind);
        memset(out, 0, sizeof out);
        corrupt(out, images, COUNT, HEIGHT, WIDTH, CHANNELS, (nca_corruption)kind,
                about->amount[0]);
        assert_memory_equal(out, images, sizeof out);
    }
}

static void every_kind_is_described_and_gets_stronger(void **state)
{
    (void)state;
    static const char *const names[NCA_CORRUPTION_COUNT] = {"rotation", "noise", "blur", "contrast",
                                                            "lost-cells"};
    static uint8_t image[LARGE * LARGE], out[LARGE * LARGE];
    for (size_t i = 0; i < sizeof image; i++) { /* a smooth image, so that a rotation shows */
        const double x = (double)(i % LARGE) / LARGE, y = (double)(i / LARGE) / LARGE;
        image[i] = (uint8_t)(127.5 + 120.0 * sin(20.0 * x) * cos(9.0 * y));
    }
    for (int kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
        const nca_corruption_about *about = nca_corruption_describe((nca_corruption)kind);
        double before = 0.0;
        assert_string_equal(about->name, names[kind]);
        for (size_t strength = 1; strength <= NCA_CORRUPTION_STRENGTHS; strength++) {
            double change = 0.0;
            assert_true(about->amount[strength] >= about->least);
            assert_true(about->amount[strength] <= about->most);
            corrupt(out, image, 1, LARGE, LARGE, 1, (nca_corruption)kind, about->amount[strength]);
            for (size_t i = 0; i < sizeof out; i++) {
                change += fabs((double)out[i] - (double)image[i]);
            }
            assert_true(change > before);
            before = change;
        }
    }
    assert_null(nca_corruption_describe(NCA_CORRUPTION_COUNT));
}

static void a_quarter_turn_moves_pixels_counterclockwise(void **state)
{
    (void)state;
    enum {
        SIDE = 9
    };
    uint8_t image[SIDE * SIDE * CHANNELS], out[sizeof image], again[sizeof image];
    make_image(image, sizeof image, 2);
    corrupt(out, image, 1, SIDE, SIDE, CHANNELS, NCA_CORRUPTION_ROTATION, 90);
    for (size_t row = 0; row < SIDE; row++) {
        for (size_t column = 0; column < SIDE; column++) {
            /* The right column becomes the top row. */
            assert_memory_equal(out + (row * SIDE + column) * CHANNELS,
                                image + (column * SIDE + SIDE - 1 - row) * CHANNELS, CHANNELS);
        }
    }
    corrupt(again, out, 1, SIDE, SIDE, CHANNELS, NCA_CORRUPTION_ROTATION, -90);
    assert_memory_equal(again, image, sizeof image);
    corrupt(again, image, 1, SIDE, SIDE, CHANNELS, NCA_CORRUPTION_ROTATION, 360);
    assert_memory_equal(again, image, sizeof image);
}

static void a_rotation_interpolates_and_repeats_the_border(void **state)
{
    (void)state;
    /* Along a row that is a slope, a rotation by t about the middle is 50 + 10 (cos t dx - sin t
     * dy), limited to the values at the borders. */
    uint8_t image[11 * 11], out[11 * 11];
    for (size_t i = 0; i < sizeof image; i++) {
        image[i] = (uint8_t)(10 * (i % 11));
    }
    corrupt(out, image, 1, 11, 11, 1, NCA_CORRUPTION_ROTATION, 30);
    for (size_t i = 0; i < sizeof image; i++) {
        const double dx = (double)(i % 11) - 5.0, dy = (double)(i / 11) - 5.0;
        const double value = 50.0 + 10.0 * (sqrt(0.75) * dx - 0.5 * dy);
        assert_true(fabs((double)out[i] - fmin(fmax(value, 0.0), 100.0)) <= 0.5 + 1e-9);
    }
}

static void noise_has_its_deviation_and_mean_0(void **state)
{
    (void)state;
    static uint8_t image[LARGE * LARGE * CHANNELS], out[LARGE * LARGE * CHANNELS];
    memset(image, 128, sizeof image);
    for (double deviation = 0.05; deviation < 0.11; deviation += 0.05) {
        double sum = 0.0, squares = 0.0;
        corrupt(out, image, 1, LARGE, LARGE, CHANNELS, NCA_CORRUPTION_NOISE, deviation);
        for (size_t i = 0; i < sizeof out; i++) {
            const double off = (double)out[i] - 128.0;
            sum += off;
            squares += off * off;
        }
        const double n = (double)sizeof out, expected = 255.0 * deviation;
        assert_true(fabs(sum / n) < 4.0 * expected / sqrt(n));
        /* Rounding adds a variance of 1/12; the deviation of a variance is about its sqrt(2/n). */
        assert_true(fabs(squares / n / (expected * expected + 1.0 / 12.0) - 1.0) <
                    4.0 * sqrt(2.0 / n));
    }
}

static void a_blur_keeps_the_mean_and_is_gaussian(void **state)
{
    (void)state;
    static uint8_t image[LARGE * LARGE], out[LARGE * LARGE];
    double before = 0.0, after = 0.0, weight = 0.0, squares = 0.0;
    make_image(image, sizeof image, 3);
    for (int strength = 1; strength <= NCA_CORRUPTION_STRENGTHS; strength++) {
        const double amount = nca_corruption_describe(NCA_CORRUPTION_BLUR)->amount[strength];
        before = after = 0.0;
        corrupt(out, image, 1, LARGE, LARGE, 1, NCA_CORRUPTION_BLUR, amount);
        for (size_t i = 0; i < sizeof out; i++) {
            before += image[i];
            after += out[i];
        }
        assert_true(fabs(before - after) / sizeof out < 0.02); /* of rounding */
    }
    /* A bright square becomes wider by the variance of the filter, in pixels. */
    memset(image, 0, sizeof image);
    for (size_t row = 0; row < LARGE; row++) {
        memset(image + row * LARGE + LARGE / 2 - 10, 255, 21);
    }
    corrupt(out, image, 1, LARGE, LARGE, 1, NCA_CORRUPTION_BLUR, 4.0 / LARGE);
    for (size_t x = 0; x < LARGE; x++) {
        const double off = (double)x - LARGE / 2;
        weight += out[LARGE / 2 * LARGE + x];
        squares += off * off * out[LARGE / 2 * LARGE + x];
    }
    const double uniform = (21.0 * 21.0 - 1.0) / 12.0;
    assert_true(fabs(squares / weight - uniform - 16.0) < 0.6); /* cut at 3 deviations */
}

static void contrast_is_around_the_mean_of_the_image(void **state)
{
    (void)state;
    const uint8_t image[6] = {0, 50, 100, 150, 200, 250}; /* mean 125 */
    uint8_t out[6];
    corrupt(out, image, 1, 1, 2, 3, NCA_CORRUPTION_CONTRAST, 0.2);
    assert_memory_equal(out, ((uint8_t[6]){100, 110, 120, 130, 140, 150}), 6);
    corrupt(out, image, 1, 2, 3, 1, NCA_CORRUPTION_CONTRAST, 2.0);
    assert_memory_equal(out, ((uint8_t[6]){0, 0, 75, 175, 255, 255}), 6);
}

static void lost_pixels_are_black_and_a_fraction_of_all(void **state)
{
    (void)state;
    enum {
        PIXELS = LARGE * LARGE
    };
    static uint8_t image[PIXELS * CHANNELS], out[PIXELS * CHANNELS], weaker[PIXELS * CHANNELS];
    make_image(image, sizeof image, 4);
    for (size_t i = 0; i < sizeof image; i++) {
        image[i] |= 1; /* no pixel is black */
    }
    memcpy(weaker, image, sizeof weaker);
    for (int strength = 1; strength <= NCA_CORRUPTION_STRENGTHS; strength++) {
        const double amount = nca_corruption_describe(NCA_CORRUPTION_LOST)->amount[strength];
        size_t lost = 0;
        corrupt(out, image, 1, LARGE, LARGE, CHANNELS, NCA_CORRUPTION_LOST, amount);
        for (size_t i = 0; i < PIXELS; i++) {
            const uint8_t *at = out + i * CHANNELS;
            const bool black = at[0] == 0 && at[1] == 0 && at[2] == 0;
            assert_true(black || memcmp(at, image + i * CHANNELS, CHANNELS) == 0);
            assert_true(black || weaker[i * CHANNELS] != 0); /* what was lost stays lost */
            lost += black;
        }
        assert_true(fabs((double)lost / PIXELS - amount) <
                    4.0 * sqrt(amount * (1.0 - amount) / PIXELS));
        memcpy(weaker, out, sizeof weaker);
    }
    corrupt(out, image, 1, LARGE, LARGE, CHANNELS, NCA_CORRUPTION_LOST, 1.0);
    for (size_t i = 0; i < sizeof out; i++) {
        assert_int_equal(out[i], 0);
    }
}

static void bits_depend_on_the_index_and_not_on_other_images(void **state)
{
    (void)state;
    uint8_t images[COUNT * VALUES], all[COUNT * VALUES], one[VALUES], other[VALUES];
    make_image(images, sizeof images, 5);
    for (int kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
        nca_corruption_options o = options_of(
            (nca_corruption)kind, nca_corruption_describe((nca_corruption)kind)->amount[3]);
        const bool random = kind == NCA_CORRUPTION_NOISE || kind == NCA_CORRUPTION_LOST;
        assert_int_equal(nca_corrupt(all, images, COUNT, HEIGHT, WIDTH, CHANNELS, &o, NULL),
                         NCA_OK);
        for (size_t i = 0; i < COUNT; i++) {
            o.first = (uint32_t)i;
            assert_int_equal(
                nca_corrupt(one, images + i * VALUES, 1, HEIGHT, WIDTH, CHANNELS, &o, NULL),
                NCA_OK);
            assert_memory_equal(one, all + i * VALUES, VALUES);
        }
        o.first = 100;
        assert_int_equal(
            nca_corrupt(other, images + (COUNT - 1) * VALUES, 1, HEIGHT, WIDTH, CHANNELS, &o, NULL),
            NCA_OK);
        assert_int_equal(memcmp(one, other, VALUES) != 0, random);
        o.first = COUNT - 1;
        o.seed++;
        assert_int_equal(
            nca_corrupt(other, images + (COUNT - 1) * VALUES, 1, HEIGHT, WIDTH, CHANNELS, &o, NULL),
            NCA_OK);
        assert_int_equal(memcmp(one, other, VALUES) != 0, random);
    }
}

/* If these move, so do the published rows of every classifier. */
static void bits_do_not_move(void **state)
{
    (void)state;
    static const uint64_t expected[NCA_CORRUPTION_COUNT][NCA_CORRUPTION_STRENGTHS] = {
        {0x2f5c55a5745eb82b, 0x53265eb0d182b69d, 0x6e8e34ee529646b2, 0xf89685eed02a540f,
         0xfbe8e8ce96cc8e72},
        {0x09d507715e3db526, 0x3f1038844dff527e, 0x913e19937ab1d08b, 0xb7b2831b6722f178,
         0xb82955616778df30},
        {0xd8faa68da95be1cc, 0x34559e1abee2c0e6, 0xb3bc71f753d0a086, 0x7b52bd8444bd06fb,
         0xdb298b07e54813d7},
        {0x17be7af5fdd3c0c7, 0x369c4c1a85f3d532, 0x35cc2c26d673091c, 0xc6255caf1a21eb04,
         0xb55030f351f6ffdd},
        {0x49a8779286816b6c, 0x9492c24bbb43b1d6, 0xd7b8b1ed7ac3bcb2, 0xada4240760d47f0d,
         0x3cdb54680cab84ef}};
    uint8_t images[COUNT * VALUES], out[COUNT * VALUES];
    size_t moved = 0;
    make_image(images, sizeof images, 6);
    for (int kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
        const nca_corruption_about *about = nca_corruption_describe((nca_corruption)kind);
        for (size_t strength = 1; strength <= NCA_CORRUPTION_STRENGTHS; strength++) {
            corrupt(out, images, COUNT, HEIGHT, WIDTH, CHANNELS, (nca_corruption)kind,
                    about->amount[strength]);
            const uint64_t found = hash_of(out, sizeof out);
            if (found != expected[kind][strength - 1]) {
                print_error("%s, strength %zu: found 0x%016llx\n", about->name, strength,
                            (unsigned long long)found);
                moved++;
            }
        }
    }
    assert_int_equal(moved, 0);
}

static void check_refused(nca_corruption_options options, nca_status status, size_t height,
                          size_t width, size_t channels, const char *word)
{
    uint8_t image[VALUES] = {0}, out[VALUES];
    nca_error error;
    memset(out, 17, sizeof out);
    assert_int_equal(nca_corrupt(out, image, 1, height, width, channels, &options, &error), status);
    if (strstr(error.message, word) == NULL) {
        fail_msg("expected \"%s\" in: %s", word, error.message);
    }
    for (size_t i = 0; i < sizeof out; i++) {
        assert_int_equal(out[i], 17);
    }
}

static void calls_out_of_range_are_refused(void **state)
{
    (void)state;
    const nca_corruption_options good = options_of(NCA_CORRUPTION_NOISE, 0.1);
    nca_corruption_options last = good;
    check_refused(options_of(NCA_CORRUPTION_COUNT, 0), NCA_INVALID_ARGUMENT, 2, 2, 1, "kind");
    check_refused(options_of(NCA_CORRUPTION_LOST, 1.01), NCA_INVALID_ARGUMENT, 2, 2, 1,
                  "lost-cells");
    check_refused(options_of(NCA_CORRUPTION_BLUR, -0.1), NCA_INVALID_ARGUMENT, 2, 2, 1, "amount");
    check_refused(options_of(NCA_CORRUPTION_ROTATION, NAN), NCA_INVALID_ARGUMENT, 2, 2, 1,
                  "degrees");
    check_refused(good, NCA_INVALID_ARGUMENT, 0, 2, 1, "0x2");
    check_refused(good, NCA_INVALID_ARGUMENT, 2, 2, 4, "channels");
    check_refused(good, NCA_LIMIT, NCA_IMAGE_MAX_SIDE + 1, 2, 1, "sides");
    last.first = UINT32_MAX;
    uint8_t pair[8] = {0}, out[8];
    assert_int_equal(nca_corrupt(out, pair, 1, 2, 2, 1, &last, NULL), NCA_OK);
    assert_int_equal(nca_corrupt(out, pair, 2, 2, 2, 1, &last, NULL), NCA_LIMIT);
    last.reserved[0] = 1;
    assert_int_equal(nca_corrupt(out, pair, 1, 2, 2, 1, &last, NULL), NCA_INVALID_ARGUMENT);
}

static void images_of_one_pixel_are_corrupted_too(void **state)
{
    (void)state;
    const uint8_t image[1] = {90};
    for (int kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
        uint8_t out[2] = {0, 55};
        const double amount = nca_corruption_describe((nca_corruption)kind)->amount[5];
        corrupt(out, image, 1, 1, 1, 1, (nca_corruption)kind, amount);
        assert_int_equal(out[1], 55);
        if (kind != NCA_CORRUPTION_NOISE && kind != NCA_CORRUPTION_LOST) {
            assert_int_equal(out[0], 90);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strength_0_changes_nothing),
        cmocka_unit_test(every_kind_is_described_and_gets_stronger),
        cmocka_unit_test(a_quarter_turn_moves_pixels_counterclockwise),
        cmocka_unit_test(a_rotation_interpolates_and_repeats_the_border),
        cmocka_unit_test(noise_has_its_deviation_and_mean_0),
        cmocka_unit_test(a_blur_keeps_the_mean_and_is_gaussian),
        cmocka_unit_test(contrast_is_around_the_mean_of_the_image),
        cmocka_unit_test(lost_pixels_are_black_and_a_fraction_of_all),
        cmocka_unit_test(bits_depend_on_the_index_and_not_on_other_images),
        cmocka_unit_test(bits_do_not_move),
        cmocka_unit_test(calls_out_of_range_are_refused),
        cmocka_unit_test(images_of_one_pixel_are_corrupted_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
