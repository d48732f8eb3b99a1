/* Videos through ffmpeg: the real program if it is installed, and faulty replacements. */
#include "render/scene.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "nca/animation.h"

static char original_path[8192];

static int remember_path(void **state)
{
    const char *path = getenv("PATH");
    snprintf(original_path, sizeof original_path, "%s", path != NULL ? path : "/usr/bin:/bin");
    return make_folder(state);
}

static int restore_path(void **state)
{
    (void)state;
    return setenv("PATH", original_path, 1);
}

static bool have(const char *program)
{
    char command[128];
    snprintf(command, sizeof command, "%s -version >/dev/null 2>&1", program);
    return system(command) == 0;
}

static void need_ffmpeg(void)
{
    if (!have("ffmpeg") || !have("ffprobe")) {
        print_message("skipped: ffmpeg and ffprobe are not installed\n");
        skip();
    }
}

/* Creates a shell script named ffmpeg where the library finds it first. */
static void pretend(const char *script)
{
    char path[600];
    char search[9000];
    snprintf(path, sizeof path, "%s/ffmpeg", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    assert_int_equal(chmod(path, 0755), 0);
    snprintf(search, sizeof search, "%s:%s", folder, original_path);
    setenv("PATH", search, 1);
}

static void forget_pretence(void)
{
    char path[600];
    snprintf(path, sizeof path, "%s/ffmpeg", folder);
    unlink(path);
}

/* One line of ffprobe's output about the first stream. */
static void probe(char *out, size_t size, const char *path, const char *entries)
{
    char command[1200];
    snprintf(command, sizeof command,
             "ffprobe -v error -select_streams v:0 -count_frames -show_entries %s "
             "-of csv=p=0:s=, '%s' 2>&1",
             entries, path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(out, (int)size, pipe));
    pclose(pipe);
    out[strcspn(out, "\n")] = '\0';
}

static void make_film(const char *path, size_t side, size_t count, double fps, double hold)
{
    nca_animation *animation = NULL;
    assert_ok(nca_animation_open(&animation, path, side, side, fps, &failure));
    for (unsigned i = 0; i < count; i++) {
        nca_image *frame = grow_image(side, 0.1 * i, i, 1);
        assert_ok(nca_animation_add(animation, frame, &failure));
        nca_image_destroy(frame);
    }
    assert_ok(nca_animation_hold(animation, hold, &failure));
    assert_ok(nca_animation_commit(animation, &failure));
    nca_animation_destroy(animation);
}

static void an_mp4_plays_everywhere(void **state)
{
    (void)state;
    need_ffmpeg();
    char answer[256];
    /* An odd size, and a name that ffmpeg could interpret as a protocol. */
    make_film(in_folder("odd:name.mp4"), 75, 10, 12.5, 0.4);
    probe(answer, sizeof answer, in_folder("odd:name.mp4"),
          "stream=codec_name,width,height,pix_fmt,r_frame_rate,nb_read_frames");
    assert_string_equal(answer, "h264,76,76,yuv420p,25/2,15");
    probe(answer, sizeof answer, in_folder("odd:name.mp4"), "stream=color_space");
    assert_string_equal(answer, "bt709");
    /* Fast start: the index comes before the data. */
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_ok(nca__file_read(&bytes, &size, in_folder("odd:name.mp4"), (size_t)1 << 24, &failure));
    const uint8_t *index = memmem(bytes, size, "moov", 4);
    const uint8_t *data = memmem(bytes, size, "mdat", 4);
    assert_non_null(index);
    assert_non_null(data);
    assert_true(index < data);
    free(bytes);
}

static void a_webm_is_vp9(void **state)
{
    (void)state;
    need_ffmpeg();
    char answer[256];
    make_film(in_folder("film.webm"), 64, 8, 20.0, 0.0);
    probe(answer, sizeof answer, in_folder("film.webm"),
          "stream=codec_name,width,height,pix_fmt,nb_read_frames");
    assert_string_equal(answer, "vp9,64,64,yuv420p,8");
}

static void colours_survive_the_film(void **state)
{
    (void)state;
    need_ffmpeg();
    nca_image *frame = NULL;
    nca_animation *animation = NULL;
    assert_ok(nca_image_create(&frame, 64, 64, &failure));
    const uint8_t colours[4][4] = {
        {255, 255, 255, 255}, {200, 40, 40, 255}, {30, 160, 60, 255}, {20, 20, 90, 255}};
    for (size_t i = 0; i < 64 * 64; i++) {
        memcpy(frame->pixels + 4 * i, colours[i / 2048 * 2 + i % 64 / 32], 4);
    }
    assert_ok(nca_animation_open(&animation, in_folder("colour.mp4"), 64, 64, 10.0, &failure));
    assert_ok(nca_animation_add(animation, frame, &failure));
    assert_ok(nca_animation_hold(animation, 1.0, &failure));
    assert_ok(nca_animation_commit(animation, &failure));
    nca_animation_destroy(animation);
    char command[1500];
    snprintf(command, sizeof command,
             "ffmpeg -v error -y -i '%s/colour.mp4' -frames:v 1 -sws_flags accurate_rnd "
             "'%s/colour.png'",
             folder, folder);
    assert_int_equal(system(command), 0);
    nca_image *shown = NULL;
    assert_ok(nca_image_load(&shown, in_folder("colour.png"), &failure));
    for (size_t quarter = 0; quarter < 4; quarter++) {
        size_t at = (quarter / 2 * 32 + 16) * 64 + quarter % 2 * 32 + 16;
        for (size_t c = 0; c < 3; c++) {
            int apart = abs(shown->pixels[4 * at + c] - colours[quarter][c]);
            assert_in_range(apart, 0, 6);
        }
    }
    nca_image_destroy(shown);
    nca_image_destroy(frame);
}

static void the_same_frames_give_the_same_film(void **state)
{
    (void)state;
    need_ffmpeg();
    make_film(in_folder("a.mp4"), 48, 6, 10.0, 0.0);
    make_film(in_folder("b.mp4"), 48, 6, 10.0, 0.0);
    assert_same_file("a.mp4", "b.mp4");
    make_film(in_folder("a.webm"), 48, 6, 10.0, 0.0);
    make_film(in_folder("b.webm"), 48, 6, 10.0, 0.0);
    assert_same_file("a.webm", "b.webm");
}

static void a_film_given_up_leaves_nothing(void **state)
{
    (void)state;
    need_ffmpeg();
    size_t before = count_files();
    nca_image *frame = grow_image(32, 0.5, 1, 1);
    nca_animation *animation = NULL;
    assert_ok(nca_animation_open(&animation, in_folder("gone.mp4"), 32, 32, 10.0, &failure));
    assert_ok(nca_animation_add(animation, frame, &failure));
    nca_animation_destroy(animation);
    assert_int_equal(count_files(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child process remains */
    nca_image_destroy(frame);
}

static void without_ffmpeg_the_message_says_what_to_install(void **state)
{
    (void)state;
    setenv("PATH", folder, 1);
    size_t before = count_files();
    nca_animation *animation = NULL;
    nca_error error = {0};
    assert_int_equal(nca_animation_open(&animation, in_folder("none.mp4"), 32, 32, 10.0, &error),
                     NCA_UNSUPPORTED);
    assert_null(animation);
    assert_non_null(strstr(error.message, "install ffmpeg"));
    assert_int_equal(count_files(), before);
}

static void a_temporary_file_that_cannot_be_made_is_told_with_its_folder(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    nca_animation *animation = NULL;
    nca_error error = {0};
    const nca_status status =
        nca_animation_open(&animation, in_folder("none.mp4"), 32, 32, 10.0, &error);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(status, NCA_IO);
    assert_null(animation);
    assert_non_null(strstr(error.message, "none.mp4: "));
    assert_non_null(strstr(error.message, " " P_tmpdir ": "));
}

/* Adds frames with a replacement for ffmpeg until it fails, and returns the status; the message is
 * in `error`. */
static nca_status film_with(const char *script, nca_error *error)
{
    pretend(script);
    size_t before = count_files();
    nca_image *frame = grow_image(128, 0.5, 1, 1);
    nca_animation *animation = NULL;
    nca_status status =
        nca_animation_open(&animation, in_folder("broken.mp4"), 128, 128, 10.0, error);
    assert_int_equal(status, NCA_OK);
    for (size_t i = 0; i < 100 && status == NCA_OK; i++) {
        status = nca_animation_add(animation, frame, error);
    }
    if (status == NCA_OK) {
        status = nca_animation_commit(animation, error);
    }
    nca_animation_destroy(animation);
    nca_image_destroy(frame);
    assert_int_equal(count_files(), before);
    forget_pretence();
    return status;
}

static void an_ffmpeg_that_dies_does_not_kill_the_host(void **state)
{
    (void)state;
    nca_error error = {0};
    struct sigaction action;
    sigaction(SIGPIPE, NULL, &action);
    assert_true(action.sa_handler == SIG_DFL);
    assert_int_equal(film_with("echo 'Unknown encoder libx264' >&2; exit 1", &error), NCA_IO);
    assert_non_null(strstr(error.message, "Unknown encoder libx264"));
    assert_null(strchr(error.message, '\n'));
    assert_int_equal(film_with("exec 0<&-; sleep 0.1; kill -9 $$", &error), NCA_IO);
    assert_non_null(strstr(error.message, "without a message"));
}

static void an_ffmpeg_that_fails_at_the_end_leaves_no_file(void **state)
{
    (void)state;
    nca_error error = {0};
    assert_int_equal(film_with("cat >/dev/null; printf 'one\\ntwo\\n' >&2; exit 3", &error),
                     NCA_IO);
    assert_non_null(strstr(error.message, "one;two"));
}

static void an_ffmpeg_that_talks_without_end_does_not_block(void **state)
{
    (void)state;
    nca_error error = {0};
    assert_int_equal(
        film_with("head -c 3000000 /dev/zero | tr '\\0' 'x' >&2; cat >/dev/null; exit 1", &error),
        NCA_IO);
    assert_non_null(strstr(error.message, "xxxxxxxx"));
    assert_true(strlen(error.message) < 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_mp4_plays_everywhere, restore_path),
        cmocka_unit_test_teardown(a_webm_is_vp9, restore_path),
        cmocka_unit_test_teardown(colours_survive_the_film, restore_path),
        cmocka_unit_test_teardown(the_same_frames_give_the_same_film, restore_path),
        cmocka_unit_test_teardown(a_film_given_up_leaves_nothing, restore_path),
        cmocka_unit_test(a_temporary_file_that_cannot_be_made_is_told_with_its_folder),
        cmocka_unit_test_teardown(without_ffmpeg_the_message_says_what_to_install, restore_path),
        cmocka_unit_test_teardown(an_ffmpeg_that_dies_does_not_kill_the_host, restore_path),
        cmocka_unit_test_teardown(an_ffmpeg_that_fails_at_the_end_leaves_no_file, restore_path),
        cmocka_unit_test_teardown(an_ffmpeg_that_talks_without_end_does_not_block, restore_path),
    };
    return cmocka_run_group_tests(tests, remember_path, remove_folder);
}
