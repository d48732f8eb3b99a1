/* Pictures made of characters and escape codes. The caller determines what the terminal
 * supports. */
#include "cli/terminal_picture.h"

#include <string.h>

enum {
    MOST_ENLARGED = 4,
    GAP = 2 /* pixels between pictures */
};

static const uint8_t *pixel_at(const nca_image *picture, size_t x, size_t y)
{
    return picture->pixels + (y * picture->width + x) * 4;
}

static uint32_t colour_of(const uint8_t *pixel)
{
    return (uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2];
}

/* Sets the colour of the following characters, unless it is already set. */
static void choose_colour(FILE *out, int layer, const uint8_t *pixel, uint32_t *in_use)
{
    if (*in_use != colour_of(pixel)) {
        *in_use = colour_of(pixel);
        fprintf(out, "\033[%d;2;%u;%u;%um", layer, pixel[0], pixel[1], pixel[2]);
    }
}

/* The upper half of a character has the foreground colour, the lower half the background colour. */
static void print_half_blocks(FILE *out, const nca_image *picture)
{
    enum {
        FOREGROUND = 38,
        BACKGROUND = 48
    };
    for (size_t y = 0; y < picture->height; y += 2) {
        uint32_t foreground = UINT32_MAX, background = UINT32_MAX; /* not set yet */
        for (size_t x = 0; x < picture->width; x++) {
            choose_colour(out, FOREGROUND, pixel_at(picture, x, y), &foreground);
            if (y + 1 < picture->height) {
                choose_colour(out, BACKGROUND, pixel_at(picture, x, y + 1), &background);
            }
            fputs("\xe2\x96\x80", out);
        }
        fputs("\033[0m\n", out);
    }
}

/* The luma of ITU-R BT.601 selects the character; two of them are about as wide as a line is
 * high. */
static void print_characters(FILE *out, const nca_image *picture)
{
    static const char ramp[] = " .:-=+*#%@";
    for (size_t y = 0; y < picture->height; y++) {
        for (size_t x = 0; x < picture->width; x++) {
            const uint8_t *p = pixel_at(picture, x, y);
            unsigned luma = (299u * p[0] + 587u * p[1] + 114u * p[2]) / 1000u;
            char c = ramp[luma * (sizeof ramp - 1) / 256];
            fputc(c, out);
            fputc(c, out);
        }
        fputc('\n', out);
    }
}

nca_status terminal_picture(FILE *out, const nca_image *picture, size_t columns, size_t rows,
                            bool colour, nca_error *error)
{
    size_t most_width = colour ? columns : columns / 2, most_height = colour ? 2 * rows : rows;
    most_width = most_width > 0 ? most_width : 1;
    most_height = most_height > 0 ? most_height : 1;
    size_t factor = 1;
    while (colour && factor < MOST_ENLARGED && picture->width * (factor + 1) <= most_width &&
           picture->height * (factor + 1) <= most_height) {
        factor++;
    }
    nca_image *fitting = NULL;
    nca_status status;
    if (picture->width > most_width || picture->height > most_height) {
        double share = (double)most_width / (double)picture->width;
        double high = (double)most_height / (double)picture->height;
        share = high < share ? high : share;
        size_t width = (size_t)(share * (double)picture->width);
        size_t height = (size_t)(share * (double)picture->height);
        status = nca_image_resize_lanczos(&fitting, picture, width > 0 ? width : 1,
                                          height > 0 ? height : 1, error);
    } else {
        status = nca_image_scale_nearest(&fitting, picture, factor, error);
    }
    if (status == NCA_OK) {
        (colour ? print_half_blocks : print_characters)(out, fitting);
    }
    nca_image_destroy(fitting);
    return status;
}

nca_status terminal_tiles(nca_image **out, nca_image *const *pictures, size_t count, size_t columns,
                          nca_error *error)
{
    size_t width = 1, height = 1;
    for (size_t i = 0; i < count; i++) {
        width = pictures[i]->width > width ? pictures[i]->width : width;
        height = pictures[i]->height > height ? pictures[i]->height : height;
    }
    const size_t rows = (count + columns - 1) / columns;
    nca_image *tiles = NULL;
    nca_status status =
        nca_image_create(&tiles, columns * (width + GAP) - GAP, rows * (height + GAP) - GAP, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t i = 0; i < tiles->width * tiles->height; i++) {
        tiles->pixels[4 * i + 3] = 255;
    }
    for (size_t i = 0; i < count; i++) {
        const nca_image *picture = pictures[i];
        const size_t left = i % columns * (width + GAP) + (width - picture->width) / 2;
        const size_t top = i / columns * (height + GAP) + (height - picture->height) / 2;
        for (size_t y = 0; y < picture->height; y++) {
            memcpy(tiles->pixels + 4 * ((top + y) * tiles->width + left),
                   picture->pixels + 4 * y * picture->width, 4 * picture->width);
        }
    }
    *out = tiles;
    return NCA_OK;
}
