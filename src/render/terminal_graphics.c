/* Pictures as escape sequences for terminals that can show pixels. The caller determines what the
 * terminal supports. */
#include "nca/graphics.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/error.h"
#include "render/quantise.h"

enum {
    CHUNK = 4096,  /* characters of kitty's payload per sequence, a multiple of 4 */
    BAND = 6,      /* rows of a sixel */
    SHORT_RUN = 3, /* up to this length, run-length encoding is not shorter */
    PERCENT = 100
};

const char *nca_graphics_name(nca_graphics graphics)
{
    static const char *const names[NCA_GRAPHICS_COUNT] = {"kitty", "sixel"};
    return (unsigned)graphics < NCA_GRAPHICS_COUNT ? names[graphics] : NULL;
}

/* ---- kitty -----------------------------------------------------------------------------------*/

/* a=T: transmit and show; f=100: a PNG; q=2: no response from the terminal; m=1: more follows. */
static void write_chunks(FILE *out, const char *payload, size_t length)
{
    for (size_t at = 0; at < length; at += CHUNK) {
        const size_t size = length - at < CHUNK ? length - at : CHUNK;
        fprintf(out, "\033_G%sm=%d;%.*s\033\\", at == 0 ? "a=T,f=100,i=1,p=1,q=2," : "",
                at + size < length, (int)size, payload + at);
    }
}

static nca_status write_kitty(FILE *out, const nca_image *image, nca_error *error)
{
    uint8_t *png = NULL;
    size_t size = 0;
    nca_status status = nca_image_encode_png(&png, &size, image, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t length = nca__base64_length(size);
    char *payload = malloc(length + 1);
    if (payload == NULL) {
        status = nca__fail_memory(error, "a picture for the terminal", length + 1);
    } else {
        nca__base64(payload, png, size);
        write_chunks(out, payload, length);
    }
    free(payload);
    free(png);
    return status;
}

/* ---- sixel -----------------------------------------------------------------------------------*/

/* Writes the same sixel `count` times. */
static void write_run(FILE *out, int bits, size_t count)
{
    const int character = '?' + bits;
    if (count > SHORT_RUN) {
        fprintf(out, "!%zu%c", count, character);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        fputc(character, out);
    }
}

/* Writes the pixels of one colour in a band; `$` at the end returns to the left edge. */
static void write_colour(FILE *out, const uint8_t *indices, size_t width, size_t rows,
                         size_t colour)
{
    fprintf(out, "#%zu", colour);
    int before = 0;
    size_t run = 0;
    for (size_t x = 0; x < width; x++) {
        int bits = 0;
        for (size_t y = 0; y < rows; y++) {
            bits |= (indices[y * width + x] == colour) << y;
        }
        if (bits != before) {
            write_run(out, before, run);
            before = bits;
            run = 0;
        }
        run++;
    }
    if (before != 0) {
        write_run(out, before, run);
    }
    fputc('$', out);
}

static void write_bands(FILE *out, const uint8_t *indices, size_t width, size_t height)
{
    for (size_t top = 0; top < height; top += BAND) {
        const size_t rows = height - top < BAND ? height - top : BAND;
        bool used[NCA__PALETTE] = {false};
        for (size_t i = 0; i < rows * width; i++) {
            used[indices[top * width + i]] = true;
        }
        for (size_t colour = 0; colour < NCA__PALETTE; colour++) {
            if (used[colour]) {
                write_colour(out, indices + top * width, width, rows, colour);
            }
        }
        fputc('-', out);
    }
}

static nca_status write_sixel(FILE *out, const nca_image *image, nca_error *error)
{
    const size_t count = image->width * image->height;
    uint32_t *pixels = malloc(count * sizeof *pixels);
    uint8_t *indices = malloc(count);
    nca__palette palette;
    nca_status status = NCA_OK;
    if (pixels == NULL || indices == NULL) {
        status = nca__fail_memory(error, "a picture for the terminal", 5 * count);
    }
    for (size_t i = 0; status == NCA_OK && i < count; i++) {
        const uint8_t *p = image->pixels + 4 * i;
        pixels[i] = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
    }
    if (status == NCA_OK) {
        status = nca__quantise(indices, &palette, pixels, count, NCA__PALETTE, error);
    }
    if (status == NCA_OK) {
        fprintf(out, "\033P0;1;0q\"1;1;%zu;%zu", image->width, image->height);
        for (size_t i = 0; i < palette.count; i++) {
            const uint8_t *c = palette.colour[i];
            fprintf(out, "#%zu;2;%d;%d;%d", i, (c[0] * PERCENT + 127) / 255,
                    (c[1] * PERCENT + 127) / 255, (c[2] * PERCENT + 127) / 255);
        }
        write_bands(out, indices, image->width, image->height);
        fputs("\033\\", out);
    }
    free(indices);
    free(pixels);
    return status;
}

/* ---- Both protocols -------------------------------------------------------------------------- */

nca_status nca_image_encode_graphics(char **out_text, size_t *out_size, const nca_image *image,
                                     nca_graphics graphics, nca_error *error)
{
    assert(out_text != NULL && out_size != NULL && image != NULL);
    if ((unsigned)graphics >= NCA_GRAPHICS_COUNT || image->width == 0 || image->height == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "graphics: expected kitty or sixel and a picture of at least one pixel, "
                         "found %u and %zu x %zu",
                         (unsigned)graphics, image->width, image->height);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return nca__fail_memory(error, "a picture for the terminal", CHUNK);
    }
    nca_status status = graphics == NCA_GRAPHICS_KITTY ? write_kitty(out, image, error)
                                                       : write_sixel(out, image, error);
    const bool whole = !ferror(out);
    if ((fclose(out) != 0 || !whole) && status == NCA_OK) {
        status = nca__fail_memory(error, "a picture for the terminal", size);
    }
    if (status != NCA_OK) {
        free(text);
        return status;
    }
    *out_text = text;
    *out_size = size;
    return NCA_OK;
}
