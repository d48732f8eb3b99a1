/* Damage shapes: drawn in their ranges, applied as defined, to whole cells only. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nca/damage.h"
#include "nca/philox.h"

static void names_are_those_of_the_settings(void **state)
{
    (void)state;
    assert_string_equal(nca_damage_name(NCA_DAMAGE_CIRCLE), "circle");
    assert_string_equal(nca_damage_name(NCA_DAMAGE_HALF_PLANE), "half-plane");
    assert_string_equal(nca_damage_name(NCA_DAMAGE_SQUARE), "square");
    assert_string_equal(nca_damage_name(NCA_DAMAGE_CELLS), "cells");
    assert_string_equal(nca_damage_name(NCA_DAMAGE_MIXED), "mixed");
    assert_null(nca_damage_name(NCA_DAMAGE_COUNT));
    assert_string_equal(nca_damage_area_name(NCA_DAMAGE_AREA_GRID), "grid");
    assert_string_equal(nca_damage_area_name(NCA_DAMAGE_AREA_LIVING), "living");
    assert_null(nca_damage_area_name(NCA_DAMAGE_AREA_COUNT));
}

static void draws_stay_in_their_ranges_and_fill_them(void **state)
{
    (void)state;
    float lowest[3] = {9, 9, 9}, highest[3] = {-9, -9, -9};
    for (uint32_t i = 0; i < 4000; i++) {
        nca_damage damage = nca_damage_draw((nca_damage_shape)(i % NCA_DAMAGE_COUNT), 42, i % 8, i);
        const float values[3] = {damage.x, damage.y, damage.size};
        for (int k = 0; k < 3; k++) {
            lowest[k] = fminf(lowest[k], values[k]);
            highest[k] = fmaxf(highest[k], values[k]);
        }
    }
    assert_true(lowest[0] >= -0.5f && lowest[0] < -0.49f);
    assert_true(lowest[1] >= -0.5f && lowest[1] < -0.49f);
    assert_true(lowest[2] >= 0.1f && lowest[2] < 0.11f);
    assert_true(highest[0] <= 0.5f && highest[0] > 0.49f);
    assert_true(highest[1] <= 0.5f && highest[1] > 0.49f);
    assert_true(highest[2] <= 0.4f && highest[2] > 0.39f);
}

static void a_draw_is_made_of_its_documented_words(void **state)
{
    (void)state;
    uint32_t words[4];
    nca_draw(words, 77, NCA_STREAM_DAMAGE, 0, 0, 5, 1234);
    nca_damage damage = nca_damage_draw(NCA_DAMAGE_CIRCLE, 77, 5, 1234);
    assert_true(damage.x == nca_uniform(words[0]) - 0.5f);
    assert_true(damage.y == nca_uniform(words[1]) - 0.5f);
    assert_true(damage.size == 0.1f + 0.3f * nca_uniform(words[2]));
}

static void normals_are_unit_vectors_in_every_direction(void **state)
{
    (void)state;
    unsigned octants[8] = {0};
    for (uint32_t i = 0; i < 8000; i++) {
        nca_damage damage = nca_damage_draw(NCA_DAMAGE_HALF_PLANE, 3, 0, i);
        assert_true(fabsf(hypotf(damage.nx, damage.ny) - 1.0f) < 1e-6f);
        int octant = (int)(atan2f(damage.ny, damage.nx) / 0.785398164f + 4.0f);
        octants[octant > 7 ? 7 : octant]++;
    }
    /* 1000 expected each, standard deviation 30; 5 standard deviations are allowed. */
    for (int i = 0; i < 8; i++) {
        assert_in_range(octants[i], 850, 1150);
    }
}

static const nca_damage_shape geometric[] = {NCA_DAMAGE_CIRCLE, NCA_DAMAGE_HALF_PLANE,
                                             NCA_DAMAGE_SQUARE};

