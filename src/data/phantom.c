/* The built-in target: the modified Shepp-Logan head phantom of Toft, "The Radon Transform: Theory
 * and Implementation", 1996, table B.3. It consists of ten ellipses in the square [-1, 1]², whose
 * grey levels are added.
 *
 * A pixel is a square of 16 x 16 samples. Its alpha is the fraction of samples inside the head's
 * outline (the first ellipse), its grey value the mean over these samples. Samples are counted and
 * grey levels are in tenths, so the sums are exact. Only additions, multiplications, divisions and
 * comparisons of doubles are used, which give the same results on every IEEE machine. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "nca/target.h"

enum {
    SAMPLES = 16, /* along each axis of a pixel */
    ELLIPSES = 10
};

typedef struct ellipse {
    int tenths;          /* contribution to the grey level */
    double a, b;         /* semi-axes */
    double x0, y0;       /* centre, y upwards */
    double cosine, sine; /* of its angle */
} ellipse;

/* cos and sin of 18 degrees, (1/4) sqrt(10 + 2 sqrt 5) and (sqrt 5 - 1) / 4. */
#define COS_18 0.95105651629515357
#define SIN_18 0.30901699437494742

static const ellipse table[ELLIPSES] = {
    {10, 0.6900, 0.9200, 0.00, 0.0000, 1.0, 0.0},        /* skull */
    {-8, 0.6624, 0.8740, 0.00, -0.0184, 1.0, 0.0},       /* brain */
    {-2, 0.1100, 0.3100, 0.22, 0.0000, COS_18, -SIN_18}, /* ventricles */
    {-2, 0.1600, 0.4100, -0.22, 0.0000, COS_18, SIN_18}, /* */
    {1, 0.2100, 0.2500, 0.00, 0.3500, 1.0, 0.0},         /* tumours, from here on */
    {1, 0.0460, 0.0460, 0.00, 0.1000, 1.0, 0.0},         /* */
    {1, 0.0460, 0.0460, 0.00, -0.1000, 1.0, 0.0},        /* */
    {1, 0.0460, 0.0230, -0.08, -0.6050, 1.0, 0.0},       /* */
    {1, 0.0230, 0.0230, 0.00, -0.6060, 1.0, 0.0},        /* */
    {1, 0.0230, 0.0460, 0.06, -0.6050, 1.0, 0.0},        /* */
};

typedef enum side {
    SIDE_OUTSIDE,
    SIDE_INSIDE,
    SIDE_CROSSED
} side;

/* Squared distance from the centre in units of the semi-axes: at most 1 inside. */
static double squared_distance(const ellipse *shape, double x, double y)
{
    double dx = x - shape->x0, dy = y - shape->y0;
    double u = (dx * shape->cosine + dy * shape->sine) / shape->a;
    double v = (dy * shape->cosine - dx * shape->sine) / shape->b;
    return u * u + v * v;
}

/* Classifies a whole pixel with centre (x, y). Within the pixel the distance in semi-axes changes
 * by at most half a diagonal divided by the smaller semi-axis, so most pixels need no samples. */
static side pixel_side(const ellipse *shape, double x, double y, double half_diagonal)
{
    double change = half_diagonal / (shape->a < shape->b ? shape->a : shape->b) + 1e-9;
    double squared = squared_distance(shape, x, y);
    if (squared > (1.0 + change) * (1.0 + change)) {
        return SIDE_OUTSIDE;
    }
    if (change < 1.0 && squared < (1.0 - change) * (1.0 - change)) {
        return SIDE_INSIDE;
    }
    return SIDE_CROSSED;
}

/* For pixels and samples: the centre of part `index` of `parts` equal parts of [-1, 1]. */
static double centre_of(size_t index, size_t parts)
{
    return (double)(2 * index + 1) / (double)parts - 1.0;
}

/* The composition of a pixel: ellipses that contain all of it add up to `tenths`; those in
 * `crossed` require its samples. */
typedef struct mixture {
    bool in_head, crosses_head;
    int tenths;
    size_t crossed_count;
    const ellipse *crossed[ELLIPSES];
} mixture;

static mixture mixture_of(double x, double y, double half_diagonal)
{
    mixture found = {0};
    side head = pixel_side(&table[0], x, y, half_diagonal);
    found.in_head = head != SIDE_OUTSIDE;
    found.crosses_head = head == SIDE_CROSSED;
    found.tenths = table[0].tenths;
    for (size_t i = 1; i < ELLIPSES; i++) {
        side where = pixel_side(&table[i], x, y, half_diagonal);
        if (where == SIDE_INSIDE) {
            found.tenths += table[i].tenths;
        } else if (where == SIDE_CROSSED) {
            found.crossed[found.crossed_count++] = &table[i];
        }
    }
    return found;
}

/* Counts a pixel's samples inside the head, and adds up their grey levels. */
static void take_samples(unsigned *out_inside, int *out_tenths, const mixture *parts, size_t column,
                         size_t row, size_t size)
{
    unsigned inside = 0;
    int tenths = 0;
    for (size_t i = 0; i < SAMPLES * SAMPLES; i++) {
        double x = centre_of(column * SAMPLES + i % SAMPLES, size * SAMPLES);
        double y = -centre_of(row * SAMPLES + i / SAMPLES, size * SAMPLES);
        if (parts->crosses_head && squared_distance(&table[0], x, y) > 1.0) {
            continue;
        }
        inside++;
        tenths += parts->tenths;
        for (size_t k = 0; k < parts->crossed_count; k++) {
            if (squared_distance(parts->crossed[k], x, y) <= 1.0) {
                tenths += parts->crossed[k]->tenths;
            }
        }
    }
    *out_inside = inside;
    *out_tenths = tenths;
}

static void draw_pixel(uint8_t *pixel, size_t column, size_t row, size_t size)
{
    const double half_diagonal = 1.4142135623730952 / (double)size;
    mixture parts = mixture_of(centre_of(column, size), -centre_of(row, size), half_diagonal);
    if (!parts.in_head) {
        return;
    }
    unsigned inside = 1;
    int tenths = parts.tenths;
    if (!parts.crosses_head && parts.crossed_count == 0) {
        pixel[3] = 255;
    } else {
        take_samples(&inside, &tenths, &parts, column, row, size);
        if (inside == 0) {
            return;
        }
        const unsigned all = SAMPLES * SAMPLES;
        pixel[3] = (uint8_t)((255 * inside + all / 2) / all);
    }
    /* The sum of the ellipses of the table is never less than 0 or more than 1. */
    const unsigned most = 10 * inside;
    assert(tenths >= 0 && (unsigned)tenths <= most);
    uint8_t grey = (uint8_t)((255 * (unsigned)tenths + most / 2) / most);
    pixel[0] = pixel[1] = pixel[2] = grey;
}

nca_status nca_phantom(nca_image **out_image, size_t size, nca_error *error)
{
    nca_image *image = NULL;
    nca_status status = nca_image_create(&image, size, size, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t row = 0; row < size; row++) {
        for (size_t column = 0; column < size; column++) {
            draw_pixel(image->pixels + (row * size + column) * 4, column, row, size);
        }
    }
    *out_image = image;
    return NCA_OK;
}
