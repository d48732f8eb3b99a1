/* MP4 and WebM through the ffmpeg program: it receives raw frames and writes the temporary file,
 * which is then renamed.
 *
 * No shell is used. The frames are sent over a socket pair instead of a pipe, because a write to a
 * socket can be told not to raise SIGPIPE: if ffmpeg dies, the host program survives. ffmpeg's
 * messages go to an unnamed file, which cannot fill up and block as a pipe can, and are quoted in
 * the error message. */
#include "render/video.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

extern char **environ; /* passed to ffmpeg without being read */

enum {
    FPS_UNITS = 1000, /* frame rates are passed to ffmpeg in thousandths */
    SAID_SIZE = 400,  /* bytes of ffmpeg's messages that are quoted */
    FILM = 3,         /* ffmpeg's descriptor of the output file */
    FIRST_FREE = 4    /* our descriptors must be at least this */
};

struct nca__video {
    size_t width, height;           /* of the frames */
    size_t even_width, even_height; /* of the video: both codecs halve the resolution of colours */
    uint8_t *frame;                 /* (even_height, even_width, 3) */
    nca__writer writer;
    FILE *said;  /* ffmpeg's standard error */
    int socket;  /* -1 when closed */
    pid_t child; /* 0 after it has been waited for */
};

/* ---- Starting --------------------------------------------------------------------------------*/

/* ffmpeg opens this path itself, to seek and to read, and always gets the file that the writer
 * created, even if its name now belongs to another file. */
static const char film_name[] = "file:/dev/fd/3";

static const char *const head[] = {"ffmpeg",    "-hide_banner",  "-nostdin", "-nostats",
                                   "-loglevel", "error",         "-y",       "-f",
                                   "rawvideo",  "-pixel_format", "rgb24",    NULL};
/* Colours use BT.709, as players expect, and the file says so. One thread and no dates, so that the
 * same frames give the same bytes. */
static const char *const middle[] = {
    "-an",
    "-map_metadata",
    "-1",
    "-fflags",
    "+bitexact",
    "-flags:v",
    "+bitexact",
    "-threads",
    "1",
    "-vf",
    "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int,"
    "format=yuv420p",
    "-color_range",
    "tv",
    "-colorspace",
    "bt709",
    "-color_primaries",
    "bt709",
    "-color_trc",
    "bt709",
    NULL};
static const char *const mp4[] = {"-c:v",      "libx264",    "-preset", "medium", "-crf", "16",
                                  "-movflags", "+faststart", "-f",      "mp4",    NULL};
static const char *const webm[] = {"-c:v", "libvpx-vp9", "-crf", "18", "-b:v", "0", "-deadline",
                                   "good", "-cpu-used",  "3",    "-f", "webm", NULL};

static size_t append(const char **arguments, size_t count, const char *const *more)
{
    while (*more != NULL) {
        arguments[count++] = *more++;
    }
    return count;
}

/* Moves a descriptor out of the range of ffmpeg's. */
static int lift(int descriptor)
{
    if (descriptor < 0 || descriptor >= FIRST_FREE) {
        return descriptor;
    }
    int lifted = fcntl(descriptor, F_DUPFD_CLOEXEC, FIRST_FREE);
    close(descriptor);
    return lifted;
}

/* Runs ffmpeg with `input` as its standard input and `film` as its output file, in its own process
 * group, so that Ctrl-C reaches only the host, which then decides about the video. Returns an
 * errno. */
static int spawn(pid_t *out_child, const char *const *arguments, int input, int said, int film)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0) {
        return code;
    }
    code = posix_spawnattr_init(&attributes);
    if (code != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return code;
    }
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    code = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    code = code == 0
               ? posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
               : code;
    code = code == 0 ? posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO) : code;
    code = code == 0 ? posix_spawn_file_actions_adddup2(&actions, film, FILM) : code;
    if (code == 0) {
        code = posix_spawnp(out_child, arguments[0], &actions, &attributes,
                            (char *const *)(void *)arguments, environ);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static nca_status start(nca__video *video, const char *path, double fps, nca_error *error)
{
    char size[64];
    char rate[64];
    const char *arguments[64];
    snprintf(size, sizeof size, "%zux%zu", video->even_width, video->even_height);
    snprintf(rate, sizeof rate, "%ld/%d", lround(fps * FPS_UNITS), FPS_UNITS);
    const char *const input[] = {"-video_size", size, "-framerate", rate, "-i", "pipe:0", NULL};
    const char *const end[] = {film_name, NULL};
    size_t count = append(arguments, 0, head);
    count = append(arguments, count, input);
    count = append(arguments, count, middle);
    count = append(arguments, count, nca__path_ends_with(path, ".webm") ? webm : mp4);
    count = append(arguments, count, end);
    arguments[count] = NULL;
    int pair[2] = {-1, -1};
    int code = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ? 0 : errno;
    int said = fileno(video->said);
    if (code == 0) {
        pair[0] = lift(pair[0]);
        pair[1] = lift(pair[1]);
        int film = fcntl(fileno(video->writer.stream), F_DUPFD_CLOEXEC, FIRST_FREE);
        code = pair[0] < 0 || pair[1] < 0 || film < 0
                   ? EMFILE
                   : spawn(&video->child, arguments, pair[1], said, film);
        if (film >= 0) {
            close(film);
        }
    }
    if (pair[1] >= 0) {
        close(pair[1]);
    }
    video->socket = pair[0];
    if (code == 0) {
        return NCA_OK;
    }
    video->child = 0;
    if (code == ENOENT || code == EACCES) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: videos need the ffmpeg program, which was not found; install ffmpeg "
                         "(Debian: apt-get install ffmpeg) or choose a file name that ends in .gif",
                         path);
    }
    return nca__fail(error, NCA_IO, "%s: ffmpeg cannot be started: %s", path, strerror(code));
}