/* linspace(-1, 1, count)[index] in exact arithmetic, rounded once. */
static double exact_coordinate(size_t index, size_t count)
{
    return count < 2 ? -1.0 : (2.0 * (double)index - (double)(count - 1)) / (double)(count - 1);
}

/* Positive inside, in double precision; cells that are closer to the edge than the rounding error
 * are skipped. */
static double depth(const nca_damage *damage, double x, double y)
{
    double dx = x - (double)damage->x, dy = y - (double)damage->y, size = (double)damage->size;
    switch (damage->shape) {
    case NCA_DAMAGE_HALF_PLANE:
        return dx * (double)damage->nx + dy * (double)damage->ny;
    case NCA_DAMAGE_SQUARE:
        return size - fmax(fabs(dx), fabs(dy));
    case NCA_DAMAGE_CIRCLE:
    case NCA_DAMAGE_CELLS:
    case NCA_DAMAGE_MIXED:
    case NCA_DAMAGE_COUNT:
        break;
    }
    return size - sqrt(dx * dx + dy * dy);
}

static void cells_inside_are_zero_and_all_others_untouched(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{1, 1, 4},  {1, 9, 5},   {9, 1, 4},
                                      {2, 3, 16}, {12, 12, 8}, {17, 31, 4}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t height = sizes[s][0], width = sizes[s][1], channels = sizes[s][2];
        const size_t count = height * width * channels;
        float *grid = malloc((count + 1) * sizeof *grid);
        assert_non_null(grid);
        for (uint32_t i = 0; i < 150; i++) {
            nca_damage damage = nca_damage_draw(geometric[i % 3], 11, 0, i);
            for (size_t k = 0; k <= count; k++) {
                grid[k] = (float)(k + 1);
            }
            size_t cut = nca_damage_apply(grid, height, width, channels, &damage);
            size_t zeros = 0;
            for (size_t cell = 0; cell < height * width; cell++) {
                double inside = depth(&damage, exact_coordinate(cell % width, width),
                                      exact_coordinate(cell / width, height));
                const int zero = grid[cell * channels] == 0.0f;
                zeros += (size_t)zero;
                if (fabs(inside) > 1e-6) {
                    assert_int_equal(zero, inside > 0.0);
                }
                for (size_t c = 0; c < channels; c++) {
                    const size_t k = cell * channels + c;
                    assert_true(grid[k] == (zero ? 0.0f : (float)(k + 1)));
                }
            }
            assert_int_equal(cut, zeros);
            assert_true(grid[count] == (float)(count + 1));
        }
        free(grid);
    }
}

static void a_centred_circle_cuts_a_symmetric_set(void **state)
{
    (void)state;
    for (size_t side = 2; side < 40; side++) {
        float *grid = malloc(side * side * sizeof *grid);
        assert_non_null(grid);
        const nca_damage damage = {.shape = NCA_DAMAGE_CIRCLE, .size = 0.37f};
        for (size_t k = 0; k < side * side; k++) {
            grid[k] = 1.0f;
        }
        nca_damage_apply(grid, side, side, 1, &damage);
        for (size_t k = 0; k < side * side; k++) {
            assert_true(grid[k] == grid[side * side - 1 - k]);
            assert_true(grid[k] == grid[k % side * side + k / side]);
        }
        free(grid);
    }
}

static void three_cells_of_ten_are_cut_each_by_its_own_word(void **state)
{
    (void)state;
    enum {
        SIDE = 60
    };
    static float grid[SIDE * SIDE];
    for (size_t k = 0; k < SIDE * SIDE; k++) {
        grid[k] = 1.0f;
    }
    const nca_damage damage = nca_damage_draw(NCA_DAMAGE_CELLS, 21, 3, 9);
    const size_t cut = nca_damage_apply(grid, SIDE, SIDE, 1, &damage);
    assert_in_range(cut, SIDE * SIDE * 27 / 100, SIDE * SIDE * 33 / 100);
    for (uint32_t cell = 0; cell < SIDE * SIDE; cell++) {
        uint32_t words[4];
        nca_draw(words, 21, NCA_STREAM_DAMAGE, cell / 4, 0x80000000u, 3, 9);
        assert_true((grid[cell] == 0.0f) == (nca_uniform(words[cell % 4]) < 0.3f));
    }
}

