/* One image under every corruption and strength as a labelled picture. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "data/labelled_pixels.h"
#include "nca/corruption.h"
#include "nca/picture.h"

enum {
    COLUMNS = NCA_CORRUPTION_STRENGTHS + 1,
    PLACES = NCA_CORRUPTION_COUNT * COLUMNS,
    PLACE_SIDE = 112, /* pixels of a picture, about */
    CAPTION = 32
};

typedef struct sheet_parts {
    nca_image *images[PLACES];
    char captions[PLACES][CAPTION]; /* the amounts */
} sheet_parts;

static nca_status fill(sheet_parts *parts, const uint8_t *image, size_t height, size_t width,
                       size_t channels, nca_corruption_options options, nca_error *error)
{
    uint8_t *pixels = malloc(height * width * channels + 1);
    nca_status status =
        pixels != NULL ? NCA_OK : nca__fail_memory(error, "an image", height * width * channels);
    for (size_t i = 0; status == NCA_OK && i < PLACES; i++) {
        const size_t strength = i % COLUMNS;
        options.kind = (nca_corruption)(i / COLUMNS);
        options.amount = nca_corruption_describe(options.kind)->amount[strength];
        status = nca_corrupt(pixels, image, 1, height, width, channels, &options, error);
        if (status == NCA_OK) {
            status = nca__pixels_image(&parts->images[i], pixels, height, width, channels, error);
        }
        snprintf(parts->captions[i], CAPTION, "%g%s", options.amount,
                 options.kind == NCA_CORRUPTION_ROTATION ? "°" : "");
    }
    free(pixels);
    return status;
}

static nca_status draw(const char *path, const sheet_parts *parts, size_t longer, const char *title,
                       nca_error *error)
{
    static const char *const columns[COLUMNS] = {"original",   "strength 1", "strength 2",
                                                 "strength 3", "strength 4", "strength 5"};
    const char *rows[NCA_CORRUPTION_COUNT], *captions[PLACES];
    const nca_image *cells[PLACES];
    for (size_t i = 0; i < PLACES; i++) {
        cells[i] = parts->images[i];
        captions[i] = parts->captions[i];
        rows[i / COLUMNS] = nca_corruption_describe((nca_corruption)(i / COLUMNS))->name;
    }
    nca_sheet sheet;
    nca_sheet_default(&sheet);
    sheet.rows = NCA_CORRUPTION_COUNT;
    sheet.columns = COLUMNS;
    sheet.cells = cells;
    sheet.row_labels = rows;
    sheet.column_labels = columns;
    sheet.captions = captions;
    sheet.scale = longer < PLACE_SIDE ? PLACE_SIDE / longer : 1;
    sheet.title = title;
    return nca_picture_sheet(path, &sheet, error);
}

nca_status nca_corruption_sheet(const char *path, const uint8_t *image, size_t height, size_t width,
                                size_t channels, uint64_t seed, uint32_t index, const char *title,
                                nca_error *error)
{
    if (channels != 1 && channels != 3) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: expected 1 or 3 channels, found %zu",
                         path, channels);
    }
    nca_corruption_options options;
    nca_corruption_options_default(&options);
    options.seed = seed;
    options.first = index;
    sheet_parts *parts = calloc(1, sizeof *parts);
    if (parts == NULL) {
        return nca__fail_memory(error, "a sheet of images", sizeof *parts);
    }
    nca_status status = fill(parts, image, height, width, channels, options, error);
    if (status == NCA_OK) {
        status = draw(path, parts, height > width ? height : width, title, error);
    }
    for (size_t i = 0; i < PLACES; i++) {
        nca_image_destroy(parts->images[i]);
    }
    free(parts);
    return status;
}
