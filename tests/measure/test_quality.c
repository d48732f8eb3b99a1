/* PSNR and SSIM compared with a direct implementation of their definitions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/noise.h"
#include "nca/quality.h"

enum {
    RGBA = 4
};

static float *draw_image(size_t height, size_t width, uint64_t seed)
{
    noise n = {seed};
    float *image = calloc(height * width, RGBA * sizeof *image);
    assert_non_null(image);
    for (size_t i = 0; i < height * width * RGBA; i++) {
        /* Smooth and noisy, and sometimes outside [0,1]. */
        image[i] = 0.5f + 0.4f * sinf(0.1f * (float)i) +
                   0.4f * (float)((double)noise_below(&n, 1000) / 1000.0 - 0.5);
    }
    return image;
}

static double clamped(const float *image, size_t at)
{
    return fmin(fmax((double)image[at], 0.0), 1.0);
}

/* Equation 13 of the paper for one window, with the variances as sums of squared differences from
 * the mean (equations 14 to 16) and the two-dimensional Gaussian. */
static double window_similarity(const float *x, const float *y, size_t width, size_t row,
                                size_t column, size_t channel)
{
    double total = 0.0, mean_x = 0.0, mean_y = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;
    for (int pass = 0; pass < 3; pass++) {
        for (int i = -5; i <= 5; i++) {
            for (int j = -5; j <= 5; j++) {
                double weight = exp(-(double)(i * i + j * j) / (2.0 * 1.5 * 1.5));
                size_t at = ((row + (size_t)(i + 5)) * width + column + (size_t)(j + 5)) * RGBA;
                double a = clamped(x, at + channel), b = clamped(y, at + channel);
                if (pass == 0) {
                    total += weight;
                } else if (pass == 1) {
                    mean_x += weight / total * a;
                    mean_y += weight / total * b;
                } else {
                    xx += weight / total * (a - mean_x) * (a - mean_x);
                    yy += weight / total * (b - mean_y) * (b - mean_y);
                    xy += weight / total * (a - mean_x) * (b - mean_y);
                }
            }
        }
    }
    return (2.0 * mean_x * mean_y + 0.0001) * (2.0 * xy + 0.0009) /
           ((mean_x * mean_x + mean_y * mean_y + 0.0001) * (xx + yy + 0.0009));
}

static double expected_ssim(const float *x, const float *y, size_t height, size_t width)
{
    double sum = 0.0;
    size_t windows = 0;
    for (size_t row = 0; row + 11 <= height; row++) {
        for (size_t column = 0; column + 11 <= width; column++) {
            for (size_t channel = 0; channel < RGBA; channel++, windows++) {
                sum += window_similarity(x, y, width, row, column, channel);
            }
        }
    }
    return sum / (double)windows;
}

static double ssim(const float *x, const float *y, size_t height, size_t width)
{
    double value = -2.0;
    assert_int_equal(nca_ssim(&value, x, y, height, width, NULL), NCA_OK);
    return value;
}

static void ssim_is_what_the_paper_defines(void **state)
{
    static const size_t sizes[][2] = {{11, 11}, {12, 17}, {28, 28}, {11, 40}, {33, 15}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t height = sizes[i][0], width = sizes[i][1];
        float *x = draw_image(height, width, 2 * i + 1), *y = draw_image(height, width, 2 * i + 2);
        double expected = expected_ssim(x, y, height, width);
        assert_true(expected > 0.05 && expected < 0.95);
        assert_true(fabs(ssim(x, y, height, width) - expected) < 1e-12);
        free(x);
        free(y);
    }
}

static void equal_images_have_an_ssim_of_1_and_an_infinite_psnr(void **state)
{
    float *x = draw_image(20, 13, 5);
    (void)state;
    assert_true(fabs(ssim(x, x, 20, 13) - 1.0) < 1e-12);
    assert_true(isinf(nca_psnr(x, x, 20, 13)) && nca_psnr(x, x, 20, 13) > 0.0);
    free(x);
}

static void ssim_is_not_defined_below_the_window(void **state)
{
    float *x = draw_image(10, 40, 5);
    (void)state;
    assert_true(isnan(ssim(x, x, 10, 40)));
    assert_true(isnan(ssim(x, x, 40, 10)));
    free(x);
}

static void psnr_is_the_logarithm_of_the_mean_square(void **state)
{
    float zero[8] = {0}, tenth[8], over[8], under[8];
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        tenth[i] = 0.1f;
        over[i] = 7.0f;
        under[i] = -3.0f;
    }
    assert_true(fabs(nca_psnr(tenth, zero, 1, 2) - 20.0) < 1e-6);
    /* Clamped: the largest possible difference. */
    assert_true(nca_psnr(over, zero, 1, 2) == 0.0);
    assert_true(isinf(nca_psnr(under, zero, 1, 2)));
}

static void a_value_that_is_not_a_number_is_not_hidden(void **state)
{
    float *x = draw_image(12, 12, 1), *y = draw_image(12, 12, 2);
    (void)state;
    x[77] = NAN;
    assert_true(isnan(nca_psnr(x, y, 12, 12)));
    assert_true(isnan(ssim(x, y, 12, 12)));
    free(x);
    free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ssim_is_what_the_paper_defines),
        cmocka_unit_test(equal_images_have_an_ssim_of_1_and_an_infinite_psnr),
        cmocka_unit_test(ssim_is_not_defined_below_the_window),
        cmocka_unit_test(psnr_is_the_logarithm_of_the_mean_square),
        cmocka_unit_test(a_value_that_is_not_a_number_is_not_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
