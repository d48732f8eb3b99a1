/* Animations: a common interface for GIF and video, and their timing. */
#include "nca/animation.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "render/gif.h"
#include "render/video.h"

static const double MOST_FPS = 100.0;
static const double MOST_HOLD = 3600.0; /* seconds */
static const size_t MOST_PIXELS = (size_t)1 << 28;

struct nca_animation {
    char *path;
    size_t width, height;
    double fps;
    size_t frames;
    double held;    /* total extra seconds of all frames */
    size_t repeats; /* number of repeated frames in a video, for the extra time */
    uint8_t *last;  /* (H,W,4) the last frame of a video, for repeating it */
    nca__gif *gif;  /* either this or the video exists */
    nca__video *video;
    bool ended; /* committed or failed */
};

static nca_status check(const char *path, size_t width, size_t height, double fps, nca_error *error)
{
    size_t pixels = 0;
    if (width == 0 || height == 0 || __builtin_mul_overflow(width, height, &pixels) ||
        pixels > MOST_PIXELS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected frames of 1 to 2^28 pixels, found %zu x %zu", path, width,
                         height);
    }
    if (!(fps > 0.0 && fps <= MOST_FPS)) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "%s: expected a number of frames per second above 0 and at most %g, found %g", path,
            MOST_FPS, fps);
    }
    return NCA_OK;
}

nca_status nca_animation_open(nca_animation **out_animation, const char *path, size_t width,
                              size_t height, double fps, nca_error *error)
{
    assert(out_animation != NULL && path != NULL);
    bool film = nca__path_ends_with(path, ".mp4") || nca__path_ends_with(path, ".webm");
    if (!film && !nca__path_ends_with(path, ".gif")) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected a name that ends in .gif, .mp4 or .webm", path);
    }
    nca_status status = check(path, width, height, fps, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_animation *animation = calloc(1, sizeof *animation);
    if (animation == NULL) {
        return nca__fail_memory(error, path, sizeof *animation);
    }
    animation->width = width;
    animation->height = height;
    animation->fps = fps;
    animation->path = strdup(path);
    animation->last = film ? malloc(4 * width * height) : NULL;
    if (animation->path == NULL || (film && animation->last == NULL)) {
        status = nca__fail_memory(error, path, 4 * width * height);
    } else if (film) {
        status = nca__video_open(&animation->video, path, width, height, fps, error);
    } else {
        status = nca__gif_open(&animation->gif, path, width, height, error);
    }
    if (status != NCA_OK) {
        nca_animation_destroy(animation);
        return status;
    }
    *out_animation = animation;
    return NCA_OK;
}

void nca_animation_destroy(nca_animation *animation)
{
    if (animation == NULL) {
        return;
    }
    nca__gif_destroy(animation->gif);
    nca__video_destroy(animation->video);
    free(animation->last);
    free(animation->path);
    free(animation);
}

/* The time of the next frame in seconds. */
static double now(const nca_animation *animation)
{
    return (double)animation->frames / animation->fps + animation->held;
}

static nca_status refuse_ended(const nca_animation *animation, nca_error *error)
{
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%s: the animation has ended or failed; open a new one", animation->path);
}

nca_status nca_animation_add(nca_animation *animation, const nca_image *frame, nca_error *error)
{
    assert(animation != NULL && frame != NULL);
    if (animation->ended) {
        return refuse_ended(animation, error);
    }
    if (frame->width != animation->width || frame->height != animation->height) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: frame %zu is %zu x %zu, expected %zu x %zu", animation->path,
                         animation->frames, frame->width, frame->height, animation->width,
                         animation->height);
    }
    nca_status status = NCA_OK;
    if (animation->gif != NULL) {
        status = nca__gif_add(animation->gif, frame->pixels, now(animation), error);
    } else {
        memcpy(animation->last, frame->pixels, 4 * animation->width * animation->height);
        status = nca__video_add(animation->video, frame->pixels, 1, error);
    }
    animation->ended = status != NCA_OK;
    animation->frames += status == NCA_OK;
    return status;
}

nca_status nca_animation_hold(nca_animation *animation, double seconds, nca_error *error)
{
    assert(animation != NULL);
    if (animation->ended) {
        return refuse_ended(animation, error);
    }
    if (!(seconds >= 0.0 && seconds <= MOST_HOLD)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected to hold a frame for 0 to %g seconds, found %g",
                         animation->path, MOST_HOLD, seconds);
    }
    if (animation->frames == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: there is no frame to hold yet",
                         animation->path);
    }
    double held = animation->held + seconds;
    if (animation->video != NULL) {
        /* Rounded from the total extra time, so that many short holds add up. */
        size_t repeats = (size_t)llround(held * animation->fps);
        nca_status status =
            nca__video_add(animation->video, animation->last, repeats - animation->repeats, error);
        if (status != NCA_OK) {
            animation->ended = true;
            return status;
        }
        animation->repeats = repeats;
    }
    animation->held = held;
    return NCA_OK;
}

nca_status nca_animation_commit(nca_animation *animation, nca_error *error)
{
    assert(animation != NULL);
    if (animation->ended) {
        return refuse_ended(animation, error);
    }
    if (animation->frames == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: an animation needs at least one frame, found none", animation->path);
    }
    animation->ended = true;
    if (animation->gif != NULL) {
        return nca__gif_commit(animation->gif, now(animation), error);
    }
    return nca__video_commit(animation->video, error);
}
