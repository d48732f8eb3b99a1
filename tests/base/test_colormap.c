/* Colormaps: known values, and that each runs from dark to light. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nca/colormap.h"

static void known_values_are_matplotlibs(void **state)
{
    (void)state;
    /* matplotlib: colormaps[name].colors[value], times 255 and rounded */
    static const struct {
        nca_colormap map;
        uint8_t value, rgb[3];
    } cases[] = {
        {NCA_COLORMAP_GREY, 77, {77, 77, 77}},       {NCA_COLORMAP_VIRIDIS, 0, {68, 1, 84}},
        {NCA_COLORMAP_VIRIDIS, 100, {42, 118, 142}}, {NCA_COLORMAP_VIRIDIS, 255, {253, 231, 37}},
        {NCA_COLORMAP_MAGMA, 0, {0, 0, 4}},          {NCA_COLORMAP_MAGMA, 128, {183, 55, 121}},
        {NCA_COLORMAP_INFERNO, 200, {251, 157, 7}},  {NCA_COLORMAP_COUNT, 9, {9, 9, 9}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t found[3];
        nca_colormap_rgb(found, cases[i].map, cases[i].value);
        assert_memory_equal(found, cases[i].rgb, 3);
    }
}

static void every_map_grows_lighter(void **state)
{
    (void)state;
    for (unsigned map = 0; map < NCA_COLORMAP_COUNT; map++) {
        double before = -1.0;
        for (unsigned value = 0; value < 256; value += 5) {
            uint8_t rgb[3];
            nca_colormap_rgb(rgb, (nca_colormap)map, (uint8_t)value);
            double light = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
            assert_true(light > before);
            before = light;
        }
    }
}

static void the_diverging_map_is_colorbrewers(void **state)
{
    (void)state;
    /* #053061, #f7f7f7 and #67001f are classes 11, 6 and 1 of RdBu; #92c5de and #f4a582, its
     * classes 8 and 4, are at -50.8 and 50.8 and therefore between two entries. */
    static const struct {
        int value;
        uint8_t rgb[3];
    } cases[] = {{-127, {5, 48, 97}},
                 {0, {247, 247, 247}},
                 {127, {103, 0, 31}},
                 {-999, {5, 48, 97}},
                 {999, {103, 0, 31}}};
    uint8_t found[3];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_colormap_diverging(found, cases[i].value);
        assert_memory_equal(found, cases[i].rgb, 3);
    }
    nca_colormap_diverging(found, -51);
    assert_in_range(found[0], 145, 147);
    nca_colormap_diverging(found, 51);
    assert_in_range(found[2], 129, 131);
}

static void the_diverging_map_darkens_away_from_zero(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        double before = 256.0;
        for (int value = 0; value <= 127; value += 4) {
            uint8_t rgb[3];
            nca_colormap_diverging(rgb, sign * value);
            double light = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
            assert_true(light < before);
            before = light;
        }
    }
}

static void a_row_of_values_becomes_opaque_pixels(void **state)
{
    (void)state;
    const uint8_t values[] = {0, 255, 7};
    uint8_t pixels[3 * 4 + 1] = {[12] = 99};
    nca_colormap_apply(pixels, NCA_COLORMAP_INFERNO, values, 3);
    for (size_t i = 0; i < 3; i++) {
        uint8_t rgb[3];
        nca_colormap_rgb(rgb, NCA_COLORMAP_INFERNO, values[i]);
        assert_memory_equal(pixels + i * 4, rgb, 3);
        assert_int_equal(pixels[i * 4 + 3], 255);
    }
    assert_int_equal(pixels[12], 99);
}

static void every_map_has_its_own_name(void **state)
{
    (void)state;
    assert_string_equal(nca_colormap_name(NCA_COLORMAP_GREY), "grey");
    assert_string_equal(nca_colormap_name(NCA_COLORMAP_INFERNO), "inferno");
    assert_null(nca_colormap_name(NCA_COLORMAP_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_are_matplotlibs),
        cmocka_unit_test(every_map_grows_lighter),
        cmocka_unit_test(the_diverging_map_is_colorbrewers),
        cmocka_unit_test(the_diverging_map_darkens_away_from_zero),
        cmocka_unit_test(a_row_of_values_becomes_opaque_pixels),
        cmocka_unit_test(every_map_has_its_own_name),
    };
    return cmocka_run_group_tests_name("colormap", tests, NULL, NULL);
}
