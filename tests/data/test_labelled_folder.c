/* Folders of images: classes, splits, one size, one number of channels, what is refused. */
#include "data/labelled_fixture.h"
#include "data/raw_zip.h"

/* Two classes with splits; `train/cat/b.png` is first read. */
static void put_pets(temporary_folder *folder)
{
    put_grey(folder, "train/dog/a.png", 10);
    put_grey(folder, "train/dog/c.png", 11);
    put_grey(folder, "train/cat/b.png", 12);
    put_grey(folder, "val/dog/d.png", 13);
    put_grey(folder, "test/cat/e.png", 14);
}

static void a_folder_with_splits_gives_sorted_classes_and_images(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    nca_labelled *data = open_data(folder->path, NULL);
    assert_int_equal(data->classes, 2);
    assert_int_equal(data->kind, NCA_LABELS_BINARY);
    assert_string_equal(data->class_names[0], "cat");
    assert_string_equal(data->class_names[1], "dog");
    assert_int_equal(data->height, 4);
    assert_int_equal(data->width, 4);
    assert_int_equal(data->channels, 1);
    assert_false(data->slices);
    assert_string_equal(data->source, folder->path);
    const nca_labelled_split *train = &data->split[NCA_SPLIT_TRAIN];
    assert_int_equal(train->count, 3);
    assert_says(train->names[0], "*/train/cat/b.png");
    assert_says(train->names[2], "*/train/dog/c.png");
    static const uint8_t labels[] = {0, 1, 1};
    assert_memory_equal(train->labels, labels, 3);
    assert_int_equal(train->images[0], 12);
    assert_int_equal(train->images[16 + 5], 10 + 17);
    assert_int_equal(data->split[NCA_SPLIT_TEST].images[15], 14 + 51);
    expect_counts(data, NCA_SPLIT_VAL, (const size_t[]){0, 1});
    expect_counts(data, NCA_SPLIT_TEST, (const size_t[]){1, 0});
    assert_says(data->notices, "*classes without images in val: 1 of 2, such as \"cat\"*");
    nca_labelled_close(data);
}

static void numbers_are_sorted_by_value_and_before_names(void **state)
{
    static const char *const names[] = {"10", "9", "B", "a", "007", "x 1"};
    static const char *const sorted[] = {"007", "9", "10", "B", "a", "x 1"};
    char path[64];
    for (size_t i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "train/%s/i.png", names[i]);
        put_grey(*state, path, (uint8_t)i);
    }
    nca_labelled *data = open_data(((temporary_folder *)*state)->path, NULL);
    assert_int_equal(data->classes, 6);
    assert_int_equal(data->kind, NCA_LABELS_MULTI_CLASS);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(data->class_names[i], sorted[i]);
        assert_int_equal(data->split[NCA_SPLIT_TRAIN].labels[i], i);
    }
    nca_labelled_close(data);
}

static void put_many(temporary_folder *folder, size_t cats, size_t dogs)
{
    char name[64];
    for (size_t i = 0; i < cats + dogs; i++) {
        snprintf(name, sizeof name, "%s/%03zu.png", i < cats ? "cat" : "dog", i);
        put_grey(folder, name, (uint8_t)i);
    }
}

static void drawn_splits_have_their_share_of_every_class(void **state)
{
    temporary_folder *folder = *state;
    put_many(folder, 20, 10);
    nca_labelled *data = open_data(folder->path, NULL);
    expect_counts(data, NCA_SPLIT_TRAIN, (const size_t[]){14, 6});
    expect_counts(data, NCA_SPLIT_VAL, (const size_t[]){3, 2});
    expect_counts(data, NCA_SPLIT_TEST, (const size_t[]){3, 2});
    assert_says(data->notices, "*random seed 0: train 20, val 5, test 5*");
    bool seen[30] = {false};
    for (size_t s = 0; s < NCA_SPLIT_COUNT; s++) {
        for (size_t i = 0; i < data->split[s].count; i++) {
            const uint8_t value = data->split[s].images[i * 16];
            assert_in_range(value, 0, 29);
            assert_false(seen[value]);
            seen[value] = true;
            assert_int_equal(data->split[s].labels[i], value >= 20);
        }
    }
    nca_labelled_close(data);
}

