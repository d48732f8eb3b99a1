/* The four losses and their gradients, cell by cell in double precision. */
#include "core/loss_terms.h"

const char *nca_loss_name(nca_loss loss)
{
    static const char *const names[] = {"L2", "L1", "Manhattan", "Hinge"};
    return (unsigned)loss < NCA_LOSS_COUNT ? names[loss] : NULL;
}

enum {
    COMPARED = 4 /* the first channels of a cell */
};

static const double hinge_margin = 0.5;

/* Every loss is named in the switches below and none has a default, so that the compiler reports
 * a loss that one of them lacks. */

double nca__loss_sum(double sum, nca_loss loss, const float *cells, size_t cell_stride,
                     const float *wanted, size_t count)
{
    for (size_t cell = 0; cell < count; cell++) {
        for (size_t c = 0; c < COMPARED; c++) {
            double difference = (double)cells[cell * cell_stride + c] - wanted[cell * COMPARED + c];
            double magnitude = difference < 0.0 ? -difference : difference;
            switch (loss) {
            case NCA_LOSS_L2:
                sum += difference * difference;
                break;
            case NCA_LOSS_L1:
            case NCA_LOSS_MANHATTAN:
                sum += magnitude;
                break;
            case NCA_LOSS_HINGE:
                /* Written so that NaN is not taken for "within the margin". */
                sum += magnitude <= hinge_margin ? 0.0 : magnitude - hinge_margin;
                break;
            case NCA_LOSS_COUNT:
                break;
            }
        }
    }
    return sum;
}

double nca__loss_scale(nca_loss loss, size_t cells)
{
    return loss == NCA_LOSS_MANHATTAN ? 1.0 : 1.0 / (double)(cells * COMPARED);
}

void nca__loss_backward(float *gradient, nca_loss loss, const float *cells, size_t cell_stride,
                        const float *wanted, size_t count, double scale)
{
    for (size_t cell = 0; cell < count; cell++) {
        for (size_t c = 0; c < COMPARED; c++) {
            double difference = (double)cells[cell * cell_stride + c] - wanted[cell * COMPARED + c];
            double sign = (double)(difference > 0.0) - (double)(difference < 0.0);
            double slope = 0.0;
            switch (loss) {
            case NCA_LOSS_L2:
                slope = 2.0 * difference;
                break;
            case NCA_LOSS_L1:
            case NCA_LOSS_MANHATTAN:
                slope = sign;
                break;
            case NCA_LOSS_HINGE:
                slope = difference > hinge_margin || difference < -hinge_margin ? sign : 0.0;
                break;
            case NCA_LOSS_COUNT:
                break;
            }
            gradient[cell * cell_stride + c] = (float)(slope * scale);
        }
    }
}

double nca_loss_value(nca_loss loss, const float *grid, const float *wanted, size_t height,
                      size_t width, size_t channels)
{
    size_t cells = height * width;
    return nca__loss_sum(0.0, loss, grid, channels, wanted, cells) * nca__loss_scale(loss, cells);
}
