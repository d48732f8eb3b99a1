/* Damage: draws a random shape and sets the cells inside it to 0. */
#include "nca/damage.h"

#include <stdbool.h>

#include "nca/philox.h"

enum {
    PIECE = 64,              /* number of cells that `inside` tests per call */
    MOST_NORMAL_BLOCKS = 64, /* the probability of needing more is below 1e-85 */
    MIXED_SHAPES = 3 /* number of shapes that `mixed` chooses among: the first rows of the table */
};
static const uint32_t cells_word = 0x80000000u; /* added to word 1 of the counter of single cells */
static const float cells_share = 0.3f;

/* Up to PIECE consecutive cells of one row of a grid. */
typedef struct piece {
    float x[PIECE], y; /* their coordinates */
    size_t first;      /* row-major index of the first cell in the grid */
    size_t count;
} piece;

/* A shape. To add one: its functions and its row in the table below. */
typedef struct shape_row {
    const char *name;
    void (*draw)(nca_damage *damage); /* draws the fields that only this shape has; NULL: none */
    /* Which cells are inside; NULL: a shape that is only drawn (mixed). */
    void (*inside)(bool *out, const nca_damage *damage, const piece *cells);
} shape_row;

const char *nca_damage_area_name(nca_damage_area area)
{
    static const char *const names[NCA_DAMAGE_AREA_COUNT] = {"grid", "living"};
    return (unsigned)area < NCA_DAMAGE_AREA_COUNT ? names[area] : NULL;
}

/* A uniform direction without sine and cosine: points of the square are drawn until one is inside
 * the unit circle, which is then scaled to length 1. Points close to 0 are rejected because they
 * have too few significant digits. */
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

static void inside_circle(bool *out, const nca_damage *damage, const piece *cells)
{
    const float dy = cells->y - damage->y;
    for (size_t i = 0; i < cells->count; i++) {
        const float dx = cells->x[i] - damage->x;
        out[i] = dx * dx + dy * dy < damage->size * damage->size;
    }
}

static void inside_half_plane(bool *out, const nca_damage *damage, const piece *cells)
{
    const float dy = cells->y - damage->y;
    for (size_t i = 0; i < cells->count; i++) {
        const float dx = cells->x[i] - damage->x;
        out[i] = dx * damage->nx + dy * damage->ny > 0.0f;
    }
}

static void inside_square(bool *out, const nca_damage *damage, const piece *cells)
{
    const float dy = cells->y - damage->y;
    for (size_t i = 0; i < cells->count; i++) {
        const float dx = cells->x[i] - damage->x;
        out[i] = __builtin_fabsf(dx) < damage->size && __builtin_fabsf(dy) < damage->size;
    }
}

static void inside_cells(bool *out, const nca_damage *damage, const piece *cells)
{
    for (size_t i = 0; i < cells->count; i++) {
        const size_t index = cells->first + i;
        uint32_t words[4];
        nca_draw(words, damage->seed, NCA_STREAM_DAMAGE, (uint32_t)(index / 4),
                 cells_word | damage->attempt, damage->sample, damage->iteration);
        out[i] = nca_uniform(words[index % 4]) < cells_share;
    }
}

static const shape_row rows[] = {
    [NCA_DAMAGE_CIRCLE] = {.name = "circle", .inside = inside_circle},
    [NCA_DAMAGE_HALF_PLANE] = {.name = "half-plane",
                               .draw = draw_normal,
                               .inside = inside_half_plane},
    [NCA_DAMAGE_SQUARE] = {.name = "square", .inside = inside_square},
    [NCA_DAMAGE_CELLS] = {.name = "cells", .inside = inside_cells},
    [NCA_DAMAGE_MIXED] = {.name = "mixed"},
};
_Static_assert(sizeof rows / sizeof *rows == NCA_DAMAGE_COUNT, "every shape has a row");

const char *nca_damage_name(nca_damage_shape shape)
{
    return (unsigned)shape < NCA_DAMAGE_COUNT ? rows[shape].name : NULL;
}

/* ---- Drawing ---------------------------------------------------------------------------------*/

/* The region where a shape may be placed, in the coordinates of the grid. */
typedef struct region {
    float x, y;           /* centre */
    float half_x, half_y; /* half the side lengths */
    float least, span;    /* size: smallest value, and range above it */
} region;