/* The choice must not change, because a random seed should reproduce it. */
static void a_seed_draws_the_same_splits_for_ever(void **state)
{
    static const uint8_t expected[] = {11, 13, 17, 23, 28, 6, 14, 18, 20, 22};
    temporary_folder *folder = *state;
    put_many(folder, 20, 10);
    nca_labelled_options options = default_options();
    options.seed = 5;
    nca_labelled *data = open_data(folder->path, &options);
    uint8_t found[10];
    for (size_t i = 0; i < 10; i++) {
        const nca_labelled_split *from = &data->split[i < 5 ? NCA_SPLIT_VAL : NCA_SPLIT_TEST];
        found[i] = from->images[i % 5 * 16];
    }
    nca_labelled_close(data);
    assert_memory_equal(found, expected, 10);
}

static void small_classes_keep_an_image_of_train(void **state)
{
    temporary_folder *folder = *state;
    put_grey(folder, "one/a.png", 1);
    put_grey(folder, "two/a.png", 2);
    put_grey(folder, "two/b.png", 3);
    put_grey(folder, "three/a.png", 4);
    put_grey(folder, "three/b.png", 5);
    put_grey(folder, "three/c.png", 6);
    nca_labelled *data = open_data(folder->path, NULL);
    expect_counts(data, NCA_SPLIT_TRAIN, (const size_t[]){1, 1, 2}); /* one, three, two */
    expect_counts(data, NCA_SPLIT_VAL, (const size_t[]){0, 1, 0});
    nca_labelled_close(data);
    nca_labelled_options options = default_options();
    options.val_share = 0.49;
    options.test_share = 0.5;
    data = open_data(folder->path, &options);
    expect_counts(data, NCA_SPLIT_TRAIN, (const size_t[]){1, 1, 1});
    nca_labelled_close(data);
    options.val_share = options.test_share = 0;
    data = open_data(folder->path, &options);
    assert_int_equal(data->split[NCA_SPLIT_TRAIN].count, 6);
    assert_int_equal(data->split[NCA_SPLIT_TEST].count, 0);
    nca_labelled_close(data);
}

/* ---- Pixels ----------------------------------------------------------------------------------*/

static void one_image_with_colour_makes_all_rgb(void **state)
{
    temporary_folder *folder = *state;
    put_grey(folder, "train/a/1.png", 20);
    put_rgba(folder, "train/b/2.png", 4, 4, 0x102030, 255);
    put_grey(folder, "train/b/3.png", 21);
    nca_labelled_options options = default_options();
    for (unsigned file = 0; file < 2; file++) {
        options.memory_limit = file ? 0 : 1 << 20;
        nca_labelled *data = open_data(folder->path, &options);
        assert_int_equal(data->channels, 3);
        const uint8_t *images = data->split[NCA_SPLIT_TRAIN].images;
        static const uint8_t first[] = {20, 20, 20, 21, 21, 21};
        static const uint8_t second[] = {0x10, 0x20, 0x30, 0x11, 0x21, 0x31};
        assert_memory_equal(images, first, 6);
        assert_memory_equal(images + 48, second, 6);
        assert_int_equal(images[96 + 47], 21 + 51);
        nca_labelled_close(data);
    }
}

static void grey_images_become_rgb_when_asked(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    nca_labelled_options options = default_options();
    options.colour = true;
    nca_labelled *data = open_data(folder->path, &options);
    assert_int_equal(data->channels, 3);
    assert_int_equal(data->split[NCA_SPLIT_TRAIN].images[5], 13);
    nca_labelled_close(data);
}

static void transparent_pixels_are_drawn_on_black(void **state)
{
    temporary_folder *folder = *state;
    put_grey(folder, "train/a/1.png", 20);
    put_rgba(folder, "train/b/2.png", 4, 4, 0x646464, 128);
    nca_labelled *data = open_data(folder->path, NULL);
    assert_int_equal(data->channels, 1);
    assert_int_equal(data->split[NCA_SPLIT_TRAIN].images[16], (100 * 128 + 127) / 255);
    assert_says(data->notices, "*transparent pixels, drawn on black: 1, *train/b/2.png*");
    nca_labelled_close(data);
}

static void images_are_resized_as_targets_are(void **state)
{
    temporary_folder *folder = *state;
    put_rgba(folder, "train/a/1.png", 9, 6, 0x203040, 255);
    put_grey(folder, "train/b/2.png", 9);
    nca_labelled_options options = default_options();
    options.size = 5;
    nca_labelled *data = open_data(folder->path, &options);
    nca_image *image = NULL, *resized = NULL;
    assert_int_equal(nca_image_load(&image, path_in(folder, "train/a/1.png"), NULL), NCA_OK);
    assert_int_equal(nca_image_resize_lanczos(&resized, image, 5, 5, NULL), NCA_OK);
    for (size_t i = 0; i < 25; i++) {
        assert_memory_equal(data->split[0].images + 3 * i, resized->pixels + 4 * i, 3);
    }
    nca_image_destroy(image);
    nca_image_destroy(resized);
    assert_int_equal(data->height, 5);
    assert_says(data->notices, "*stretched: 1, *1.png*");
    nca_labelled_close(data);
}

