/* GIF animations, read with giflib and played as a browser would. */
#include "render/scene.h"

#include <gif_lib.h>
#include <signal.h>
#include <sys/resource.h>

#include "nca/animation.h"

/* A decoded and played file: every frame as the viewer sees it, 0xRRGGBB. */
typedef struct film {
    size_t width, height, count;
    uint32_t **frames;
    int *delays;
    bool loops;
    size_t stored; /* number of pixels in all stored rectangles */
} film;

static bool is_loop(const ExtensionBlock *blocks, int count)
{
    for (int i = 0; i + 1 < count; i++) {
        if (blocks[i].Function == APPLICATION_EXT_FUNC_CODE && blocks[i].ByteCount == 11 &&
            memcmp(blocks[i].Bytes, "NETSCAPE2.0", 11) == 0) {
            return blocks[i + 1].ByteCount == 3 && memcmp(blocks[i + 1].Bytes, "\1\0\0", 3) == 0;
        }
    }
    return false;
}

static void paint(film *played, GifFileType *file, int index, uint32_t *canvas)
{
    const SavedImage *image = &file->SavedImages[index];
    const ColorMapObject *table =
        image->ImageDesc.ColorMap != NULL ? image->ImageDesc.ColorMap : file->SColorMap;
    GraphicsControlBlock control;
    assert_non_null(table);
    assert_int_equal(DGifSavedExtensionToGCB(file, index, &control), GIF_OK);
    assert_int_equal(control.DisposalMode, DISPOSE_DO_NOT);
    played->delays[index] = control.DelayTime;
    for (int y = 0; y < image->ImageDesc.Height; y++) {
        for (int x = 0; x < image->ImageDesc.Width; x++) {
            int entry = image->RasterBits[y * image->ImageDesc.Width + x];
            if (entry == control.TransparentColor) {
                continue;
            }
            assert_true(entry < table->ColorCount);
            GifColorType colour = table->Colors[entry];
            size_t at = (size_t)(image->ImageDesc.Top + y) * played->width +
                        (size_t)(image->ImageDesc.Left + x);
            canvas[at] = (uint32_t)colour.Red << 16 | (uint32_t)colour.Green << 8 | colour.Blue;
        }
    }
    played->stored += (size_t)image->ImageDesc.Width * (size_t)image->ImageDesc.Height;
}

static film play(const char *path)
{
    film played = {0};
    int code = 0;
    GifFileType *file = DGifOpenFileName(path, &code);
    assert_non_null(file);
    assert_int_equal(DGifSlurp(file), GIF_OK);
    played.width = (size_t)file->SWidth;
    played.height = (size_t)file->SHeight;
    played.count = (size_t)file->ImageCount;
    played.frames = calloc(played.count, sizeof *played.frames);
    played.delays = calloc(played.count, sizeof *played.delays);
    assert_non_null(played.frames);
    assert_non_null(played.delays);
    size_t size = played.width * played.height * sizeof(uint32_t);
    uint32_t *canvas = malloc(size);
    assert_non_null(canvas);
    memset(canvas, 0xff, size); /* not a colour: the first frame must cover it */
    for (size_t i = 0; i < played.count; i++) {
        paint(&played, file, (int)i, canvas);
        played.frames[i] = malloc(size);
        assert_non_null(played.frames[i]);
        memcpy(played.frames[i], canvas, size);
    }
    played.loops =
        is_loop(file->SavedImages[0].ExtensionBlocks, file->SavedImages[0].ExtensionBlockCount);
    free(canvas);
    DGifCloseFile(file, NULL);
    return played;
}

static void forget(film *played)
{
    for (size_t i = 0; i < played->count; i++) {
        free(played->frames[i]);
    }
    free(played->frames);
    free(played->delays);
}

/* The mean and largest difference between the shown and the intended picture. */
static double error_of(const uint32_t *shown, const nca_image *meant, int *out_most)
{
    double total = 0.0;
    size_t count = meant->width * meant->height;
    for (size_t i = 0; i < count; i++) {
        assert_true(shown[i] <= 0xffffff);
        for (unsigned c = 0; c < 3; c++) {
            int apart = abs((int)(shown[i] >> (16 - 8 * c) & 255) - meant->pixels[4 * i + c]);
            total += apart;
            *out_most = apart > *out_most ? apart : *out_most;
        }
    }
    return total / (3.0 * (double)count);
}

