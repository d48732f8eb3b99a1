/* Internal: the memory layout of a grid, and its division into bands.
 *
 *   state plane   (H+2, W+2, Cp) floats: Cp channels padded to NCA_LANES, a halo of one cell
 *   mark plane    (H+4, W+4) bytes: one mark per cell, a halo of two
 *   band          consecutive whole rows; the unit of work of a thread, with its own partial sums
 *
 * The bands depend only on the grid, never on the number of threads, so the order of all sums is
 * fixed. */
#ifndef NCA_CORE_LAYOUT_H
#define NCA_CORE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/boundary.h"

typedef struct nca__layout {
    size_t height, width;
    size_t channels;        /* C */
    size_t padded_channels; /* Cp */
    const nca__boundary *boundary;
    size_t row_stride;       /* floats between rows of a state plane */
    size_t plane_floats;     /* floats of a state plane */
    size_t mark_stride;      /* bytes between rows of a mark plane */
    size_t mark_bytes;       /* bytes of a mark plane */
    size_t bands, band_rows; /* the last band may have more or fewer rows, but never one if there
                                are several bands */
} nca__layout;

/* Columns begin..end-1 of a row; empty if both are equal. */
typedef struct nca__span {
    size_t begin, end;
} nca__span;

/* The smallest span that contains both. */
nca__span nca__span_union(nca__span a, nca__span b);

/* Rounds up to a multiple of NCA_LANES. */
size_t nca__pad(size_t count);

nca__layout nca__layout_make(const nca_automaton *automaton, size_t height, size_t width);

/* First row of a band, and the row after its last. */
size_t nca__band_begin(const nca__layout *layout, size_t band);
size_t nca__band_end(const nca__layout *layout, size_t band);
/* The largest number of rows of a band. */
size_t nca__most_band_rows(const nca__layout *layout);

/* Offset of a cell in a state plane or a mark plane. */
static inline size_t nca__state_at(const nca__layout *layout, size_t row, size_t column)
{
    return (row + 1) * layout->row_stride + (column + 1) * layout->padded_channels;
}
static inline size_t nca__mark_at(const nca__layout *layout, size_t row, size_t column)
{
    return (row + 2) * layout->mark_stride + column + 2;
}

/* Copies a finished row into every halo cell that is a copy of one of its cells. For a zero
 * boundary this does nothing: halos are zeroed once and never written. `values` is the number of
 * floats per cell in `plane` ((H+2, W+2, values)). */
void nca__fill_halo(float *plane, const nca__layout *layout, size_t row, size_t values);
void nca__fill_mark_halo(uint8_t *marks, const nca__layout *layout, size_t row);

/* Copies rows of a dense grid (H,W,C) into a state plane (padding zeroed, halo filled) or back. */
void nca__rows_in(float *plane, const nca__layout *layout, const float *grid, size_t begin,
                  size_t end);
void nca__rows_out(float *grid, const nca__layout *layout, const float *plane, size_t begin,
                   size_t end);

#endif
