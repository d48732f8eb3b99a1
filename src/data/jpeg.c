/* JPEG in, through libturbojpeg: grey, RGB, YCbCr, CMYK and YCCK, baseline and progressive. Knows
 * no paths. An orientation in EXIF data and colour profiles are ignored: the pixels come as they
 * are stored, as with Pillow's Image.open. */
#include <turbojpeg.h>

#include <stdbool.h>

#include "base/error.h"
#include "data/codec.h"

/* Stop at the first warning: a cut file warns, and libjpeg would fill the rest with grey. Files
 * with absurdly many scans, which take forever, are given up. */
enum {
    DECODE_FLAGS = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS
};

/* round(a * b / 255) for bytes. */
static unsigned multiply_255(unsigned a, unsigned b)
{
    unsigned product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/* In place. JPEGs in the wild store CMYK inverted, as Adobe's programs do, so each byte is what is
 * left of the light; the arithmetic is that of Pillow's convert("RGBA"). */
static void cmyk_to_rgba(nca_image *image)
{
    uint8_t *pixel = image->pixels;
    const uint8_t *end = pixel + image->width * image->height * 4;
    for (; pixel < end; pixel += 4) {
        unsigned light = pixel[3];
        for (int i = 0; i < 3; i++) {
            pixel[i] = (uint8_t)(light - multiply_255(255u - pixel[i], light));
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
        cmyk_to_rgba(image);
    }
    *out_image = image;
    image = NULL;
done:
    nca_image_destroy(image);
    tjDestroy(handle);
    return status;
}
