/* Damage: a set of cells, usually a geometric shape, that is set to 0. Freestanding.
 *
 * Coordinates are linspace(-1, 1) along each axis (a side of one cell is at -1). */
#ifndef NCA_DAMAGE_H
#define NCA_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_damage_shape {
    NCA_DAMAGE_CIRCLE,     /* centre uniform in [-0.5, 0.5]^2, radius uniform in [0.1, 0.4] */
    NCA_DAMAGE_HALF_PLANE, /* everything on one side of a line through such a point */
    NCA_DAMAGE_SQUARE,     /* axis-parallel, half side uniform in [0.1, 0.4] around such a centre */
    NCA_DAMAGE_CELLS,      /* each cell independently with probability 0.3 */
    NCA_DAMAGE_SHAPES,
    /* Only for nca_damage_draw...: one of circle, half plane and square at random. */
    NCA_DAMAGE_MIXED = NCA_DAMAGE_SHAPES,
    NCA_DAMAGE_COUNT
} nca_damage_shape;

/* Where random damage is placed. */
typedef enum nca_damage_area {
    NCA_DAMAGE_AREA_GRID,   /* around the middle of the grid: nca_damage_draw */
    NCA_DAMAGE_AREA_LIVING, /* so that 10 to 60 % of the living cells are lost:
                               nca_damage_draw_living */
    NCA_DAMAGE_AREA_COUNT
} nca_damage_area;

NCA_API const char *nca_damage_area_name(nca_damage_area area); /* "grid", "living" */
/* "circle", "half-plane", "square", "cells", "mixed"; NULL beyond them. */
NCA_API const char *nca_damage_name(nca_damage_shape shape);

typedef struct nca_damage {
    nca_damage_shape shape;
    float x, y;   /* centre, or a point on the line */
    float size;   /* radius or half side */
    float nx, ny; /* half plane: unit normal; cells with (p - centre) . n > 0 are set to 0 */
    /* cells: the counter of their random numbers */
    uint64_t seed;
    uint32_t sample, iteration, attempt;
    uint32_t input_channels; /* the first channels of a cell, which keep their values */
} nca_damage;

/* Random damage, from stream NCA_STREAM_DAMAGE (nca/philox.h). */
NCA_API nca_damage nca_damage_draw(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                                   uint32_t iteration);

/* A grid (H,W,C) and the rule for its living cells: alive_channel exceeds alive_threshold somewhere
 * in the 3x3 neighbourhood; if alive_channel is negative, all cells live. */
typedef struct nca_living {
    const float *grid;
    size_t height, width, channels;
    int32_t alive_channel;
    float alive_threshold;
    uint32_t input_channels; /* for the damage that is drawn */
} nca_living;

/* Random damage that removes 10 to 60 % of the living cells. Its coordinates are relative to the
 * bounding box of the living cells: the centre lies in the middle half of each side, the size is
 * 0.1 to 0.9 of half the longer side. A shape that removes too few or too many cells is drawn
 * again; the last of NCA_DAMAGE_ATTEMPTS draws is used in any case, and the first one if there are
 * no living cells. Attempt n has n in word 1 of the counter. NCA_DAMAGE_MIXED returns the shape
 * that was chosen. */
NCA_API nca_damage nca_damage_draw_living(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                                          uint32_t iteration, const nca_living *living);
enum {
    NCA_DAMAGE_ATTEMPTS = 64
};
/* One of the two, as `area` says, with the input channels of `living`; nca_damage_draw does not
 * look at the grid. */
NCA_API nca_damage nca_damage_draw_in(nca_damage_area area, nca_damage_shape shape, uint64_t seed,
                                      uint32_t sample, uint32_t iteration,
                                      const nca_living *living);

/* The number of living cells inside the shape; damage NULL: the number of all living cells. */
NCA_API size_t nca_damage_living(const nca_living *living, const nca_damage *damage);

/* Sets the cells inside the shape of a grid (H,W,C) to 0, except their first damage->input_channels
 * values (inputs are perceived, but never written); returns how many cells that is. */
NCA_API size_t nca_damage_apply(float *grid, size_t height, size_t width, size_t channels,
                                const nca_damage *damage);

#ifdef __cplusplus
}
#endif
#endif
