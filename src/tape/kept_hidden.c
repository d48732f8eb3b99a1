/* Hidden layers that the forward pass keeps for the backward pass, in rings of rows. */
#include "tape/kept_hidden.h"

#include "core/carve.h"

enum {
    TILE = 4 /* layers process rows up to a multiple of this */
};

static size_t whole_tiles(size_t rows)
{
    return (rows + TILE - 1) / TILE * TILE;
}

nca__kept_hidden nca__kept_carve(uintptr_t *cursor, const nca__engine *engine, size_t steps,
                                 size_t bytes)
{
    const nca__layout *layout = &engine->layout;
    const size_t row_bytes = engine->shape.hidden_stride * sizeof(float);
    const size_t most = whole_tiles(nca__most_band_rows(layout) * layout->width);
    nca__kept_hidden kept = {.row_floats = engine->shape.hidden_stride, .bands = layout->bands};
    kept.capacity = bytes / layout->bands / row_bytes / TILE * TILE;
    if (kept.capacity < 2 * most) {
        kept.capacity = 0;
        return kept;
    }
    kept.rows = nca__carve(cursor, kept.bands * kept.capacity * row_bytes);
    kept.written = nca__carve(cursor, kept.bands * sizeof *kept.written);
    kept.step = nca__carve(cursor, steps * kept.bands * sizeof *kept.step);
    return kept;
}

static float *row_at(const nca__kept_hidden *kept, size_t band, uint64_t row)
{
    const size_t in_ring = (size_t)(row % kept->capacity);
    return kept->rows + (band * kept->capacity + in_ring) * kept->row_floats;
}

float *nca__kept_begin(nca__kept_hidden *kept, size_t t, size_t band, size_t cells)
{
    if (kept->capacity == 0) {
        return NULL;
    }
    /* The rows of a step are contiguous; the space at the end of the ring may be too short. */
    const size_t left = kept->capacity - (size_t)(kept->written[band] % kept->capacity);
    kept->written[band] += left < whole_tiles(cells) ? left : 0;
    kept->step[(t - 1) * kept->bands + band] = (nca__kept_rows){kept->written[band], 0};
    return row_at(kept, band, kept->written[band]);
}

void nca__kept_end(nca__kept_hidden *kept, size_t t, size_t band, size_t count)
{
    if (kept->capacity != 0) {
        kept->step[(t - 1) * kept->bands + band].count = count;
        kept->written[band] += whole_tiles(count);
    }
}

const float *nca__kept_find(const nca__kept_hidden *kept, size_t t, size_t band)
{
    if (kept->capacity == 0) {
        return NULL;
    }
    const nca__kept_rows *rows = &kept->step[(t - 1) * kept->bands + band];
    return kept->written[band] - rows->begin <= kept->capacity ? row_at(kept, band, rows->begin)
                                                               : NULL;
}

size_t nca__kept_count(const nca__kept_hidden *kept, size_t t, size_t band)
{
    return kept->step[(t - 1) * kept->bands + band].count;
}