/* The unnamed file for ffmpeg's messages, closed on exec. */
static FILE *open_said(void)
{
    FILE *file = tmpfile();
    int descriptor = file != NULL ? fcntl(fileno(file), F_DUPFD_CLOEXEC, FIRST_FREE) : -1;
    if (file != NULL) {
        fclose(file);
    }
    return descriptor >= 0 ? fdopen(descriptor, "r+") : NULL;
}

nca_status nca__video_open(nca__video **out_video, const char *path, size_t width, size_t height,
                           double fps, nca_error *error)
{
    if (lround(fps * FPS_UNITS) < 1) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected at least 0.001 frames per second, found %g", path, fps);
    }
    nca__video *video = calloc(1, sizeof *video);
    nca_status status = NCA_OK;
    if (video == NULL) {
        return nca__fail_memory(error, path, sizeof *video);
    }
    video->socket = -1;
    video->width = width;
    video->height = height;
    video->even_width = width + width % 2;
    video->even_height = height + height % 2;
    video->frame = calloc(video->even_width * video->even_height, 3);
    if (video->frame == NULL) {
        status = nca__fail_memory(error, path, video->even_width * video->even_height * 3);
        goto failed;
    }
    video->said = open_said();
    if (video->said == NULL) {
        status =
            nca__fail(error, NCA_IO,
                      "%s: cannot create a temporary file in " P_tmpdir ": %s; a .gif needs none",
                      path, strerror(errno));
        goto failed;
    }
    status = nca__writer_open(&video->writer, path, error);
    if (status != NCA_OK) {
        goto failed;
    }
    status = start(video, path, fps, error);
    if (status != NCA_OK) {
        goto failed;
    }
    *out_video = video;
    return NCA_OK;
failed:
    nca__video_destroy(video);
    return status;
}

/* ---- Finishing ------------------------------------------------------------------------------- */

/* Closes ffmpeg's input and waits for it; true if it succeeded. If the parent ignores SIGCHLD,
 * there is no exit status; then the absence of messages counts as success. */
static bool finish(nca__video *video)
{
    if (video->socket >= 0) {
        close(video->socket);
        video->socket = -1;
    }
    int state = 0;
    pid_t waited = -1;
    do {
        waited = waitpid(video->child, &state, 0);
    } while (waited < 0 && errno == EINTR);
    video->child = 0;
    if (waited < 0) {
        struct stat about;
        return fstat(fileno(video->said), &about) == 0 && about.st_size == 0;
    }
    return WIFEXITED(state) && WEXITSTATUS(state) == 0;
}

/* Quotes the messages of ffmpeg on one line. */
static nca_status fail_ffmpeg(nca__video *video, nca_error *error)
{
    char said[SAID_SIZE + 1];
    rewind(video->said);
    size_t length = fread(said, 1, SAID_SIZE, video->said);
    while (length > 0 && (said[length - 1] == '\n' || said[length - 1] == '\r')) {
        length--;
    }
    said[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)said[i] < ' ') {
            said[i] = said[i] == '\n' ? ';' : ' ';
        }
    }
    return nca__fail(error, NCA_IO, "%s: ffmpeg failed: %s", video->writer.path,
                     length > 0 ? said : "it ended without a message");
}

void nca__video_destroy(nca__video *video)
{
    if (video == NULL) {
        return;
    }
    if (video->child > 0) {
        kill(video->child, SIGKILL);
        finish(video);
    }
    if (video->socket >= 0) {
        close(video->socket);
    }
    if (video->said != NULL) {
        fclose(video->said);
    }
    nca__writer_abort(&video->writer);
    free(video->frame);
    free(video);
}

nca_status nca__video_commit(nca__video *video, nca_error *error)
{
    if (!finish(video)) {
        return fail_ffmpeg(video, error);
    }
    return nca__writer_commit(&video->writer, error);
}

/* ---- Frames ----------------------------------------------------------------------------------*/

/* An odd size is extended by a column or row that repeats the last one. */
static void pack(nca__video *video, const uint8_t *rgba)
{
    uint8_t *out = video->frame;
    for (size_t y = 0; y < video->even_height; y++) {
        size_t row = y < video->height ? y : video->height - 1;
        for (size_t x = 0; x < video->even_width; x++) {
            size_t column = x < video->width ? x : video->width - 1;
            memcpy(out, rgba + 4 * (row * video->width + column), 3);
            out += 3;
        }
    }
}

static bool send_all(int socket, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

nca_status nca__video_add(nca__video *video, const uint8_t *rgba, size_t times, nca_error *error)
{
    assert(video->child > 0);
    size_t size = video->even_width * video->even_height * 3;
    pack(video, rgba);
    for (size_t i = 0; i < times; i++) {
        if (!send_all(video->socket, video->frame, size)) {
            finish(video);
            return fail_ffmpeg(video, error);
        }
    }
    return NCA_OK;
}
