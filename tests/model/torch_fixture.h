/* State dicts of fixtures/make_torch.py: 4 channels, 5 hidden units, 3 maps; reading one, and the
 * values that it has. */
#ifndef NCA_TESTS_TORCH_FIXTURE_H
#define NCA_TESTS_TORCH_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/temporary_folder.h"
#include "model/small_model.h"
#include "nca/torch.h"

enum {
    C = 4,
    N = 5,
    K = 3
};

static inline const char *fixture(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, NCA_FIXTURES "/torch/%s%s", name,
             strchr(name, '.') != NULL ? "" : ".pt");
    return path;
}

static inline nca_model *taken(const char *name, const nca_torch_options *options,
                               nca_torch_report *report)
{
    nca_error error = {0};
    nca_torch *file = NULL;
    nca_model *model = NULL;
    if (nca_torch_open(&file, fixture(name), &error) != NCA_OK ||
        nca_model_from_torch(&model, file, options, report, &error) != NCA_OK) {
        fail_msg("%s: %s", name, error.message);
    }
    nca_torch_close(file);
    return model;
}

/* Any file, by its path. */
static inline void refused_path(const char *path, const nca_torch_options *options,
                                nca_status status, const char *part)
{
    nca_model *model = NULL;
    nca_error error = {0};
    if (nca_model_load_torch(&model, path, options, &error) != status) {
        fail_msg("%s: status %d, %s", path, error.status, error.message);
    }
    assert_null(model);
    assert_says(error, part);
    assert_int_equal(nca_model_load_torch(&model, path, options, NULL), status);
}

static inline void refused_with(const char *name, const nca_torch_options *options,
                                nca_status status, const char *part)
{
    refused_path(fixture(name), options, status, part);
}

static inline void refused(const char *name, nca_status status, const char *part)
{
    refused_with(name, NULL, status, part);
}

/* Element i of tensor `tensor` in the file. */
static inline float value_of(size_t tensor, size_t i)
{
    return ((float)i - 10 * (float)tensor - 10) / 32;
}

/* The column and factor that filter k of channel c has in the file. Weights with the factor 1 must
 * be those of the file to the bit. */
typedef size_t column_of(double *out_factor, size_t k, size_t c);

static inline size_t by_channel(double *out_factor, size_t k, size_t c)
{
    *out_factor = 1;
    return c * K + k;
}

static inline void assert_values(const nca_model *model, column_of *column, bool first_bias,
                                 bool output_bias)
{
    const nca_automaton *a = &model->automaton;
    assert_int_equal(a->channels, C);
    assert_int_equal(a->hidden, N);
    assert_int_equal(a->output_bias, output_bias);
    nca_parameters p = nca_parameters_view(model->parameters, a);
    for (size_t n = 0; n < N; n++) {
        for (size_t i = 0; i < K * C; i++) {
            double factor;
            const size_t j = column(&factor, i / C, i % C);
            const double wanted = (double)value_of(0, n * K * C + j) * factor;
            const double tolerance = factor == 1 ? 0 : 1e-6 * fabs(wanted);
            assert_true(fabs((double)p.w1[n * K * C + i] - wanted) <= tolerance);
        }
        assert_true(p.b1[n] == (first_bias ? value_of(1, n) : 0));
    }
    for (size_t i = 0; i < C * N; i++) {
        assert_true(p.w2[i] == value_of(2, i));
    }
    for (size_t c = 0; output_bias && c < C; c++) {
        assert_true(p.b2[c] == value_of(3, c));
    }
}

#endif
