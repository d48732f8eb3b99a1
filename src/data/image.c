/* The image object, detection of the format, and loading and saving by path. */
#include "nca/image.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "data/codec.h"
#include "data/exif_orientation.h"

static const size_t max_pixels = (size_t)1 << 28;
static const size_t max_file_bytes = (size_t)1 << 30;

/* ---- The object ------------------------------------------------------------------------------*/

nca_status nca__image_check_size(const char *name, size_t width, size_t height, nca_error *error)
{
    if (width == 0 || height == 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: expected an image of at least 1 x 1 pixels, found %zu x %zu", name,
                         width, height);
    }
    if (width > NCA_IMAGE_MAX_SIDE || height > NCA_IMAGE_MAX_SIDE || width > max_pixels / height) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected at most %d pixels per side and %zu in total, found %zu x "
                         "%zu; make the image smaller",
                         name, NCA_IMAGE_MAX_SIDE, max_pixels, width, height);
    }
    return NCA_OK;
}

nca_status nca_image_create(nca_image **out_image, size_t width, size_t height, nca_error *error)
{
    nca_status status = nca__image_check_size("a new image", width, height, error);
    if (status != NCA_OK) {
        /* Here the caller's number is wrong, not a file. */
        return status == NCA_FORMAT ? nca__fail_in(error, NCA_INVALID_ARGUMENT, "nca_image_create")
                                    : status;
    }
    nca_image *image = malloc(sizeof *image);
    uint8_t *pixels = calloc(width * height, 4);
    if (image == NULL || pixels == NULL) {
        free(image);
        free(pixels);
        return nca__fail_memory(error, "an image", width * height * 4);
    }
    *image = (nca_image){.width = width, .height = height, .pixels = pixels};
    *out_image = image;
    return NCA_OK;
}

void nca_image_destroy(nca_image *image)
{
    if (image != NULL) {
        free(image->pixels);
        free(image);
    }
}

nca_status nca_image_scale_nearest(nca_image **out_image, const nca_image *image, size_t factor,
                                   nca_error *error)
{
    /* Divides instead of multiplying, because the factor may overflow. */
    if (factor == 0 || factor > NCA_IMAGE_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "nca_image_scale_nearest: expected a factor from 1 to %d, found %zu",
                         NCA_IMAGE_MAX_SIDE, factor);
    }
    nca_image *scaled = NULL;
    nca_status status =
        nca_image_create(&scaled, image->width * factor, image->height * factor, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t y = 0; y < scaled->height; y++) {
        uint8_t *row = scaled->pixels + y * scaled->width * 4;
        if (y % factor != 0) {
            memcpy(row, row - scaled->width * 4, scaled->width * 4);
            continue;
        }
        const uint8_t *source = image->pixels + y / factor * image->width * 4;
        for (size_t x = 0; x < image->width; x++) {
            for (size_t i = 0; i < factor; i++) {
                memcpy(row, source + x * 4, 4);
                row += 4;
            }
        }
    }
    *out_image = scaled;
    return NCA_OK;
}

/* ---- Files -----------------------------------------------------------------------------------*/

typedef struct signature {
    const char *what;
    size_t offset, length;
    const char *bytes;
} signature;

static const signature png_signature = {"a PNG", 0, 8, "\x89PNG\r\n\x1a\n"};
static const signature jpeg_signature = {"a JPEG", 0, 3, "\xff\xd8\xff"};
static const signature webp_signature = {"a WebP", 8, 4, "WEBP"};
static const signature npy_signature = {"a NumPy array", 0, 6, "\x93NUMPY"};
/* TIFF of either byte order, and BigTIFF. */
static const signature tiff_signatures[] = {{"a TIFF", 0, 4, "II*\0"},
                                            {"a TIFF", 0, 4, "MM\0*"},
                                            {"a TIFF", 0, 4, "II+\0"},
                                            {"a TIFF", 0, 4, "MM\0+"}};

static const char zip_start[] = "PK\3\4";

/* Formats that users pass by mistake; the message names them. */
static const signature other_signatures[] = {
    {"a GIF", 0, 4, "GIF8"},
    {"a BMP", 0, 2, "BM"},
    {"a HEIC or AVIF", 4, 4, "ftyp"},
    {"a JPEG 2000", 4, 4, "jP  "},
    {"a JPEG XL", 0, 2, "\xff\x0a"},
    {"an OpenEXR", 0, 4, "v/1\x01"},
    {"a DICOM file", 128, 4, "DICM"},
    {"a NIfTI volume", 344, 4, "n+1"},
    {"a gzip file (a compressed NIfTI?)", 0, 2, "\x1f\x8b"},
    {"a PDF", 0, 5, "%PDF-"},
    {"an SVG", 0, 4, "<svg"},
    {"XML", 0, 5, "<?xml"},
};

