/* The contact sheet: every picture is complete and in its place, with its text around it. */
#include "render/scene.h"

enum {
    ROWS = 3,
    COLUMNS = 4,
    SIDE = 20,
    SCALE = 5
};

typedef struct sheet_scene {
    nca_image *image[ROWS * COLUMNS];
    const nca_image *cells[ROWS * COLUMNS];
    const char *captions[ROWS * COLUMNS];
    nca_sheet sheet;
} sheet_scene;

static uint32_t colour_of(size_t cell)
{
    return (uint32_t)(20 * cell + 5) << 16 | 200 << 8 | 99;
}

/* Each cell has a single unique colour, so that it can be found. */
static void make_scene(sheet_scene *s)
{
    static const char *const rows[] = {"blood", "a chest\nof two lines", "retina"};
    static const char *const columns[] = {"target", "sobel\nL2", "scharr\nL2", "mean"};
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        assert_ok(nca_image_create(&s->image[i], SIDE, SIDE, &failure));
        for (size_t p = 0; p < SIDE * SIDE; p++) {
            memcpy(s->image[i]->pixels + 4 * p,
                   (const uint8_t[]){(uint8_t)(20 * i + 5), 200, 99, 255}, 4);
        }
        s->cells[i] = s->image[i];
        s->captions[i] = i % COLUMNS == 0 ? NULL : "L2 0.00123";
    }
    s->sheet = (nca_sheet){.rows = ROWS,
                           .columns = COLUMNS,
                           .cells = s->cells,
                           .row_labels = rows,
                           .column_labels = columns,
                           .captions = s->captions,
                           .scale = SCALE,
                           .title = "a title"};
}

static void free_scene(sheet_scene *s)
{
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        nca_image_destroy(s->image[i]);
    }
}

static void every_picture_is_there_whole(void **state)
{
    (void)state;
    sheet_scene s;
    make_scene(&s);
    nca_image *sheet = NULL;
    assert_ok(nca_picture_sheet_image(&sheet, &s.sheet, &failure));
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        assert_int_equal(count_colour(sheet, colour_of(i)), SIDE * SIDE * SCALE * SCALE);
    }
    nca_image_destroy(sheet);
    free_scene(&s);
}

/* The upper left pixel of a colour. */
static void find(size_t *out_x, size_t *out_y, const nca_image *image, uint32_t rgb)
{
    *out_x = *out_y = 0;
    for (size_t i = 0; i < image->width * image->height; i++) {
        const uint8_t *pixel = image->pixels + 4 * i;
        if (((uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2]) == rgb) {
            *out_x = i % image->width;
            *out_y = i / image->width;
            return;
        }
    }
    fail_msg("no pixel of colour %06x", rgb);
}

static void pictures_stand_in_rows_and_columns_with_words_around(void **state)
{
    (void)state;
    sheet_scene s;
    make_scene(&s);
    nca_image *sheet = NULL;
    assert_ok(nca_picture_sheet_image(&sheet, &s.sheet, &failure));
    size_t x[ROWS * COLUMNS], y[ROWS * COLUMNS];
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        find(&x[i], &y[i], sheet, colour_of(i));
        assert_int_equal(x[i], x[i % COLUMNS]);
        assert_int_equal(y[i], y[i / COLUMNS * COLUMNS]);
    }
    const size_t side = SIDE * SCALE;
    assert_true(x[1] >= x[0] + side && y[COLUMNS] >= y[0] + side);
    for (size_t row = 0; row < ROWS; row++) {
        size_t top = y[row * COLUMNS];
        assert_true(count_dark(sheet, 0, top, x[0] - 2, top + side, 100) > 20);
    }
    for (size_t column = 0; column < COLUMNS; column++) {
        assert_true(count_dark(sheet, x[column], 30, x[column] + side, y[0] - 2, 100) > 20);
    }
    /* There is no caption below the targets, but below the others. */
    size_t below = y[0] + side + 2;
    assert_int_equal(count_dark(sheet, x[0], below, x[0] + side, y[COLUMNS] - 2, 128), 0);
    assert_true(count_dark(sheet, x[1], below, x[1] + side, y[COLUMNS] - 2, 128) > 20);
    assert_true(count_dark(sheet, 0, 0, sheet->width, 34, 100) > 20);
    nca_image_destroy(sheet);
    free_scene(&s);
}

