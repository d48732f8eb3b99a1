/* Where the pixels of labelled images are: in memory, or in an unnamed file that is mapped; the
 * bounds of both, progress, interruption, full disks. */
#include <signal.h>
#include <sys/resource.h>

#include "data/image_store.h"
#include "data/labelled_build.h"
#include "data/labelled_fixture.h"

/* 300 images, of which the last one has colour if asked. */
static void put_images(temporary_folder *folder, bool colour)
{
    char name[64];
    for (unsigned i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "train/%u/%03u.png", i % 2, i);
        put_rgba(folder, name, 8, 8, i < 299 || !colour ? i % 251 * 0x010101u : 0x112233, 255);
    }
}

static void a_file_holds_the_same_pixels_as_memory(void **state)
{
    temporary_folder *folder = *state;
    put_images(folder, false);
    nca_labelled *memory = open_data(folder->path, NULL);
    static const uint64_t limits[] = {0, 1, 300 * 64 - 1, 300 * 64};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        nca_labelled_options options = default_options();
        options.memory_limit = limits[i];
        nca_labelled *file = open_data(folder->path, &options);
        assert_int_equal(file->split[0].count, 300);
        assert_memory_equal(file->split[0].images, memory->split[0].images, 300 * 64);
        /* The public struct is the first member of the internal one. */
        const nca__labelled *inside = (const nca__labelled *)(const void *)file;
        assert_int_equal(inside->store.mapped, i < 3 ? 300 * 64 : 0);
        nca_labelled_close(file);
    }
    nca_labelled_close(memory);
}

/* 5000 images of 784 bytes are more than the megabyte that is written at once. */
static void a_store_larger_than_its_buffer_keeps_all_images(void **state)
{
    enum {
        PIXELS = 784,
        IMAGES = 5000
    };
    uint8_t image[3 * PIXELS];
    for (unsigned colour = 0; colour < 2; colour++) {
        nca__image_store store;
        assert_int_equal(
            nca__image_store_create(&store, PIXELS, 1, IMAGES, 1000, path_in(*state, "x"), NULL),
            NCA_OK);
        for (size_t i = 0; i < IMAGES; i++) {
            memset(image, (int)(i % 255), sizeof image);
            assert_int_equal(
                nca__image_store_append(&store, image, colour && i == 4000 ? 3 : 1, NULL), NCA_OK);
        }
        assert_int_equal(nca__image_store_finish(&store, NULL), NCA_OK);
        const size_t each = PIXELS * store.channels;
        assert_int_equal(store.channels, colour ? 3 : 1);
        assert_int_equal(store.mapped, IMAGES * each);
        for (size_t i = 0; i < IMAGES; i++) {
            assert_int_equal(store.bytes[i * each], i % 255);
            assert_int_equal(store.bytes[(i + 1) * each - 1], i % 255);
        }
        nca__image_store_clear(&store);
        nca__image_store_clear(&store);
    }
}

static void a_full_disk_is_reported(void **state)
{
    temporary_folder *folder = *state;
    put_images(folder, false);
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 1000;
    void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    nca_labelled_options options = default_options();
    options.memory_limit = 0;
    expect_refusal(folder->path, &options, NCA_IO,
                   "the temporary file*cannot be written: *free some space or raise the limit");
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, old);
}

static void many_images_with_equal_pixels_are_counted(void **state)
{
    temporary_folder *folder = *state;
    char name[64];
    for (unsigned i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "%s/%u/%03u.png", i < 150 ? "train" : "test", i % 2, i);
        put_grey(folder, name, 7);
    }
    nca_labelled *data = open_data(folder->path, NULL);
    assert_says(data->notices, "*same pixels as an image of train: 50 of 50, *");
    nca_labelled_close(data);
}

/* ---- Progress --------------------------------------------------------------------------------*/

typedef struct watcher {
    double last;
    size_t calls, most;
} watcher;

static bool watch(double share, void *user)
{
    watcher *w = user;
    assert_true(share > w->last && share <= 1);
    w->last = share;
    return ++w->calls < w->most;
}

static void progress_reaches_1_and_can_stop_the_reading(void **state)
{
    temporary_folder *folder = *state;
    put_images(folder, true);
    put_text(folder, "train/0/999.png", "broken");
    watcher w = {.most = 1000};
    nca_labelled_options options = default_options();
    options.progress = watch;
    options.user = &w;
    options.skip_broken = true;
    nca_labelled_close(open_data(folder->path, &options));
    assert_int_equal(w.calls, 301);
    assert_true(w.last == 1);
    for (size_t most = 1; most <= 301; most += 100) {
        w = (watcher){.most = most};
        expect_refusal(folder->path, &options, NCA_INTERRUPTED, "*the reading was stopped");
        assert_int_equal(w.calls, most);
    }
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_file_holds_the_same_pixels_as_memory),
        TEST(a_store_larger_than_its_buffer_keeps_all_images),
        TEST(a_full_disk_is_reported),
        TEST(many_images_with_equal_pixels_are_counted),
        TEST(progress_reaches_1_and_can_stop_the_reading),
    };
#undef TEST
    return cmocka_run_group_tests_name("labelled store", tests, NULL, NULL);
}
