/* JPEG in, through libturbojpeg: grey, RGB, YCbCr, CMYK and YCCK, baseline and progressive. Knows
 * no paths. An orientation in EXIF data and colour profiles are ignored: the pixels come as they
 * are stored, as with Pillow's Image.open. */
#include <turbojpeg.h>

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "data/codec.h"

/* Stop at the first warning: a cut file warns, and libjpeg would fill the rest with grey. Files
 * with absurdly many scans, which take forever, are given up. */
enum {
    DECODE_FLAGS = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS
};

/* Whether an Adobe marker stands before the pixels. Adobe's programs store CMYK inverted, and so
 * does everybody after them who writes the marker. */
static bool has_adobe_marker(const uint8_t *bytes, size_t size)
{
    static const uint8_t app14 = 0xee, start_of_scan = 0xda;
    size_t at = 2;
    while (at + 4 <= size && bytes[at] == 0xff) {
        uint8_t marker = bytes[at + 1];
        if (marker == 0xff) { /* a fill byte */
            at++;
            continue;
        }
        size_t length = ((size_t)bytes[at + 2] << 8) | bytes[at + 3];
        if (marker == start_of_scan || length < 2) {
            return false;
        }
        if (marker == app14 && length >= 14 && at + 9 <= size &&
            memcmp(bytes + at + 4, "Adobe", 5) == 0) {
            return true;
        }
        at += 2 + length;
    }
    return false;
}

/* round(a * b / 255) for bytes. */
static unsigned multiply_255(unsigned a, unsigned b)
{
    unsigned product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/* In place, with the arithmetic of Pillow's convert("RGBA"). */
static void cmyk_to_rgba(nca_image *image, bool inverted)
{
    uint8_t *pixel = image->pixels;
    const uint8_t *end = pixel + image->width * image->height * 4;
    const uint8_t flip = inverted ? 0xff : 0;
    for (; pixel < end; pixel += 4) {
        unsigned light = 255u - (pixel[3] ^ flip);
        for (int i = 0; i < 3; i++) {
            pixel[i] = (uint8_t)(light - multiply_255(pixel[i] ^ flip, light));
        }
        pixel[3] = 255;
    }
}

static nca_status fail_decode(tjhandle handle, const char *name, nca_error *error)
{
    return nca__fail(error, NCA_FORMAT,
                     "%s: the JPEG is cut short, damaged or of a rare kind (%s); save it again "
                     "with an image editor",
                     name, tjGetErrorStr2(handle));
}

nca_status nca__jpeg_decode(nca_image **out_image, const uint8_t *bytes, size_t size,
                            const char *name, nca_error *error)
{
    tjhandle handle = tjInitDecompress();
    if (handle == NULL) {
        return nca__fail_memory(error, name, 0);
    }
    nca_image *image = NULL;
    int width = 0, height = 0, subsampling = 0, colours = 0;
    nca_status status = NCA_OK;
    if (tjDecompressHeader3(handle, bytes, size, &width, &height, &subsampling, &colours) != 0) {
        status = fail_decode(handle, name, error);
        goto done;
    }
    status = nca__image_check_size(name, (size_t)width, (size_t)height, error);
    if (status == NCA_OK) {
        status = nca_image_create(&image, (size_t)width, (size_t)height, error);
    }
    if (status != NCA_OK) {
        goto done;
    }
    bool four_inks = colours == TJCS_CMYK || colours == TJCS_YCCK;
    if (tjDecompress2(handle, bytes, size, image->pixels, width, width * 4, height,
                      four_inks ? TJPF_CMYK : TJPF_RGBA, DECODE_FLAGS) != 0) {
        status = fail_decode(handle, name, error);
        goto done;
    }
    if (four_inks) {
        cmyk_to_rgba(image, has_adobe_marker(bytes, size));
    }
    *out_image = image;
    image = NULL;
done:
    nca_image_destroy(image);
    tjDestroy(handle);
    return status;
}
