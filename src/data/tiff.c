/* Reads TIFF files with libtiff: the first page of a file or the chosen one.
 *
 * Grey, RGB and RGBA of 8, 16 or 32 bits, integers and floats, in strips or tiles, are read with
 * all their bits. Everything else (one bit, palettes, CMYK, YCbCr, Lab) uses libtiff's own
 * conversion to 8-bit RGBA. The orientation is returned but not applied. */
#include <tiffio.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/library.h"
#include "data/codec.h"

#define TIFF_FUNCTIONS(F)                     \
    F(TIFF, ClientOpenExt)                    \
    F(TIFF, Close)                            \
    F(TIFF, GetField)                         \
    F(TIFF, GetFieldDefaulted)                \
    F(TIFF, GetStrileByteCount)               \
    F(TIFF, GetStrileOffset)                  \
    F(TIFF, IsTiled)                          \
    F(TIFF, NumberOfDirectories)              \
    F(TIFF, OpenOptionsAlloc)                 \
    F(TIFF, OpenOptionsFree)                  \
    F(TIFF, OpenOptionsSetErrorHandlerExtR)   \
    F(TIFF, OpenOptionsSetMaxSingleMemAlloc)  \
    F(TIFF, OpenOptionsSetWarningHandlerExtR) \
    F(TIFF, RGBAImageOK)                      \
    F(TIFF, ReadEncodedStrip)                 \
    F(TIFF, ReadEncodedTile)                  \
    F(TIFF, ReadRGBAImageOriented)            \
    F(TIFF, SetDirectory)                     \
    F(TIFF, StripSize64)                      \
    F(TIFF, TileSize64)

static struct {
    TIFF_FUNCTIONS(NCA__LIBRARY_POINTER)
} tiff;

