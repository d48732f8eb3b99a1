/* JPEG in, through libturbojpeg: grey, RGB, YCbCr, CMYK and YCCK, baseline and progressive. Knows
 * no paths. An orientation in EXIF data and colour profiles are ignored: the pixels come as they
 * are stored, as with Pillow's Image.open. */
#include <turbojpeg.h>

#include <stdbool.h>

#include "base/error.h"
#include "base/library.h"
#include "data/codec.h"

#define TURBOJPEG_FUNCTIONS(F) \
    F(tj, Decompress2)         \
    F(tj, DecompressHeader3)   \
    F(tj, Destroy)             \
    F(tj, GetErrorStr2)        \
    F(tj, InitDecompress)

static struct {
    TURBOJPEG_FUNCTIONS(NCA__LIBRARY_POINTER)
} turbojpeg;

static nca__library library = {
    .file = NCA_FILE_TURBOJPEG,
    .package = "libturbojpeg0",
    .purpose = "JPEG pictures",
    .names = (const char *const[]){TURBOJPEG_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &turbojpeg,
};

/* Stop at the first warning: a cut file warns, and libjpeg would fill the rest with grey. Files
 * with absurdly many scans, which take forever, are given up. */
enum {
    DECODE_FLAGS = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS,
    /* A block of coefficients takes a bit at least, and covers 32 x 32 pixels at most. */
    MOST_PIXELS_PER_BYTE = 8 * 32 * 32
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
                     name, turbojpeg.GetErrorStr2(handle));
}

/* A header is cheap to forge: before memory is taken for what it claims, the file must be long
 * enough to hold that much. (Arithmetic coding could pack a huge image of one colour tighter; it is
 * refused too, for nothing tells it from a forgery.) */
static nca_status check_claim(size_t width, size_t height, size_t size, const char *name,
                              nca_error *error)
{
    nca_status status = nca__image_check_size(name, width, height, error);
    if (status == NCA_OK && width * height / MOST_PIXELS_PER_BYTE > size) {
        status = nca__fail(error, NCA_FORMAT,
                           "%s: the JPEG claims %zu x %zu pixels, more than its %zu bytes can "
                           "hold; it is cut short or forged, get a fresh copy of it",
                           name, width, height, size);
    }
    return status;
}

nca_status nca__jpeg_decode(nca_image **out_image, const uint8_t *bytes, size_t size,
                            const char *name, nca_error *error)
{
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    tjhandle handle = turbojpeg.InitDecompress();
    if (handle == NULL) {
        return nca__fail_memory(error, name, 0);
    }
    nca_image *image = NULL;
    int width = 0, height = 0, subsampling = 0, colours = 0;
    if (turbojpeg.DecompressHeader3(handle, bytes, size, &width, &height, &subsampling, &colours) !=
        0) {
        status = fail_decode(handle, name, error);
        goto done;
    }
    status = check_claim((size_t)width, (size_t)height, size, name, error);
    if (status == NCA_OK) {
        status = nca_image_create(&image, (size_t)width, (size_t)height, error);
    }
    if (status != NCA_OK) {
        goto done;
    }
    bool four_inks = colours == TJCS_CMYK || colours == TJCS_YCCK;
    if (turbojpeg.Decompress2(handle, bytes, size, image->pixels, width, width * 4, height,
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
    turbojpeg.Destroy(handle);
    return status;
}