static void different_sizes_are_refused_with_both_files(void **state)
{
    temporary_folder *folder = *state;
    put_grey(folder, "train/a/1.png", 20);
    put_rgba(folder, "train/b/2.png", 5, 4, 0, 255);
    expect_refusal(folder->path, NULL, NCA_INVALID_ARGUMENT,
                   "*b/2.png: expected 4 x 4*a/1.png, found 4 x 5*img_size*");
}

static void put_array(temporary_folder *folder, const char *name, const char *type,
                      const void *values, size_t size)
{
    raw_bytes file = raw_array(type, "(2, 2)", values, size);
    assert_int_equal(nca__file_write(place_in(folder, name), file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
}

/* A model would see hardly anything of 12 bits that are stored in 16. */
static void images_that_lose_their_contrast_are_noticed(void **state)
{
    temporary_folder *folder = *state;
    static const uint16_t dark[] = {0, 4095, 1000, 2000}, bright[] = {0, 65535, 256, 511};
    static const float unbounded[] = {-1, 1, 0, 3};
    put_array(folder, "train/a/dark.npy", "<u2", dark, sizeof dark);
    put_array(folder, "train/a/bright.npy", "<u2", bright, sizeof bright);
    put_array(folder, "train/b/floats.npy", "<f4", unbounded, sizeof unbounded);
    nca_labelled *data = open_data(folder->path, NULL);
    static const uint8_t expected[] = {0, 255, 1, 1, 0, 15, 3, 7, 0, 128, 64, 255};
    assert_int_equal(data->channels, 1);
    assert_memory_equal(data->split[NCA_SPLIT_TRAIN].images, expected, sizeof expected);
    assert_says(data->notices, "*less than half of the range*: 1, such as */dark.npy;*");
    assert_says(data->notices, "*scaled from its smallest*: 1, such as */floats.npy\n*");
    nca_labelled_close(data);
}

/* ---- Repeats ---------------------------------------------------------------------------------*/

static void images_in_two_splits_are_noticed(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    put_grey(folder, "test/dog/again.png", 10);
    put_grey(folder, "val/dog/too.png", 10);
    char original[1100];
    snprintf(original, sizeof original, "%s", path_in(folder, "train/cat/b.png"));
    assert_int_equal(symlink(original, place_in(folder, "test/cat/link.png")), 0);
    nca_labelled *data = open_data(folder->path, NULL);
    assert_says(data->notices,
                "*images of test with the same pixels as an image of train: 2 of 3, such as "
                "*test/cat/link.png and *train/cat/b.png, which are the same file\n*");
    assert_says(data->notices, "*images of val with the same pixels as an image of train: 1 of 2, "
                               "such as *val/dog/too.png and *train/dog/a.png\n*");
    assert_says(data->notices, "*images of test with the same pixels as an image of val: 1 of 3*");
    assert_null(strstr(data->notices, "another label"));
    nca_labelled_close(data);
}

static void one_image_with_two_labels_is_noticed(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    put_grey(folder, "train/cat/also.png", 10);
    nca_labelled *data = open_data(folder->path, NULL);
    assert_says(data->notices, "*images with the same pixels as an image with another label: 1, "
                               "such as *dog/a.png and *cat/also.png\n*");
    assert_null(strstr(data->notices, "an image of"));
    nca_labelled_close(data);
}

/* ---- Bad folders -----------------------------------------------------------------------------*/

static void a_broken_image_is_named_or_left_out(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    put_text(folder, "train/dog/b.png", "\x89PNG\r\n\x1a\nbroken");
    put_text(folder, "train/dog/notes.txt", "no image");
    expect_refusal(folder->path, NULL, NCA_FORMAT, "*train/dog/b.png: *skip_broken*");
    nca_labelled_options options = default_options();
    options.skip_broken = true;
    nca_labelled *data = open_data(folder->path, &options);
    assert_int_equal(data->skipped, 2);
    expect_counts(data, NCA_SPLIT_TRAIN, (const size_t[]){1, 2});
    assert_says(data->split[NCA_SPLIT_TRAIN].names[2], "*/c.png");
    assert_says(data->split[NCA_SPLIT_VAL].names[0], "*/d.png");
    assert_says(data->notices, "*left out: 2; the first: *b.png*");
    nca_labelled_close(data);
}

static void a_class_that_loses_its_images_is_refused(void **state)
{
    temporary_folder *folder = *state;
    put_grey(folder, "train/dog/a.png", 10);
    put_text(folder, "train/cat/b.png", "broken");
    nca_labelled_options options = default_options();
    options.skip_broken = true;
    expect_refusal(folder->path, &options, NCA_INVALID_ARGUMENT, "*only the class \"dog\"*");
    put_text(folder, "train/dog/a.png", "broken too");
    expect_refusal(folder->path, &options, NCA_FORMAT, "*none of 2 images*cat/b.png*");
}

static void folders_without_classes_are_refused(void **state)
{
    temporary_folder *folder = *state;
    expect_refusal(folder->path, NULL, NCA_NOT_FOUND, "*for each class*empty folder*");
    put_grey(folder, "some.png", 1);
    expect_refusal(folder->path, NULL, NCA_NOT_FOUND, "*found only files, such as some.png*");
    put_grey(folder, "cat/a.png", 1);
    put_grey(folder, "cat/b.png", 2);
    expect_refusal(folder->path, NULL, NCA_INVALID_ARGUMENT,
                   "*only the class \"cat\" (images: 2)*");
    assert_int_equal(mkdir(path_in(folder, "dog"), 0777), 0);
    expect_refusal(folder->path, NULL, NCA_INVALID_ARGUMENT,
                   "*only the class \"cat\" (images: 2)*");
    expect_refusal(path_in(folder, "dog"), NULL, NCA_NOT_FOUND, "*empty folder*");
    expect_refusal(path_in(folder, "missing"), NULL, NCA_NOT_FOUND, "*missing: *no such folder*");
    expect_refusal(path_in(folder, "some.png"), NULL, NCA_INVALID_ARGUMENT, "*another file*");
    assert_int_equal(symlink("loop", path_in(folder, "loop")), 0);
    expect_refusal(path_in(folder, "loop"), NULL, NCA_IO, "*loop: the folder cannot be read: *");
    assert_int_equal(unlink(path_in(folder, "loop")), 0);
    put_grey(folder, "dog/sub/a.png", 1);
    expect_refusal(folder->path, NULL, NCA_INVALID_ARGUMENT, "*dog: *found the folder \"sub\"*");
}

static void classes_without_images_at_all_are_refused(void **state)
{
    temporary_folder *folder = *state;
    assert_int_equal(mkdir(path_in(folder, "cat"), 0777), 0);
    assert_int_equal(mkdir(path_in(folder, "dog"), 0777), 0);
    expect_refusal(folder->path, NULL, NCA_NOT_FOUND, "*expected labelled images, found none*");
}

static void a_class_without_training_images_is_refused(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    put_grey(folder, "test/bird/f.png", 99);
    expect_refusal(folder->path, NULL, NCA_INVALID_ARGUMENT,
                   "*none of the class \"bird\", but 1 in test*");
}

static void a_test_split_alone_can_be_read(void **state)
{
    temporary_folder *folder = *state;
    put_grey(folder, "test/a/f.png", 99);
    put_grey(folder, "test/b/f.png", 98);
    nca_labelled *data = open_data(folder->path, NULL);
    assert_int_equal(data->split[NCA_SPLIT_TRAIN].count, 0);
    assert_int_equal(data->split[NCA_SPLIT_TEST].images[16], 98);
    nca_labelled_close(data);
}

static void what_is_no_data_is_ignored(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    put_text(folder, "train/dog/.hidden", "x");
    put_text(folder, "train/dog/Thumbs.db", "x");
    put_text(folder, "train/dog/desktop.ini", "x");
    put_text(folder, ".git/config", "x");
    put_text(folder, "README.txt", "x");
    nca_labelled *data = open_data(folder->path, NULL);
    assert_int_equal(data->split[NCA_SPLIT_TRAIN].count, 3);
    assert_null(strstr(data->notices, "ignored"));
    nca_labelled_close(data);
    put_text(folder, "train/list.txt", "x");
    put_grey(folder, "validation/cat/x.png", 44);
    data = open_data(folder->path, NULL);
    assert_says(
        data->notices,
        "*files of */train that are in no class folder and were ignored: 1, such as list.txt*");
    assert_says(data->notices, "*the folder validation is ignored*");
    nca_labelled_close(data);
}

static void symbolic_links_are_followed_and_loops_end(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    char cats[1100];
    snprintf(cats, sizeof cats, "%s", path_in(folder, "train/cat"));
    assert_int_equal(symlink(cats, path_in(folder, "train/lynx")), 0);
    nca_labelled *data = open_data(folder->path, NULL);
    expect_counts(data, NCA_SPLIT_TRAIN, (const size_t[]){1, 2, 1});
    nca_labelled_close(data);
    assert_int_equal(symlink("self.png", path_in(folder, "train/cat/self.png")), 0);
    expect_refusal(folder->path, NULL, NCA_IO, "*self.png*");
    assert_int_equal(unlink(path_in(folder, "train/cat/self.png")), 0);
    assert_int_equal(symlink("..", path_in(folder, "train/cat/up")), 0);
    expect_refusal(folder->path, NULL, NCA_INVALID_ARGUMENT, "*found the folder \"up\"*");
}

static void a_pipe_does_not_hang(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    assert_int_equal(mkfifo(path_in(folder, "train/dog/pipe.png"), 0600), 0);
    expect_refusal(folder->path, NULL, NCA_IO, "*pipe.png: expected a file, found a pipe*");
}

static void a_folder_that_cannot_be_read_is_named(void **state)
{
    temporary_folder *folder = *state;
    put_pets(folder);
    if (geteuid() == 0) {
        skip(); /* nothing is closed to the superuser */
    }
    assert_int_equal(chmod(path_in(folder, "val/dog"), 0), 0);
    expect_refusal(folder->path, NULL, NCA_IO, "*val/dog: the folder cannot be read*");
    assert_int_equal(chmod(path_in(folder, "val/dog"), 0700), 0);
}

static void names_of_classes_have_bounds(void **state)
{
    temporary_folder *folder = *state;
    char name[160];
    put_pets(folder);
    snprintf(name, sizeof name, "train/%0*d/i.png", NCA_CLASS_NAME, 0);
    put_grey(folder, name, 70);
    expect_refusal(folder->path, NULL, NCA_LIMIT, "*class name of at most 95 bytes, found 96*");
    snprintf(name, sizeof name, "train/%0*d", NCA_CLASS_NAME, 0);
    char old[1100];
    snprintf(old, sizeof old, "%s", path_in(folder, name));
    assert_int_equal(rename(old, path_in(folder, "train/\xff\x1b")), 0);
    expect_refusal(folder->path, NULL, NCA_FORMAT, "*class name in UTF-8, found \"??\"*");
}

static void there_are_at_most_64_classes(void **state)
{
    temporary_folder *folder = *state;
    char name[32];
    for (unsigned i = 0; i <= NCA_MAX_CLASSES; i++) {
        if (i == NCA_MAX_CLASSES) {
            nca_labelled *data = open_data(folder->path, NULL);
            assert_int_equal(data->classes, 64);
            nca_labelled_close(data);
        }
        snprintf(name, sizeof name, "train/%u/i.png", i);
        put_grey(folder, name, (uint8_t)i);
    }
    expect_refusal(folder->path, NULL, NCA_LIMIT, "*at most 64 classes, found one more, \"64\"*");
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_folder_with_splits_gives_sorted_classes_and_images),
        TEST(numbers_are_sorted_by_value_and_before_names),
        TEST(drawn_splits_have_their_share_of_every_class),
        TEST(a_seed_draws_the_same_splits_for_ever),
        TEST(small_classes_keep_an_image_of_train),
        TEST(one_image_with_colour_makes_all_rgb),
        TEST(grey_images_become_rgb_when_asked),
        TEST(transparent_pixels_are_drawn_on_black),
        TEST(images_are_resized_as_targets_are),
        TEST(different_sizes_are_refused_with_both_files),
        TEST(images_that_lose_their_contrast_are_noticed),
        TEST(images_in_two_splits_are_noticed),
        TEST(one_image_with_two_labels_is_noticed),
        TEST(a_broken_image_is_named_or_left_out),
        TEST(a_class_that_loses_its_images_is_refused),
        TEST(folders_without_classes_are_refused),
        TEST(classes_without_images_at_all_are_refused),
        TEST(a_class_without_training_images_is_refused),
        TEST(a_test_split_alone_can_be_read),
        TEST(what_is_no_data_is_ignored),
        TEST(symbolic_links_are_followed_and_loops_end),
        TEST(a_pipe_does_not_hang),
        TEST(a_folder_that_cannot_be_read_is_named),
        TEST(names_of_classes_have_bounds),
        TEST(there_are_at_most_64_classes),
    };
#undef TEST
    return cmocka_run_group_tests_name("labelled folders", tests, NULL, NULL);
}
