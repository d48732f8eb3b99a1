/* Plain grids of pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "nca/picture.h"

/* A picture whose pixels identify the picture, column and row. */
static nca_image *numbered(uint8_t number, size_t width, size_t height)
{
    nca_image *image = NULL;
    assert_int_equal(nca_image_create(&image, width, height, NULL), NCA_OK);
    for (size_t i = 0; i < width * height; i++) {
        const uint8_t pixel[4] = {number, (uint8_t)(i % width), (uint8_t)(i / width), 255};
        memcpy(image->pixels + i * 4, pixel, 4);
    }
    return image;
}

static void pictures_stand_row_by_row_and_the_rest_is_black(void **state)
{
    (void)state;
    nca_image *pictures[5], *grid = NULL;
    for (uint8_t i = 0; i < 5; i++) {
        pictures[i] = numbered((uint8_t)(i + 1), 3, 2);
    }
    assert_int_equal(nca_picture_montage(&grid, (const nca_image *const *)pictures, 5, 2, 4, NULL),
                     NCA_OK);
    assert_int_equal(grid->width, 12);
    assert_int_equal(grid->height, 4);
    for (size_t y = 0; y < 4; y++) {
        for (size_t x = 0; x < 12; x++) {
            size_t number = y / 2 * 4 + x / 3;
            const uint8_t *pixel = grid->pixels + (y * 12 + x) * 4;
            assert_int_equal(pixel[0], number < 5 ? number + 1 : 0);
            assert_int_equal(pixel[1], number < 5 ? x % 3 : 0);
            assert_int_equal(pixel[2], number < 5 ? y % 2 : 0);
            assert_int_equal(pixel[3], 255);
        }
    }
    nca_image_destroy(grid);
    for (size_t i = 0; i < 5; i++) {
        nca_image_destroy(pictures[i]);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    nca_error error;
    nca_image *two[2] = {numbered(1, 3, 2), numbered(2, 2, 3)}, *grid = NULL;
    const nca_image *const *pictures = (const nca_image *const *)two;
    assert_int_equal(nca_picture_montage(&grid, pictures, 2, 1, 2, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "3 x 2 and 2 x 3"));
    assert_int_equal(nca_picture_montage(&grid, pictures, 2, 1, 1, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_picture_montage(&grid, pictures, 0, 1, 1, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_picture_montage(&grid, pictures, 1, 0, SIZE_MAX, &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_picture_montage(&grid, pictures, 1, NCA_IMAGE_MAX_SIDE, 1, &error),
                     NCA_LIMIT);
    assert_null(grid);
    nca_image_destroy(two[0]);
    nca_image_destroy(two[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_stand_row_by_row_and_the_rest_is_black),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("montage", tests, NULL, NULL);
}
