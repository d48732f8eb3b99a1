/* Internal: the boundaries of a grid, one table row each.
 *
 * Rows and columns outside the grid are mapped one axis at a time: the cell at (r, c) outside is a
 * copy of the cell inside at (source(r), source(c)). This map defines the boundary completely.
 * Filling the halo of a plane copies along it (core/layout.h), and the gradient goes back along it
 * (tape/backward.c). To add a boundary: its value in nca/automaton.h and its row here. */
#ifndef NCA_CORE_BOUNDARY_H
#define NCA_CORE_BOUNDARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"

/* There is no such row or column: the cell is 0. */
#define NCA__NOWHERE SIZE_MAX

typedef struct nca__boundary {
    const char *name;
    /* The index in 0..size-1 that position `at` is a copy of. `at` can be any number: a grid may be
     * smaller than its halo, which then contains a cell several times. NULL: everything outside is
     * 0. */
    size_t (*source)(ptrdiff_t at, size_t size);
    /* How the halo of a gradient is treated. On a torus, cells across an edge are neighbours, so
     * the halo of the gradient is filled like that of a state and receives no gradient of its own.
     * For other boundaries, the gradient of cells outside is added to the cells that they are
     * copies of. */
    bool torus;
} nca__boundary;

/* The row of a valid boundary. */
const nca__boundary *nca__boundary_of(nca_boundary boundary);

/* source(), or NCA__NOWHERE for a position outside if there is no source. */
size_t nca__boundary_source(const nca__boundary *boundary, ptrdiff_t at, size_t size);

#endif
