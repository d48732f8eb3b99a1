/* Damage shapes: drawn in their ranges, cut where the definition says, whole cells only. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
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
    assert_null(nca_damage_name(NCA_DAMAGE_COUNT));
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
    /* 1000 expected each, standard deviation 30; 5 of them are allowed. */
    for (int i = 0; i < 8; i++) {
        assert_in_range(octants[i], 850, 1150);
    }
}

/* linspace(-1, 1, count)[index] in exact arithmetic, rounded once. */
static double exact_coordinate(size_t index, size_t count)
{
    return count < 2 ? -1.0 : (2.0 * (double)index - (double)(count - 1)) / (double)(count - 1);
}

/* Positive inside, in double precision; cells nearer to the edge than rounding are skipped. */
static double depth(const nca_damage *damage, double x, double y)
{
    double dx = x - (double)damage->x, dy = y - (double)damage->y, size = (double)damage->size;
    switch (damage->shape) {
    case NCA_DAMAGE_HALF_PLANE:
        return dx * (double)damage->nx + dy * (double)damage->ny;
    case NCA_DAMAGE_SQUARE:
        return size - fmax(fabs(dx), fabs(dy));
    case NCA_DAMAGE_CIRCLE:
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
            nca_damage damage = nca_damage_draw((nca_damage_shape)(i % NCA_DAMAGE_COUNT), 11, 0, i);
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
        cmocka_unit_test(shapes_of_no_size_cut_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
