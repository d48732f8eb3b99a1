/* Choosing the splits of images that come without them, class by class. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "core/shuffle.h"
#include "data/labelled_list.h"

/* How many of n images become val or test. */
static size_t share_of(double share, size_t n)
{
    const size_t rounded = (size_t)floor(share * (double)n + 0.5);
    return rounded == 0 && share > 0 && n >= NCA_SPLIT_COUNT ? 1 : rounded;
}

/* order (n) positions in the list of the images of a class. */
static void draw_class(nca__image_list *list, const size_t *positions, const uint32_t *order,
                       size_t n, double val_share, double test_share)
{
    size_t val = share_of(val_share, n), test = share_of(test_share, n);
    /* An image of train remains; the larger of the two gives way. */
    while (val + test >= n) {
        *(val > test ? &val : &test) -= 1;
    }
    for (size_t i = 0; i < n; i++) {
        const nca_split split = i < val          ? NCA_SPLIT_VAL
                                : i < val + test ? NCA_SPLIT_TEST
                                                 : NCA_SPLIT_TRAIN;
        list->images[positions[order[i]]].split = (uint8_t)split;
    }
}

nca_status nca__image_list_draw(nca__image_list *list, double val_share, double test_share,
                                uint64_t seed, nca_error *error)
{
    size_t *positions = malloc((list->count + 1) * sizeof *positions);
    uint32_t *order = malloc((list->count + 1) * sizeof *order);
    nca_status status = NCA_OK;
    if (positions == NULL || order == NULL) {
        status = nca__fail_memory(error, "the splits",
                                  (list->count + 1) * (sizeof *positions + sizeof *order));
    }
    for (uint32_t class = 0; class < list->classes && status == NCA_OK; class ++) {
        size_t n = 0;
        for (size_t i = 0; i < list->count; i++) {
            if (list->images[i].class == class) {
                positions[n++] = i;
            }
        }
        if (n > 0) {
            nca__shuffle_by(order, n, seed, NCA_STREAM_SPLIT, class);
            draw_class(list, positions, order, n, val_share, test_share);
        }
    }
    free(positions);
    free(order);
    return status;
}
