/* Reads JPEG files with libjpeg: grey, RGB, YCbCr, CMYK and YCCK; baseline, progressive and
 * arithmetic. Colour profiles are ignored; the EXIF orientation is returned but not applied.
 *
 * libjpeg reports many problems as warnings and continues. Warnings which mean that pixels were
 * invented (a premature end, invalid entropy data) are treated as errors. The others (bytes between
 * segments, as some phones write them, an unknown revision of JFIF, unusual scan parameters) do not
 * change pixels: they become a notice, and the picture is read as Pillow and viewers read it. */
#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs it */

#include <jpeglib.h>

#include <jerror.h>

#include "base/error.h"
#include "base/library.h"
#include "data/codec.h"
#include "data/exif_orientation.h"

#ifndef JCS_ALPHA_EXTENSIONS
#error "libjpeg-turbo's JCS_EXT_RGBA is needed"
#endif

#define JPEG_FUNCTIONS(F)        \
    F(jpeg_, CreateDecompress)   \
    F(jpeg_, destroy_decompress) \
    F(jpeg_, finish_decompress)  \
    F(jpeg_, mem_src)            \
    F(jpeg_, read_header)        \
    F(jpeg_, read_scanlines)     \
    F(jpeg_, start_decompress)   \
    F(jpeg_, std_error)

static struct {
    JPEG_FUNCTIONS(NCA__LIBRARY_POINTER)
} jpeg;

static nca__library library = {
    .file = NCA_FILE_JPEG,
    .package = "libjpeg62-turbo",
    .purpose = "JPEG images",
    .names = (const char *const[]){JPEG_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &jpeg,
};

enum {
    /* Limits files with extremely many scans, which would take very long. */
    MOST_SCANS = 500,
    /* A block of coefficients has at least one bit and covers at most 32 x 32 pixels. */
    MOST_PIXELS_PER_BYTE = 8 * 32 * 32
};

/* The state for libjpeg's callbacks. */
typedef struct decoder {
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct info;
    jmp_buf leave;
    bool too_many_scans;
    char message[JMSG_LENGTH_MAX]; /* the error that ended the decoding */
    char *notice;                  /* NCA__NOTICE_SIZE: the first warning */
} decoder;

/* ---- Callbacks of libjpeg -------------------------------------------------------------------- */

static decoder *decoder_of(j_common_ptr info)
{
    return (decoder *)info->client_data;
}

static void leave(j_common_ptr info)
{
    decoder *d = decoder_of(info);
    info->err->format_message(info, d->message);
    longjmp(d->leave, 1);
}

/* Whether the pixels after this warning are invented. */
static bool is_damage(int code)
{
    return code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
           code == JWRN_ARITH_BAD_CODE || code == JWRN_MUST_RESYNC;
}

/* level: negative for warnings, otherwise a trace message. */
static void hear(j_common_ptr info, int level)
{
    if (level >= 0) {
        return;
    }
    decoder *d = decoder_of(info);
    if (is_damage(info->err->msg_code)) {
        leave(info);
    }
    if (info->err->num_warnings++ == 0) {
        char text[JMSG_LENGTH_MAX];
        info->err->format_message(info, text);
        snprintf(d->notice, NCA__NOTICE_SIZE, "%s", text);
        nca__clean_text(d->notice);
    }
}

static void say_nothing(j_common_ptr info)
{
    (void)info;
}

static void watch_scans(j_common_ptr info)
{
    decoder *d = decoder_of(info);
    if (d->info.input_scan_number > MOST_SCANS) {
        d->too_many_scans = true;
        leave(info);
    }
}

/* ---- Errors ----------------------------------------------------------------------------------*/

static nca_status fail_decode(decoder *d, const char *name, nca_error *error)
{
    if (d->too_many_scans) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: expected a JPEG of at most %d scans, found more; save it again with "
                         "an image editor",
                         name, MOST_SCANS);
    }
    switch (d->errors.msg_code) {
    case JERR_OUT_OF_MEMORY:
        return nca__fail_memory(error, name, 0);
    case JERR_BAD_PRECISION:
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: expected a JPEG with 8 bits per sample, found %d bits; convert it to "
                         "a 16-bit PNG or TIFF",
                         name, d->errors.msg_parm.i[0]);
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOT_COMPILED:
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: this kind of JPEG is not supported (%s); convert it to PNG", name,
                         d->message);
    default:
        return nca__fail(error, NCA_FORMAT,
                         "%s: the JPEG is truncated or damaged (%s); get a fresh copy of it", name,
                         d->message);
    }
}

