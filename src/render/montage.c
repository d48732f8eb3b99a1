/* A plain grid of pictures. */
#include <string.h>

#include "base/error.h"
#include "nca/picture.h"

static nca_status check(const nca_image *const *pictures, size_t count, size_t rows, size_t columns,
                        nca_error *error)
{
    if (count == 0 || rows == 0 || columns == 0 || rows > NCA_IMAGE_MAX_SIDE ||
        columns > NCA_IMAGE_MAX_SIDE || count > rows * columns) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "nca_picture_montage: expected at least 1 picture and a grid that holds "
                         "all, found %zu for a grid of %zu x %zu",
                         count, rows, columns);
    }
    for (size_t i = 1; i < count; i++) {
        if (pictures[i]->width != pictures[0]->width ||
            pictures[i]->height != pictures[0]->height) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "nca_picture_montage: expected pictures of one size, found %zu x %zu "
                             "and %zu x %zu",
                             pictures[0]->width, pictures[0]->height, pictures[i]->width,
                             pictures[i]->height);
        }
    }
    return NCA_OK;
}

nca_status nca_picture_montage(nca_image **out_image, const nca_image *const *pictures,
                               size_t count, size_t rows, size_t columns, nca_error *error)
{
    nca_status status = check(pictures, count, rows, columns, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t width = pictures[0]->width, height = pictures[0]->height;
    nca_image *grid = NULL;
    status = nca_image_create(&grid, columns * width, rows * height, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t i = 0; i < grid->width * grid->height; i++) {
        grid->pixels[i * 4 + 3] = 255;
    }
    for (size_t i = 0; i < count; i++) {
        size_t left = i % columns * width, top = i / columns * height;
        for (size_t y = 0; y < height; y++) {
            memcpy(grid->pixels + ((top + y) * grid->width + left) * 4,
                   pictures[i]->pixels + y * width * 4, width * 4);
        }
    }
    *out_image = grid;
    return NCA_OK;
}