static nca_image *plain(size_t width, size_t height, uint8_t grey)
{
    nca_image *image = NULL;
    assert_ok(nca_image_create(&image, width, height, &failure));
    memset(image->pixels, grey, 4 * width * height);
    return image;
}

static void a_growing_grid_comes_back_frame_by_frame(void **state)
{
    (void)state;
    enum {
        COUNT = 30,
        SIDE = 72,
        SCALE = 3
    };
    nca_image *frames[COUNT];
    nca_animation *animation = NULL;
    assert_ok(nca_animation_open(&animation, in_folder("grow.gif"), SIDE * SCALE, SIDE * SCALE,
                                 25.0, &failure));
    for (unsigned i = 0; i < COUNT; i++) {
        frames[i] = grow_image(SIDE, 0.028 * (double)i, i, SCALE);
        assert_ok(nca_animation_add(animation, frames[i], &failure));
    }
    assert_int_equal(count_files(), 1); /* the temporary one */
    assert_ok(nca_animation_commit(animation, &failure));
    nca_animation_destroy(animation);
    film played = play(in_folder("grow.gif"));
    assert_int_equal(played.width, SIDE * SCALE);
    assert_int_equal(played.height, SIDE * SCALE);
    assert_true(played.loops);
    assert_int_equal(played.count, COUNT);
    double worst_mean = 0.0;
    int most = 0;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(played.delays[i], 4);
        double mean = error_of(played.frames[i], frames[i], &most);
        worst_mean = mean > worst_mean ? mean : worst_mean;
        nca_image_destroy(frames[i]);
    }
    print_message("72 x 72 growing: mean error of the worst frame %.3f, greatest %d of 255\n",
                  worst_mean, most);
    assert_true(worst_mean < 1.5);
    assert_true(most <= 20);
    /* Only the changed part of each frame is stored. */
    assert_true(played.stored < (size_t)COUNT * SIDE * SIDE * SCALE * SCALE * 6 / 10);
    forget(&played);
}

static void few_colours_come_back_exactly(void **state)
{
    (void)state;
    /* 16 x 16 = 256 cells, all different from each other and from frame to frame. */
    nca_animation *animation = NULL;
    nca_image *frames[4];
    assert_ok(nca_animation_open(&animation, in_folder("exact.gif"), 64, 64, 10.0, &failure));
    for (size_t f = 0; f < 4; f++) {
        nca_image *small = plain(16, 16, 255);
        for (size_t i = 0; i < 256; i++) {
            uint8_t *pixel = small->pixels + 4 * i;
            pixel[0] = (uint8_t)i;
            pixel[1] = (uint8_t)(i * 7 + 50 * f);
            pixel[2] = (uint8_t)(255 - i);
        }
        assert_ok(nca_image_scale_nearest(&frames[f], small, 4, &failure));
        nca_image_destroy(small);
        assert_ok(nca_animation_add(animation, frames[f], &failure));
    }
    assert_ok(nca_animation_commit(animation, &failure));
    nca_animation_destroy(animation);
    film played = play(in_folder("exact.gif"));
    assert_int_equal(played.count, 4);
    for (size_t f = 0; f < 4; f++) {
        int most = 0;
        error_of(played.frames[f], frames[f], &most);
        assert_int_equal(most, 0);
        nca_image_destroy(frames[f]);
    }
    forget(&played);
}

static void cells_may_get_smaller_from_frame_to_frame(void **state)
{
    (void)state;
    /* A flat frame, then cells of 8 pixels, of 3 x 3 at odd places, of one, then flat again. */
    nca_image *frames[5];
    nca_animation *animation = NULL;
    assert_ok(nca_animation_open(&animation, in_folder("cells.gif"), 48, 24, 10.0, &failure));
    for (size_t f = 0; f < 5; f++) {
        frames[f] = plain(48, 24, 255);
        const size_t cell[5] = {24, 8, 3, 1, 24};
        for (size_t i = 0; i < (size_t)48 * 24; i++) {
            size_t x = i % 48 / cell[f];
            size_t y = i / 48 / cell[f];
            frames[f]->pixels[4 * i] = (uint8_t)(f % 4 == 0 ? 9 : 17 * x + 5 * y + 60 * f);
        }
        assert_ok(nca_animation_add(animation, frames[f], &failure));
    }
    assert_ok(nca_animation_commit(animation, &failure));
    nca_animation_destroy(animation);
    film played = play(in_folder("cells.gif"));
    assert_int_equal(played.count, 5);
    for (size_t f = 0; f < 5; f++) {
        int most = 0;
        error_of(played.frames[f], frames[f], &most);
        assert_true(most <= 1);
        nca_image_destroy(frames[f]);
    }
    forget(&played);
}

