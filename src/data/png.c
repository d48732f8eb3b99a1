/* Reads and writes PNG with libspng, in memory.
 *
 * Where Pillow 9.4 and the PNG specification differ, the specification is followed. Identical:
 * 8-bit samples are unchanged, 1, 2 and 4 bits are scaled to the full range, palettes have their
 * alpha. Different: 16-bit samples keep all their bits, while Pillow takes the high byte of
 * grey+alpha, RGB and RGBA and clips grey above 255 to white; a transparent grey level with less
 * than 8 bits and a 16-bit transparent colour are supported, while Pillow ignores them. Both ignore
 * gamma and colour profiles. */
#include <spng.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/library.h"
#include "data/codec.h"
#include "data/exif_orientation.h"

#define SPNG_FUNCTIONS(F)        \
    F(spng_, ctx_free)           \
    F(spng_, ctx_new)            \
    F(spng_, decode_chunks)      \
    F(spng_, decode_image)       \
    F(spng_, decoded_image_size) \
    F(spng_, encode_image)       \
    F(spng_, get_ihdr)           \
    F(spng_, get_png_buffer)     \
    F(spng_, set_chunk_limits)   \
    F(spng_, set_ihdr)           \
    F(spng_, set_option)         \
    F(spng_, set_png_buffer)     \
    F(spng_, strerror)

static struct {
    SPNG_FUNCTIONS(NCA__LIBRARY_POINTER)
} spng;

static nca__library library = {
    .file = NCA_FILE_SPNG,
    .package = "libspng0",
    .purpose = "PNG images",
    .names = (const char *const[]){SPNG_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &spng,
};

enum {
    /* Maximum expansion of deflate: 258 bytes for two bits. */
    DEFLATE_MAX_RATIO = 1032,
    /* libspng decompresses ancillary chunks (texts, profiles) while it searches for pixels. */
    MAX_CHUNK_BYTES = 16 << 20,
    MAX_CHUNK_CACHE_BYTES = 32 << 20,
    COMPRESSION_LEVEL = 6
};

static nca_status fail_decode(int code, const char *name, nca_error *error)
{
    switch (code) {
    case SPNG_EMEM:
        return nca__fail_memory(error, name, 0);
    case SPNG_ECHUNK_LIMITS:
        return nca__fail(error, NCA_LIMIT,
                         "%s: the PNG contains more than %d MiB of text or colour profiles; save "
                         "it again without them",
                         name, MAX_CHUNK_BYTES >> 20);
    default:
        return nca__fail(error, NCA_FORMAT,
                         "%s: the PNG is truncated or damaged (%s); get a fresh copy of it", name,
                         spng.strerror(code));
    }
}

static uint32_t read_big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Size in bytes of the whole chunk at `at`; 0 if the file ends before it does. */
static size_t chunk_size(const uint8_t *bytes, size_t size, size_t at)
{
    const size_t frame = 12; /* length, name, checksum */
    if (size - at < frame || read_big_endian(bytes + at) > size - at - frame) {
        return 0;
    }
    return frame + read_big_endian(bytes + at);
}

static bool is_chunk(const uint8_t *chunk, const char *name)
{
    return memcmp(chunk + 4, name, 4) == 0;
}

/* Follows the lengths of the chunks to the last one; libspng stops a little earlier. */
static bool has_end(const uint8_t *bytes, size_t size)
{
    size_t chunk;
    for (size_t at = 8; (chunk = chunk_size(bytes, size, at)) != 0; at += chunk) {
        if (is_chunk(bytes + at, "IEND")) {
            return true;
        }
    }
    return false;
}

/* libspng refuses empty eXIf chunks, which other readers ignore. *out_copy is the file without
 * them, or NULL if it has none. False if out of memory. */
static bool drop_empty_exif(uint8_t **out_copy, size_t *out_size, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = NULL;
    size_t kept = 8, chunk;
    for (size_t at = kept; (chunk = chunk_size(bytes, size, at)) != 0; at += chunk) {
        const bool drop = is_chunk(bytes + at, "eXIf") && read_big_endian(bytes + at) == 0;
        if (drop && copy == NULL) {
            copy = malloc(size);
            if (copy == NULL) {
                return false;
            }
            memcpy(copy, bytes, kept);
        }
        if (drop) {
            continue;
        }
        if (copy != NULL) {
            memcpy(copy + kept, bytes + at, chunk);
        }
        kept += chunk;
    }
    *out_copy = copy;
    *out_size = kept;
    return true;
}

/* Checks before libspng is used: truncated files and excessive sizes (the first chunk starts with
 * them; if it is another chunk, libspng reports that). */
static nca_status check_outside(const uint8_t *bytes, size_t size, const char *name,
                                nca_error *error)
{
    if (size >= 16 && memcmp(bytes + 12, "CgBI", 4) == 0) {
        return nca__fail(
            error, NCA_UNSUPPORTED,
            "%s: expected a PNG, found Apple's CgBI variant, which Xcode writes for iOS and only "
            "Apple software reads; convert it to PNG (on a Mac: sips -s format png)",
            name);
    }
    if (!has_end(bytes, size)) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: the PNG is truncated (expected an IEND chunk at its end, found none "
                         "in %zu bytes); get a fresh copy of it",
                         name, size);
    }
    if (size < 24 || memcmp(bytes + 12, "IHDR", 4) != 0) {
        return NCA_OK;
    }
    return nca__image_check_size(name, read_big_endian(bytes + 16), read_big_endian(bytes + 20),
                                 error);
}

