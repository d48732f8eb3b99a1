/* Targets of MedMNIST by name: the image of each name, and the messages for invalid names. */
#include "data/made_set.h"
#include "nca/target.h"

static nca_status make(nca_target **out, const char *source, const char *root, nca_error *error)
{
    nca_target_options options;
    nca_target_options_default(&options);
    options.root = root;
    return nca_target_create(out, source, &options, error);
}

static nca_target *target_of(const char *source, const nca_target_options *options)
{
    nca_target *target = NULL;
    nca_error error = {0};
    if (nca_target_create(&target, source, options, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    assert_string_equal(target->source, source);
    return target;
}

/* A new folder with breastmnist.npz, breastmnist_64.npz and the volumes organmnist3d.npz. */
static int make_root(void **state)
{
    if (make_temporary_folder(state) != 0) {
        return -1;
    }
    made_set pictures = small_set(), larger = small_set(), volumes = small_set();
    write_set(*state, "breastmnist.npz", &pictures);
    larger.image_shape = ", 8, 9";
    larger.image_bytes = 72;
    write_set(*state, "breastmnist_64.npz", &larger);
    volumes.image_shape = ", 4, 5, 6";
    volumes.image_bytes = 120;
    write_set(*state, "organmnist3d.npz", &volumes);
    return 0;
}

static void a_set_of_the_root_gives_its_image(void **state)
{
    temporary_folder *root = *state;
    nca_target_options options;
    nca_target_options_default(&options);
    options.root = root->path;
    nca_target *target = target_of("medmnist:breastmnist/val/1", &options);
    assert_int_equal(target->height, 4);
    assert_int_equal(target->width, 5);
    assert_int_equal(target->padding, 0);
    for (size_t k = 0; k < 20; k++) {
        float expected = (float)made_value(NCA_SPLIT_VAL, 20 + k) / 255.0f;
        assert_true(target->rgba[4 * k] == expected && target->rgba[4 * k + 2] == expected);
        assert_true(target->rgba[4 * k + 3] == 1.0f);
    }
    nca_target_destroy(target);
    target = target_of("medmnist:BreastMNIST_64/train/6", &options);
    assert_int_equal(target->height, 8);
    nca_target_destroy(target);
}

static void a_file_is_named_by_its_path(void **state)
{
    temporary_folder *root = *state;
    char source[1200];
    snprintf(source, sizeof source, "medmnist:%s/breastmnist.npz/test/0", root->path);
    nca_target *target = target_of(source, &(nca_target_options){0});
    assert_true(target->rgba[0] == (float)made_value(NCA_SPLIT_TEST, 0) / 255.0f);
    nca_target_destroy(target);
}

static void size_padding_and_colours_are_options(void **state)
{
    temporary_folder *root = *state;
    nca_target_options options;
    nca_target_options_default(&options);
    options.size = 10;
    options.padding = 3;
    options.root = root->path;
    options.colormap = NCA_COLORMAP_INFERNO;
    nca_target *target = target_of("medmnist:breastmnist/train/0", &options);
    assert_int_equal(target->width, 16);
    assert_int_equal(target->height, 14);
    assert_true(target->rgba[3] == 0.0f);
    nca_target_destroy(target);
    nca_target_options own;
    nca_target_options_default(&own);
    own.root = root->path;
    own.colormap = NCA_COLORMAP_INFERNO;
    target = target_of("medmnist:breastmnist/train/0", &own);
    uint8_t rgb[3];
    nca_colormap_rgb(rgb, NCA_COLORMAP_INFERNO, made_value(NCA_SPLIT_TRAIN, 7));
    for (size_t c = 0; c < 3; c++) {
        assert_true(target->rgba[4 * 7 + c] == (float)rgb[c] / 255.0f);
    }
    nca_target_destroy(target);
}

static void a_volume_gives_a_slice(void **state)
{
    temporary_folder *root = *state;
    static const struct {
        const char *source;
        size_t height, width, first; /* index of the first pixel's value in the volume */
    } cases[] = {
        {"medmnist:organmnist3d/train/2", 5, 6, 2 * 30},
        {"medmnist:organmnist3d/train/2?axis=z", 5, 6, 2 * 30},
        {"medmnist:organmnist3d/train/2?slice=0", 5, 6, 0},
        {"medmnist:organmnist3d/train/2?axis=y", 4, 6, 2 * 6},
        {"medmnist:organmnist3d/train/2?axis=x&slice=5", 4, 5, 5},
        {"medmnist:organmnist3d/train/2?slice=3&axis=y", 4, 6, 3 * 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_target *target = target_of(cases[i].source, &(nca_target_options){.root = root->path});
        assert_int_equal(target->height, cases[i].height);
        assert_int_equal(target->width, cases[i].width);
        uint8_t value = made_value(NCA_SPLIT_TRAIN, 2 * 120 + cases[i].first);
        assert_true(target->rgba[0] == (float)value / 255.0f);
        nca_target_destroy(target);
    }
}

static void every_mistake_has_its_own_message(void **state)
{
    temporary_folder *root = *state;
    static const struct {
        const char *source;
        nca_status status;
        const char *reason;
    } cases[] = {
        {"medmnist:", NCA_INVALID_ARGUMENT, "expected medmnist:SET/SPLIT/INDEX"},
        {"medmnist:breastmnist", NCA_INVALID_ARGUMENT, "expected medmnist:SET/SPLIT/INDEX"},
        {"medmnist:breastmnist/3", NCA_INVALID_ARGUMENT, "expected medmnist:SET/SPLIT/INDEX"},
        {"medmnist:/train/3", NCA_INVALID_ARGUMENT, "expected medmnist:SET/SPLIT/INDEX"},
        {"medmnist:breastmnst/train/3", NCA_NOT_FOUND, "did you mean \"breastmnist\"?"},
        {"medmnist:OrganMNIST3/train/3", NCA_NOT_FOUND, "did you mean \"organmnist3d\"?"},
        {"medmnist:imagenet/train/3", NCA_NOT_FOUND, "`nca data list`"},
        {"medmnist:a/b/breastmnist/train/3", NCA_NOT_FOUND, "must end in .npz"},
        {"medmnist:breastmnist/training/3", NCA_INVALID_ARGUMENT,
         "train, val or test, found "
         "\"training\""},
        {"medmnist:breastmnist/train/7", NCA_INVALID_ARGUMENT,
         "train has 7 images, 0 to 6; found "
         "index 7"},
        {"medmnist:breastmnist/train/-1", NCA_INVALID_ARGUMENT, "found \"-1\""},
        {"medmnist:breastmnist/train/", NCA_INVALID_ARGUMENT, "found \"\""},
        {"medmnist:breastmnist/train/99999999999999999999", NCA_INVALID_ARGUMENT, "the number of"},
        {"medmnist:breastmnist_32/train/3", NCA_INVALID_ARGUMENT, "28, 64, 128"},
        {"medmnist:pathmnist/train/3", NCA_NOT_FOUND, "`nca data get pathmnist --root "},
        {"medmnist:breastmnist_224/train/3", NCA_NOT_FOUND, "get breastmnist --size 224 --root "},
        {"medmnist:other.npz/train/3", NCA_NOT_FOUND, "other.npz"},
        {"medmnist:breastmnist/train/3?axis=z", NCA_INVALID_ARGUMENT, "not volumes"},
        {"medmnist:organmnist3d/train/3?axis=w", NCA_INVALID_ARGUMENT, "z, y or x, found \"w\""},
        {"medmnist:organmnist3d/train/3?slice=4", NCA_INVALID_ARGUMENT, "4 slices along z, 0 to 3"},
        {"medmnist:organmnist3d/train/3?slice=", NCA_INVALID_ARGUMENT, "number of a slice"},
        {"medmnist:organmnist3d/train/3?size=64", NCA_INVALID_ARGUMENT, "breastmnist_64"},
        {"medmnist:organmnist3d/train/3?", NCA_INVALID_ARGUMENT, "slice=NUMBER"},
        {"medmnist:organmnist3d/train/3?axis=x&", NCA_INVALID_ARGUMENT, "slice=NUMBER"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_target *target = NULL;
        nca_error error = {0};
        nca_status status = make(&target, cases[i].source, root->path, &error);
        if (status != cases[i].status || strstr(error.message, cases[i].reason) == NULL ||
            strncmp(error.message, cases[i].source, strlen(cases[i].source)) != 0) {
            fail_msg("%s: %s: %s", cases[i].source, nca_status_name(status), error.message);
        }
        assert_null(target);
        assert_int_equal(make(&target, cases[i].source, root->path, NULL), status);
    }
    nca_target *target = NULL;
    nca_error error = {0};
    assert_int_equal(make(&target, "medmnist:breastmnist/train/3", NULL, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "--root DIR"));
}

static void a_name_of_any_length_gets_an_answer(void **state)
{
    temporary_folder *root = *state;
    for (size_t length = 1; length < 20000; length = length * 3 + 1) {
        char *source = malloc(length + 40);
        assert_non_null(source);
        strcpy(source, "medmnist:");
        memset(source + 9, 'a', length);
        nca_target *target = NULL;
        nca_error error = {0};
        strcpy(source + 9 + length, "/train/3?slice=1");
        assert_int_not_equal(make(&target, source, root->path, &error), NCA_OK);
        strcpy(source + 9 + length, ".npz/train/3?slice=1");
        assert_int_not_equal(make(&target, source, root->path, &error), NCA_OK);
        memcpy(source + 9, "breastmnist/", length < 12 ? length : 12);
        assert_int_not_equal(make(&target, source, root->path, &error), NCA_OK);
        free(source);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_set_of_the_root_gives_its_image),    TEST(a_file_is_named_by_its_path),
        TEST(size_padding_and_colours_are_options), TEST(a_volume_gives_a_slice),
        TEST(every_mistake_has_its_own_message),    TEST(a_name_of_any_length_gets_an_answer),
    };
#undef TEST
    return cmocka_run_group_tests_name("medmnist targets", tests, NULL, NULL);
}
