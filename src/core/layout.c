/* The memory layout of a grid: strides, bands, halos. */
#include "core/layout.h"

#include <string.h>

#include "kernels/table.h"

enum {
    BAND_CELLS = 256, /* smallest number of cells that is worth a thread's overhead */
    MOST_BANDS = 64,  /* each band has its own gradient, which costs memory and additions */
    LEAST_ROWS = 2,   /* a band reads up to two rows of its neighbours */
};

size_t nca__pad(size_t count)
{
    return (count + NCA_LANES - 1) / NCA_LANES * NCA_LANES;
}

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

nca__span nca__span_union(nca__span a, nca__span b)
{
    if (a.begin == a.end) {
        return b;
    }
    if (b.begin == b.end) {
        return a;
    }
    return (nca__span){a.begin < b.begin ? a.begin : b.begin, larger(a.end, b.end)};
}

nca__layout nca__layout_make(const nca_automaton *automaton, size_t height, size_t width)
{
    nca__layout layout = {
        .height = height,
        .width = width,
        .channels = automaton->channels,
        .padded_channels = nca__pad(automaton->channels),
        .boundary = nca__boundary_of(automaton->boundary),
    };
    layout.row_stride = (width + 2) * layout.padded_channels;
    layout.plane_floats = (height + 2) * layout.row_stride;
    layout.mark_stride = width + 4;
    layout.mark_bytes = (height + 4) * layout.mark_stride;
    /* The size and the number of bands both grow with the side of the grid: three bands on 28x28
     * (enough for sixteen cores to share a batch of eight), nine on 72x72, sixty-four on
     * 512x512. */
    const size_t cells = larger(BAND_CELLS, 4 * (width + height));
    const size_t rows = larger(divide_up(cells, width), divide_up(height, MOST_BANDS));
    layout.band_rows = larger(rows, LEAST_ROWS);
    layout.bands = divide_up(height, layout.band_rows);
    if (layout.bands > 1 && height - (layout.bands - 1) * layout.band_rows < LEAST_ROWS) {
        layout.bands--;
    }
    return layout;
}

size_t nca__band_begin(const nca__layout *layout, size_t band)
{
    return band * layout->band_rows;
}

size_t nca__band_end(const nca__layout *layout, size_t band)
{
    return band + 1 == layout->bands ? layout->height : (band + 1) * layout->band_rows;
}

size_t nca__most_band_rows(const nca__layout *layout)
{
    const size_t last = layout->height - nca__band_begin(layout, layout->bands - 1);
    return larger(layout->band_rows, last);
}

/* All halo rows and columns are tested, because a grid may be smaller than its halo and a cell may
 * appear there several times. `halo` is the number of rows and columns on each side. */
static void fill(unsigned char *plane, const nca__layout *layout, size_t halo, size_t cell_bytes,
                 size_t row)
{
    const nca__boundary *boundary = layout->boundary;
    const size_t height = layout->height;
    const size_t width = layout->width;
    const size_t stride = (width + 2 * halo) * cell_bytes;
    unsigned char *line = plane + (row + halo) * stride;
    unsigned char *first = line + halo * cell_bytes;
    for (size_t k = 1; k <= halo; k++) {
        const size_t left = boundary->source(-(ptrdiff_t)k, width);
        const size_t right = boundary->source((ptrdiff_t)(width + k - 1), width);
        memcpy(first - k * cell_bytes, first + left * cell_bytes, cell_bytes);
        memcpy(first + (width + k - 1) * cell_bytes, first + right * cell_bytes, cell_bytes);
    }
    for (size_t k = 1; k <= halo; k++) {
        if (boundary->source(-(ptrdiff_t)k, height) == row) {
            memcpy(plane + (halo - k) * stride, line, stride);
        }
        if (boundary->source((ptrdiff_t)(height + k - 1), height) == row) {
            memcpy(plane + (halo + height + k - 1) * stride, line, stride);
        }
    }
}

void nca__fill_halo(float *plane, const nca__layout *layout, size_t row, size_t values)
{
    if (layout->boundary->source != NULL) {
        fill((unsigned char *)plane, layout, 1, values * sizeof(float), row);
    }
}

void nca__fill_mark_halo(uint8_t *marks, const nca__layout *layout, size_t row)
{
    if (layout->boundary->source != NULL) {
        fill(marks, layout, 2, 1, row);
    }
}

void nca__rows_in(float *plane, const nca__layout *layout, const float *grid, size_t begin,
                  size_t end)
{
    for (size_t row = begin; row < end; row++) {
        for (size_t column = 0; column < layout->width; column++) {
            float *cell = plane + nca__state_at(layout, row, column);
            const float *source = grid + (row * layout->width + column) * layout->channels;
            memcpy(cell, source, layout->channels * sizeof(float));
            memset(cell + layout->channels, 0,
                   (layout->padded_channels - layout->channels) * sizeof(float));
        }
        nca__fill_halo(plane, layout, row, layout->padded_channels);
    }
}

void nca__rows_out(float *grid, const nca__layout *layout, const float *plane, size_t begin,
                   size_t end)
{
    for (size_t row = begin; row < end; row++) {
        for (size_t column = 0; column < layout->width; column++) {
            memcpy(grid + (row * layout->width + column) * layout->channels,
                   plane + nca__state_at(layout, row, column), layout->channels * sizeof(float));
        }
    }
}