/* ---- Damage of the living cells ---------------------------------------------------------------
 */

enum {
    GRID_HEIGHT = 40,
    GRID_WIDTH = 50,
    GRID_CHANNELS = 4
};

/* A disc of living cells; returns their number. */
static size_t make_disc(float *grid, nca_living *living, double row, double column, double radius)
{
    *living = (nca_living){.grid = grid,
                           .height = GRID_HEIGHT,
                           .width = GRID_WIDTH,
                           .channels = GRID_CHANNELS,
                           .alive_channel = 3,
                           .alive_threshold = 0.1f};
    size_t count = 0;
    for (size_t cell = 0; cell < (size_t)GRID_HEIGHT * GRID_WIDTH; cell++) {
        const double dy = (double)(cell / GRID_WIDTH) - row,
                     dx = (double)(cell % GRID_WIDTH) - column;
        for (size_t c = 0; c < GRID_CHANNELS; c++) {
            grid[cell * GRID_CHANNELS + c] = hypot(dx, dy) < radius ? 1.0f : 0.0f;
        }
    }
    for (size_t cell = 0; cell < (size_t)GRID_HEIGHT * GRID_WIDTH; cell++) {
        bool lives = false;
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
                const double y = (double)(cell / GRID_WIDTH) + dy,
                             x = (double)(cell % GRID_WIDTH) + dx;
                lives |= y >= 0 && x >= 0 && y < GRID_HEIGHT && x < GRID_WIDTH &&
                         hypot(x - column, y - row) < radius;
            }
        }
        count += lives;
    }
    return count;
}

/* The number of living cells that a cut removes, using only the public function. */
static size_t cut_of(const nca_living *living, const nca_damage *damage, const float *alive)
{
    static float grid[GRID_HEIGHT * GRID_WIDTH];
    for (size_t cell = 0; cell < (size_t)GRID_HEIGHT * GRID_WIDTH; cell++) {
        grid[cell] = alive[cell];
    }
    nca_damage_apply(grid, living->height, living->width, 1, damage);
    size_t cut = 0;
    for (size_t cell = 0; cell < (size_t)GRID_HEIGHT * GRID_WIDTH; cell++) {
        cut += alive[cell] != 0.0f && grid[cell] == 0.0f;
    }
    return cut;
}

/* 1 where a cell lives. */
static void mark_living(float *alive, const nca_living *living)
{
    for (size_t row = 0; row < GRID_HEIGHT; row++) {
        for (size_t column = 0; column < GRID_WIDTH; column++) {
            float highest = 0.0f;
            for (size_t r = row > 0 ? row - 1 : 0; r <= row + 1 && r < GRID_HEIGHT; r++) {
                for (size_t c = column > 0 ? column - 1 : 0; c <= column + 1 && c < GRID_WIDTH;
                     c++) {
                    highest =
                        fmaxf(highest, living->grid[(r * GRID_WIDTH + c) * GRID_CHANNELS + 3]);
                }
            }
            alive[row * GRID_WIDTH + column] = highest > 0.1f ? 1.0f : 0.0f;
        }
    }
}

