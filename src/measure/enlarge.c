/* Enlarges the grid of a model: adds empty cells around its target, whose position relative to the
 * seed does not change. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/evaluate.h"

enum {
    RGBA = 4
};

nca_status nca_model_enlarge(nca_model *model, uint32_t height, uint32_t width, nca_error *error)
{
    const size_t own_height = model->info.height, own_width = model->info.width;
    if (model->target == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "size: the model contains no target to enlarge; give one");
    }
    if (height < own_height || width < own_width || height > NCA_MAX_SIDE || width > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "size: expected a grid of at least %zux%zu cells, the size of the target, "
                         "and at most %dx%d, found %ux%u",
                         own_height, own_width, NCA_MAX_SIDE, NCA_MAX_SIDE, (unsigned)height,
                         (unsigned)width);
    }
    float *larger = calloc((size_t)height * width, RGBA * sizeof *larger);
    if (larger == NULL) {
        return nca__fail_memory(error, "a larger target",
                                (size_t)height * width * RGBA * sizeof *larger);
    }
    const size_t top = height / 2 - own_height / 2, left = width / 2 - own_width / 2;
    for (size_t row = 0; row < own_height; row++) {
        memcpy(larger + ((top + row) * width + left) * RGBA, model->target + row * own_width * RGBA,
               own_width * RGBA * sizeof *larger);
    }
    const nca_status status = nca_model_set_target(model, larger, height, width, error);
    free(larger);
    return status;
}
