/* Published results on MedMNIST: every row is of a set of the catalogue; queries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nca/medmnist_catalogue.h"
#include "nca/medmnist_published.h"

static void every_row_is_found_by_its_method_and_set(void **state)
{
    (void)state;
    const nca_medmnist_published *row;
    size_t count = 0;
    for (; (row = nca_medmnist_published_at(count)) != NULL; count++) {
        assert_ptr_equal(nca_medmnist_published_of(row->method, row->set), row);
        assert_non_null(nca_medmnist_set_named(row->set));
        assert_string_equal(nca_medmnist_set_named(row->set)->name, row->set);
        assert_true(row->auc > 0.5 && row->auc <= 1.0);
        assert_true(row->accuracy > 0.0 && row->accuracy <= 1.0);
    }
    assert_true(count > 0);
}

static void rows_of_one_method_follow_each_other(void **state)
{
    (void)state;
    const nca_medmnist_published *row, *other;
    for (size_t i = 1; (row = nca_medmnist_published_at(i)) != NULL; i++) {
        if (strcmp(nca_medmnist_published_at(i - 1)->method, row->method) != 0) {
            for (size_t k = 0; k + 1 < i && (other = nca_medmnist_published_at(k)) != NULL; k++) {
                assert_string_not_equal(other->method, row->method);
            }
        }
    }
}

static void a_resnet_on_breastmnist_has_the_scores_of_the_paper(void **state)
{
    (void)state;
    const nca_medmnist_published *row = nca_medmnist_published_of("ResNet-18 (28)", "breastmnist");
    assert_non_null(row);
    assert_true(row->auc == 0.901);
    assert_true(row->accuracy == 0.863);
    assert_non_null(strstr(nca_medmnist_published_source(), "MedMNIST v2"));
}

static void every_flat_set_has_the_methods_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        const nca_medmnist_set *set = nca_medmnist_set_at(i);
        if (set->dimensions == 2) {
            assert_non_null(nca_medmnist_published_of("ResNet-18 (28)", set->name));
            assert_non_null(nca_medmnist_published_of("ResNet-50 (28)", set->name));
        }
    }
}

static void other_names_have_no_row(void **state)
{
    (void)state;
    assert_null(nca_medmnist_published_of("ResNet-18 (28)", "mnist"));
    assert_null(nca_medmnist_published_of("ResNet-19", "breastmnist"));
    assert_null(nca_medmnist_published_at(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_by_its_method_and_set),
        cmocka_unit_test(rows_of_one_method_follow_each_other),
        cmocka_unit_test(a_resnet_on_breastmnist_has_the_scores_of_the_paper),
        cmocka_unit_test(every_flat_set_has_the_methods_of_the_table),
        cmocka_unit_test(other_names_have_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
