/* The scalar set follows its formulas, the selection of sets, and the sixteen-lane blocking, which
 * is tested on every machine with an emulated set. check_bits tests the instruction sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/compare_sets.h"
#include "kernels/emulated.h"

static void sixteen_lanes_give_the_scalar_bits(void **state)
{
    (void)state;
    const char *difference = difference_from_scalar(&nca__kernels_emulated);
    if (difference != NULL) {
        fail_msg("%s", difference);
    }
}

/* The definition, computed by hand: (1 2) . (3 4; 5 6) + bias, with relu and gate. */
static void scalar_matmul_follows_its_formula(void **state)
{
    (void)state;
    const float a[2] = {1.0f, -2.0f};
    float b[2 * NCA_LANES] = {3.0f, 4.0f, -8.0f};
    float bias[NCA_LANES] = {0.5f, 0.25f, 0.0f};
    float gate[NCA_LANES] = {1.0f, 1.0f, 0.0f};
    float out[NCA_LANES];
    b[NCA_LANES] = 1.0f;
    b[NCA_LANES + 1] = 6.0f;
    b[NCA_LANES + 2] = -9.0f;
    nca__matmul job = {.out = out,
                       .out_stride = NCA_LANES,
                       .a = a,
                       .a_row = 2,
                       .a_depth = 1,
                       .b = b,
                       .b_stride = NCA_LANES,
                       .rows = 1,
                       .columns = NCA_LANES,
                       .depth = 2,
                       .start = bias,
                       .relu = true};
    nca__kernels_scalar.matmul(&job);
    assert_true(out[0] == 1.5f);  /* 0.5 + 3 - 2 */
    assert_true(out[1] == 0.0f);  /* 0.25 + 4 - 12 < 0 */
    assert_true(out[2] == 10.0f); /* 0 - 8 + 18 */
    job.relu = false;
    job.gate = gate;
    nca__kernels_scalar.matmul(&job);
    assert_true(out[1] == -7.75f);
    assert_true(out[2] == 0.0f); /* zeroed by its gate */
}

static void the_best_set_runs_here_and_names_resolve(void **state)
{
    (void)state;
    const nca_kernels *best = nca_kernels_best();
    assert_null(nca_kernels_missing(best));
    assert_ptr_equal(nca_kernels_named(nca_kernels_name(best)), best);
    assert_string_equal(nca_kernels_name(nca_kernels_at(0)), "scalar");
    assert_null(nca_kernels_named("sse9"));
    assert_null(nca_kernels_at(99));
    for (size_t i = 0; nca_kernels_at(i) != NULL; i++) {
        const nca_kernels *set = nca_kernels_at(i);
        assert_true(nca_kernels_missing(set) == NULL || set != best);
    }
}

static void a_list_names_the_sets_that_run_here(void **state)
{
    (void)state;
    char list[NCA_KERNELS_TEXT], cut[8];
    nca_kernels_list(list, sizeof list);
    assert_memory_equal(list, "auto", 4);
    for (size_t i = 0; nca_kernels_at(i) != NULL; i++) {
        const nca_kernels *set = nca_kernels_at(i);
        const bool named = strstr(list, nca_kernels_name(set)) != NULL;
        assert_int_equal(named, nca_kernels_missing(set) == NULL);
    }
    const char *end = strstr(list, " or ");
    assert_non_null(end);
    assert_string_equal(end + strlen(" or "), nca_kernels_name(nca_kernels_best()));
    nca_kernels_list(cut, sizeof cut);
    assert_int_equal(strlen(cut), sizeof cut - 1);
    assert_memory_equal(cut, list, sizeof cut - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalar_matmul_follows_its_formula),
        cmocka_unit_test(sixteen_lanes_give_the_scalar_bits),
        cmocka_unit_test(the_best_set_runs_here_and_names_resolve),
        cmocka_unit_test(a_list_names_the_sets_that_run_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
