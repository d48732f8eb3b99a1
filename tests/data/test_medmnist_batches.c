/* Shuffled batches: every image once per epoch, the same order for the same seed, in memory or in a
 * file. */
#include "data/made_set.h"
#include "nca/medmnist_batches.h"

enum {
    IMAGES = 23,
    BYTES = 20
};

static made_set made_with(size_t train)
{
    made_set made = small_set();
    made.count[NCA_SPLIT_TRAIN] = made.labels[NCA_SPLIT_TRAIN] = train;
    return made;
}

/* The set is closed and its file removed before the first batch. */
static nca_batches *batches_of(temporary_folder *folder, size_t batch, uint64_t seed,
                               uint64_t memory_limit)
{
    made_set made = made_with(IMAGES);
    const char *path = write_set(folder, "some.npz", &made);
    nca_medmnist *data = open_set(path);
    nca_batches *batches = NULL;
    nca_error error = {0};
    if (nca_batches_create(&batches, data, NCA_SPLIT_TRAIN, batch, seed, memory_limit, &error) !=
        NCA_OK) {
        fail_msg("%s", error.message);
    }
    nca_medmnist_close(data);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(count_entries(folder->path), 0);
    return batches;
}

/* Reads one epoch's order; checks images and labels. */
static void take_epoch(size_t order[IMAGES], nca_batches *batches, size_t batch)
{
    bool seen[IMAGES] = {false};
    uint32_t epoch = nca_batches_epoch(batches);
    assert_int_equal(nca_batches_per_epoch(batches), (IMAGES + batch - 1) / batch);
    for (size_t done = 0, number = 0; done < IMAGES; number++) {
        uint8_t images[(IMAGES + 1) * BYTES];
        int64_t labels[IMAGES + 1];
        size_t indices[IMAGES + 1], count = 0;
        memset(images, 0xA5, sizeof images);
        assert_int_equal(nca_batches_epoch(batches), epoch);
        assert_int_equal(nca_batches_position(batches), number);
        assert_int_equal(nca_batches_next(images, labels, indices, &count, batches, NULL), NCA_OK);
        assert_int_equal(count, IMAGES - done < batch ? IMAGES - done : batch);
        for (size_t i = 0; i < count; i++, done++) {
            assert_in_range(indices[i], 0, IMAGES - 1);
            assert_false(seen[indices[i]]);
            seen[indices[i]] = true;
            order[done] = indices[i];
            assert_int_equal(labels[i], indices[i] % 5);
            for (size_t k = 0; k < BYTES; k++) {
                assert_int_equal(images[i * BYTES + k], made_value(0, indices[i] * BYTES + k));
            }
        }
        assert_int_equal(images[count * BYTES], 0xA5);
    }
    assert_int_equal(nca_batches_epoch(batches), epoch + 1);
}

static void an_epoch_has_every_image_once(void **state)
{
    static const size_t sizes[] = {1, 2, 7, 22, 23};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        nca_batches *batches = batches_of(*state, sizes[i], 3, 1 << 20);
        size_t order[IMAGES];
        for (size_t epoch = 0; epoch < 3; epoch++) {
            take_epoch(order, batches, sizes[i]);
        }
        nca_batches_destroy(batches);
    }
    nca_batches_destroy(NULL);
}

static void the_order_is_a_function_of_seed_and_epoch_alone(void **state)
{
    size_t orders[3][IMAGES], found[IMAGES];
    nca_batches *batches = batches_of(*state, 5, 9, 1 << 20);
    for (size_t epoch = 0; epoch < 3; epoch++) {
        take_epoch(orders[epoch], batches, 5);
    }
    assert_memory_not_equal(orders[0], orders[1], sizeof found);
    assert_memory_not_equal(orders[1], orders[2], sizeof found);
    nca_batches_destroy(batches);
    static const uint64_t limits[] = {
        0, 1, BYTES, 3 * BYTES + 1, IMAGES * BYTES - 1, IMAGES * BYTES};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        batches = batches_of(*state, 4, 9, limits[i]);
        for (size_t epoch = 0; epoch < 3; epoch++) {
            take_epoch(found, batches, 4);
            assert_memory_equal(found, orders[epoch], sizeof found);
        }
        nca_batches_destroy(batches);
    }
    batches = batches_of(*state, 4, 10, 1 << 20);
    take_epoch(found, batches, 4);
    assert_memory_not_equal(found, orders[0], sizeof found);
    nca_batches_destroy(batches);
}

/* The order must not change, because a random seed should reproduce it. */
static void a_seed_gives_the_same_order_for_ever(void **state)
{
    static const size_t expected[] = {15, 22, 7, 5, 18, 19, 9, 21};
    nca_batches *batches = batches_of(*state, 6, 1, 1 << 20);
    size_t order[IMAGES];
    take_epoch(order, batches, 6);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(order[i], expected[i]);
    }
    nca_batches_destroy(batches);
}

