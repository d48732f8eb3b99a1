/* Synthetic sets: the format of every set, classes that differ, the same bytes for the same
 * seed. */
#include "data/made_set.h"
#include "nca/medmnist_synthetic.h"
#include "says.h"

static nca_medmnist *synthesise(temporary_folder *folder, const char *set, uint32_t size,
                                uint64_t seed)
{
    const nca_synthetic_options options = {
        .set = nca_medmnist_set_named(set), .size = size, .count = {12, 3, 4}, .seed = seed};
    char name[64];
    nca_error error = {0};
    snprintf(name, sizeof name, size == 28 ? "%s.npz" : "%s_%u.npz", set, size);
    const char *path = path_in(folder, name);
    if (nca_medmnist_synthesise(path, &options, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return open_set(path);
}

static void every_set_can_be_made_up(void **state)
{
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        const nca_medmnist_set *set = nca_medmnist_set_at(i);
        nca_medmnist *data = synthesise(*state, set->name, 28, 3);
        const nca_medmnist_info *info = nca_medmnist_about(data);
        assert_ptr_equal(info->set, set);
        assert_int_equal(info->depth, set->dimensions == 3 ? 28 : 1);
        assert_int_equal(info->height, 28);
        assert_int_equal(info->width, 28);
        assert_int_equal(info->channels, set->channels);
        assert_int_equal(info->labels, strcmp(set->name, "chestmnist") == 0 ? 14 : 1);
        assert_int_equal(info->count[NCA_SPLIT_TRAIN], 12);
        assert_int_equal(info->count[NCA_SPLIT_VAL], 3);
        assert_int_equal(info->count[NCA_SPLIT_TEST], 4);
        int64_t labels[12 * 14];
        assert_int_equal(nca_medmnist_labels(labels, data, NCA_SPLIT_TRAIN, 0, 12, NULL), NCA_OK);
        int64_t classes = info->labels > 1 ? 2 : set->classes;
        for (size_t k = 0; k < 12 * info->labels; k++) {
            assert_in_range(labels[k], 0, classes - 1);
            if (info->labels == 1 && k > 0) {
                assert_int_equal(labels[k], (labels[k - 1] + 1) % classes);
            }
        }
        nca_medmnist_close(data);
    }
}

static uint32_t sum_of(temporary_folder *folder, const char *set, uint32_t size, uint64_t seed)
{
    nca_medmnist *data = synthesise(folder, set, size, seed);
    size_t size_of_one = nca_medmnist_image_bytes(nca_medmnist_about(data));
    uint8_t *images = malloc(12 * size_of_one);
    assert_non_null(images);
    assert_int_equal(nca_medmnist_read(images, data, NCA_SPLIT_TRAIN, 0, 12, NULL), NCA_OK);
    uint32_t sum = crc32_of(images, 12 * size_of_one);
    free(images);
    nca_medmnist_close(data);
    return sum;
}

/* The result for a random seed must not change, because tests and examples show it. */
static void a_seed_gives_the_same_pixels_for_ever(void **state)
{
    static const struct {
        const char *set;
        uint32_t size;
        uint32_t sum;
    } cases[] = {
        {"breastmnist", 28, 0x4df10620u}, {"pathmnist", 64, 0xab3a20e6u},
        {"chestmnist", 28, 0x40ad10e8u},  {"octmnist", 28, 0xf1fe5ce0u},
        {"retinamnist", 28, 0x1217152au}, {"organmnist3d", 28, 0x0e963070u},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t found = sum_of(*state, cases[i].set, cases[i].size, 7);
        if (found != cases[i].sum) {
            fail_msg("%s: expected 0x%08xu, found 0x%08xu", cases[i].set, cases[i].sum, found);
        }
    }
    assert_int_not_equal(sum_of(*state, "breastmnist", 28, 8), cases[0].sum);
}

/* Images of two classes differ more, on average, than images of the same class. */
static void classes_look_different(void **state)
{
    nca_medmnist *data = synthesise(*state, "breastmnist", 28, 1);
    uint8_t images[12][784];
    int64_t labels[12];
    double apart = 0, within = 0;
    size_t pairs_apart = 0, pairs_within = 0;
    assert_int_equal(nca_medmnist_read(images[0], data, NCA_SPLIT_TRAIN, 0, 12, NULL), NCA_OK);
    assert_int_equal(nca_medmnist_labels(labels, data, NCA_SPLIT_TRAIN, 0, 12, NULL), NCA_OK);
    for (size_t a = 0; a < 12; a++) {
        for (size_t b = 0; b < a; b++) {
            double distance = 0;
            for (size_t k = 0; k < 784; k++) {
                distance += (images[a][k] - images[b][k]) * (double)(images[a][k] - images[b][k]);
            }
            assert_true(distance > 0);
            *(labels[a] == labels[b] ? &within : &apart) += distance;
            *(labels[a] == labels[b] ? &pairs_within : &pairs_apart) += 1;
        }
    }
    assert_true(apart / (double)pairs_apart > 1.1 * within / (double)pairs_within);
    nca_medmnist_close(data);
}

static void the_same_options_give_the_same_file(void **state)
{
    uint8_t *files[2];
    size_t sizes[2];
    for (size_t i = 0; i < 2; i++) {
        nca_medmnist_close(synthesise(*state, "bloodmnist", 28, 5));
        assert_int_equal(
            nca__file_read(&files[i], &sizes[i], path_in(*state, "bloodmnist.npz"), 1 << 24, NULL),
            NCA_OK);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(files[0], files[1], sizes[0]);
    free(files[0]);
    free(files[1]);
}

static void what_a_set_does_not_have_is_refused(void **state)
{
    nca_synthetic_options options = {
        .set = nca_medmnist_set_named("organmnist3d"), .size = 128, .count = {1, 1, 1}};
    nca_error error = {0};
    const char *path = path_in(*state, "x.npz");
    assert_int_equal(nca_medmnist_synthesise(path, &options, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "OrganMNIST3D*available*sizes*28*64*128*");
    options.size = 28;
    options.count[NCA_SPLIT_VAL] = (1u << 24) + 1;
    assert_int_equal(nca_medmnist_synthesise(path, &options, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "val"));
    assert_int_equal(access(path, F_OK), -1);
    options.count[NCA_SPLIT_VAL] = 0;
    assert_int_equal(nca_medmnist_synthesise(path, &options, &error), NCA_OK);
    nca_medmnist *data = open_set(path);
    assert_int_equal(nca_medmnist_about(data)->count[NCA_SPLIT_VAL], 0);
    nca_medmnist_close(data);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(every_set_can_be_made_up),
        TEST(a_seed_gives_the_same_pixels_for_ever),
        TEST(classes_look_different),
        TEST(the_same_options_give_the_same_file),
        TEST(what_a_set_does_not_have_is_refused),
    };
#undef TEST
    return cmocka_run_group_tests_name("made-up sets", tests, NULL, NULL);
}