static void a_missing_picture_leaves_its_place_empty(void **state)
{
    (void)state;
    sheet_scene s;
    make_scene(&s);
    nca_image *whole = NULL, *holed = NULL;
    assert_ok(nca_picture_sheet_image(&whole, &s.sheet, &failure));
    s.cells[5] = NULL;
    assert_ok(nca_picture_sheet_image(&holed, &s.sheet, &failure));
    assert_int_equal(whole->width, holed->width);
    assert_int_equal(whole->height, holed->height);
    assert_int_equal(count_colour(holed, colour_of(5)), 0);
    assert_int_equal(count_colour(holed, 0xf6f8fa), SIDE * SIDE * SCALE * SCALE);
    assert_int_equal(count_colour(holed, colour_of(6)), SIDE * SIDE * SCALE * SCALE);
    nca_image_destroy(whole);
    nca_image_destroy(holed);
    free_scene(&s);
}

static void marked_captions_are_bolder(void **state)
{
    (void)state;
    sheet_scene s;
    make_scene(&s);
    bool marked[ROWS * COLUMNS] = {false};
    nca_image *plain = NULL, *bold = NULL;
    s.sheet.marked = marked;
    assert_ok(nca_picture_sheet_image(&plain, &s.sheet, &failure));
    marked[6] = true;
    assert_ok(nca_picture_sheet_image(&bold, &s.sheet, &failure));
    assert_int_equal(plain->width, bold->width);
    size_t before = count_dark(plain, 0, 0, plain->width, plain->height, 60);
    assert_true(count_dark(bold, 0, 0, bold->width, bold->height, 60) > before + 10);
    nca_image_destroy(plain);
    nca_image_destroy(bold);
    free_scene(&s);
}

static void captions_may_have_several_lines(void **state)
{
    (void)state;
    sheet_scene s;
    make_scene(&s);
    nca_image *one = NULL, *two = NULL;
    size_t x, y, below, lower;
    s.captions[5] = "IIIIII";
    assert_ok(nca_picture_sheet_image(&one, &s.sheet, &failure));
    s.captions[5] = "III\nIII";
    assert_ok(nca_picture_sheet_image(&two, &s.sheet, &failure));
    find(&x, &y, one, colour_of(9));
    find(&x, &below, two, colour_of(9));
    assert_true(below > y + 10 && below < y + 40);
    /* Both lines are present, one below the other, and above the next row. */
    find(&x, &y, two, colour_of(5));
    y += SIDE * SCALE + 2;
    lower = (y + below) / 2;
    assert_true(count_dark(two, x, y, x + SIDE * SCALE, lower, 150) > 10);
    assert_true(count_dark(two, x, lower, x + SIDE * SCALE, below - 2, 150) > 10);
    assert_int_equal(one->width, two->width);
    nca_image_destroy(one);
    nca_image_destroy(two);
    free_scene(&s);
}

static void pictures_of_several_sizes_stand_in_the_middle(void **state)
{
    (void)state;
    sheet_scene s;
    make_scene(&s);
    nca_image *small = NULL, *sheet = NULL;
    assert_ok(nca_image_create(&small, 10, 6, &failure));
    for (size_t p = 0; p < 60; p++) {
        memcpy(small->pixels + 4 * p, (const uint8_t[]){1, 2, 253, 255}, 4);
    }
    s.cells[5] = small;
    assert_ok(nca_picture_sheet_image(&sheet, &s.sheet, &failure));
    assert_int_equal(count_colour(sheet, 0x0102fd), 60 * SCALE * SCALE);
    size_t x, y, left, top;
    find(&x, &y, sheet, 0x0102fd);
    find(&left, &top, sheet, colour_of(4));
    assert_int_equal(y, top + (SIDE - 6) * SCALE / 2);
    find(&left, &top, sheet, colour_of(1));
    assert_int_equal(x, left + (SIDE - 10) * SCALE / 2);
    nca_image_destroy(sheet);
    nca_image_destroy(small);
    free_scene(&s);
}

