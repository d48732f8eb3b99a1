/* Names of several models in one picture: common parts are removed, and no two are equal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nca/picture.h"

enum {
    MOST = 4,
    WIDE = 80
};

static void assert_names(const char *const *names, const char *const *expected, size_t count,
                         size_t width)
{
    char found[MOST][NCA_SHORT_NAME_SIZE];
    nca_picture_short_names(found, names, count, width);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(found[i], expected[i]);
    }
}

static void words_that_all_names_share_are_left_out(void **state)
{
    (void)state;
    const char *const sweep[] = {"chest-train-0_sobel_L2_persistent",
                                 "chest-train-0_mean_L2_persistent",
                                 "chest-train-0_sobel_L1_persistent"};
    assert_names(sweep, (const char *const[]){"sobel L2", "mean L2", "sobel L1"}, 3, WIDE);
    const char *const runs[] = {"photo", "chest"};
    assert_names(runs, runs, 2, WIDE);
}

static void names_of_different_lengths_lose_what_stands_at_their_ends(void **state)
{
    (void)state;
    const char *const names[] = {"fast_a_b_seed1", "fast_a_seed1", "fast_c_d_e_seed1"};
    assert_names(names, (const char *const[]){"a b", "a", "c d e"}, 3, WIDE);
}

static void no_two_names_are_alike(void **state)
{
    (void)state;
    const char *const same[] = {"run", "run", "run"};
    assert_names(same, (const char *const[]){"1: run", "2: run", "3: run"}, 3, WIDE);
    const char *const twice[] = {"run", "other", "run"};
    assert_names(twice, (const char *const[]){"1: run", "other", "3: run"}, 3, WIDE);
    const char *const inside[] = {"a_b", "a_b_b"};
    assert_names(inside, (const char *const[]){"1: a_b", "2: a_b_b"}, 2, WIDE);
}

static void a_long_name_has_several_lines(void **state)
{
    (void)state;
    const char *const names[] = {"pneumonia_scharr_L2", "x_y_z"};
    assert_names(names, (const char *const[]){"pneumonia\nscharr L2", "x y z"}, 2, 10);
}

static void one_name_stays_and_long_ones_are_bounded(void **state)
{
    (void)state;
    const char *const one[] = {"photo_run"};
    assert_names(one, (const char *const[]){"photo run"}, 1, WIDE);
    char long_name[1000], found[2][NCA_SHORT_NAME_SIZE];
    for (size_t i = 0; i < sizeof long_name - 1; i++) {
        long_name[i] = i % 3 == 2 ? '_' : 'a';
    }
    long_name[sizeof long_name - 1] = 0;
    const char *const names[] = {long_name, long_name + 1};
    nca_picture_short_names(found, names, 2, WIDE);
    assert_true(strlen(found[0]) < NCA_SHORT_NAME_SIZE && strlen(found[1]) < NCA_SHORT_NAME_SIZE);
    assert_string_not_equal(found[0], found[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_all_names_share_are_left_out),
        cmocka_unit_test(names_of_different_lengths_lose_what_stands_at_their_ends),
        cmocka_unit_test(no_two_names_are_alike),
        cmocka_unit_test(a_long_name_has_several_lines),
        cmocka_unit_test(one_name_stays_and_long_ones_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
