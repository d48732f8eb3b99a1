/* Combines samples into one picture. */
#include "cli/page/live_tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_POOL_TILES = 64,
    MOST_BATCH_TILES = 16
};

/* Returns (H,W,channels) floats of sample i, RGBA first. */
typedef const float *sample_of(const nca_session *session, size_t i, float *scratch);

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Draws the tile of a sample at its place in the picture; a seed is visible on any background. */
static bool draw_tile(uint8_t *pixels, size_t stride, const float *state, size_t channels,
                      const nca_target *target, const nca_view *view)
{
    const nca_automaton automaton = {.channels = (uint32_t)channels};
    nca_image *tile = NULL;
    if (nca_view_picture(&tile, view, &automaton, state, NULL, target->height, target->width,
                         NULL) != NCA_OK) {
        return false;
    }
    for (size_t row = 0; row < target->height; row++) {
        memcpy(pixels + row * stride * 4, tile->pixels + row * target->width * 4,
               target->width * 4);
    }
    nca_image_destroy(tile);
    return true;
}

static void tell_tiles(live_feed *feed, const nca_session *session, unsigned topic, size_t count,
                       sample_of *sample, size_t channels)
{
    const nca_target *target = nca_session_target(session);
    nca_view view;
    nca_view_default(&view);
    view.background = nca_picture_background(target->rgba, target->height, target->width);
    const size_t columns = (size_t)ceil(sqrt((double)count));
    const size_t rows = (count + columns - 1) / columns;
    const size_t width = columns * (target->width + 1) - 1;
    const size_t height = rows * (target->height + 1) - 1;
    const size_t cells = target->height * target->width;
    uint8_t *pixels = calloc(width * height, 4);
    float *scratch = malloc(cells * nca_session_settings(session)->n_channels * sizeof *scratch);
    bool drawn = pixels != NULL && scratch != NULL;
    for (size_t i = 0; drawn && i < count; i++) {
        const size_t top = i / columns * (target->height + 1);
        const size_t left = i % columns * (target->width + 1);
        drawn = draw_tile(pixels + (top * width + left) * 4, width, sample(session, i, scratch),
                          channels, target, &view);
    }
    if (drawn) {
        const live_picture picture = {.rgba = pixels,
                                      .width = width,
                                      .height = height,
                                      .count = count,
                                      .tile_width = target->width,
                                      .tile_height = target->height};
        live_feed_picture(feed, topic, &picture);
    }
    free(scratch);
    free(pixels);
}

static const float *sample_before(const nca_session *session, size_t i, float *scratch)
{
    (void)scratch;
    return nca_session_sample_before(session, i);
}

static const float *sample_after(const nca_session *session, size_t i, float *scratch)
{
    (void)scratch;
    return nca_session_sample(session, i);
}

static const float *sample_of_pool(const nca_session *session, size_t i, float *scratch)
{
    const size_t slots = nca_session_pool_size(session);
    nca_session_pool_sample(scratch, session, i * slots / least(slots, MOST_POOL_TILES));
    return scratch;
}

void live_tiles_batch(live_feed *feed, const nca_session *session)
{
    const nca_settings *settings = nca_session_settings(session);
    const size_t count = least(settings->batch_size, MOST_BATCH_TILES);
    if (nca_session_sample_before(session, 0) != NULL) {
        tell_tiles(feed, session, LIVE_BEFORE, count, sample_before, 4);
        tell_tiles(feed, session, LIVE_AFTER, count, sample_after, settings->n_channels);
    }
}

void live_tiles_pool(live_feed *feed, const nca_session *session)
{
    const size_t count = least(nca_session_pool_size(session), MOST_POOL_TILES);
    if (count > 0) {
        tell_tiles(feed, session, LIVE_POOL, count, sample_of_pool,
                   nca_session_settings(session)->n_channels);
    }
}