static nca__library library = {
    .file = NCA_FILE_TIFF,
    .package = "libtiff6",
    .purpose = "TIFF images",
    .names = (const char *const[]){TIFF_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &tiff,
};

enum {
    MOST_BLOCK_BYTES = 1 << 28, /* bytes of a strip or a tile */
    MOST_CHANNELS = 4
};

/* ---- The file in memory ----------------------------------------------------------------------*/

typedef struct reader {
    const uint8_t *bytes;
    uint64_t size, at;
    char problem[160]; /* libtiff's first error */
} reader;

static tmsize_t read_bytes(thandle_t handle, void *out, tmsize_t count)
{
    reader *r = handle;
    uint64_t left = r->at < r->size ? r->size - r->at : 0;
    uint64_t part = count < 0 ? 0 : (uint64_t)count < left ? (uint64_t)count : left;
    memcpy(out, r->bytes + (part > 0 ? r->at : 0), (size_t)part);
    r->at += part;
    return (tmsize_t)part;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t count)
{
    (void)handle;
    (void)bytes;
    (void)count;
    return -1;
}

static toff_t seek_bytes(thandle_t handle, toff_t offset, int whence)
{
    reader *r = handle;
    r->at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? r->at + offset : r->size + offset;
    return r->at;
}

static int close_nothing(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_of(thandle_t handle)
{
    return ((reader *)handle)->size;
}

/* libtiff's handlers; returning 1 prevents its default handlers, which print, from being called. */
static int hear_error(TIFF *file, void *user, const char *module, const char *format, va_list list)
{
    reader *r = user;
    (void)file;
    (void)module;
    if (r->problem[0] == 0) {
        vsnprintf(r->problem, sizeof r->problem, format, list);
        nca__clean_text(r->problem);
    }
    return 1;
}

static int ignore_warning(TIFF *file, void *user, const char *module, const char *format,
                          va_list list)
{
    (void)file;
    (void)user;
    (void)module;
    (void)format;
    (void)list;
    return 1;
}

static TIFF *open_memory(reader *r, const char *name)
{
    TIFFOpenOptions *options = tiff.OpenOptionsAlloc();
    if (options == NULL) {
        return NULL;
    }
    tiff.OpenOptionsSetErrorHandlerExtR(options, hear_error, r);
    tiff.OpenOptionsSetWarningHandlerExtR(options, ignore_warning, r);
    tiff.OpenOptionsSetMaxSingleMemAlloc(options, MOST_BLOCK_BYTES);
    /* 'm': no memory mapping, 'r': read only. */
    TIFF *file = tiff.ClientOpenExt(name, "rm", r, read_bytes, write_nothing, seek_bytes,
                                    close_nothing, size_of, NULL, NULL, options);
    tiff.OpenOptionsFree(options);
    return file;
}

static nca_status fail_decode(const reader *r, const char *name, nca_error *error)
{
    return nca__fail(error, NCA_FORMAT,
                     "%s: the TIFF is truncated, damaged or of a kind that is not supported (%s); "
                     "save it again as PNG",
                     name, r->problem[0] != 0 ? r->problem : "unknown reason");
}

/* ---- The properties of a page ---------------------------------------------------------------- */

typedef struct page {
    uint32_t width, height;
    uint16_t bits, channels, format, photometric, planar, orientation;
    uint16_t colours; /* 1 or 3 of the channels are colours */
    bool has_alpha, premultiplied;
    bool tiled;
    uint32_t block_width, block_height; /* size of a strip or a tile */
} page;

/* Determines the channels after the colours: alpha, or channels without a meaning. */
static void read_extra(page *p, TIFF *file)
{
    uint16_t count = 0;
    const uint16_t *kinds = NULL;
    tiff.GetFieldDefaulted(file, TIFFTAG_EXTRASAMPLES, &count, &kinds);
    const uint16_t kind = count > 0 && kinds != NULL ? kinds[0] : EXTRASAMPLE_UNSPECIFIED;
    p->has_alpha = p->channels > p->colours &&
                   (kind == EXTRASAMPLE_ASSOCALPHA || kind == EXTRASAMPLE_UNASSALPHA);
    p->premultiplied = kind == EXTRASAMPLE_ASSOCALPHA;
}

static nca_status read_page(page *p, TIFF *file, const reader *r, const char *name,
                            nca_error *error)
{
    *p = (page){.photometric = PHOTOMETRIC_MINISBLACK};
    if (tiff.GetField(file, TIFFTAG_IMAGEWIDTH, &p->width) == 0 ||
        tiff.GetField(file, TIFFTAG_IMAGELENGTH, &p->height) == 0) {
        return fail_decode(r, name, error);
    }
    tiff.GetFieldDefaulted(file, TIFFTAG_BITSPERSAMPLE, &p->bits);
    tiff.GetFieldDefaulted(file, TIFFTAG_SAMPLESPERPIXEL, &p->channels);
    tiff.GetFieldDefaulted(file, TIFFTAG_SAMPLEFORMAT, &p->format);
    tiff.GetFieldDefaulted(file, TIFFTAG_PLANARCONFIG, &p->planar);
    tiff.GetFieldDefaulted(file, TIFFTAG_ORIENTATION, &p->orientation);
    tiff.GetField(file, TIFFTAG_PHOTOMETRIC, &p->photometric);
    p->colours = p->photometric == PHOTOMETRIC_RGB ? 3 : 1;
    p->tiled = tiff.IsTiled(file) != 0;
    if (p->tiled) {
        tiff.GetField(file, TIFFTAG_TILEWIDTH, &p->block_width);
        tiff.GetField(file, TIFFTAG_TILELENGTH, &p->block_height);
    } else {
        p->block_width = p->width;
        tiff.GetFieldDefaulted(file, TIFFTAG_ROWSPERSTRIP, &p->block_height);
        p->block_height = p->block_height < p->height ? p->block_height : p->height;
    }
    read_extra(p, file);
    return nca__image_check_size(name, p->width, p->height, error);
}

/* Whether the samples are read without libtiff's conversion. */
static bool is_plain(const page *p)
{
    const bool grey =
        p->photometric == PHOTOMETRIC_MINISBLACK || p->photometric == PHOTOMETRIC_MINISWHITE;
    const bool whole = p->format == SAMPLEFORMAT_UINT || p->format == SAMPLEFORMAT_INT;
    return (grey || p->photometric == PHOTOMETRIC_RGB) &&
           ((whole && (p->bits == 8 || p->bits == 16 || p->bits == 32)) ||
            (p->format == SAMPLEFORMAT_IEEEFP && (p->bits == 32 || p->bits == 64)));
}

static nca_status check_channels(const page *p, const char *name, nca_error *error)
{
    /* RGB with an unspecified fourth channel is common; grey with unspecified channels comes from
     * microscopes. */
    if (p->channels < p->colours || p->channels > MOST_CHANNELS ||
        (p->colours == 1 && p->channels > 1 && !p->has_alpha)) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: expected a greyscale or RGB TIFF, with or without alpha, found %u "
                         "channels; save one channel, or the colour channels, as a separate file",
                         name, (unsigned)p->channels);
    }
    return NCA_OK;
}

/* ---- Samples without conversion -------------------------------------------------------------- */

/* A sample in this machine's byte order, to which libtiff has converted the file's. */
static float sample_at(const uint8_t *bytes, size_t index, const page *p)
{
    switch (p->bits | (unsigned)p->format << 8) {
#define CASE(bits, kind, c_type)                                    \
    case bits | SAMPLEFORMAT_##kind << 8: {                         \
        c_type value;                                               \
        memcpy(&value, bytes + index * sizeof value, sizeof value); \
        return (float)value;                                        \
    }
        CASE(8, UINT, uint8_t)
        CASE(16, UINT, uint16_t)
        CASE(32, UINT, uint32_t)
        CASE(8, INT, int8_t)
        CASE(16, INT, int16_t)
        CASE(32, INT, int32_t)
        CASE(32, IEEEFP, float)
        CASE(64, IEEEFP, double)
#undef CASE
    default:
        return 0;
    }
}

