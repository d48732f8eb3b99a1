/* MedMNIST files, and positions in them, that are refused. */
#include <sys/resource.h>

#include "data/made_set.h"

static void an_index_past_the_end_is_told_with_the_range(void **state)
{
    made_set made = small_set();
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    uint8_t found[20];
    int64_t label;
    nca_image *image = NULL;
    nca_error error = {0};
    assert_int_equal(nca_medmnist_read(found, data, NCA_SPLIT_VAL, 2, 1, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "some.npz: val has 2 images, 0 to 1; found index 2"));
    assert_int_equal(nca_medmnist_labels(&label, data, NCA_SPLIT_TRAIN, SIZE_MAX, 1, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "0 to 6"));
    assert_int_equal(nca_medmnist_read(found, data, NCA_SPLIT_TEST, 1, 3, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "3 starting at 1"));
    assert_int_equal(nca_medmnist_read(found, data, NCA_SPLIT_COUNT, 0, 1, &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_medmnist_picture(&image, data, NCA_SPLIT_TRAIN, 0, NCA_AXIS_Y, 0,
                                          NCA_COLORMAP_GREY, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "not volumes"));
    nca_medmnist_close(data);
}

static void a_split_may_be_empty(void **state)
{
    made_set made = small_set();
    made.count[NCA_SPLIT_VAL] = made.labels[NCA_SPLIT_VAL] = 0;
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    uint8_t found[20];
    nca_error error = {0};
    assert_int_equal(nca_medmnist_read(found, data, NCA_SPLIT_VAL, 0, 0, &error), NCA_OK);
    assert_int_equal(nca_medmnist_read(found, data, NCA_SPLIT_VAL, 0, 1, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "val has no images"));
    nca_medmnist_close(data);
}

static void files_of_another_form_are_refused(void **state)
{
    static const struct {
        made_set set;
        nca_status status;
        const char *reason;
    } cases[] = {
        {{"<i2", "|u1", ", 4, 5", ", 1", 40, 1, {7, 2, 3}, {7, 2, 3}},
         NCA_UNSUPPORTED,
         "train_images: expected uint8 images, found int16"},
        {{"|b1", "|u1", ", 4, 5", ", 1", 20, 1, {7, 2, 3}, {7, 2, 3}},
         NCA_UNSUPPORTED,
         "found bool"},
        {{"|u1", "|O", ", 4, 5", ", 1", 20, 8, {7, 2, 3}, {7, 2, 3}},
         NCA_UNSUPPORTED,
         "Python objects"},
        {{"|u1", "<f8", ", 4, 5", ", 1", 20, 8, {7, 2, 3}, {7, 2, 3}},
         NCA_UNSUPPORTED,
         "expected integers, found float64"},
        {{"|u1", "|u1", ", 20", ", 1", 20, 1, {7, 2, 3}, {7, 2, 3}}, NCA_FORMAT, "found (N,20)"},
        {{"|u1", "|u1", ", 2, 2, 5, 3", ", 1", 60, 1, {7, 2, 3}, {7, 2, 3}},
         NCA_UNSUPPORTED,
         "found (N,2,2,5,3); volumes have one channel"},
        {{"|u1", "|u1", ", 2, 8, 9", ", 1", 144, 1, {7, 2, 3}, {7, 2, 3}},
         NCA_UNSUPPORTED,
         "(N,2,8,9), which may be slices or channels"},
        {{"|u1", "|u1", ", 4, 8, 9", ", 1", 288, 1, {7, 2, 3}, {7, 2, 3}},
         NCA_UNSUPPORTED,
         "(N,D,H,W,1)"},
        {{"|u1", "|u1", ", 8, 9, 2", ", 1", 144, 1, {7, 2, 3}, {7, 2, 3}},
         NCA_UNSUPPORTED,
         "(N,8,9,2)"},
        {{"|u1", "|u1", ", 1, 1, 1, 4, 5", ", 1", 20, 1, {7, 2, 3}, {7, 2, 3}},
         NCA_FORMAT,
         "found (N,1,1,1,4,5)"},
        {{"|u1", "|u1", ", 4, 0", ", 1", 0, 1, {7, 2, 3}, {7, 2, 3}}, NCA_FORMAT, "a side of 0"},
        {{"|u1", "|u1", ", 32769, 1", ", 1", 32769, 1, {1, 1, 1}, {1, 1, 1}}, NCA_LIMIT, "32768"},
        {{"|u1", "|u1", ", 4, 5", ", 1", 20, 1, {7, 2, 3}, {7, 2, 4}},
         NCA_FORMAT,
         "labels of the 3 images in test_images, found 4"},
        {{"|u1", "|u1", ", 4, 5", ", 1, 1", 20, 1, {7, 2, 3}, {7, 2, 3}},
         NCA_FORMAT,
         "found 3 axes"},
        {{"|u1", "|u1", ", 4, 5", ", 0", 20, 0, {7, 2, 3}, {7, 2, 3}}, NCA_LIMIT, "found 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = write_set(*state, "some.npz", &cases[i].set);
        nca_medmnist *data = NULL;
        nca_error error = {0};
        nca_status status = nca_medmnist_open(&data, path, &error);
        if (status != cases[i].status || strstr(error.message, cases[i].reason) == NULL) {
            fail_msg("case %zu: %s", i, error.message);
        }
        assert_non_null(strstr(error.message, "some.npz"));
        assert_null(data);
    }
}

static void a_missing_array_and_a_missing_file_are_told(void **state)
{
    raw_zip zip = {0};
    raw_zip_add_array(&zip, "pictures", made_part("|u1", 1, ", 4, 5", 20, 0, false));
    raw_bytes file = raw_zip_finish(&zip);
    const char *path = path_in(*state, "some.npz");
    nca_medmnist *data = NULL;
    nca_error error = {0};
    assert_int_equal(nca_medmnist_open(&data, path, &error), NCA_NOT_FOUND);
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    assert_int_equal(nca_medmnist_open(&data, path, &error), NCA_NOT_FOUND);
    assert_non_null(strstr(error.message, "\"train_images\", found pictures"));
    assert_int_equal(nca__file_write(path, "no zip at all", 13, NULL), NCA_OK);
    assert_int_equal(nca_medmnist_open(&data, path, &error), NCA_FORMAT);
    assert_null(data);
    free(file.bytes);
}

/* A set of 2^40 bytes in 3 kB: the header and the directory agree, but the file cannot contain
 * it. */
static void images_that_claim_terabytes_are_refused_before_memory_is_taken(void **state)
{
    raw_bytes head = raw_array("|u1", "(1402438300, 28, 28)", "", 0);
    uint64_t content = head.size + UINT64_C(1402438300) * 28 * 28;
    raw_bytes stream = raw_deflate_zeros(head.bytes, head.size, 1000);
    raw_zip zip = {0};
    raw_zip_add(&zip, &(raw_member){.name = "train_images.npy",
                                    .bytes = stream.bytes,
                                    .size = stream.size,
                                    .deflated = true,
                                    .content_size = content});
    free(head.bytes);
    free(stream.bytes);
    raw_bytes file = raw_zip_finish(&zip);
    const char *path = path_in(*state, "bomb.npz");
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    nca_medmnist *data = NULL;
    nca_error error = {0};
    assert_int_equal(nca_medmnist_open(&data, path, &error), NCA_FORMAT);
    getrusage(RUSAGE_SELF, &after);
    assert_null(data);
    assert_non_null(strstr(error.message, "bomb.npz: train_images: has 1099511627"));
    assert_true(after.ru_maxrss - before.ru_maxrss < 8 << 10); /* KiB */
}

static void splits_of_different_shapes_are_refused(void **state)
{
    raw_zip zip = {0};
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        char name[32];
        snprintf(name, sizeof name, "%s_images", nca_split_name((nca_split)split));
        const char *shape = split == NCA_SPLIT_TEST ? ", 5, 4" : ", 4, 5";
        raw_zip_add_array(&zip, name, made_part("|u1", 2, shape, 20, split, false));
        snprintf(name, sizeof name, "%s_labels", nca_split_name((nca_split)split));
        raw_zip_add_array(&zip, name, made_part("|u1", 2, "", 1, split, true));
    }
    raw_bytes file = raw_zip_finish(&zip);
    const char *path = path_in(*state, "some.npz");
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
    nca_medmnist *data = NULL;
    nca_error error = {0};
    assert_int_equal(nca_medmnist_open(&data, path, &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "different shapes in test and train"));
}

static void a_file_cut_at_any_length_is_refused(void **state)
{
    made_set made = small_set();
    raw_bytes file = make_set(&made);
    const char *path = path_in(*state, "cut.npz");
    for (size_t size = 0; size < file.size; size += size < 64 ? 1 : 7) {
        nca_medmnist *data = NULL;
        nca_error error = {0};
        assert_int_equal(nca__file_write(path, file.bytes, size, NULL), NCA_OK);
        assert_int_not_equal(nca_medmnist_open(&data, path, &error), NCA_OK);
        assert_non_null(strstr(error.message, "cut.npz"));
        assert_null(data);
    }
    free(file.bytes);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(an_index_past_the_end_is_told_with_the_range),
        TEST(a_split_may_be_empty),
        TEST(files_of_another_form_are_refused),
        TEST(a_missing_array_and_a_missing_file_are_told),
        TEST(images_that_claim_terabytes_are_refused_before_memory_is_taken),
        TEST(splits_of_different_shapes_are_refused),
        TEST(a_file_cut_at_any_length_is_refused),
    };
#undef TEST
    return cmocka_run_group_tests_name("medmnist_refused", tests, NULL, NULL);
}
