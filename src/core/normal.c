/* See normal.h. */
#include "core/normal.h"

#include <stddef.h>

#include "core/exponential.h"
#include "core/trig.h"

static const double pi = 3.14159265358979323846;

void nca__normals(double out[4], const uint32_t words[4])
{
    for (size_t i = 0; i < 4; i += 2) {
        const double u = ((double)words[i] + 1.0) / 4294967296.0; /* above 0 */
        const double radius = __builtin_sqrt(-2.0 * nca__log(u));
        double cosine, sine;
        nca__cos_sin(&cosine, &sine, 2.0 * pi * ((double)words[i + 1] / 4294967296.0));
        out[i] = radius * cosine;
        out[i + 1] = radius * sine;
    }
}