static bool has_signature(const uint8_t *bytes, size_t size, const signature *wanted)
{
    return size >= wanted->offset + wanted->length &&
           memcmp(bytes + wanted->offset, wanted->bytes, wanted->length) == 0;
}

static nca_status refuse_unknown(const uint8_t *bytes, size_t size, const char *name,
                                 nca_error *error)
{
    if (size == 0) {
        return nca__fail(error, NCA_FORMAT, "%s: expected an image, found an empty file", name);
    }
    if (size >= 4 && memcmp(bytes, zip_start, 4) == 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: expected an image, found a zip archive; the name of an image in a "
                         "NumPy archive is medmnist:%s/train/0",
                         name, name);
    }
    for (size_t i = 0; i < sizeof other_signatures / sizeof *other_signatures; i++) {
        if (has_signature(bytes, size, &other_signatures[i])) {
            return nca__fail(
                error, NCA_FORMAT,
                "%s: expected a PNG, JPEG, TIFF, WebP or .npy file, found %s; convert it to PNG",
                name, other_signatures[i].what);
        }
    }
    return nca__fail(error, NCA_FORMAT,
                     "%s: expected a PNG, JPEG, TIFF, WebP or .npy file, found an unknown format "
                     "(first byte 0x%02x); convert it to PNG",
                     name, bytes[0]);
}

static nca_status refuse_slices(const char *name, nca_error *error)
{
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%s: only .npy and .tif files and volumes of MedMNIST have slices; remove the "
                     "\"?\" and what follows it",
                     name);
}

nca_status nca__picture_decode(nca__picture *out, const uint8_t *bytes, size_t size,
                               const char *name, const nca__slice_choice *choice, nca_error *error)
{
    const bool is_webp =
        has_signature(bytes, size, &webp_signature) && memcmp(bytes, "RIFF", 4) == 0;
    const bool is_flat = is_webp || has_signature(bytes, size, &png_signature) ||
                         has_signature(bytes, size, &jpeg_signature);
    if (is_flat && (choice->has_axis || choice->has_slice)) {
        return refuse_slices(name, error);
    }
    if (has_signature(bytes, size, &png_signature)) {
        return nca__png_decode(out, bytes, size, name, error);
    }
    if (has_signature(bytes, size, &jpeg_signature)) {
        return nca__jpeg_decode(out, bytes, size, name, error);
    }
    if (is_webp) {
        return nca__webp_decode(out, bytes, size, name, error);
    }
    if (has_signature(bytes, size, &npy_signature)) {
        return nca__npy_decode(out, bytes, size, name, choice, error);
    }
    for (size_t i = 0; i < sizeof tiff_signatures / sizeof *tiff_signatures; i++) {
        if (has_signature(bytes, size, &tiff_signatures[i])) {
            return nca__tiff_decode(out, bytes, size, name, choice, error);
        }
    }
    return refuse_unknown(bytes, size, name, error);
}

/* The position where the path ends and the choice of a slice begins; NULL if there is no choice. */
static const char *find_choice(const char *path)
{
    const char *mark = strrchr(path, '?');
    static const char *const endings[] = {".npy", ".tif", ".tiff"};
    for (size_t i = 0; mark != NULL && i < sizeof endings / sizeof *endings; i++) {
        const size_t length = strlen(endings[i]);
        if ((size_t)(mark - path) > length && strncasecmp(mark - length, endings[i], length) == 0) {
            return mark;
        }
    }
    return NULL;
}

