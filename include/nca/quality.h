/* Two measures of the similarity of two images, in addition to the losses: PSNR and SSIM.
 *
 * Both compare the four premultiplied RGBA channels, clamped to [0,1], so they do not depend on a
 * background. The data range is 1. */
#ifndef NCA_QUALITY_H
#define NCA_QUALITY_H

#include <stddef.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_SSIM_WINDOW = 11 /* cells per side of the Gaussian window */
};

/* Peak signal-to-noise ratio in decibels: 10 log10(1 / mean squared difference). Infinity for equal
 * images, NaN if any value is NaN. Both arrays are (H,W,4), premultiplied. */
NCA_API double nca_psnr(const float *rgba, const float *target, size_t height, size_t width);

/* Mean structural similarity (Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from
 * error visibility to structural similarity", IEEE Transactions on Image Processing 13 (4), 2004,
 * equation 13) with a Gaussian window of 11x11 with sigma 1.5 and sum 1, K1 = 0.01, K2 = 0.03. The
 * result is the mean over the four channels and over all windows that lie completely inside the
 * image, as in the authors' program. Equal images give 1. An image smaller than a window, and NaN
 * values, give NaN. Arrays as above. Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_ssim(double *out_ssim, const float *rgba, const float *target, size_t height,
                            size_t width, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