/* Adds `count` frames of changing grey at `fps`; returns the film's length in hundredths. */
static long film_length(double fps, size_t count, int *out_least, size_t *out_frames)
{
    nca_animation *animation = NULL;
    assert_ok(nca_animation_open(&animation, in_folder("time.gif"), 2, 2, fps, &failure));
    for (size_t i = 0; i < count; i++) {
        nca_image *frame = plain(2, 2, (uint8_t)(i % 2 * 100 + i % 50));
        assert_ok(nca_animation_add(animation, frame, &failure));
        nca_image_destroy(frame);
    }
    assert_ok(nca_animation_commit(animation, &failure));
    nca_animation_destroy(animation);
    film played = play(in_folder("time.gif"));
    long length = 0;
    *out_least = played.delays[0];
    *out_frames = played.count;
    for (size_t i = 0; i < played.count; i++) {
        length += played.delays[i];
        *out_least = played.delays[i] < *out_least ? played.delays[i] : *out_least;
    }
    forget(&played);
    return length;
}

static void times_do_not_drift_and_suit_browsers(void **state)
{
    (void)state;
    static const double rates[] = {0.5, 7.0, 24.0, 29.97, 30.0, 33.3, 50.0, 60.0, 100.0};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        int least = 0;
        size_t frames = 0;
        long length = film_length(rates[i], 90, &least, &frames);
        assert_true(labs(length - lround(9000.0 / rates[i])) <= 1);
        assert_true(least >= 2);
        assert_true(rates[i] > 50.0 ? frames < 90 && frames >= 44 : frames == 90);
    }
}

static void equal_frames_become_one_that_stays(void **state)
{
    (void)state;
    nca_image *dark = plain(5, 3, 10);
    nca_image *light = plain(5, 3, 240);
    nca_animation *animation = NULL;
    assert_ok(nca_animation_open(&animation, in_folder("hold.gif"), 5, 3, 20.0, &failure));
    assert_ok(nca_animation_add(animation, dark, &failure));
    assert_ok(nca_animation_hold(animation, 1.5, &failure));
    for (int i = 0; i < 7; i++) {
        assert_ok(nca_animation_add(animation, light, &failure));
    }
    assert_ok(nca_animation_add(animation, dark, &failure));
    assert_ok(nca_animation_hold(animation, 700.0, &failure));
    assert_ok(nca_animation_commit(animation, &failure));
    nca_animation_destroy(animation);
    film played = play(in_folder("hold.gif"));
    /* A delay is at most 655.35 s, so the last frame is stored twice. */
    assert_int_equal(played.count, 4);
    assert_int_equal(played.delays[0], 155);
    assert_int_equal(played.delays[1], 35);
    assert_int_equal(played.delays[2] + played.delays[3], 70005);
    assert_int_equal(played.frames[3][0], 0x0a0a0a);
    forget(&played);
    nca_image_destroy(dark);
    nca_image_destroy(light);
}

static void one_frame_is_an_animation_too(void **state)
{
    (void)state;
    nca_image *frame = plain(1, 1, 77);
    nca_animation *animation = NULL;
    assert_ok(nca_animation_open(&animation, in_folder("one.gif"), 1, 1, 100.0, &failure));
    assert_ok(nca_animation_add(animation, frame, &failure));
    assert_ok(nca_animation_commit(animation, &failure));
    nca_error error = {0};
    assert_int_equal(nca_animation_add(animation, frame, &error), NCA_INVALID_ARGUMENT);
    nca_animation_destroy(animation);
    film played = play(in_folder("one.gif"));
    assert_int_equal(played.count, 1);
    assert_int_equal(played.frames[0][0], 0x4d4d4d);
    forget(&played);
    nca_image_destroy(frame);
}

static void the_same_frames_give_the_same_bytes(void **state)
{
    (void)state;
    static const char *const names[] = {"a.gif", "b.gif"};
    for (size_t file = 0; file < 2; file++) {
        nca_animation *animation = NULL;
        assert_ok(nca_animation_open(&animation, in_folder(names[file]), 96, 96, 20.0, &failure));
        for (unsigned i = 0; i < 5; i++) {
            nca_image *frame = grow_image(48, 0.2 * i, i, 2);
            assert_ok(nca_animation_add(animation, frame, &failure));
            nca_image_destroy(frame);
        }
        assert_ok(nca_animation_commit(animation, &failure));
        nca_animation_destroy(animation);
    }
    assert_same_file("a.gif", "b.gif");
}