/* Copies the channels of a block at (left, top) to the picture: all of them, or one plane. */
static void copy_block(nca__samples *samples, const uint8_t *block, const page *p, uint32_t left,
                       uint32_t top, unsigned plane)
{
    const bool separate = p->planar == PLANARCONFIG_SEPARATE;
    const size_t each = separate ? 1 : p->channels;
    const size_t used = p->colours + (p->has_alpha ? 1u : 0u);
    for (size_t y = 0; y < p->block_height && top + y < p->height; y++) {
        float *pixel = samples->rgba + ((top + y) * p->width + left) * 4;
        for (size_t x = 0; x < p->block_width && left + x < p->width; x++, pixel += 4) {
            const size_t at = (y * p->block_width + x) * each;
            for (size_t c = separate ? plane : 0; c < (separate ? plane + 1 : each); c++) {
                if (c < used) {
                    pixel[c < p->colours ? c : 3] = sample_at(block, at + (separate ? 0 : c), p);
                }
            }
        }
    }
}

/* For a strip or tile that is missing in the directory, libtiff may assume one at offset 0. */
static nca_status read_block(uint8_t *block, size_t size, TIFF *file, uint32_t index, const page *p,
                             reader *r, const char *name, nca_error *error)
{
    if (tiff.GetStrileOffset(file, index) == 0 || tiff.GetStrileByteCount(file, index) == 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: strip or tile %u of the TIFF is missing; the file is truncated or "
                         "damaged, get a fresh copy of it",
                         name, (unsigned)index);
    }
    const tmsize_t got = p->tiled ? tiff.ReadEncodedTile(file, index, block, (tmsize_t)size)
                                  : tiff.ReadEncodedStrip(file, index, block, (tmsize_t)size);
    return got < 0 || r->problem[0] != 0 ? fail_decode(r, name, error) : NCA_OK;
}

static nca_status read_blocks(nca__samples *samples, TIFF *file, const page *p, reader *r,
                              const char *name, nca_error *error)
{
    const uint64_t size = p->tiled ? tiff.TileSize64(file) : tiff.StripSize64(file);
    const bool separate = p->planar == PLANARCONFIG_SEPARATE;
    const uint64_t needed =
        (uint64_t)p->block_width * p->block_height * (separate ? 1u : p->channels) * (p->bits / 8u);
    if (size == 0 || size > MOST_BLOCK_BYTES || p->block_width == 0 || p->block_height == 0 ||
        needed > size) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: the TIFF declares strips or tiles of %u x %u pixels, more than can "
                         "be read at once; save it again as PNG",
                         name, (unsigned)p->block_width, (unsigned)p->block_height);
    }
    uint8_t *block = calloc(1, (size_t)size);
    if (block == NULL) {
        return nca__fail_memory(error, name, (size_t)size);
    }
    uint32_t index = 0;
    nca_status status = NCA_OK;
    const unsigned planes = separate ? p->channels : 1;
    for (unsigned plane = 0; plane < planes; plane++) {
        for (uint32_t top = 0; status == NCA_OK && top < p->height; top += p->block_height) {
            for (uint32_t left = 0; status == NCA_OK && left < p->width; left += p->block_width) {
                status = read_block(block, (size_t)size, file, index++, p, r, name, error);
                if (status == NCA_OK) {
                    copy_block(samples, block, p, left, top, plane);
                }
            }
        }
    }
    free(block);
    return status;
}

/* Converts to straight colours: one channel is copied to three, pixels without alpha are opaque,
 * and black is at the low end. */
static void finish_pixels(nca__samples *samples, const page *p)
{
    const float high = samples->high, opaque = samples->opaque;
    float *pixel = samples->rgba;
    for (size_t i = 0; i < samples->width * samples->height; i++, pixel += 4) {
        if (p->photometric == PHOTOMETRIC_MINISWHITE) {
            pixel[0] = high - pixel[0];
        }
        if (p->colours == 1) {
            pixel[1] = pixel[2] = pixel[0];
        }
        if (!p->has_alpha) {
            pixel[3] = opaque;
            continue;
        }
        pixel[3] = pixel[3] > 0 ? pixel[3] < opaque ? pixel[3] : opaque : 0;
        for (size_t c = 0; c < 3 && p->premultiplied && pixel[3] > 0; c++) {
            pixel[c] = pixel[c] * opaque / pixel[3];
        }
    }
}

