/* Labelled images of MedMNIST's archives: kinds of labels, volumes, sizes, what is refused. */
#include <math.h>

#include "data/labelled_build.h"
#include "data/labelled_fixture.h"
#include "data/made_set.h"
#include "nca/medmnist_synthetic.h"

static void synthesise(temporary_folder *folder, const char *set, uint32_t size, uint32_t train,
                       uint32_t val, uint32_t test)
{
    char path[1200];
    nca_error error = {0};
    nca_synthetic_options options;
    nca_synthetic_options_default(&options);
    options.set = nca_medmnist_set_named(set);
    options.size = size;
    options.count[NCA_SPLIT_TRAIN] = train;
    options.count[NCA_SPLIT_VAL] = val;
    options.count[NCA_SPLIT_TEST] = test;
    assert_int_equal(nca_medmnist_path(path, sizeof path, folder->path, options.set, size, NULL),
                     NCA_OK);
    if (nca_medmnist_synthesise(path, &options, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
}

static void a_set_has_the_classes_of_the_catalogue(void **state)
{
    temporary_folder *folder = *state;
    synthesise(folder, "bloodmnist", 28, 24, 9, 8);
    nca_labelled_options options = default_options();
    options.root = folder->path;
    nca_labelled *data = open_data("medmnist:bloodmnist", &options);
    assert_int_equal(data->kind, NCA_LABELS_MULTI_CLASS);
    assert_int_equal(data->classes, 8);
    assert_int_equal(data->label_width, 1);
    assert_int_equal(data->channels, 3);
    assert_string_equal(data->class_names[0], "basophil");
    assert_says(data->class_names[3], "immature granulocytes(*promyelocytes)");
    assert_null(data->split[NCA_SPLIT_TRAIN].names);
    expect_counts(data, NCA_SPLIT_TRAIN, (const size_t[]){3, 3, 3, 3, 3, 3, 3, 3});
    assert_int_equal(data->split[NCA_SPLIT_VAL].count, 9);
    nca_medmnist *set = open_set(path_in(folder, "bloodmnist.npz"));
    uint8_t images[2 * 28 * 28 * 3];
    assert_int_equal(nca_medmnist_read(images, set, NCA_SPLIT_TEST, 5, 2, NULL), NCA_OK);
    assert_memory_equal(data->split[NCA_SPLIT_TEST].images + 5 * 28 * 28 * 3, images,
                        sizeof images);
    nca_medmnist_close(set);
    nca_labelled_close(data);
}

static void labels_of_a_multi_label_set_are_zeros_and_ones(void **state)
{
    temporary_folder *folder = *state;
    synthesise(folder, "chestmnist", 28, 30, 0, 4);
    nca_labelled *data = open_data(path_in(folder, "chestmnist.npz"), NULL);
    assert_int_equal(data->kind, NCA_LABELS_MULTI_LABEL);
    assert_int_equal(data->classes, 14);
    assert_int_equal(data->label_width, 14);
    assert_int_equal(data->split[NCA_SPLIT_VAL].count, 0);
    nca_medmnist *set = open_set(path_in(folder, "chestmnist.npz"));
    int64_t labels[30 * 14];
    size_t counts[NCA_MAX_CLASSES], expected[14] = {0};
    assert_int_equal(nca_medmnist_labels(labels, set, NCA_SPLIT_TRAIN, 0, 30, NULL), NCA_OK);
    for (size_t k = 0; k < 30 * 14; k++) {
        assert_int_equal(data->split[NCA_SPLIT_TRAIN].labels[k], labels[k]);
        expected[k % 14] += labels[k] != 0;
    }
    nca_labelled_class_counts(counts, data, NCA_SPLIT_TRAIN);
    assert_memory_equal(counts, expected, sizeof expected);
    nca_medmnist_close(set);
    nca_labelled_close(data);
}

static void a_volume_becomes_its_middle_slices(void **state)
{
    temporary_folder *folder = *state;
    synthesise(folder, "adrenalmnist3d", 28, 4, 2, 0);
    nca_labelled *data = open_data(path_in(folder, "adrenalmnist3d.npz"), NULL);
    assert_true(data->slices);
    assert_int_equal(data->channels, 3);
    assert_int_equal(data->height, 28);
    nca_medmnist *set = open_set(path_in(folder, "adrenalmnist3d.npz"));
    for (unsigned axis = 0; axis < NCA_AXIS_COUNT; axis++) {
        nca_image *slice = NULL;
        assert_int_equal(nca_medmnist_picture(&slice, set, NCA_SPLIT_VAL, 1, (nca_axis)axis, 14,
                                              NCA_COLORMAP_GREY, NULL),
                         NCA_OK);
        const uint8_t *found = data->split[NCA_SPLIT_VAL].images + 28 * 28 * 3;
        for (size_t i = 0; i < 28 * 28; i++) {
            assert_int_equal(found[3 * i + axis], slice->pixels[4 * i]);
        }
        nca_image_destroy(slice);
    }
    nca_medmnist_close(set);
    nca_labelled_close(data);
}

static void images_of_an_archive_are_resized_as_targets_are(void **state)
{
    temporary_folder *folder = *state;
    synthesise(folder, "retinamnist", 28, 5, 0, 5);
    nca_labelled_options options = default_options();
    options.root = folder->path;
    options.size = 56;
    nca_labelled *data = open_data("medmnist:retinamnist", &options);
    assert_int_equal(data->kind, NCA_LABELS_ORDINAL);
    assert_int_equal(data->height, 56);
    nca_medmnist *set = open_set(path_in(folder, "retinamnist.npz"));
    nca_image *image = NULL, *resized = NULL;
    assert_int_equal(nca_medmnist_picture(&image, set, NCA_SPLIT_TEST, 3, NCA_AXIS_Z, 0,
                                          NCA_COLORMAP_GREY, NULL),
                     NCA_OK);
    assert_int_equal(nca_image_resize_lanczos(&resized, image, 56, 56, NULL), NCA_OK);
    for (size_t i = 0; i < 56 * 56; i++) {
        assert_memory_equal(data->split[NCA_SPLIT_TEST].images + (3 * 56 * 56 + i) * 3,
                            resized->pixels + 4 * i, 3);
    }
    nca_image_destroy(image);
    nca_image_destroy(resized);
    nca_medmnist_close(set);
    nca_labelled_close(data);
}

static void images_over_the_limit_are_beside_their_archive(void **state)
{
    temporary_folder *folder = *state;
    char link[64], place[1024] = "";
    synthesise(folder, "breastmnist", 28, 4, 0, 0);
    nca_labelled_options options = default_options();
    options.root = folder->path;
    options.memory_limit = 100;
    nca_labelled *data = open_data("medmnist:breastmnist", &options);
    snprintf(link, sizeof link, "/proc/self/fd/%d",
             ((const nca__labelled *)(void *)data)->store.file);
    if (readlink(link, place, sizeof place - 1) > 0) { /* not every system has /proc */
        assert_memory_equal(place, folder->path, strlen(folder->path));
    }
    assert_int_equal(data->split[NCA_SPLIT_TRAIN].count, 4);
    nca_labelled_close(data);
}

/* ---- Archives that the catalogue does not know -----------------------------------------------*/

static void the_classes_of_another_archive_are_numbers(void **state)
{
    made_set made = small_set();
    const char *path = write_set(*state, "some.npz", &made);
    nca_labelled *data = open_data(path, NULL);
    assert_int_equal(data->kind, NCA_LABELS_MULTI_CLASS);
    assert_int_equal(data->classes, 5);
    assert_string_equal(data->class_names[4], "4");
    assert_int_equal(data->height, 4);
    assert_int_equal(data->width, 5);
    assert_int_equal(data->channels, 1);
    assert_int_equal(data->split[NCA_SPLIT_VAL].images[0], made_value(1, 0));
    assert_int_equal(data->split[NCA_SPLIT_TEST].labels[2], 2);
    assert_says(data->notices, "*classes without images in val: 3 of 5, such as \"2\"*");
    nca_labelled_close(data);
    made.labels[0] = made.count[0] = 2; /* labels 0 and 1 */
    made.labels[2] = made.count[2] = 1;
    data = open_data(write_set(*state, "two.npz", &made), NULL);
    assert_int_equal(data->kind, NCA_LABELS_BINARY);
    assert_int_equal(data->classes, 2);
    nca_labelled_close(data);
}

static void several_values_of_each_image_are_labels(void **state)
{
    made_set made = small_set();
    made.label_shape = ", 3";
    made.label_bytes = 3;
    made.labels[0] = made.count[0] = 2; /* 0 0 0 and 1 0 0 */
    made.labels[1] = made.count[1] = 0;
    made.labels[2] = made.count[2] = 1;
    nca_labelled *data = open_data(write_set(*state, "some.npz", &made), NULL);
    assert_int_equal(data->kind, NCA_LABELS_MULTI_LABEL);
    assert_int_equal(data->classes, 3);
    static const uint8_t labels[] = {0, 0, 0, 1, 0, 0};
    assert_memory_equal(data->split[NCA_SPLIT_TRAIN].labels, labels, 6);
    nca_labelled_close(data);
    made.labels[0] = made.count[0] = 3; /* the label 2 */
    expect_refusal(write_set(*state, "some.npz", &made), NULL, NCA_FORMAT,
                   "*train_labels: image 2: expected labels from 0 to 1, found 2*");
}

/* An archive with these arrays of labels (1 byte each) for images of 2 x 2 pixels; NULL: none. */
static const char *archive_of(temporary_folder *folder, const char *name, const char *label_type,
                              const int8_t *train, size_t train_count, const int8_t *test,
                              size_t test_count)
{
    raw_zip zip = {0};
    const int8_t *labels[] = {train, test};
    const size_t counts[] = {train_count, test_count};
    for (unsigned i = 0; i < 2; i++) {
        char array[32], shape[32];
        const char *split = i == 0 ? "train" : "test";
        snprintf(array, sizeof array, "%s_images", split);
        raw_zip_add_array(&zip, array, made_part("|u1", counts[i], ", 2, 2", 4, i, false));
        snprintf(array, sizeof array, "%s_labels", split);
        snprintf(shape, sizeof shape, "(%zu,)", counts[i]);
        if (labels[i] != NULL) {
            raw_zip_add_array(&zip, array, raw_array(label_type, shape, labels[i], counts[i]));
        }
    }
    raw_bytes file = raw_zip_finish(&zip);
    const char *path = path_in(folder, name);
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
    return path;
}

static void an_archive_without_labels_is_refused(void **state)
{
    static const int8_t labels[] = {0, 1, 1};
    expect_refusal(archive_of(*state, "a.npz", "|i1", NULL, 3, NULL, 2), NULL, NCA_NOT_FOUND,
                   "*a.npz: expected labels*found no array train_labels*");
    expect_refusal(archive_of(*state, "a.npz", "|i1", NULL, 3, labels, 2), NULL, NCA_NOT_FOUND,
                   "*labels of the training images*");
    expect_refusal(archive_of(*state, "a.npz", "|i1", labels, 0, labels, 0), NULL, NCA_NOT_FOUND,
                   "*found none*");
    nca_labelled *data = open_data(archive_of(*state, "a.npz", "|i1", labels, 3, NULL, 2), NULL);
    assert_int_equal(data->split[NCA_SPLIT_TEST].count, 0);
    assert_says(data->notices, "*images of test without labels, which were left out: 2\n*");
    nca_labelled_close(data);
}

static void labels_out_of_range_are_refused(void **state)
{
    static const int8_t good[] = {0, 1, 1}, negative[] = {0, 1, -1}, large[] = {0, 64, 1},
                        two[] = {0, 2}, three[] = {0, 1, 3}, ones[] = {1, 1, 1};
    expect_refusal(archive_of(*state, "a.npz", "|i1", good, 3, negative, 3), NULL, NCA_FORMAT,
                   "*test_labels: image 2: expected a class from 0 to 63, found -1*");
    expect_refusal(archive_of(*state, "a.npz", "|i1", large, 3, good, 3), NULL, NCA_LIMIT,
                   "*train_labels: image 1: expected a class from 0 to 63, found 64*");
    expect_refusal(archive_of(*state, "breastmnist.npz", "|i1", good, 3, two, 2), NULL, NCA_FORMAT,
                   "*test_labels: image 1: expected a class from 0 to 1, found 2*");
    expect_refusal(archive_of(*state, "a.npz", "|i1", good, 3, three, 3), NULL,
                   NCA_INVALID_ARGUMENT, "*none of the class \"3\", but 1 in test*");
    expect_refusal(archive_of(*state, "a.npz", "|i1", ones, 3, ones, 3), NULL, NCA_INVALID_ARGUMENT,
                   "*only the class \"1\"*");
    expect_refusal(archive_of(*state, "chestmnist.npz", "|i1", good, 3, good, 3), NULL, NCA_FORMAT,
                   "*ChestMNIST has 14 labels for each image, found 1*");
}

static void pixels_in_two_splits_of_an_archive_are_noticed(void **state)
{
    static const int8_t labels[] = {0, 1, 0};
    raw_zip zip = {0};
    static const uint8_t images[] = {1, 2, 3, 4, 9, 9, 9, 9, 1, 2, 3, 5};
    raw_zip_add_array(&zip, "train_images", raw_array("|u1", "(3, 2, 2)", images, 12));
    raw_zip_add_array(&zip, "train_labels", raw_array("|i1", "(3, 1)", labels, 3));
    raw_zip_add_array(&zip, "val_images", raw_array("|u1", "(2, 2, 2)", images + 4, 8));
    raw_zip_add_array(&zip, "val_labels", raw_array("|i1", "(2, 1)", labels, 2));
    raw_bytes file = raw_zip_finish(&zip);
    const char *path = path_in(*state, "a.npz");
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
    nca_labelled *data = open_data(path, NULL);
    assert_says(data->notices, "*images of val with the same pixels as an image of train: 2 of 2, "
                               "such as val/0 and train/1\n*");
    assert_says(data->notices, "*another label: 2, such as val/0 and train/1\n*");
    nca_labelled_close(data);
}

static void volumes_with_different_sides_are_refused(void **state)
{
    made_set made = small_set();
    made.image_shape = ", 4, 5, 5, 1";
    made.image_bytes = 100;
    expect_refusal(write_set(*state, "some.npz", &made), NULL, NCA_UNSUPPORTED,
                   "*volumes with three equal sides, found 4 x 5 x 5*");
}

/* ---- Names and options -----------------------------------------------------------------------*/

static void names_of_sets_are_checked(void **state)
{
    nca_labelled_options options = default_options();
    expect_refusal("medmnist:breastmnist", &options, NCA_INVALID_ARGUMENT, "*--root DIR*");
    options.root = ((temporary_folder *)*state)->path;
    expect_refusal("medmnist:breastmnist_64", &options, NCA_NOT_FOUND,
                   "medmnist:breastmnist_64: *nca data get breastmnist --size 64*");
    expect_refusal("medmnist:brestmnist", &options, NCA_NOT_FOUND, "*did you mean*breastmnist*");
    expect_refusal("medmnist:breastmnist_56", &options, NCA_INVALID_ARGUMENT, "*28, 64*found 56*");
    expect_refusal("medmnist:", &options, NCA_INVALID_ARGUMENT, "*medmnist:SET*");
    expect_refusal("medmnist:breastmnist/train/3", &options, NCA_INVALID_ARGUMENT,
                   "*medmnist:SET*");
    expect_refusal("breastmnist_64", &options, NCA_NOT_FOUND, "*write medmnist:breastmnist_64");
    expect_refusal("medmnist:none.npz", &options, NCA_NOT_FOUND, "*none.npz*");
    expect_refusal("nothing", &options, NCA_NOT_FOUND, "nothing: *");
}

static void options_out_of_range_are_refused(void **state)
{
    static const double shares[][2] = {{0.5, 0.5}, {-0.1, 0}, {0, 1}, {(double)NAN, 0}};
    made_set made = small_set();
    const char *path = write_set(*state, "some.npz", &made);
    for (size_t i = 0; i < 4; i++) {
        nca_labelled_options options = default_options();
        options.val_share = shares[i][0];
        options.test_share = shares[i][1];
        expect_refusal(path, &options, NCA_INVALID_ARGUMENT,
                       "val_share and test_share: *sum below 1*");
    }
    nca_labelled_options options = default_options();
    options.size = 1u << 20;
    expect_refusal(path, &options, NCA_INVALID_ARGUMENT, "*img_size*");
    options = default_options();
    options.reserved[0] = 1;
    expect_refusal(path, &options, NCA_INVALID_ARGUMENT, "*nca_labelled_options*");
    nca_labelled_close(NULL);
    assert_null(nca_label_kind_name(NCA_LABEL_KINDS));
}

/* ---- Real data -------------------------------------------------------------------------------*/

typedef struct real_set {
    const char *name;
    nca_label_kind kind;
    size_t classes, channels, count[NCA_SPLIT_COUNT];
    bool slices;
    const char *notices;
} real_set;

static void real_sets_are_read_with_all_their_images(void **state)
{
    static const real_set sets[] = {
        {"breastmnist",
         NCA_LABELS_BINARY,
         2,
         1,
         {546, 78, 156},
         false,
         "*1 of 156, such as test/76 and train/115\n*another label: 1, *"},
        {"retinamnist", NCA_LABELS_ORDINAL, 5, 3, {1080, 120, 400}, false, ""},
        {"vesselmnist3d", NCA_LABELS_BINARY, 2, 3, {1335, 191, 382}, true, ""},
    };
    const char *root = getenv("NCA_TEST_DATA");
    (void)state;
    if (root == NULL) {
        skip();
    }
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const real_set *set = &sets[i];
        char source[64];
        snprintf(source, sizeof source, "medmnist:%s", set->name);
        nca_labelled_options options = default_options();
        options.root = root;
        nca_labelled *data = open_data(source, &options);
        assert_int_equal(data->kind, set->kind);
        assert_int_equal(data->classes, set->classes);
        assert_int_equal(data->channels, set->channels);
        assert_int_equal(data->slices, set->slices);
        for (size_t s = 0; s < NCA_SPLIT_COUNT; s++) {
            assert_int_equal(data->split[s].count, set->count[s]);
        }
        assert_says(data->notices, set->notices);
        nca_labelled_close(data);
    }
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_set_has_the_classes_of_the_catalogue),
        TEST(labels_of_a_multi_label_set_are_zeros_and_ones),
        TEST(a_volume_becomes_its_middle_slices),
        TEST(images_of_an_archive_are_resized_as_targets_are),
        TEST(images_over_the_limit_are_beside_their_archive),
        TEST(the_classes_of_another_archive_are_numbers),
        TEST(several_values_of_each_image_are_labels),
        TEST(an_archive_without_labels_is_refused),
        TEST(labels_out_of_range_are_refused),
        TEST(pixels_in_two_splits_of_an_archive_are_noticed),
        TEST(volumes_with_different_sides_are_refused),
        TEST(names_of_sets_are_checked),
        TEST(options_out_of_range_are_refused),
        TEST(real_sets_are_read_with_all_their_images),
    };
#undef TEST
    return cmocka_run_group_tests_name("labelled archives", tests, NULL, NULL);
}