static void every_cut_of_the_living_takes_10_to_60_percent(void **state)
{
    (void)state;
    static float grid[GRID_HEIGHT * GRID_WIDTH * GRID_CHANNELS], alive[GRID_HEIGHT * GRID_WIDTH];
    static const double discs[][3] = {{20, 25, 15}, {8, 9, 5}, {30, 40, 8}, {20, 25, 100}};
    for (size_t d = 0; d < 4; d++) {
        nca_living living;
        const size_t count = make_disc(grid, &living, discs[d][0], discs[d][1], discs[d][2]);
        mark_living(alive, &living);
        assert_int_equal(nca_damage_living(&living, NULL), count);
        double least = 1.0, most = 0.0;
        for (uint32_t i = 0; i < 800; i++) {
            const nca_damage damage =
                nca_damage_draw_living((nca_damage_shape)(i % NCA_DAMAGE_COUNT), 5, i, 2, &living);
            const size_t cut = cut_of(&living, &damage, alive);
            assert_int_equal(nca_damage_living(&living, &damage), cut);
            assert_true(10 * cut >= count && 10 * cut <= 6 * count);
            least = fmin(least, (double)cut / (double)count);
            most = fmax(most, (double)cut / (double)count);
        }
        assert_true(least < 0.15 && most > 0.55); /* the whole range is used */
    }
}

static void mixed_damage_has_three_shapes_equally_often(void **state)
{
    (void)state;
    static float grid[GRID_HEIGHT * GRID_WIDTH * GRID_CHANNELS];
    nca_living living;
    make_disc(grid, &living, 20, 25, 15);
    size_t seen[2][NCA_DAMAGE_SHAPES] = {0};
    for (uint32_t i = 0; i < 4000; i++) {
        seen[0][nca_damage_draw(NCA_DAMAGE_MIXED, 5, i, 2).shape]++;
        seen[1][nca_damage_draw_living(NCA_DAMAGE_MIXED, 5, i, 2, &living).shape]++;
    }
    for (size_t shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
        /* The deviation is 30. */
        assert_in_range(seen[0][shape], shape == NCA_DAMAGE_CELLS ? 0 : 1190,
                        shape == NCA_DAMAGE_CELLS ? 0 : 1480);
        assert_int_equal(seen[0][shape], seen[1][shape]);
    }
}

static void a_dead_grid_and_a_single_cell_have_a_cut_too(void **state)
{
    (void)state;
    static float alive[GRID_HEIGHT * GRID_WIDTH];
    static float grid[GRID_HEIGHT * GRID_WIDTH * GRID_CHANNELS];
    nca_living living;
    assert_int_equal(make_disc(grid, &living, 20, 25, -1), 0);
    for (uint32_t i = 0; i < NCA_DAMAGE_COUNT; i++) {
        const nca_damage damage = nca_damage_draw_living((nca_damage_shape)i, 5, i, 2, &living);
        assert_true(damage.x >= -0.5f && damage.x <= 0.5f);
        assert_int_equal(damage.attempt, 0);
    }
    assert_int_equal(make_disc(grid, &living, 20, 25, 0.5), 9);
    mark_living(alive, &living);
    for (uint32_t i = 0; i < NCA_DAMAGE_COUNT; i++) {
        const nca_damage damage = nca_damage_draw_living((nca_damage_shape)i, 5, i, 2, &living);
        const size_t cut = cut_of(&living, &damage, alive);
        assert_true((cut >= 1 && cut <= 5) || damage.attempt == NCA_DAMAGE_ATTEMPTS - 1);
    }
}

static void with_no_alive_channel_every_cell_counts(void **state)
{
    (void)state;
    static float grid[GRID_HEIGHT * GRID_WIDTH * GRID_CHANNELS], alive[GRID_HEIGHT * GRID_WIDTH];
    nca_living living;
    make_disc(grid, &living, 20, 25, -1);
    living.alive_channel = -1;
    for (size_t cell = 0; cell < (size_t)GRID_HEIGHT * GRID_WIDTH; cell++) {
        alive[cell] = 1.0f;
    }
    for (uint32_t i = 0; i < 100; i++) {
        const nca_damage damage = nca_damage_draw_living(NCA_DAMAGE_MIXED, 5, i, 2, &living);
        const size_t cut = cut_of(&living, &damage, alive);
        assert_in_range(cut, GRID_HEIGHT * GRID_WIDTH / 10, GRID_HEIGHT * GRID_WIDTH * 6 / 10);
    }
}

