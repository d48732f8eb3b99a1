/* Reads WebP files with libwebp: lossy and lossless, with alpha. Animations are refused; colour
 * profiles are ignored; the EXIF orientation is returned but not applied. */
#include <webp/decode.h>

#include "base/error.h"
#include "base/library.h"
#include "data/codec.h"
#include "data/exif_orientation.h"

#define WEBP_FUNCTIONS(F)   \
    F(WebP, DecodeRGBAInto) \
    F(WebP, GetFeaturesInternal)

static struct {
    WEBP_FUNCTIONS(NCA__LIBRARY_POINTER)
} webp;

static nca__library library = {
    .file = NCA_FILE_WEBP,
    .package = "libwebp7",
    .purpose = "WebP images",
    .names = (const char *const[]){WEBP_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &webp,
};

enum {
    /* A picture of one colour needs only a few bytes, so the size of the file is no limit. */
    MOST_PIXELS = 1 << 26
};

static uint32_t read_little_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

static nca_status fail_decode(VP8StatusCode code, const char *name, nca_error *error)
{
    if (code == VP8_STATUS_OUT_OF_MEMORY) {
        return nca__fail_memory(error, name, 0);
    }
    return nca__fail(error, NCA_FORMAT,
                     "%s: the WebP is truncated or damaged; get a fresh copy of it", name);
}

static nca_status check_header(const WebPBitstreamFeatures *found, const char *name,
                               nca_error *error)
{
    if (found->has_animation) {
        return nca__fail(
            error, NCA_UNSUPPORTED,
            "%s: expected a still image, found an animated WebP; save one of its frames as PNG",
            name);
    }
    const size_t width = found->width > 0 ? (size_t)found->width : 0;
    const size_t height = found->height > 0 ? (size_t)found->height : 0;
    nca_status status = nca__image_check_size(name, width, height, error);
    if (status == NCA_OK && width > MOST_PIXELS / height) {
        status = nca__fail(error, NCA_LIMIT,
                           "%s: expected a WebP of at most %d pixels, found %zu x %zu; make the "
                           "image smaller",
                           name, MOST_PIXELS, width, height);
    }
    return status;
}

nca_status nca__webp_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                            nca_error *error)
{
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    /* libwebp does not check the data after the pixels. */
    if (size < 12 || read_little_endian(bytes + 4) > size - 8) {
        return fail_decode(VP8_STATUS_NOT_ENOUGH_DATA, name, error);
    }
    WebPBitstreamFeatures found;
    const VP8StatusCode code =
        webp.GetFeaturesInternal(bytes, size, &found, WEBP_DECODER_ABI_VERSION);
    if (code != VP8_STATUS_OK) {
        return fail_decode(code, name, error);
    }
    nca_image *image = NULL;
    status = check_header(&found, name, error);
    if (status == NCA_OK) {
        status = nca_image_create(&image, (size_t)found.width, (size_t)found.height, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    if (webp.DecodeRGBAInto(bytes, size, image->pixels, image->width * image->height * 4,
                            found.width * 4) == NULL) {
        nca_image_destroy(image);
        return fail_decode(VP8_STATUS_BITSTREAM_ERROR, name, error);
    }
    *out = (nca__picture){.image = image, .orientation = nca__exif_of_webp(bytes, size)};
    return NCA_OK;
}