static void every_place_of_the_order_gets_every_image(void **state)
{
    nca_batches *batches = batches_of(*state, IMAGES, 4, 1 << 20);
    unsigned seen[IMAGES][IMAGES] = {{0}};
    for (size_t epoch = 0; epoch < 2300; epoch++) {
        size_t order[IMAGES], count;
        assert_int_equal(nca_batches_next(NULL, NULL, order, &count, batches, NULL), NCA_OK);
        for (size_t i = 0; i < IMAGES; i++) {
            seen[i][order[i]]++;
        }
    }
    for (size_t i = 0; i < IMAGES * IMAGES; i++) {
        assert_in_range(seen[i / IMAGES][i % IMAGES], 50, 150); /* the mean is 100 */
    }
    nca_batches_destroy(batches);
}

static void a_training_can_go_on_where_it_was(void **state)
{
    nca_batches *batches = batches_of(*state, 4, 9, 1 << 20);
    size_t wanted[4], found[4], count;
    for (size_t i = 0; i < 9; i++) { /* 6 batches per epoch: the last one is number 2 of epoch 1 */
        assert_int_equal(nca_batches_next(NULL, NULL, wanted, &count, batches, NULL), NCA_OK);
    }
    nca_batches_destroy(batches);
    batches = batches_of(*state, 4, 9, 1 << 20);
    nca_batches_seek(batches, 1, 2);
    assert_int_equal(nca_batches_next(NULL, NULL, found, &count, batches, NULL), NCA_OK);
    assert_memory_equal(found, wanted, sizeof found);
    nca_batches_destroy(batches);
}

static void a_split_without_labels_gives_batches_without_them(void **state)
{
    raw_zip zip = {0};
    raw_zip_add_array(&zip, "test_images", made_part("|u1", 3, ", 4, 5", 20, 2, false));
    raw_bytes file = raw_zip_finish(&zip);
    const char *path = path_in(*state, "bare.npz");
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
    nca_medmnist *data = open_set(path);
    nca_batches *batches = NULL;
    assert_int_equal(nca_batches_create(&batches, data, NCA_SPLIT_TRAIN, 2, 7, 1 << 20, NULL),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_batches_create(&batches, data, NCA_SPLIT_TEST, 3, 7, 1 << 20, NULL),
                     NCA_OK);
    uint8_t images[60];
    int64_t label = -77;
    size_t indices[3], count;
    assert_int_equal(nca_batches_next(images, &label, indices, &count, batches, NULL), NCA_OK);
    assert_int_equal(count, 3);
    assert_int_equal(label, -77);
    for (size_t k = 0; k < 60; k++) {
        assert_int_equal(images[k], made_value(NCA_SPLIT_TEST, indices[k / 20] * 20 + k % 20));
    }
    nca_batches_destroy(batches);
    nca_medmnist_close(data);
}

static void what_gives_no_batch_is_refused(void **state)
{
    made_set made = made_with(0);
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    nca_batches *batches = NULL;
    nca_error error = {0};
    assert_int_equal(nca_batches_create(&batches, data, NCA_SPLIT_TRAIN, 4, 0, 1 << 20, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "train has no images"));
    assert_int_equal(nca_batches_create(&batches, data, NCA_SPLIT_VAL, 0, 0, 1 << 20, &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_batches_create(&batches, data, NCA_SPLIT_COUNT, 4, 0, 1 << 20, &error),
                     NCA_INVALID_ARGUMENT);
    assert_null(batches);
    nca_medmnist_close(data);
}

static void lists_beyond_the_limit_are_refused_before_memory_is_taken(void **state)
{
    made_set made = made_with(1100);
    made.label_shape = ", 8192";
    made.label_bytes = 8192;
    nca_medmnist *data = open_set(write_set(*state, "labels.npz", &made));
    nca_batches *batches = NULL;
    nca_error error = {0};
    assert_int_equal(nca_batches_create(&batches, data, NCA_SPLIT_TRAIN, 4, 0, 1 << 20, &error),
                     NCA_LIMIT);
    assert_non_null(strstr(error.message, "1100 images need 72094000 bytes"));
    assert_int_equal(nca_batches_create(&batches, data, NCA_SPLIT_TRAIN, 4, 0, 1 << 27, &error),
                     NCA_OK);
    nca_batches_destroy(batches);
    nca_medmnist_close(data);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(an_epoch_has_every_image_once),
        TEST(the_order_is_a_function_of_seed_and_epoch_alone),
        TEST(a_seed_gives_the_same_order_for_ever),
        TEST(every_place_of_the_order_gets_every_image),
        TEST(a_training_can_go_on_where_it_was),
        TEST(lists_beyond_the_limit_are_refused_before_memory_is_taken),
        TEST(a_split_without_labels_gives_batches_without_them),
        TEST(what_gives_no_batch_is_refused),
    };
#undef TEST
    return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
