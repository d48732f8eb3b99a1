/* Scores without memory, at every single allocation: the error says so, and the outputs are
 * unchanged. The linker redirects the library's allocations to base/failing_memory.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/failing_memory.h"
#include "base/temporary_folder.h"
#include "nca/scores.h"

static const double rows[] = {0.25, 0.75, 0.75, 0.25, 0.5, 0.5};
static const uint8_t labels[] = {1, 0, 0};
static const nca_predictions predictions = {NCA_LABELS_BINARY, 3, 2, rows, labels};
static const double column[] = {0.75, 0.25, 0.5};

/* Outputs of all functions; an attempt that fails must leave them zeroed. */
typedef struct outputs {
    nca_scores scores;
    double value;
    nca_curve_point *points;
    size_t count;
} outputs;

typedef nca_status attempt(outputs *out, const char *path, nca_error *error);

static nca_status run_compute(outputs *out, const char *path, nca_error *error)
{
    (void)path;
    return nca_scores_compute(&out->scores, &predictions, error);
}

static nca_status run_auc(outputs *out, const char *path, nca_error *error)
{
    (void)path;
    return nca_auc_binary(&out->value, column, labels, 3, error);
}

static nca_status run_roc(outputs *out, const char *path, nca_error *error)
{
    (void)path;
    return nca_roc_curve(&out->points, &out->count, column, labels, 3, error);
}

static nca_status run_precision_recall(outputs *out, const char *path, nca_error *error)
{
    (void)path;
    return nca_precision_recall_curve(&out->points, &out->count, column, labels, 3, error);
}

static nca_status run_risk_coverage(outputs *out, const char *path, nca_error *error)
{
    static const double leave_out = 0.5;
    (void)path;
    return nca_risk_coverage(&out->value, &leave_out, 1, &predictions, column, error);
}

static nca_status run_save(outputs *out, const char *path, nca_error *error)
{
    (void)out;
    return nca_benchmark_save(&predictions, path, error);
}

static void out_of_memory_is_reported_everywhere(void **state)
{
    static attempt *const attempts[] = {run_compute,          run_auc,           run_roc,
                                        run_precision_recall, run_risk_coverage, run_save};
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "result.csv");
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        nca_status status = NCA_OUT_OF_MEMORY;
        long places = 0;
        for (; status != NCA_OK; places++) {
            static const outputs untouched;
            outputs out;
            memset(&out, 0, sizeof out);
            nca_error error = {0};
            before_failure = places;
            status = attempts[i](&out, path, &error);
            const bool all_succeeded = before_failure >= 0;
            before_failure = -1;
            if (status == NCA_OK) {
                assert_true(all_succeeded);
                nca_scores_free(&out.scores);
                free(out.points);
                continue;
            }
            assert_int_equal(status, NCA_OUT_OF_MEMORY);
            assert_non_null(strstr(error.message, "memory"));
            assert_memory_equal(&out, &untouched, sizeof out);
            assert_int_equal(count_entries(folder->path), 0);
        }
        assert_true(places > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(out_of_memory_is_reported_everywhere, make_temporary_folder,
                                        remove_temporary_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
