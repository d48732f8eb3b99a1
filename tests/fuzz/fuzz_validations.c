/* Fuzzing the reader of validation.csv: accepted rows have scores in their ranges and ascending
 * iterations, and the best of them is one that a resumed training would choose again. */
#include <math.h>
#include <stdlib.h>

#include "fuzz/harness.h"
#include "runs/run_validation.h"

static bool is_share(double value)
{
    return isnan(value) || (value >= 0 && value <= 1);
}

static void check_rows(const nca__validations *v, uint64_t done)
{
    FUZZ_CHECK(v->best <= v->count);
    for (size_t i = 0; i < v->count; i++) {
        const nca_validation_row *row = &v->rows[i];
        FUZZ_CHECK(row->iteration >= 1 && row->iteration <= done);
        FUZZ_CHECK(i == 0 || row->iteration > v->rows[i - 1].iteration);
        FUZZ_CHECK(is_share(row->auc) && is_share(row->accuracy) &&
                   is_share(row->balanced_accuracy));
        FUZZ_CHECK(isnan(row->log_loss) || row->log_loss >= 0);
        FUZZ_CHECK(v->best == v->count || v->select != NCA_SELECT_ACCURACY ||
                   !(row->accuracy > v->rows[v->best].accuracy));
    }
    FUZZ_CHECK(!nca__validations_exhausted(v, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint64_t done[] = {5, UINT64_MAX};
    const char *path = fuzz_file(bytes, size);
    for (size_t i = 0; i < sizeof done / sizeof *done; i++) {
        for (unsigned select = 0; select < NCA_SELECT_COUNT; select++) {
            nca__validations v = {.select = (nca_select)select};
            nca_error error = {0};
            const nca_status status = nca__validations_read(&v, path, done[i], &error);
            fuzz_accepted = status == NCA_OK;
            if (status != NCA_OK) {
                fuzz_check_refusal(status, &error, path);
            }
            check_rows(&v, done[i]);
            nca__validations_free(&v);
        }
    }
    return 0;
}
