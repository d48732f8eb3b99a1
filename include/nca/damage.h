/* Damage: a shape of cells set to 0. Freestanding.
 *
 * Coordinates are linspace(-1, 1) along each axis (a side of one cell sits at -1). */
#ifndef NCA_DAMAGE_H
#define NCA_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_damage_shape {
    NCA_DAMAGE_CIRCLE,     /* centre uniform in [-0.5, 0.5]^2, radius uniform in [0.1, 0.4] */
    NCA_DAMAGE_HALF_PLANE, /* everything on one side of a line through such a centre */
    NCA_DAMAGE_SQUARE,     /* axis-parallel, half side uniform in [0.1, 0.4] around such a centre */
    NCA_DAMAGE_COUNT
} nca_damage_shape;

const char *nca_damage_name(nca_damage_shape shape); /* "circle", "half-plane", "square" */

typedef struct nca_damage {
    nca_damage_shape shape;
    float x, y;   /* centre, or a point on the line */
    float size;   /* radius or half side */
    float nx, ny; /* half plane: unit normal; cells with (p - centre) . n > 0 are cut */
} nca_damage;

/* A random damage from stream NCA_STREAM_DAMAGE (nca/philox.h). */
nca_damage nca_damage_draw(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                           uint32_t iteration);

/* Sets the cells inside the shape of a grid (H,W,C) to 0; returns how many cells that is. */
size_t nca_damage_apply(float *grid, size_t height, size_t width, size_t channels,
                        const nca_damage *damage);

#ifdef __cplusplus
}
#endif
#endif
