/* Grids as pixels: premultiplied floats on a background, colours by name, and a suitable scale. */
#include "nca/picture.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "render/cell_colour.h"

enum {
    SHOWN_SIDE = 250 /* approximate longer side of an enlarged grid in pixels */
};

static nca_status fail_colour(const char *text, nca_error *error)
{
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "background colour: expected white, black, grey, #RRGGBB or #RGB, "
                     "found \"%.40s\"",
                     text);
}

static uint8_t hexadecimal(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
}

nca_status nca_colour_parse(nca_colour *out_colour, const char *text, nca_error *error)
{
    static const struct {
        const char *name;
        nca_colour colour;
    } named[] = {
        {"white", {255, 255, 255}},
        {"black", {0, 0, 0}},
        {"grey", {128, 128, 128}},
        {"gray", {128, 128, 128}},
    };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (strcasecmp(text, named[i].name) == 0) {
            *out_colour = named[i].colour;
            return NCA_OK;
        }
    }
    size_t digits = text[0] == '#' ? strlen(text + 1) : 0;
    if (digits != 3 && digits != 6) {
        return fail_colour(text, error);
    }
    uint8_t value[6];
    for (size_t i = 0; i < digits; i++) {
        if (!isxdigit((unsigned char)text[1 + i])) {
            return fail_colour(text, error);
        }
        value[i] = hexadecimal(text[1 + i]);
    }
    /* #RGB repeats each digit: #fa3 is #ffaa33. */
    size_t step = digits / 3;
    uint8_t channel[3];
    for (size_t i = 0; i < 3; i++) {
        channel[i] = (uint8_t)(value[i * step] * 16 + value[i * step + step - 1]);
    }
    *out_colour = (nca_colour){channel[0], channel[1], channel[2]};
    return NCA_OK;
}

nca_status nca_picture_rgba(nca_image **out_image, const float *rgba, size_t height, size_t width,
                            nca_colour background, nca_error *error)
{
    assert(out_image != NULL && rgba != NULL);
    nca_image *image = NULL;
    nca_status status = nca_image_create(&image, width, height, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t cell = 0; cell < height * width; cell++) {
        nca__cell_rgba(image->pixels + 4 * cell, rgba + 4 * cell, background);
    }
    *out_image = image;
    return NCA_OK;
}

/* Whether a cell of the grid has at least this alpha. */
static bool is_solid(const float *target, size_t height, size_t width, size_t row, size_t column,
                     float alpha)
{
    return row < height && column < width && target[(row * width + column) * 4 + 3] >= alpha;
}

nca_colour nca_picture_background(const float *target, size_t height, size_t width)
{
    /* The outermost visible cells. In a small picture a thin outline consists of cells with little
     * alpha, and the cells behind them contain hardly any of it. */
    const float visible = 0.1f;
    const double middle_grey = 0.5;
    double brightness = 0;
    size_t cells = 0;
    for (size_t row = 0; row < height; row++) {
        for (size_t column = 0; column < width; column++) {
            /* Row and column -1 wrap around to a huge value, which is_solid refuses. */
            const bool inside = is_solid(target, height, width, row - 1, column, visible) &&
                                is_solid(target, height, width, row + 1, column, visible) &&
                                is_solid(target, height, width, row, column - 1, visible) &&
                                is_solid(target, height, width, row, column + 1, visible);
            if (is_solid(target, height, width, row, column, visible) && !inside) {
                const float *cell = target + (row * width + column) * 4;
                brightness += (0.2126 * (double)cell[0] + 0.7152 * (double)cell[1] +
                               0.0722 * (double)cell[2]) /
                              (double)cell[3];
                cells++;
            }
        }
    }
    bool bright = cells > 0 && brightness / (double)cells > middle_grey;
    return bright ? (nca_colour){0, 0, 0} : (nca_colour){255, 255, 255};
}

static bool is_transparent(const nca_picture_target *target)
{
    for (size_t cell = 0; cell < target->height * target->width; cell++) {
        if (!is_solid(target->rgba, 1, target->height * target->width, 0, cell, 0.5f)) {
            return true;
        }
    }
    return false;
}

nca_colour nca_picture_background_of(const nca_picture_target *targets, size_t count)
{
    const nca_colour white = {255, 255, 255}, grey = {128, 128, 128}, black = {0, 0, 0};
    size_t wanted[2][2] = {{0}}; /* count by [is transparent][black suits it] */
    for (size_t i = 0; i < count; i++) {
        const nca_picture_target *t = &targets[i];
        const bool dark = nca_picture_background(t->rgba, t->height, t->width).r == 0;
        wanted[is_transparent(t)][dark]++;
    }
    if (wanted[0][0] + wanted[1][0] == 0 && count > 0) {
        return black;
    }
    if (wanted[1][0] > 0 && wanted[1][1] > 0) {
        return grey;
    }
    return wanted[1][1] > 0 ? black : white;
}

size_t nca_picture_scale(size_t height, size_t width)
{
    size_t longer = height > width ? height : width;
    if (longer == 0) {
        return 1;
    }
    size_t scale = (SHOWN_SIDE + longer / 2) / longer;
    return scale > 0 ? scale : 1;
}
