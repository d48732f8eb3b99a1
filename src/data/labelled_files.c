/* Reading the image files of a list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "data/codec.h"
#include "data/labelled_list.h"

typedef struct reading {
    nca__labelled *data;
    const nca__image_list *list;
    nca__labelled_tally dark, scaled;
    char first_broken[NCA_ERROR_SIZE]; /* why it was left out */
} reading;

static nca_status describe(nca__labelled *data, const nca__image_list *list, nca_error *error)
{
    nca_labelled *shown = &data->shown;
    nca_status status = nca__labelled_name_classes(data, list->classes, error);
    if (status != NCA_OK) {
        return status;
    }
    memcpy(shown->class_names, list->class_names, list->classes * sizeof *shown->class_names);
    shown->kind = list->classes == 2 ? NCA_LABELS_BINARY : NCA_LABELS_MULTI_CLASS;
    shown->label_width = 1;
    return NCA_OK;
}

/* Draws the splits if the source has none. */
static nca_status split(nca__labelled *data, nca__image_list *list, nca_error *error)
{
    const nca_labelled_options *options = data->options;
    nca_status status = NCA_OK;
    if (!list->has_splits) {
        status = nca__image_list_draw(list, options->val_share, options->test_share, options->seed,
                                      error);
    }
    if (status == NCA_OK) {
        status = nca__image_list_sort_splits(list, error);
    }
    if (status != NCA_OK || list->has_splits) {
        return status;
    }
    size_t count[NCA_SPLIT_COUNT] = {0};
    for (size_t i = 0; i < list->count; i++) {
        count[list->images[i].split]++;
    }
    nca__labelled_notice(data,
                         "the splits were drawn with the random seed %llu: train %zu, val %zu, "
                         "test %zu images",
                         (unsigned long long)options->seed, count[NCA_SPLIT_TRAIN],
                         count[NCA_SPLIT_VAL], count[NCA_SPLIT_TEST]);
    data->shown.drawn = true;
    return NCA_OK;
}

/* Before any image is read: mistakes in the list are found at once. */
static nca_status check(nca__labelled *data, const nca__image_list *list, nca_error *error)
{
    size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES] = {{0}};
    for (size_t i = 0; i < list->count; i++) {
        const nca__listed_image *image = &list->images[i];
        counts[image->split][image->class]++;
        /* A '?' may begin the choice of a slice. */
        if (image->line > 0 && !data->options->skip_broken && strchr(image->path, '?') == NULL &&
            access(image->path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
            return nca__fail(error, NCA_NOT_FOUND,
                             "%s: line %zu: the file %s does not exist; paths are relative to the "
                             "folder of the table",
                             data->shown.source, image->line, image->path);
        }
    }
    return nca__labelled_check_classes(data, counts, false, error);
}

/* ---- One image -------------------------------------------------------------------------------*/

static nca_status add(reading *r, const nca__listed_image *listed, const nca_image *image,
                      const nca__reduction *how, nca_error *error)
{
    nca_status status = NCA_OK;
    if (how->dark) {
        status = nca__labelled_tally_add(&r->dark, listed->path, error);
    }
    if (status == NCA_OK && how->scaled) {
        status = nca__labelled_tally_add(&r->scaled, listed->path, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    const uint8_t label = (uint8_t)listed->class;
    const nca__labelled_image added = {.split = (nca_split)listed->split,
                                       .pixels = image->pixels,
                                       .height = image->height,
                                       .width = image->width,
                                       .channels = 4,
                                       .may_be_grey = true,
                                       .labels = &label,
                                       .path = listed->path};
    return nca__labelled_add(r->data, &added, error);
}

static nca_status fail_broken(const nca__labelled *data, const nca__listed_image *listed,
                              const nca_error *why, nca_error *error)
{
    static const char advice[] =
        "; mend or remove it, or set skip_broken to leave out images that cannot be read";
    if (listed->line > 0) {
        return nca__fail(error, why->status, "%.200s: line %zu: %.700s%s", data->shown.source,
                         listed->line, why->message, advice);
    }
    return nca__fail(error, why->status, "%.900s%s", why->message, advice);
}

static nca_status read_one(reading *r, const nca__listed_image *listed, nca_error *error)
{
    nca_image *image = NULL;
    nca__reduction how;
    nca_error why = {0};
    nca_status status = nca__image_load(&image, &how, listed->path, &why);
    if (status == NCA_OK) {
        status = add(r, listed, image, &how, error);
        nca_image_destroy(image);
        return status;
    }
    if (status == NCA_OUT_OF_MEMORY) {
        return nca__fail(error, status, "%s", why.message);
    }
    if (!r->data->options->skip_broken) {
        return fail_broken(r->data, listed, &why, error);
    }
    if (r->data->shown.skipped == 0) {
        memcpy(r->first_broken, why.message, sizeof r->first_broken);
    }
    return nca__labelled_skip(r->data, error);
}

/* ---- All -------------------------------------------------------------------------------------*/

static nca_status read_all(reading *r, nca_error *error)
{
    nca__labelled *data = r->data;
    nca_status status = NCA_OK;
    for (size_t i = 0; i < r->list->count && status == NCA_OK; i++) {
        status = read_one(r, &r->list->images[i], error);
    }
    if (status != NCA_OK) {
        return status;
    }
    if (data->store.count == 0) {
        return nca__fail(error, NCA_FORMAT, "%.200s: none of %zu images can be read; the first: %s",
                         data->shown.source, r->list->count, r->first_broken);
    }
    if (data->shown.skipped > 0) {
        nca__labelled_notice(data,
                             "images that cannot be read and were left out: %zu; the first: %s",
                             data->shown.skipped, r->first_broken);
    }
    if (r->dark.count > 0) {
        nca__labelled_notice(
            data,
            "images with more than 8 bits whose values use less than half of the range, so that "
            "they are dark: %zu, such as %s; convert them to 8 bits with the range that matters",
            r->dark.count, r->dark.first);
    }
    if (r->scaled.count > 0) {
        nca__labelled_notice(data,
                             "images with values without a natural range, each scaled from its "
                             "smallest to its largest value: %zu, such as %s",
                             r->scaled.count, r->scaled.first);
    }
    return NCA_OK;
}

nca_status nca__labelled_read_list(nca__labelled *data, nca__image_list *list, nca_error *error)
{
    reading r = {.data = data, .list = list};
    nca__image_list_sort_classes(list);
    if (list->count == 0) {
        return nca__labelled_reserve(data, 0, true, error);
    }
    nca_status status = describe(data, list, error);
    if (status == NCA_OK) {
        status = split(data, list, error);
    }
    if (status == NCA_OK) {
        status = check(data, list, error);
    }
    if (status == NCA_OK) {
        status = nca__labelled_reserve(data, list->count, true, error);
    }
    if (status == NCA_OK) {
        status = read_all(&r, error);
    }
    free(r.dark.first);
    free(r.scaled.first);
    return status;
}
