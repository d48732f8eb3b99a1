/* EXIF orientation: finding it in JPEG, PNG and WebP files, and turning pixels accordingly. EXIF
 * data is a TIFF directory; only the entry Orientation (0x0112) is read. Damage is no error here: a
 * picture with invalid EXIF data is shown as it is stored, as viewers do. */
#include "data/exif_orientation.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* ---- The directory ---------------------------------------------------------------------------*/

typedef struct tiff {
    const uint8_t *bytes;
    size_t size;
    bool big_endian;
} tiff;

static unsigned read_u16(const tiff *t, size_t at)
{
    const uint8_t *b = t->bytes + at;
    return t->big_endian ? (unsigned)(b[0] << 8 | b[1]) : (unsigned)(b[1] << 8 | b[0]);
}

static uint32_t read_u32(const tiff *t, size_t at)
{
    const uint32_t first = read_u16(t, at), second = read_u16(t, at + 2);
    return t->big_endian ? first << 16 | second : second << 16 | first;
}

static unsigned orientation_of(const uint8_t *bytes, size_t size)
{
    enum {
        ORIENTATION = 0x0112,
        SHORT = 3,
        LONG = 4,
        ENTRY = 12 /* bytes per entry */
    };
    const tiff t = {bytes, size, size > 0 && bytes[0] == 'M'};
    if (size < 8 || memcmp(bytes, t.big_endian ? "MM\0*" : "II*\0", 4) != 0) {
        return 1;
    }
    size_t at = read_u32(&t, 4);
    if (at > size - 2) {
        return 1;
    }
    unsigned entries = read_u16(&t, at);
    at += 2;
    for (; entries > 0 && size - at >= ENTRY; entries--, at += ENTRY) {
        const unsigned type = read_u16(&t, at + 2);
        if (read_u16(&t, at) == ORIENTATION && (type == SHORT || type == LONG)) {
            const uint32_t value = type == SHORT ? read_u16(&t, at + 8) : read_u32(&t, at + 8);
            return value >= 1 && value <= 8 ? (unsigned)value : 1;
        }
    }
    return 1;
}

/* ---- Finding the data ------------------------------------------------------------------------ */

/* Reads the data after "Exif\0\0", a prefix that JPEG requires and some writers of other formats
 * add. */
static unsigned orientation_behind_name(const uint8_t *bytes, size_t size)
{
    const bool named = size >= 6 && memcmp(bytes, "Exif\0\0", 6) == 0;
    return named ? orientation_of(bytes + 6, size - 6) : orientation_of(bytes, size);
}

/* Finds the segment APP1 that begins with "Exif", before the first scan. */
unsigned nca__exif_of_jpeg(const uint8_t *bytes, size_t size)
{
    enum {
        APP1 = 0xe1,
        START_OF_SCAN = 0xda
    };
    size_t at = 2;
    while (at < size && size - at >= 4) {
        if (bytes[at] != 0xff) { /* extraneous bytes, which decoders also skip */
            at++;
            continue;
        }
        const unsigned marker = bytes[at + 1];
        if (marker == 0xff || marker == 0) {
            at++;
            continue;
        }
        const size_t length = (size_t)(bytes[at + 2] << 8 | bytes[at + 3]);
        if (marker == START_OF_SCAN || length < 2 || length > size - at - 2) {
            return 1;
        }
        if (marker == APP1 && length >= 8 && memcmp(bytes + at + 4, "Exif\0\0", 6) == 0) {
            return orientation_behind_name(bytes + at + 4, length - 2);
        }
        at += 2 + length;
    }
    return 1;
}

/* The chunk format of a container. */
typedef struct chunk_form {
    char name[5]; /* name of the chunk with EXIF data */
    size_t first; /* offset of the first chunk */
    size_t name_at, length_at;
    size_t checksum; /* number of bytes after the data that the length counts */
    bool even;       /* odd lengths are padded by one byte */
    bool big_endian;
} chunk_form;

static unsigned orientation_in_chunks(const uint8_t *bytes, size_t size, const chunk_form *form)
{
    enum {
        HEAD = 8 /* bytes of name and length */
    };
    const tiff t = {bytes, size, form->big_endian};
    size_t at = form->first;
    while (at < size && size - at >= HEAD + form->checksum) {
        const size_t length = read_u32(&t, at + form->length_at);
        if (length > size - at - HEAD - form->checksum) {
            return 1;
        }
        if (memcmp(bytes + at + form->name_at, form->name, 4) == 0) {
            return orientation_behind_name(bytes + at + HEAD, length);
        }
        at += HEAD + length + form->checksum + (form->even ? length & 1 : 0);
    }
    return 1;
}

/* The chunk eXIf, before or after the pixels. */
unsigned nca__exif_of_png(const uint8_t *bytes, size_t size)
{
    static const chunk_form form = {
        .name = "eXIf", .first = 8, .name_at = 4, .checksum = 4, .big_endian = true};
    return orientation_in_chunks(bytes, size, &form);
}

/* The chunk EXIF of the RIFF container. */
unsigned nca__exif_of_webp(const uint8_t *bytes, size_t size)
{
    static const chunk_form form = {.name = "EXIF", .first = 12, .length_at = 4, .even = true};
    return orientation_in_chunks(bytes, size, &form);
}

/* ---- Turning ---------------------------------------------------------------------------------*/

/* The stored pixel that is shown at (x, y); width and height are those of the stored image. */
static size_t stored_at(unsigned orientation, size_t x, size_t y, size_t width, size_t height)
{
    const size_t right = width - 1, bottom = height - 1;
    switch (orientation) {
    case 2: /* mirrored horizontally */
        return y * width + right - x;
    case 3: /* rotated by 180 degrees */
        return (bottom - y) * width + right - x;
    case 4: /* mirrored vertically */
        return (bottom - y) * width + x;
    case 5: /* transposed */
        return x * width + y;
    case 6: /* rotated by 90 degrees clockwise */
        return (bottom - x) * width + y;
    case 7: /* transposed along the other diagonal */
        return (bottom - x) * width + right - y;
    case 8: /* rotated by 90 degrees counterclockwise */
        return x * width + right - y;
    default:
        return y * width + x;
    }
}

nca_status nca__exif_turn(void **pixels, size_t *width, size_t *height, size_t pixel_size,
                          unsigned orientation, nca_error *error)
{
    if (orientation <= 1 || orientation > 8) {
        return NCA_OK;
    }
    const size_t columns = orientation >= 5 ? *height : *width;
    const size_t rows = orientation >= 5 ? *width : *height;
    uint8_t *turned = malloc(columns * rows * pixel_size);
    if (turned == NULL) {
        return nca__fail_memory(error, "rotating an image", columns * rows * pixel_size);
    }
    const uint8_t *stored = *pixels;
    uint8_t *out = turned;
    for (size_t y = 0; y < rows; y++) {
        for (size_t x = 0; x < columns; x++, out += pixel_size) {
            const size_t from = stored_at(orientation, x, y, *width, *height);
            memcpy(out, stored + from * pixel_size, pixel_size);
        }
    }
    free(*pixels);
    *pixels = turned;
    *width = columns;
    *height = rows;
    return NCA_OK;
}