/* A header can contain any size, so before memory is allocated, the file must be long enough for
 * that many pixels. (Arithmetic coding could compress a huge image of one colour further; it is
 * refused too, because it cannot be distinguished from an invalid header.) */
static nca_status check_claim(size_t width, size_t height, size_t size, const char *name,
                              nca_error *error)
{
    nca_status status = nca__image_check_size(name, width, height, error);
    if (status == NCA_OK && width * height / MOST_PIXELS_PER_BYTE > size) {
        status = nca__fail(error, NCA_FORMAT,
                           "%s: the JPEG declares %zu x %zu pixels, more than its %zu bytes can "
                           "hold; it is truncated or invalid, get a fresh copy of it",
                           name, width, height, size);
    }
    return status;
}

/* ---- Pixels ----------------------------------------------------------------------------------*/

/* round(a * b / 255) for bytes. */
static unsigned multiply_255(unsigned a, unsigned b)
{
    unsigned product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/* Works in place. JPEG files usually store CMYK inverted, as Adobe's programs do, so each byte is
 * the remaining light. The arithmetic is that of Pillow's convert("RGBA"). */
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

static nca_status begin(decoder *d, const uint8_t *bytes, size_t size, const char *name,
                        nca_error *error)
{
    d->info.err = jpeg.std_error(&d->errors);
    d->info.client_data = d;
    d->errors.error_exit = leave;
    d->errors.emit_message = hear;
    d->errors.output_message = say_nothing;
    d->progress.progress_monitor = watch_scans;
    if (setjmp(d->leave) != 0) {
        return fail_decode(d, name, error);
    }
    jpeg.CreateDecompress(&d->info, JPEG_LIB_VERSION, sizeof d->info);
    d->info.progress = &d->progress;
    jpeg.mem_src(&d->info, bytes, (unsigned long)size);
    jpeg.read_header(&d->info, TRUE);
    return NCA_OK;
}

/* Reads into an image of the header's size. After setjmp returns again, only data reachable through
 * the arguments is used, because local variables may be undefined. */
static nca_status read_pixels(decoder *d, nca_image *image, const char *name, nca_error *error)
{
    if (setjmp(d->leave) != 0) {
        return fail_decode(d, name, error);
    }
    const bool inks = d->info.jpeg_color_space == JCS_CMYK || d->info.jpeg_color_space == JCS_YCCK;
    d->info.out_color_space = inks ? JCS_CMYK : JCS_EXT_RGBA;
    jpeg.start_decompress(&d->info);
    while (d->info.output_scanline < d->info.output_height) {
        JSAMPROW row = image->pixels + d->info.output_scanline * image->width * 4;
        jpeg.read_scanlines(&d->info, &row, 1);
    }
    jpeg.finish_decompress(&d->info);
    if (inks) {
        cmyk_to_rgba(image);
    }
    return NCA_OK;
}

nca_status nca__jpeg_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                            nca_error *error)
{
    char notice[NCA__NOTICE_SIZE] = "";
    decoder d = {.notice = notice};
    nca_image *image = NULL;
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    status = begin(&d, bytes, size, name, error);
    if (status == NCA_OK) {
        status = check_claim(d.info.image_width, d.info.image_height, size, name, error);
    }
    if (status == NCA_OK) {
        status = nca_image_create(&image, d.info.image_width, d.info.image_height, error);
    }
    if (status == NCA_OK) {
        status = read_pixels(&d, image, name, error);
    }
    jpeg.destroy_decompress(&d.info);
    if (status != NCA_OK) {
        nca_image_destroy(image);
        return status;
    }
    *out = (nca__picture){.image = image, .orientation = nca__exif_of_jpeg(bytes, size)};
    if (notice[0] != 0) {
        snprintf(out->notice, sizeof out->notice,
                 "the JPEG is unusual (%.180s); it is decoded as image viewers decode it", notice);
    }
    return NCA_OK;
}
