/* Damage: drawing a shape and cutting it out of a grid. Freestanding; knows nothing of pools. */
#include "nca/damage.h"

#include "nca/philox.h"

enum {
    MOST_NORMAL_BLOCKS = 64 /* the chance to need more is below 1e-85 */
};
static const uint32_t cells_word = 0x80000000u; /* in word 1 of the counter of single cells */
static const float cells_share = 0.3f;

const char *nca_damage_name(nca_damage_shape shape)
{
    static const char *const names[NCA_DAMAGE_COUNT] = {[NCA_DAMAGE_CIRCLE] = "circle",
                                                        [NCA_DAMAGE_HALF_PLANE] = "half-plane",
                                                        [NCA_DAMAGE_SQUARE] = "square",
                                                        [NCA_DAMAGE_CELLS] = "cells",
                                                        [NCA_DAMAGE_MIXED] = "mixed"};
    return (unsigned)shape < NCA_DAMAGE_COUNT ? names[shape] : (const char *)0;
}

const char *nca_damage_area_name(nca_damage_area area)
{
    static const char *const names[NCA_DAMAGE_AREA_COUNT] = {"grid", "living"};
    return (unsigned)area < NCA_DAMAGE_AREA_COUNT ? names[area] : (const char *)0;
}

/* A uniform direction without sine and cosine: points of the square are drawn until one falls into
 * the unit circle, then scaled to length 1. Points near 0 lose digits and are passed over. */
static void draw_normal(nca_damage *damage)
{
    for (uint32_t block = 1; block <= MOST_NORMAL_BLOCKS; block++) {
        uint32_t words[4];
        nca_draw(words, damage->seed, NCA_STREAM_DAMAGE, block, damage->attempt, damage->sample,
                 damage->iteration);
        for (int pair = 0; pair < 4; pair += 2) {
            float x = 2.0f * nca_uniform(words[pair]) - 1.0f;
            float y = 2.0f * nca_uniform(words[pair + 1]) - 1.0f;
            float square = x * x + y * y;
            if (square <= 1.0f && square >= 1e-4f) {
                float length = __builtin_sqrtf(square);
                damage->nx = x / length;
                damage->ny = y / length;
                return;
            }
        }
    }
    damage->nx = 1.0f;
    damage->ny = 0.0f;
}

/* Where a cut may lie, in the coordinates of the grid. */
typedef struct region {
    float x, y;           /* middle */
    float half_x, half_y; /* sides */
    float least, span;    /* of the size */
} region;

static nca_damage draw_attempt(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                               uint32_t iteration, uint32_t attempt, const region *where)
{
    uint32_t words[4];
    nca_draw(words, seed, NCA_STREAM_DAMAGE, 0, attempt, sample, iteration);
    nca_damage damage = {
        .shape = shape, .seed = seed, .sample = sample, .iteration = iteration, .attempt = attempt};
    if (shape == NCA_DAMAGE_MIXED) {
        damage.shape = (nca_damage_shape)nca_below(words[3], NCA_DAMAGE_CELLS);
    }
    damage.x = where->x + where->half_x * (nca_uniform(words[0]) - 0.5f);
    damage.y = where->y + where->half_y * (nca_uniform(words[1]) - 0.5f);
    damage.size = where->least + where->span * nca_uniform(words[2]);
    if (damage.shape == NCA_DAMAGE_HALF_PLANE) {
        draw_normal(&damage);
    }
    return damage;
}

nca_damage nca_damage_draw(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                           uint32_t iteration)
{
    const region grid = {.half_x = 1.0f, .half_y = 1.0f, .least = 0.1f, .span = 0.3f};
    return draw_attempt(shape, seed, sample, iteration, 0, &grid);
}

/* Element `index` of linspace(-1, 1, count) in single precision by torch.linspace's rule: the first
 * half steps up from -1, the second half steps down from 1, so that the coordinates are symmetric
 * and both ends exact. (PyTorch's vectorised loop may differ from its own rule in the last bit.) */
static float coordinate(size_t index, size_t count)
{
    if (count < 2) {
        return -1.0f;
    }
    const float step = 2.0f / (float)(count - 1);
    return index < count / 2 ? -1.0f + step * (float)index
                             : 1.0f - step * (float)(count - 1 - index);
}