/* A header can contain any size, so before memory is allocated, the file must be long enough for
 * that many pixels at the best possible compression. */
static nca_status check_claim(spng_ctx *context, const struct spng_ihdr *header, size_t size,
                              const char *name, nca_error *error)
{
    size_t raw = 0;
    int code = spng.decoded_image_size(context, SPNG_FMT_RAW, &raw);
    if (code != 0) {
        return fail_decode(code, name, error);
    }
    if (raw / DEFLATE_MAX_RATIO > size) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: the PNG declares %u x %u pixels, more than its %zu bytes can hold; "
                         "it is truncated or invalid, get a fresh copy of it",
                         name, header->width, header->height, size);
    }
    return NCA_OK;
}

/* Reads the pixels as RGBA of 8 or 16 bits, and the chunks after them, so that damage there is also
 * detected. */
static int read_pixels(spng_ctx *context, void *out, size_t size, enum spng_format format)
{
    const int code = spng.decode_image(context, out, size, format, SPNG_DECODE_TRNS);
    return code == 0 ? spng.decode_chunks(context) : code;
}

static nca_status read_8_bits(nca_image **out_image, spng_ctx *context,
                              const struct spng_ihdr *header, const char *name, nca_error *error)
{
    nca_image *image = NULL;
    nca_status status = nca_image_create(&image, header->width, header->height, error);
    if (status != NCA_OK) {
        return status;
    }
    const int code =
        read_pixels(context, image->pixels, image->width * image->height * 4, SPNG_FMT_RGBA8);
    if (code != 0) {
        nca_image_destroy(image);
        return fail_decode(code, name, error);
    }
    *out_image = image;
    return NCA_OK;
}

static nca_status read_16_bits(nca__samples **out_samples, spng_ctx *context,
                               const struct spng_ihdr *header, const char *name, nca_error *error)
{
    nca__samples *samples = NULL;
    nca_status status = nca__samples_create(&samples, header->width, header->height, name, error);
    if (status != NCA_OK) {
        return status;
    }
    /* The 16-bit values are read to the end of the floats and widened from the front: float k is
     * written before the end of value k, so later values are not overwritten yet. */
    const size_t count = samples->width * samples->height * 4;
    uint8_t *words = (uint8_t *)samples->rgba + count * sizeof(uint16_t);
    const int code = read_pixels(context, words, count * sizeof(uint16_t), SPNG_FMT_RGBA16);
    if (code != 0) {
        nca__samples_destroy(samples);
        return fail_decode(code, name, error);
    }
    for (size_t k = 0; k < count; k++) {
        uint16_t value;
        memcpy(&value, words + k * sizeof value, sizeof value);
        samples->rgba[k] = value;
    }
    samples->high = samples->opaque = UINT16_MAX;
    *out_samples = samples;
    return NCA_OK;
}