static nca_damage draw_attempt(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                               uint32_t iteration, uint32_t attempt, const region *where)
{
    uint32_t words[4];
    nca_draw(words, seed, NCA_STREAM_DAMAGE, 0, attempt, sample, iteration);
    nca_damage damage = {
        .shape = shape, .seed = seed, .sample = sample, .iteration = iteration, .attempt = attempt};
    if (shape == NCA_DAMAGE_MIXED) {
        damage.shape = (nca_damage_shape)nca_below(words[3], MIXED_SHAPES);
    }
    damage.x = where->x + where->half_x * (nca_uniform(words[0]) - 0.5f);
    damage.y = where->y + where->half_y * (nca_uniform(words[1]) - 0.5f);
    damage.size = where->least + where->span * nca_uniform(words[2]);
    if (rows[damage.shape].draw != NULL) {
        rows[damage.shape].draw(&damage);
    }
    return damage;
}

nca_damage nca_damage_draw(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                           uint32_t iteration)
{
    const region grid = {.half_x = 1.0f, .half_y = 1.0f, .least = 0.1f, .span = 0.3f};
    return draw_attempt(shape, seed, sample, iteration, 0, &grid);
}

/* Element `index` of linspace(-1, 1, count) in single precision by the rule of torch.linspace:
 * the first half steps up from -1, the second half steps down from 1, so the coordinates are
 * symmetric and both ends are exact. (PyTorch's vectorised loop may differ from this rule in the
 * last bit.) */
static float coordinate(size_t index, size_t count)
{
    if (count < 2) {
        return -1.0f;
    }
    const float step = 2.0f / (float)(count - 1);
    return index < count / 2 ? -1.0f + step * (float)index
                             : 1.0f - step * (float)(count - 1 - index);
}

/* ---- Cells inside ----------------------------------------------------------------------------*/

/* Marks which of up to PIECE cells of a row of the grid, starting at column `first`, are inside the
 * damage; NULL: all of them. Returns the number of cells examined. */
static size_t mark_inside(bool out[PIECE], const nca_damage *damage, size_t height, size_t width,
                          size_t row, size_t first)
{
    piece cells = {.y = coordinate(row, height),
                   .first = row * width + first,
                   .count = width - first < PIECE ? width - first : PIECE};
    for (size_t i = 0; i < cells.count; i++) {
        cells.x[i] = coordinate(first + i, width);
        out[i] = damage == NULL;
    }
    if (damage != NULL && (unsigned)damage->shape < NCA_DAMAGE_COUNT &&
        rows[damage->shape].inside != NULL) {
        rows[damage->shape].inside(out, damage, &cells);
    }
    return cells.count;
}

/* ---- Damage of the living cells ---------------------------------------------------------------
 */

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

/* The bounding box of the living cells; returns their number. */
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
    bool inside[PIECE];
    size_t taken = 0;
    for (size_t row = 0; row < living->height; row++) {
        for (size_t first = 0, count; first < living->width; first += count) {
            count = mark_inside(inside, damage, living->height, living->width, row, first);
            for (size_t i = 0; i < count; i++) {
                taken += inside[i] && is_living(living, row, first + i);
            }
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
    const nca_damage_shape chosen = damage.shape; /* used for all attempts */
    for (uint32_t attempt = 1; count > 0 && attempt < NCA_DAMAGE_ATTEMPTS; attempt++) {
        const size_t taken = nca_damage_living(living, &damage);
        if (10 * taken >= count && 10 * taken <= 6 * count) {
            break;
        }
        damage = draw_attempt(chosen, seed, sample, iteration, attempt, &where);
    }
    damage.input_channels = living->input_channels;
    return damage;
}

nca_damage nca_damage_draw_in(nca_damage_area area, nca_damage_shape shape, uint64_t seed,
                              uint32_t sample, uint32_t iteration, const nca_living *living)
{
    if (area == NCA_DAMAGE_AREA_LIVING) {
        return nca_damage_draw_living(shape, seed, sample, iteration, living);
    }
    nca_damage damage = nca_damage_draw(shape, seed, sample, iteration);
    damage.input_channels = living->input_channels;
    return damage;
}

size_t nca_damage_apply(float *grid, size_t height, size_t width, size_t channels,
                        const nca_damage *damage)
{
    bool inside[PIECE];
    size_t cut = 0;
    for (size_t row = 0; row < height; row++) {
        for (size_t first = 0, count; first < width; first += count) {
            count = mark_inside(inside, damage, height, width, row, first);
            float *cell = grid + (row * width + first) * channels;
            for (size_t i = 0; i < count; i++, cell += channels) {
                for (size_t c = damage->input_channels; inside[i] && c < channels; c++) {
                    cell[c] = 0.0f;
                }
                cut += inside[i];
            }
        }
    }
    return cut;
}
