/* The benchmark's result file and its name. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "nca/scores.h"
#include "says.h"

static const char *name(size_t size, nca_split split, double auc, double accuracy)
{
    static char out[80];
    assert_int_equal(nca_benchmark_name(out, sizeof out, "breastmnist", size, split, auc, accuracy,
                                        "run1", NULL),
                     NCA_OK);
    return out;
}

static void the_name_is_that_of_the_official_evaluator(void **state)
{
    (void)state;
    assert_string_equal(name(28, NCA_SPLIT_TEST, 0.9014, 0.863),
                        "breastmnist_test_[AUC]0.901_[ACC]0.863@run1.csv");
    assert_string_equal(name(0, NCA_SPLIT_VAL, 1, 0),
                        "breastmnist_val_[AUC]1.000_[ACC]0.000@run1.csv");
    assert_string_equal(name(224, NCA_SPLIT_TRAIN, 0.0625, 0.9996),
                        "breastmnist_224_train_[AUC]0.062_[ACC]1.000@run1.csv");
    assert_string_equal(name(64, NCA_SPLIT_TEST, NAN, (double)-NAN),
                        "breastmnist_64_test_[AUC]nan_[ACC]nan@run1.csv");
}

static void a_name_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    char out[64] = "before";
    nca_error error = {0};
    const size_t length = strlen("a_test_[AUC]0.500_[ACC]0.500@b.csv");
    assert_int_equal(
        nca_benchmark_name(out, length, "a", 28, NCA_SPLIT_TEST, 0.5, 0.5, "b", &error), NCA_LIMIT);
    assert_says(error.message, "*35 bytes*34*");
    assert_string_equal(out, "before");
    assert_int_equal(
        nca_benchmark_name(out, length + 1, "a", 28, NCA_SPLIT_TEST, 0.5, 0.5, "b", &error),
        NCA_OK);
    assert_int_equal(strlen(out), length);
}

static void wrong_parts_of_a_name_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *flag, *run;
        double auc, accuracy;
        int split;
        const char *message;
    } bad[] = {
        {"", "b", 0.5, 0.5, 0, "*set*"},
        {"a/b", "b", 0.5, 0.5, 0, "*set*a/b*"},
        {"a", "", 0.5, 0.5, 0, "*run*"},
        {"a", "../b", 0.5, 0.5, 0, "*run*../b*"},
        {"a", "b", 1.5, 0.5, 0, "*AUC*1.5*"},
        {"a", "b", INFINITY, 0.5, 0, "*AUC*inf*"},
        {"a", "b", 0.5, -0.5, 0, "*accuracy*-0.5*"},
        {"a", "b", 0.5, 0.5, NCA_SPLIT_COUNT, "*split*3*"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char out[64] = "before";
        nca_error error = {0};
        assert_int_equal(nca_benchmark_name(out, sizeof out, bad[i].flag, 28,
                                            (nca_split)bad[i].split, bad[i].auc, bad[i].accuracy,
                                            bad[i].run, &error),
                         NCA_INVALID_ARGUMENT);
        assert_says(error.message, bad[i].message);
        assert_string_equal(out, "before");
    }
}

static void the_file_has_a_line_for_every_image(void **state)
{
    const double rows[] = {0.25, 0.75, 1, 0, 0.1 + 0.2, 1e-5};
    const nca_predictions p = {NCA_LABELS_BINARY, 3, 2, rows, NULL};
    const char *path = path_in(*state, "result.csv");
    assert_int_equal(nca_benchmark_save(&p, path, NULL), NCA_OK);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(nca__file_read(&bytes, &size, path, 1 << 20, NULL), NCA_OK);
    assert_string_equal((const char *)bytes, "0,0.25,0.75\n"
                                             "1,1,0\n"
                                             "2,0.30000000000000004,1e-05\n");
    free(bytes);
}

static void a_file_that_cannot_be_written_leaves_nothing(void **state)
{
    temporary_folder *folder = *state;
    double rows[] = {0.25, 0.75};
    const nca_predictions p = {NCA_LABELS_BINARY, 1, 2, rows, NULL};
    nca_predictions none = p;
    nca_error error = {0};
    assert_int_equal(nca_benchmark_save(&p, path_in(folder, "no/result.csv"), &error),
                     NCA_NOT_FOUND);
    assert_int_equal(nca_benchmark_save(&p, folder->path, &error), NCA_IO);
    none.count = 0;
    assert_int_equal(nca_benchmark_save(&none, path_in(folder, "result.csv"), &error),
                     NCA_INVALID_ARGUMENT);
    rows[1] = NAN;
    assert_int_equal(nca_benchmark_save(&p, path_in(folder, "result.csv"), &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(count_entries(folder->path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_is_that_of_the_official_evaluator),
        cmocka_unit_test(a_name_that_does_not_fit_is_refused),
        cmocka_unit_test(wrong_parts_of_a_name_are_refused),
        cmocka_unit_test_setup_teardown(the_file_has_a_line_for_every_image, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_leaves_nothing,
                                        make_temporary_folder, remove_temporary_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
