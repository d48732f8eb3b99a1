/* Draws views of a state as pictures. The automaton defines the meaning of its channels. */
#include <assert.h>
#include <stdlib.h>

#include "core/boundary.h"
#include "render/cell_colour.h"
#include "render/view_values.h"

enum {
    ALPHA = 3
};

static const nca_colour line_colour = {140, 140, 140}; /* between the tiles of a mosaic */
static const nca_colour outline_colour = {150, 150, 150};
static const int least_contrast =
    24; /* minimum difference from the background, of 255, of a visible pixel */

void nca_view_size(size_t *out_height, size_t *out_width, const nca_view *view,
                   const nca_automaton *automaton, size_t height, size_t width)
{
    const nca__view_tiles shown = nca__view_tiles_of(view, automaton);
    const size_t rows = (shown.count + shown.columns - 1) / shown.columns;
    *out_height = rows * (height + 1) - 1;
    *out_width = shown.columns * (width + 1) - 1;
}

static void set_pixel(nca_image *image, size_t x, size_t y, nca_colour colour)
{
    uint8_t *pixel = image->pixels + 4 * (y * image->width + x);
    pixel[0] = colour.r;
    pixel[1] = colour.g;
    pixel[2] = colour.b;
    pixel[3] = 255;
}

static void draw_tiles(nca_image *image, const nca_view *view, const nca_automaton *automaton,
                       const float *state, size_t height, size_t width)
{
    const nca__view_tiles shown = nca__view_tiles_of(view, automaton);
    for (size_t i = 0; i < image->width * image->height; i++) {
        set_pixel(image, i % image->width, i / image->width, line_colour);
    }
    for (size_t tile = 0; tile < shown.count; tile++) {
        const size_t left = tile % shown.columns * (width + 1);
        const size_t top = tile / shown.columns * (height + 1);
        for (size_t cell = 0; cell < height * width; cell++) {
            double value = (double)state[cell * automaton->channels + shown.first + tile];
            set_pixel(image, left + cell % width, top + cell / width,
                      nca__cell_colour(value, view->end, true));
        }
    }
}

static void draw_filter(nca_image *image, const nca_view *view, const nca_automaton *automaton,
                        const float *state, size_t height, size_t width)
{
    nca__filtered filtered;
    nca__filtered_open(&filtered, view, automaton, state, height, width);
    for (size_t cell = 0; cell < height * width; cell++) {
        set_pixel(image, cell % width, cell / width,
                  nca__cell_colour(nca__view_filter(&filtered, view, cell), view->end,
                                   view->channel != NCA_VIEW_ALL_CHANNELS));
    }
}

static bool is_over(const nca_automaton *automaton, const float *state, size_t cell)
{
    return automaton->alive_channel < 0 ||
           state[cell * automaton->channels + (size_t)automaton->alive_channel] >
               automaton->alive_threshold;
}

/* Whether any cell of the 3x3 neighbourhood is above the threshold, including cells beyond the
 * edge. */
static bool is_alive(const nca_automaton *automaton, const float *state, size_t height,
                     size_t width, size_t cell)
{
    const nca__boundary *boundary = nca__boundary_of(automaton->boundary);
    for (ptrdiff_t dy = -1; dy <= 1; dy++) {
        for (ptrdiff_t dx = -1; dx <= 1; dx++) {
            const size_t row =
                nca__boundary_source(boundary, (ptrdiff_t)(cell / width) + dy, height);
            const size_t column =
                nca__boundary_source(boundary, (ptrdiff_t)(cell % width) + dx, width);
            const bool nowhere = row == NCA__NOWHERE || column == NCA__NOWHERE;
            if (nowhere ? 0.0f > automaton->alive_threshold
                        : is_over(automaton, state, row * width + column)) {
                return true;
            }
        }
    }
    return false;
}

static nca_colour cell_view(const nca_view *view, const nca_automaton *automaton,
                            const float *state, const float *before, size_t height, size_t width,
                            size_t cell)
{
    const size_t channels = automaton->channels;
    if (view->kind == NCA_VIEW_ALPHA) {
        return nca__cell_colour((double)state[cell * channels + ALPHA], 1.0, false);
    }
    if (view->kind == NCA_VIEW_ALIVE) {
        return nca__alive_colour(is_over(automaton, state, cell)                   ? 2
                                 : is_alive(automaton, state, height, width, cell) ? 1
                                                                                   : 0);
    }
    double change = before != NULL ? nca__view_change(state + cell * channels,
                                                      before + cell * channels, channels)
                                   : 0.0;
    return nca__cell_colour(change, view->end, false);
}

/* Whether any pixel differs visibly from the background. */
static bool is_seen(const nca_image *image, nca_colour background)
{
    const int behind[3] = {background.r, background.g, background.b};
    for (size_t i = 0; i < image->width * image->height; i++) {
        for (size_t c = 0; c < 3; c++) {
            if (abs((int)image->pixels[4 * i + c] - behind[c]) >= least_contrast) {
                return true;
            }
        }
    }
    return false;
}

/* The seed is one black cell, which would be invisible on black: if nothing is visible although
 * cells are opaque, the neighbouring cells are drawn as an outline. */
static void outline_unseen(nca_image *image, const nca_view *view, const nca_automaton *automaton,
                           const float *state)
{
    const size_t channels = automaton->channels, width = image->width, height = image->height;
    const float least_alpha = 0.1f;
    if (is_seen(image, view->background)) {
        return;
    }
    for (size_t cell = 0; cell < height * width; cell++) {
        bool beside = false;
        for (size_t i = 0; i < 9; i++) {
            /* Counted from 1, so that no index is negative. */
            size_t y = cell / width + i / 3, x = cell % width + i % 3;
            beside |= y >= 1 && y <= height && x >= 1 && x <= width &&
                      state[((y - 1) * width + x - 1) * channels + ALPHA] > least_alpha;
        }
        if (beside && !(state[cell * channels + ALPHA] > least_alpha)) {
            set_pixel(image, cell % width, cell / width, outline_colour);
        }
    }
}

nca_status nca_view_picture(nca_image **out_image, const nca_view *view,
                            const nca_automaton *automaton, const float *state, const float *before,
                            size_t height, size_t width, nca_error *error)
{
    assert(out_image != NULL && state != NULL);
    size_t rows, columns;
    nca_image *image = NULL;
    nca_status status = nca_view_check(view, automaton, error);
    if (status == NCA_OK) {
        nca_view_size(&rows, &columns, view, automaton, height, width);
        status = nca_image_create(&image, columns, rows, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    bool tiled = view->kind == NCA_VIEW_HIDDEN || view->kind == NCA_VIEW_CHANNEL ||
                 view->kind == NCA_VIEW_MOSAIC;
    if (tiled) {
        draw_tiles(image, view, automaton, state, height, width);
    } else if (view->kind == NCA_VIEW_FILTER) {
        draw_filter(image, view, automaton, state, height, width);
    }
    const bool whole = tiled || view->kind == NCA_VIEW_FILTER;
    for (size_t cell = 0; !whole && cell < height * width; cell++) {
        if (view->kind == NCA_VIEW_RGBA) {
            nca__cell_rgba(image->pixels + 4 * cell, state + cell * automaton->channels,
                           view->background);
        } else {
            set_pixel(image, cell % width, cell / width,
                      cell_view(view, automaton, state, before, height, width, cell));
        }
    }
    if (view->kind == NCA_VIEW_RGBA) {
        outline_unseen(image, view, automaton, state);
    }
    *out_image = image;
    return NCA_OK;
}