nca_status nca__png_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                           nca_error *error)
{
    nca_status status = check_outside(bytes, size, name, error);
    if (status == NCA_OK) {
        status = nca__library_open(&library, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    uint8_t *copy = NULL;
    size_t copied = 0;
    spng_ctx *context = spng.ctx_new(0);
    if (context == NULL || !drop_empty_exif(&copy, &copied, bytes, size)) {
        spng.ctx_free(context);
        return nca__fail_memory(error, name, size);
    }
    nca__picture picture = {.orientation = nca__exif_of_png(bytes, size)};
    struct spng_ihdr header;
    int code = spng.set_chunk_limits(context, MAX_CHUNK_BYTES, MAX_CHUNK_CACHE_BYTES);
    if (code == 0) {
        code = copy != NULL ? spng.set_png_buffer(context, copy, copied)
                            : spng.set_png_buffer(context, bytes, size);
    }
    if (code == 0) {
        code = spng.get_ihdr(context, &header);
    }
    status = code == 0 ? check_claim(context, &header, size, name, error)
                       : fail_decode(code, name, error);
    if (status == NCA_OK) {
        status = header.bit_depth == 16
                     ? read_16_bits(&picture.samples, context, &header, name, error)
                     : read_8_bits(&picture.image, context, &header, name, error);
    }
    if (status == NCA_OK) {
        *out = picture;
    }
    spng.ctx_free(context);
    free(copy);
    return status;
}

/* The smallest number of samples per pixel that can represent the image: 1 grey, 3 RGB, 4 RGBA. */
static size_t samples_needed(const nca_image *image)
{
    size_t samples = 1;
    const uint8_t *pixel = image->pixels;
    for (size_t i = 0; i < image->width * image->height; i++, pixel += 4) {
        if (pixel[3] != 255) {
            return 4;
        }
        if (pixel[0] != pixel[1] || pixel[1] != pixel[2]) {
            samples = 3;
        }
    }
    return samples;
}

/* Copies the image with that number of samples per pixel to a new buffer; NULL if out of memory. */
static uint8_t *pack(const nca_image *image, size_t samples)
{
    size_t count = image->width * image->height;
    uint8_t *packed = malloc(count * samples);
    for (size_t i = 0; packed != NULL && i < count; i++) {
        memcpy(packed + i * samples, image->pixels + i * 4, samples);
    }
    return packed;
}

nca_status nca__png_encode(uint8_t **out_bytes, size_t *out_size, const nca_image *image,
                           const char *name, nca_error *error)
{
    static const uint8_t types[] = {[1] = SPNG_COLOR_TYPE_GRAYSCALE,
                                    [3] = SPNG_COLOR_TYPE_TRUECOLOR,
                                    [4] = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA};
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t samples = samples_needed(image);
    uint8_t *packed = pack(image, samples);
    spng_ctx *context = spng.ctx_new(SPNG_CTX_ENCODER);
    if (context == NULL || packed == NULL) {
        spng.ctx_free(context);
        free(packed);
        return nca__fail_memory(error, name, image->width * image->height * samples);
    }
    struct spng_ihdr header = {
        .width = (uint32_t)image->width,
        .height = (uint32_t)image->height,
        .bit_depth = 8,
        .color_type = types[samples],
    };
    size_t size = 0;
    void *bytes = NULL;
    int code = spng.set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
    if (code == 0) {
        code = spng.set_option(context, SPNG_IMG_COMPRESSION_LEVEL, COMPRESSION_LEVEL);
    }
    if (code == 0) {
        code = spng.set_ihdr(context, &header);
    }
    if (code == 0) {
        code = spng.encode_image(context, packed, image->width * image->height * samples,
                                 SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    }
    if (code == 0) {
        bytes = spng.get_png_buffer(context, &size, &code);
    }
    if (code == SPNG_EMEM) {
        status = nca__fail_memory(error, name, image->width * image->height * 4);
    } else if (code != 0) {
        status = nca__fail(error, NCA_INVALID_ARGUMENT, "%s: cannot be encoded as a PNG: %s", name,
                           spng.strerror(code));
    } else {
        *out_bytes = bytes;
        *out_size = size;
    }
    spng.ctx_free(context);
    free(packed);
    return status;
}