static void nothing_stays_without_a_commit(void **state)
{
    (void)state;
    size_t before = count_files();
    nca_image *frame = plain(4, 4, 3);
    nca_animation *animation = NULL;
    assert_ok(nca_animation_open(&animation, in_folder("gone.gif"), 4, 4, 10.0, &failure));
    assert_ok(nca_animation_add(animation, frame, &failure));
    nca_animation_destroy(animation);
    assert_int_equal(count_files(), before);
    nca_error error = {0};
    assert_ok(nca_animation_open(&animation, in_folder("gone.gif"), 4, 4, 10.0, &failure));
    assert_int_equal(nca_animation_commit(animation, &error), NCA_INVALID_ARGUMENT);
    nca_animation_destroy(animation);
    assert_int_equal(count_files(), before);
    nca_image_destroy(frame);
    nca_animation_destroy(NULL);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t width, height;
        double fps;
        nca_status expected;
    } cases[] = {
        {"x.avi", 4, 4, 10.0, NCA_INVALID_ARGUMENT},
        {".gif", 0, 4, 10.0, NCA_INVALID_ARGUMENT},
        {"x.gif", 4, 4, 0.0, NCA_INVALID_ARGUMENT},
        {"x.gif", 4, 4, -1.0, NCA_INVALID_ARGUMENT},
        {"x.gif", 4, 4, 101.0, NCA_INVALID_ARGUMENT},
        {"x.gif", 4, 4, NAN, NCA_INVALID_ARGUMENT},
        {"x.gif", SIZE_MAX, 4, 10.0, NCA_INVALID_ARGUMENT},
        {"x.gif", 70000, 1, 10.0, NCA_LIMIT},
        {"none/x.gif", 4, 4, 10.0, NCA_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_animation *animation = NULL;
        nca_error error = {0};
        assert_int_equal(nca_animation_open(&animation, in_folder(cases[i].name), cases[i].width,
                                            cases[i].height, cases[i].fps, &error),
                         cases[i].expected);
        assert_null(animation);
        assert_non_null(strstr(error.message, cases[i].name));
    }
    nca_animation *animation = NULL;
    nca_image *frame = plain(5, 4, 3);
    nca_error error = {0};
    assert_ok(nca_animation_open(&animation, in_folder("x.gif"), 4, 4, 10.0, &failure));
    assert_int_equal(nca_animation_hold(animation, 1.0, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_animation_add(animation, frame, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "5 x 4"));
    assert_int_equal(nca_animation_hold(animation, NAN, &error), NCA_INVALID_ARGUMENT);
    nca_animation_destroy(animation);
    nca_image_destroy(frame);
}

/* A limit on the size of files fails at the same place as a full disk. */
static void a_disk_that_fills_up_is_reported(void **state)
{
    (void)state;
    size_t before = count_files();
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    small = old;
    small.rlim_cur = 3000;
    nca_animation *animation = NULL;
    nca_error error = {0};
    assert_ok(nca_animation_open(&animation, in_folder("full.gif"), 96, 96, 20.0, &failure));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    nca_status status = NCA_OK;
    for (unsigned i = 0; i < 20 && status == NCA_OK; i++) {
        nca_image *frame = grow_image(96, 1.0, i, 1);
        status = nca_animation_add(animation, frame, &error);
        nca_image_destroy(frame);
    }
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, NCA_IO);
    assert_non_null(strstr(error.message, "full.gif"));
    assert_int_equal(nca_animation_commit(animation, &error), NCA_INVALID_ARGUMENT);
    nca_animation_destroy(animation);
    assert_int_equal(count_files(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_growing_grid_comes_back_frame_by_frame),
        cmocka_unit_test(few_colours_come_back_exactly),
        cmocka_unit_test(cells_may_get_smaller_from_frame_to_frame),
        cmocka_unit_test(times_do_not_drift_and_suit_browsers),
        cmocka_unit_test(equal_frames_become_one_that_stays),
        cmocka_unit_test(one_frame_is_an_animation_too),
        cmocka_unit_test(the_same_frames_give_the_same_bytes),
        cmocka_unit_test(nothing_stays_without_a_commit),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_disk_that_fills_up_is_reported),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
