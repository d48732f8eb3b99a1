/* Two measures of how alike two images are, beside the losses: PSNR and SSIM.
 *
 * Both look at what a target says and nothing else: the four premultiplied RGBA channels, clamped
 * to [0,1], so that neither depends on a background. The data range is 1. */
#ifndef NCA_QUALITY_H
#define NCA_QUALITY_H

#include <stddef.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_SSIM_WINDOW = 11 /* cells along a side */
};

/* Peak signal-to-noise ratio in decibels: 10 log10(1 / mean squared difference). Infinity for equal
 * images, NaN when a value is NaN. Both arrays are (H,W,4), premultiplied. */
NCA_API double nca_psnr(const float *rgba, const float *target, size_t height, size_t width);

/* Mean structural similarity (Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from
 * error visibility to structural similarity", IEEE Transactions on Image Processing 13 (4), 2004,
 * equation 13): Gaussian window of 11x11 with sigma 1.5 and sum 1, K1 = 0.01, K2 = 0.03. It is the
 * mean over the windows that lie wholly inside the image, as in the authors' program, and over the
 * four channels. 1 for equal images. An image narrower or lower than a window has no such place and
 * gives NaN, as does a value that is NaN. Arrays as above. NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_ssim(double *out_ssim, const float *rgba, const float *target, size_t height,
                            size_t width, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