/* A row of lower pictures is lower, and a caption is directly below its own picture. */
static void captions_are_directly_below_their_pictures(void **state)
{
    enum {
        LOW = 6
    };
    (void)state;
    sheet_scene s;
    make_scene(&s);
    nca_image *low[COLUMNS] = {NULL}, *whole = NULL, *sheet = NULL;
    assert_ok(nca_picture_sheet_image(&whole, &s.sheet, &failure));
    for (size_t i = 0; i < COLUMNS; i++) {
        assert_ok(nca_image_create(&low[i], SIDE, LOW, &failure));
        memcpy(low[i]->pixels, s.image[COLUMNS + i]->pixels, (size_t)4 * SIDE * LOW);
        s.cells[COLUMNS + i] = low[i];
    }
    s.cells[1] = low[1]; /* a low one among high ones */
    assert_ok(nca_picture_sheet_image(&sheet, &s.sheet, &failure));
    assert_int_equal(whole->height - sheet->height, (SIDE - LOW) * SCALE);
    size_t x, y;
    find(&x, &y, sheet, colour_of(COLUMNS + 2));
    y += LOW * SCALE + 2;
    assert_true(count_dark(sheet, x, y, x + SIDE * SCALE, y + 14, 128) > 20);
    find(&x, &y, sheet, colour_of(COLUMNS + 1));
    y += LOW * SCALE + 2;
    assert_true(count_dark(sheet, x, y, x + SIDE * SCALE, y + 14, 128) > 20);
    nca_image_destroy(whole);
    nca_image_destroy(sheet);
    for (size_t i = 0; i < COLUMNS; i++) {
        nca_image_destroy(low[i]);
    }
    free_scene(&s);
}

static void the_file_is_the_image(void **state)
{
    (void)state;
    sheet_scene s;
    make_scene(&s);
    nca_image *image = NULL, *file = NULL;
    assert_ok(nca_picture_sheet_image(&image, &s.sheet, &failure));
    assert_ok(nca_picture_sheet(in_folder("sheet.png"), &s.sheet, &failure));
    assert_ok(nca_image_load(&file, in_folder("sheet.png"), &failure));
    assert_int_equal(image->width, file->width);
    assert_int_equal(image->height, file->height);
    assert_memory_equal(image->pixels, file->pixels, 4 * image->width * image->height);
    nca_image_destroy(image);
    nca_image_destroy(file);
    free_scene(&s);
}

static void what_is_no_sheet_is_refused(void **state)
{
    (void)state;
    sheet_scene s;
    make_scene(&s);
    nca_image *image = NULL;
    nca_error error = {0};
    nca_sheet bad = s.sheet;
    bad.rows = 0;
    assert_int_equal(nca_picture_sheet_image(&image, &bad, &error), NCA_INVALID_ARGUMENT);
    bad = s.sheet;
    bad.scale = 2000;
    assert_int_equal(nca_picture_sheet(in_folder("no.png"), &bad, &error), NCA_LIMIT);
    assert_int_equal(nca_picture_sheet(in_folder("no.gif"), &s.sheet, &error),
                     NCA_INVALID_ARGUMENT);
    assert_null(image);
    free_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_is_there_whole),
        cmocka_unit_test(pictures_stand_in_rows_and_columns_with_words_around),
        cmocka_unit_test(a_missing_picture_leaves_its_place_empty),
        cmocka_unit_test(marked_captions_are_bolder),
        cmocka_unit_test(captions_may_have_several_lines),
        cmocka_unit_test(pictures_of_several_sizes_stand_in_the_middle),
        cmocka_unit_test(captions_are_directly_below_their_pictures),
        cmocka_unit_test(the_file_is_the_image),
        cmocka_unit_test(what_is_no_sheet_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