/* Cell `index` (row-major) at (x, y). */
static int is_inside(const nca_damage *damage, float x, float y, size_t index)
{
    const float dx = x - damage->x;
    const float dy = y - damage->y;
    switch (damage->shape) {
    case NCA_DAMAGE_HALF_PLANE:
        return dx * damage->nx + dy * damage->ny > 0.0f;
    case NCA_DAMAGE_SQUARE:
        return __builtin_fabsf(dx) < damage->size && __builtin_fabsf(dy) < damage->size;
    case NCA_DAMAGE_CIRCLE:
        return dx * dx + dy * dy < damage->size * damage->size;
    case NCA_DAMAGE_CELLS: {
        uint32_t words[4];
        nca_draw(words, damage->seed, NCA_STREAM_DAMAGE, (uint32_t)(index / 4),
                 cells_word | damage->attempt, damage->sample, damage->iteration);
        return nca_uniform(words[index % 4]) < cells_share;
    }
    case NCA_DAMAGE_MIXED:
    case NCA_DAMAGE_COUNT:
        break;
    }
    return 0;
}

/* ---- Damage of the living --------------------------------------------------------------------*/

static int is_living(const nca_living *living, size_t row, size_t column)
{
    if (living->alive_channel < 0) {
        return 1;
    }
    const size_t last_row = row + 1 < living->height ? row + 1 : row;
    const size_t last_column = column + 1 < living->width ? column + 1 : column;
    for (size_t r = row > 0 ? row - 1 : 0; r <= last_row; r++) {
        for (size_t c = column > 0 ? column - 1 : 0; c <= last_column; c++) {
            const float *cell = living->grid + (r * living->width + c) * living->channels;
            if (cell[living->alive_channel] > living->alive_threshold) {
                return 1;
            }
        }
    }
    return 0;
}

/* The bounding box of the living cells; returns how many there are. */
static size_t find_living(region *where, const nca_living *living)
{
    size_t count = 0, top = living->height, bottom = 0, left = living->width, right = 0;
    for (size_t row = 0; row < living->height; row++) {
        for (size_t column = 0; column < living->width; column++) {
            if (is_living(living, row, column)) {
                count++;
                top = row < top ? row : top;
                bottom = row;
                left = column < left ? column : left;
                right = column > right ? column : right;
            }
        }
    }
    if (count == 0) {
        *where = (region){.half_x = 1.0f, .half_y = 1.0f, .least = 0.1f, .span = 0.8f};
        return 0;
    }
    const float x0 = coordinate(left, living->width), x1 = coordinate(right, living->width);
    const float y0 = coordinate(top, living->height), y1 = coordinate(bottom, living->height);
    *where = (region){.x = 0.5f * (x0 + x1),
                      .y = 0.5f * (y0 + y1),
                      .half_x = 0.5f * (x1 - x0),
                      .half_y = 0.5f * (y1 - y0)};
    const float longer = where->half_x > where->half_y ? where->half_x : where->half_y;
    where->least = 0.1f * longer;
    where->span = 0.8f * longer;
    return count;
}

size_t nca_damage_living(const nca_living *living, const nca_damage *damage)
{
    size_t taken = 0;
    for (size_t row = 0; row < living->height; row++) {
        const float y = coordinate(row, living->height);
        for (size_t column = 0; column < living->width; column++) {
            const float x = coordinate(column, living->width);
            const int inside = damage == (const nca_damage *)0 ||
                               is_inside(damage, x, y, row * living->width + column);
            taken += inside && is_living(living, row, column);
        }
    }
    return taken;
}

nca_damage nca_damage_draw_living(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                                  uint32_t iteration, const nca_living *living)
{
    region where;
    const size_t count = find_living(&where, living);
    nca_damage damage = draw_attempt(shape, seed, sample, iteration, 0, &where);
    const nca_damage_shape chosen = damage.shape; /* the same in every attempt */
    for (uint32_t attempt = 1; count > 0 && attempt < NCA_DAMAGE_ATTEMPTS; attempt++) {
        const size_t taken = nca_damage_living(living, &damage);
        if (10 * taken >= count && 10 * taken <= 6 * count) {
            break;
        }
        damage = draw_attempt(chosen, seed, sample, iteration, attempt, &where);
    }
    return damage;
}

nca_damage nca_damage_draw_in(nca_damage_area area, nca_damage_shape shape, uint64_t seed,
                              uint32_t sample, uint32_t iteration, const nca_living *living)
{
    return area == NCA_DAMAGE_AREA_LIVING
               ? nca_damage_draw_living(shape, seed, sample, iteration, living)
               : nca_damage_draw(shape, seed, sample, iteration);
}

size_t nca_damage_apply(float *grid, size_t height, size_t width, size_t channels,
                        const nca_damage *damage)
{
    size_t cut = 0;
    for (size_t row = 0; row < height; row++) {
        const float y = coordinate(row, height);
        for (size_t column = 0; column < width; column++) {
            if (!is_inside(damage, coordinate(column, width), y, row * width + column)) {
                continue;
            }
            float *cell = grid + (row * width + column) * channels;
            for (size_t c = 0; c < channels; c++) {
                cell[c] = 0.0f;
            }
            cut++;
        }
    }
    return cut;
}