static void input_channels_keep_their_values(void **state)
{
    (void)state;
    enum {
        SIDE = 12,
        CHANNELS = 5,
        INPUTS = 2
    };
    float before[SIDE * SIDE * CHANNELS], cut[SIDE * SIDE * CHANNELS];
    for (size_t i = 0; i < SIDE * SIDE * CHANNELS; i++) {
        before[i] = 1.0f + (float)i;
    }
    const nca_living living = {.grid = before,
                               .height = SIDE,
                               .width = SIDE,
                               .channels = CHANNELS,
                               .alive_channel = -1,
                               .input_channels = INPUTS};
    for (int area = 0; area < NCA_DAMAGE_AREA_COUNT; area++) {
        for (int shape = 0; shape < NCA_DAMAGE_COUNT; shape++) {
            nca_damage damage = nca_damage_draw_in((nca_damage_area)area, (nca_damage_shape)shape,
                                                   5, 0, 1, &living);
            assert_int_equal(damage.input_channels, INPUTS);
            memcpy(cut, before, sizeof cut);
            const size_t cells = nca_damage_apply(cut, SIDE, SIDE, CHANNELS, &damage);
            size_t zeros = 0;
            for (size_t i = 0; i < SIDE * SIDE * CHANNELS; i++) {
                zeros += cut[i] == 0.0f;
                assert_true(cut[i] == before[i] || (cut[i] == 0.0f && i % CHANNELS >= INPUTS));
            }
            assert_true(cells > 0);
            assert_int_equal(zeros, cells * (CHANNELS - INPUTS));
            damage.input_channels = 0;
            assert_int_equal(nca_damage_apply(cut, SIDE, SIDE, CHANNELS, &damage), cells);
            zeros = 0;
            for (size_t i = 0; i < SIDE * SIDE * CHANNELS; i++) {
                zeros += cut[i] == 0.0f;
            }
            assert_int_equal(zeros, cells * CHANNELS);
        }
    }
}

static void shapes_of_no_size_cut_nothing(void **state)
{
    (void)state;
    float grid[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const nca_damage circle = {.shape = NCA_DAMAGE_CIRCLE};
    const nca_damage square = {.shape = NCA_DAMAGE_SQUARE};
    const nca_damage plane = {.shape = NCA_DAMAGE_HALF_PLANE, .x = 1.0f, .nx = 1.0f};
    assert_int_equal(nca_damage_apply(grid, 3, 3, 1, &circle), 0);
    assert_int_equal(nca_damage_apply(grid, 3, 3, 1, &square), 0);
    assert_int_equal(nca_damage_apply(grid, 3, 3, 1, &plane), 0);
    for (int i = 0; i < 9; i++) {
        assert_true(grid[i] == 1.0f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_settings),
        cmocka_unit_test(draws_stay_in_their_ranges_and_fill_them),
        cmocka_unit_test(a_draw_is_made_of_its_documented_words),
        cmocka_unit_test(normals_are_unit_vectors_in_every_direction),
        cmocka_unit_test(cells_inside_are_zero_and_all_others_untouched),
        cmocka_unit_test(a_centred_circle_cuts_a_symmetric_set),
        cmocka_unit_test(three_cells_of_ten_are_cut_each_by_its_own_word),
        cmocka_unit_test(every_cut_of_the_living_takes_10_to_60_percent),
        cmocka_unit_test(mixed_damage_has_three_shapes_equally_often),
        cmocka_unit_test(a_dead_grid_and_a_single_cell_have_a_cut_too),
        cmocka_unit_test(with_no_alive_channel_every_cell_counts),
        cmocka_unit_test(input_channels_keep_their_values),
        cmocka_unit_test(shapes_of_no_size_cut_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