static nca_status load_slice(nca__picture *out, const char *path, const nca__slice_choice *choice,
                             nca_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_status status = nca__file_read(&bytes, &size, path, max_file_bytes, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca__picture_decode(out, bytes, size, path, choice, error);
    free(bytes);
    return status;
}

/* Whether the path does not exist, but does without the choice of a slice at its end. */
static bool names_slice_of_file(const char *path)
{
    const char *mark = strrchr(path, '?');
    const bool is_choice =
        mark != NULL && (strncmp(mark + 1, "slice", 5) == 0 || strncmp(mark + 1, "axis", 4) == 0);
    if (!is_choice || access(path, F_OK) == 0) {
        return false;
    }
    char *file = strndup(path, (size_t)(mark - path));
    const bool exists = file != NULL && access(file, F_OK) == 0;
    free(file);
    return exists;
}

nca_status nca__picture_load(nca__picture *out, const char *path, nca_error *error)
{
    nca__slice_choice choice = {0};
    const char *mark = find_choice(path);
    if (mark == NULL) {
        return names_slice_of_file(path) ? refuse_slices(path, error)
                                         : load_slice(out, path, &choice, error);
    }
    nca_status status = nca__slice_choice_parse(&choice, mark + 1, error);
    if (status != NCA_OK) {
        return nca__fail_in(error, status, "%.400s", path);
    }
    char *file = strndup(path, (size_t)(mark - path));
    if (file == NULL) {
        return nca__fail_memory(error, path, strlen(path));
    }
    status = load_slice(out, file, &choice, error);
    free(file);
    return status;
}

void nca__picture_clear(nca__picture *picture)
{
    nca_image_destroy(picture->image);
    nca__samples_destroy(picture->samples);
    *picture = (nca__picture){0};
}

nca_status nca__picture_turn(nca__picture *picture, nca_error *error)
{
    nca_image *image = picture->image;
    nca__samples *samples = picture->samples;
    void *pixels = image != NULL ? (void *)image->pixels : (void *)samples->rgba;
    size_t width = image != NULL ? image->width : samples->width;
    size_t height = image != NULL ? image->height : samples->height;
    nca_status status =
        nca__exif_turn(&pixels, &width, &height, image != NULL ? 4 : 4 * sizeof *samples->rgba,
                       picture->orientation, error);
    if (image != NULL) {
        *image = (nca_image){width, height, pixels};
    } else {
        samples->rgba = pixels;
        samples->width = width;
        samples->height = height;
    }
    return status;
}

/* Reduces more bits to 8: 16-bit values keep their high byte, as in most programs; other values
 * become the nearest of 256 levels. */
static nca_status keep_8_bits(nca_image **out_image, nca__reduction *out_how, nca__samples *samples,
                              nca_error *error)
{
    char notice[NCA__NOTICE_SIZE];
    const nca__window window = {NCA__WINDOW_FULL, 0, 0};
    if (samples->low < samples->high && samples->high > 255) {
        const float scale = samples->high + 1, opaque = samples->opaque;
        float highest = samples->low;
        for (size_t k = 0; k < samples->width * samples->height * 4; k++) {
            if (k % 4 != 3 && samples->rgba[k] > highest) {
                highest = samples->rgba[k];
            }
            const float full = k % 4 == 3 ? opaque + 1 : scale;
            samples->rgba[k] = floorf(samples->rgba[k] * 256 / full);
        }
        out_how->dark = highest < samples->high / 2;
        samples->high = samples->opaque = 255;
    }
    nca__samples_window(samples, &window, notice, sizeof notice);
    out_how->scaled = notice[0] != 0;
    return nca__samples_to_image(out_image, samples, NCA_COLORMAP_GREY, error);
}

/* Takes ownership of the pixels, also on failure. */
static nca_status finish(nca_image **out_image, nca__reduction *out_how, nca__picture *picture,
                         nca_error *error)
{
    nca_status status = nca__picture_turn(picture, error);
    if (status == NCA_OK && picture->image != NULL) {
        *out_image = picture->image;
        picture->image = NULL;
    } else if (status == NCA_OK) {
        status = keep_8_bits(out_image, out_how, picture->samples, error);
    }
    nca__picture_clear(picture);
    return status;
}

nca_status nca_image_decode(nca_image **out_image, const void *bytes, size_t size, const char *name,
                            nca_error *error)
{
    nca__picture picture = {0};
    nca__reduction how = {0};
    const nca__slice_choice choice = {0};
    nca_status status = nca__picture_decode(&picture, bytes, size, name, &choice, error);
    return status == NCA_OK ? finish(out_image, &how, &picture, error) : status;
}

nca_status nca__image_load(nca_image **out_image, nca__reduction *out_how, const char *path,
                           nca_error *error)
{
    nca__picture picture = {0};
    *out_how = (nca__reduction){0};
    nca_status status = nca__picture_load(&picture, path, error);
    return status == NCA_OK ? finish(out_image, out_how, &picture, error) : status;
}

nca_status nca_image_load(nca_image **out_image, const char *path, nca_error *error)
{
    nca__reduction how;
    return nca__image_load(out_image, &how, path, error);
}

nca_status nca_image_encode_png(uint8_t **out_bytes, size_t *out_size, const nca_image *image,
                                nca_error *error)
{
    return nca__png_encode(out_bytes, out_size, image, "a PNG in memory", error);
}

nca_status nca_image_save_png(const nca_image *image, const char *path, nca_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_status status = nca__png_encode(&bytes, &size, image, path, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca__file_write(path, bytes, size, error);
    free(bytes);
    return status;
}
