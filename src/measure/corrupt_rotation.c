/* Rotation of an image about its middle: every pixel is interpolated bilinearly at the place where
 * it comes from. Quarter turns of square images move pixels without changing them. */
#include <math.h>

#include "core/trig.h"
#include "measure/corrupt_image.h"

static const double pi = 3.14159265358979323846;

/* Exact for multiples of 90 degrees. */
static void cos_sin(double *out_cos, double *out_sin, double degrees)
{
    static const double quarter[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    const double quarters = degrees / 90.0;
    if (quarters == floor(quarters)) {
        const int turn = (int)quarters & 3;
        *out_cos = quarter[turn][0];
        *out_sin = quarter[turn][1];
        return;
    }
    nca__cos_sin(out_cos, out_sin, degrees * pi / 180.0);
}

/* The two pixels next to a coordinate, and the share of the second. Beyond the border both are the
 * pixel at the border. */
typedef struct between {
    size_t first, second;
    double share;
} between;

static between neighbours(double coordinate, size_t count)
{
    const double last = (double)(count - 1);
    const double at = coordinate < 0.0 ? 0.0 : coordinate > last ? last : coordinate;
    const size_t first = (size_t)at;
    return (between){first, first + 1 < count ? first + 1 : first, at - (double)first};
}

static double mix(double a, double b, double share)
{
    return a + (b - a) * share;
}

void nca__rotate_image(uint8_t *out, const uint8_t *image, nca__image_shape shape, double degrees)
{
    double cosine, sine;
    cos_sin(&cosine, &sine, degrees);
    const size_t line = shape.width * shape.channels;
    const double middle_y = (double)(shape.height - 1) / 2.0;
    const double middle_x = (double)(shape.width - 1) / 2.0;
    for (size_t row = 0; row < shape.height; row++) {
        for (size_t column = 0; column < shape.width; column++) {
            const double dy = (double)row - middle_y, dx = (double)column - middle_x;
            const between y = neighbours(middle_y + sine * dx + cosine * dy, shape.height);
            const between x = neighbours(middle_x + cosine * dx - sine * dy, shape.width);
            const uint8_t *upper = image + y.first * line, *lower = image + y.second * line;
            const size_t left = x.first * shape.channels, right = x.second * shape.channels;
            for (size_t k = 0; k < shape.channels; k++) {
                *out++ =
                    nca__to_byte(mix(mix(upper[left + k], upper[right + k], x.share),
                                     mix(lower[left + k], lower[right + k], x.share), y.share));
            }
        }
    }
}
