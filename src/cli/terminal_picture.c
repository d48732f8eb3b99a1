/* Pictures made of characters. Knows escape codes, and asks nobody what the terminal can do. */
#include "cli/terminal_picture.h"

#include <stdio.h>
#include <string.h>

enum {
    MOST_ENLARGED = 4
};

static const uint8_t *pixel_at(const nca_image *picture, size_t x, size_t y)
{
    return picture->pixels + (y * picture->width + x) * 4;
}

/* The upper half of a character has the foreground's colour, the lower the background's. */
static void print_half_blocks(const nca_image *picture)
{
    for (size_t y = 0; y < picture->height; y += 2) {
        for (size_t x = 0; x < picture->width; x++) {
            const uint8_t *upper = pixel_at(picture, x, y);
            printf("\033[38;2;%u;%u;%um", upper[0], upper[1], upper[2]);
            if (y + 1 < picture->height) {
                const uint8_t *lower = pixel_at(picture, x, y + 1);
                printf("\033[48;2;%u;%u;%um", lower[0], lower[1], lower[2]);
            }
            fputs("\xe2\x96\x80", stdout);
        }
        fputs("\033[0m\n", stdout);
    }
}

/* Luma of ITU-R BT.601 chooses the character; two of them are about as wide as a line is high. */
static void print_characters(const nca_image *picture)
{
    static const char ramp[] = " .:-=+*#%@";
    for (size_t y = 0; y < picture->height; y++) {
        for (size_t x = 0; x < picture->width; x++) {
            const uint8_t *p = pixel_at(picture, x, y);
            unsigned luma = (299u * p[0] + 587u * p[1] + 114u * p[2]) / 1000u;
            char c = ramp[luma * (sizeof ramp - 1) / 256];
            putchar(c);
            putchar(c);
        }
        putchar('\n');
    }
}

nca_status terminal_picture(const nca_image *picture, size_t columns, size_t rows, bool colour,
                            nca_error *error)
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
        (colour ? print_half_blocks : print_characters)(fitting);
    }
    nca_image_destroy(fitting);
    return status;
}
