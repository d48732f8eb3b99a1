/* PSNR and SSIM of RGBA images.
 *
 * The Gaussian window is separable: a pass along the rows computes five weighted sums per place (of
 * x, y, x^2, y^2 and xy), a pass along the columns combines eleven rows of them. */
#include "nca/quality.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

enum {
    RGBA = 4,
    MOMENTS = 5 /* x, y, x^2, y^2, xy */
};

static const double sigma = 1.5;
static const double c1 = 0.01 * 0.01; /* (K1 L)^2 with L = 1 */
static const double c2 = 0.03 * 0.03; /* (K2 L)^2 */

/* NaN stays NaN. */
static double clamp(double value)
{
    return value < 0.0 ? 0.0 : value > 1.0 ? 1.0 : value;
}

double nca_psnr(const float *rgba, const float *target, size_t height, size_t width)
{
    size_t values = height * width * RGBA;
    double sum = 0.0;
    for (size_t i = 0; i < values; i++) {
        double difference = clamp(rgba[i]) - clamp(target[i]);
        sum += difference * difference;
    }
    /* -10 log10(error) would give -0 for the largest error, 1. */
    return 10.0 * log10((double)values / sum);
}

/* ---- SSIM ------------------------------------------------------------------------------------*/

static void make_window(double window[NCA_SSIM_WINDOW])
{
    double sum = 0.0;
    for (int i = 0; i < NCA_SSIM_WINDOW; i++) {
        double distance = i - NCA_SSIM_WINDOW / 2;
        window[i] = exp(-distance * distance / (2.0 * sigma * sigma));
        sum += window[i];
    }
    for (int i = 0; i < NCA_SSIM_WINDOW; i++) {
        window[i] /= sum;
    }
}

/* The weighted sums along one row of one channel: out (places,MOMENTS). */
static void sum_row(double *out, const float *x, const float *y, size_t places,
                    const double window[NCA_SSIM_WINDOW])
{
    for (size_t place = 0; place < places; place++, out += MOMENTS) {
        double sums[MOMENTS] = {0};
        for (size_t i = 0; i < NCA_SSIM_WINDOW; i++) {
            double a = clamp(x[(place + i) * RGBA]);
            double b = clamp(y[(place + i) * RGBA]);
            sums[0] += window[i] * a;
            sums[1] += window[i] * b;
            sums[2] += window[i] * a * a;
            sums[3] += window[i] * b * b;
            sums[4] += window[i] * a * b;
        }
        for (size_t m = 0; m < MOMENTS; m++) {
            out[m] = sums[m];
        }
    }
}

/* Equation 13 from the moments of one window. */
static double similarity(const double moments[MOMENTS])
{
    double x = moments[0], y = moments[1];
    double variance_x = moments[2] - x * x;
    double variance_y = moments[3] - y * y;
    double covariance = moments[4] - x * y;
    return (2.0 * x * y + c1) * (2.0 * covariance + c2) /
           ((x * x + y * y + c1) * (variance_x + variance_y + c2));
}

/* The sum over all windows of one channel; `rows` is scratch memory (H,places,MOMENTS). */
static double sum_channel(double *rows, const float *x, const float *y, size_t height, size_t width,
                          const double window[NCA_SSIM_WINDOW])
{
    size_t places = width - NCA_SSIM_WINDOW + 1;
    size_t stride = places * MOMENTS;
    for (size_t row = 0; row < height; row++) {
        sum_row(rows + row * stride, x + row * width * RGBA, y + row * width * RGBA, places,
                window);
    }
    double sum = 0.0;
    for (size_t row = 0; row + NCA_SSIM_WINDOW <= height; row++) {
        for (size_t place = 0; place < places; place++) {
            const double *at = rows + row * stride + place * MOMENTS;
            double moments[MOMENTS] = {0};
            for (size_t i = 0; i < NCA_SSIM_WINDOW; i++, at += stride) {
                for (size_t m = 0; m < MOMENTS; m++) {
                    moments[m] += window[i] * at[m];
                }
            }
            sum += similarity(moments);
        }
    }
    return sum;
}

nca_status nca_ssim(double *out_ssim, const float *rgba, const float *target, size_t height,
                    size_t width, nca_error *error)
{
    if (height < NCA_SSIM_WINDOW || width < NCA_SSIM_WINDOW) {
        *out_ssim = NAN;
        return NCA_OK;
    }
    double window[NCA_SSIM_WINDOW];
    make_window(window);
    size_t places = width - NCA_SSIM_WINDOW + 1;
    double *rows = calloc(height * places, MOMENTS * sizeof *rows);
    if (rows == NULL) {
        return nca__fail_memory(error, "SSIM", height * places * MOMENTS * sizeof *rows);
    }
    double sum = 0.0;
    for (size_t channel = 0; channel < RGBA; channel++) {
        sum += sum_channel(rows, rgba + channel, target + channel, height, width, window);
    }
    free(rows);
    *out_ssim = sum / (double)(RGBA * places * (height - NCA_SSIM_WINDOW + 1));
    return NCA_OK;
}