static nca_status read_plain(nca__picture *out, TIFF *file, const page *p, reader *r,
                             const char *name, nca_error *error)
{
    nca__samples *samples = NULL;
    nca_status status = check_channels(p, name, error);
    if (status == NCA_OK) {
        status = nca__samples_create(&samples, p->width, p->height, name, error);
    }
    if (status == NCA_OK) {
        const bool natural = p->format == SAMPLEFORMAT_UINT && p->bits <= 16;
        samples->high = natural ? (float)((1 << p->bits) - 1) : 0;
        samples->opaque = natural ? samples->high : 1;
        status = read_blocks(samples, file, p, r, name, error);
    }
    if (status == NCA_OK) {
        status = nca__samples_check_finite(samples, p->has_alpha, name, error);
    }
    if (status != NCA_OK) {
        nca__samples_destroy(samples);
        return status;
    }
    finish_pixels(samples, p);
    out->samples = samples;
    return NCA_OK;
}

/* ---- Everything else -------------------------------------------------------------------------*/

/* libtiff packs a pixel as A << 24 | B << 16 | G << 8 | R. */
static nca_status read_converted(nca__picture *out, TIFF *file, const page *p, const reader *r,
                                 const char *name, nca_error *error)
{
    char reason[1024] = "";
    nca_image *image = NULL;
    if (tiff.RGBAImageOK(file, reason) == 0) {
        nca__clean_text(reason);
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: this kind of TIFF is not supported (%.200s); save it again as PNG",
                         name, reason);
    }
    if (p->width > NCA__SAMPLES_MAX_PIXELS / p->height) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected a TIFF of at most %d pixels, found %u x %u; make the image "
                         "smaller",
                         name, NCA__SAMPLES_MAX_PIXELS, (unsigned)p->width, (unsigned)p->height);
    }
    nca_status status = nca_image_create(&image, p->width, p->height, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t count = image->width * image->height;
    uint32_t *raster = calloc(count, sizeof *raster);
    if (raster == NULL) {
        nca_image_destroy(image);
        return nca__fail_memory(error, name, count * sizeof *raster);
    }
    /* If requested in its own orientation, the picture is returned as it is stored. */
    if (tiff.ReadRGBAImageOriented(file, p->width, p->height, raster, p->orientation, 1) == 0 ||
        r->problem[0] != 0) {
        status = fail_decode(r, name, error);
    }
    for (size_t i = 0; status == NCA_OK && i < count; i++) {
        uint8_t *pixel = image->pixels + i * 4;
        for (unsigned c = 0; c < 4; c++) {
            pixel[c] = (uint8_t)(raster[i] >> 8 * c);
        }
    }
    free(raster);
    if (status != NCA_OK) {
        nca_image_destroy(image);
        return status;
    }
    out->image = image;
    return NCA_OK;
}

/* ---- A file ----------------------------------------------------------------------------------*/

/* Pages are slices along z. */
static nca_status choose_page(TIFF *file, const nca__slice_choice *choice, char *notice,
                              const reader *r, const char *name, nca_error *error)
{
    if (choice->has_axis && choice->axis != NCA_AXIS_Z) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: a TIFF has slices along z only (its pages); found axis=%s", name,
                         nca_axis_name(choice->axis));
    }
    const size_t pages = tiff.NumberOfDirectories(file);
    if (choice->has_slice && choice->slice >= pages) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "%s: the TIFF has %zu page%s; expected a slice of 0 to %zu, found slice %zu", name,
            pages, pages == 1 ? "" : "s", pages > 0 ? pages - 1 : 0, choice->slice);
    }
    if (!choice->has_slice && pages > 1) {
        snprintf(notice, NCA__NOTICE_SIZE,
                 "the first of %zu pages is used; \"?slice=N\" after the name selects another",
                 pages);
    }
    const tdir_t index = (tdir_t)(choice->has_slice ? choice->slice : 0);
    return tiff.SetDirectory(file, index) != 0 ? NCA_OK : fail_decode(r, name, error);
}

nca_status nca__tiff_decode(nca__picture *out, const uint8_t *bytes, size_t size, const char *name,
                            const nca__slice_choice *choice, nca_error *error)
{
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    reader r = {.bytes = bytes, .size = size};
    TIFF *file = open_memory(&r, name);
    if (file == NULL) {
        return fail_decode(&r, name, error);
    }
    page p;
    nca__picture picture = {0};
    status = choose_page(file, choice, picture.notice, &r, name, error);
    if (status == NCA_OK) {
        status = read_page(&p, file, &r, name, error);
    }
    if (status == NCA_OK) {
        picture.orientation = p.orientation <= 8 ? p.orientation : 1;
        status = is_plain(&p) ? read_plain(&picture, file, &p, &r, name, error)
                              : read_converted(&picture, file, &p, &r, name, error);
    }
    tiff.Close(file);
    if (status == NCA_OK) {
        *out = picture;
    }
    return status;
}
