/* Internal: what stands beyond the edges of a grid, one row a boundary.
 *
 * The rows and the columns outside are found one axis at a time: the cell outside at (r, c) is the
 * cell inside at (source(r), source(c)). That map is all a boundary has to say. Filling the halo of
 * a plane copies along it (core/layout.h), and the gradient goes back along it (tape/backward.c).
 * To add one: its value in nca/automaton.h and its row here. */
#ifndef NCA_CORE_BOUNDARY_H
#define NCA_CORE_BOUNDARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"

/* No row or column stands there: the cell is 0. */
#define NCA__NOWHERE SIZE_MAX

typedef struct nca__boundary {
    const char *name;
    /* Which of 0..size-1 stands at `at`, any number: a grid may be smaller than its halo, so that
     * one cell stands there several times. NULL: none, all outside is 0. */
    size_t (*source)(ptrdiff_t at, size_t size);
    /* The halo of a gradient. A torus has no edges: neighbours across them are neighbours, so the
     * halo is filled as that of a state and no gradient is left there. Elsewhere the gradient that
     * cells outside receive is added to the cells that they are copies of. */
    bool torus;
} nca__boundary;

/* The row of a boundary that is valid. */
const nca__boundary *nca__boundary_of(nca_boundary boundary);

/* source(), or NCA__NOWHERE outside where there is none. */
size_t nca__boundary_source(const nca__boundary *boundary, ptrdiff_t at, size_t size);

#endif
