/* Lanczos resampling of images with more than 8 bits: the weights and the two passes of resize.c,
 * with fp32 between them. Sums run over the inputs in ascending order, in double precision, so that
 * the bits are the same on every machine. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/resize_weights.h"
#include "data/samples.h"

/* A row of the image, premultiplied and in [0,1]: out (W,4). */
static void normalise_row(float *out, const nca__samples *samples, size_t y)
{
    const double low = samples->low, span = (double)samples->high - low;
    const double opaque = samples->opaque;
    const float *in = samples->rgba + y * samples->width * 4;
    for (size_t x = 0; x < samples->width; x++, in += 4, out += 4) {
        const double alpha = in[3];
        for (size_t c = 0; c < 3; c++) {
            out[c] = (float)(((double)in[c] - low) * alpha / (span * opaque));
        }
        out[3] = (float)(alpha / opaque);
    }
}

/* Computes outputs of `stride` floats each, from inputs that are `stride` floats apart. */
static void resample(float *out, const float *in, size_t stride, const nca__weights *axis)
{
    for (size_t k = 0; k < axis->outputs; k++, out += stride) {
        const int32_t *weights = axis->values + k * axis->taps;
        const float *first = in + axis->first[k] * stride;
        for (size_t c = 0; c < stride; c++) {
            double sum = 0;
            for (size_t i = 0; i < axis->count[k]; i++) {
                sum += (double)weights[i] * (double)first[i * stride + c];
            }
            out[c] = (float)(sum / (1 << NCA__WEIGHT_BITS));
        }
    }
}

/* Lanczos overshoots at edges; a colour must not exceed its alpha. */
static void clamp_row(float *row, size_t width)
{
    for (size_t x = 0; x < width; x++, row += 4) {
        row[3] = row[3] > 0 ? row[3] < 1 ? row[3] : 1 : 0;
        for (size_t c = 0; c < 3; c++) {
            row[c] = row[c] > 0 ? row[c] < row[3] ? row[c] : row[3] : 0;
        }
    }
}

typedef struct passes {
    nca__weights horizontal, vertical; /* without values if the pass is skipped */
    float *row;                        /* (W,4) */
    float *narrow;                     /* (H,out_width,4): after the first pass */
    float *tall;                       /* (out_height,out_width,4): after the second */
} passes;

static nca_status prepare(passes *p, const nca__samples *samples, size_t out_width,
                          size_t out_height, nca_error *error)
{
    nca_status status = NCA_OK;
    *p = (passes){.row = NULL};
    if (out_width != samples->width) {
        status = nca__weights_create(&p->horizontal, samples->width, out_width, error);
    }
    if (status == NCA_OK && out_height != samples->height) {
        status = nca__weights_create(&p->vertical, samples->height, out_height, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    p->row = calloc(samples->width, 4 * sizeof *p->row);
    p->narrow = calloc(samples->height * out_width, 4 * sizeof *p->narrow);
    p->tall =
        p->vertical.values != NULL ? calloc(out_height * out_width, 4 * sizeof *p->tall) : NULL;
    if (p->row == NULL || p->narrow == NULL || (p->tall == NULL && p->vertical.values != NULL)) {
        return nca__fail_memory(error, "resizing an image",
                                samples->height * out_width * 4 * sizeof *p->narrow);
    }
    return NCA_OK;
}

nca_status nca__samples_resize(float *out, size_t out_stride, const nca__samples *samples,
                               size_t out_width, size_t out_height, nca_error *error)
{
    passes p;
    nca_status status = prepare(&p, samples, out_width, out_height, error);
    for (size_t y = 0; status == NCA_OK && y < samples->height; y++) {
        float *narrow = p.narrow + y * out_width * 4;
        normalise_row(p.horizontal.values != NULL ? p.row : narrow, samples, y);
        if (p.horizontal.values != NULL) {
            resample(narrow, p.row, 4, &p.horizontal);
        }
    }
    if (status == NCA_OK && p.vertical.values != NULL) {
        resample(p.tall, p.narrow, out_width * 4, &p.vertical);
    }
    const float *done = p.vertical.values != NULL ? p.tall : p.narrow;
    for (size_t y = 0; status == NCA_OK && y < out_height; y++) {
        memcpy(out + y * out_stride, done + y * out_width * 4, out_width * 4 * sizeof *out);
        clamp_row(out + y * out_stride, out_width);
    }
    nca__weights_destroy(&p.horizontal);
    nca__weights_destroy(&p.vertical);
    free(p.row);
    free(p.narrow);
    free(p.tall);
    return status;
}
