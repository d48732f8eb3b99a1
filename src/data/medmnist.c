/* MedMNIST's files: their contents, images and labels. */
#include "nca/medmnist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "data/medmnist_file.h"
#include "data/medmnist_shape.h"

static const size_t most_label_bytes = (size_t)1 << 20; /* per image */

struct nca_medmnist {
    char *path; /* as shown in messages */
    nca_npz *npz;
    nca_medmnist_info info;
    nca_array images[NCA_SPLIT_COUNT], labels[NCA_SPLIT_COUNT]; /* only those that exist */
    bool channels_first[NCA_SPLIT_COUNT];
    char notice[NCA__AXES_NOTICE];
};

/* ---- The name of a file ----------------------------------------------------------------------*/

/* "some/where/breastmnist_64.npz" belongs to the set breastmnist. */
static const nca_medmnist_set *set_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t length = strlen(name);
    if (length > 4 && strcasecmp(name + length - 4, ".npz") == 0) {
        length -= 4;
    }
    static const char *const sizes[] = {"_28", "_64", "_128", "_224"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t tail = strlen(sizes[i]);
        if (length > tail && strncmp(name + length - tail, sizes[i], tail) == 0) {
            length -= tail;
            break;
        }
    }
    char bare[64];
    if (length >= sizeof bare) {
        return NULL;
    }
    memcpy(bare, name, length);
    bare[length] = 0;
    return nca_medmnist_set_named(bare);
}

/* ---- Requirements on the arrays -------------------------------------------------------------- */

static bool is_integer(nca_array_type type)
{
    return type != NCA_ARRAY_F32 && type != NCA_ARRAY_F64 && type != NCA_ARRAY_COUNT;
}

static nca_status check_labels(const nca_medmnist *data, const nca_array *labels,
                               const nca_array *images, nca_error *error)
{
    if (!is_integer(labels->type)) {
        return nca__fail(error, NCA_UNSUPPORTED, "%s: %s: expected integers, found %s", data->path,
                         labels->name, nca_array_type_name(labels->type));
    }
    if (labels->rank < 1 || labels->rank > 2) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: %s: expected a shape (N,) or (N,L), found %zu axes", data->path,
                         labels->name, labels->rank);
    }
    if (labels->shape[0] != images->shape[0]) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: %s: expected labels of the %zu images in %s, found %zu", data->path,
                         labels->name, images->shape[0], images->name, labels->shape[0]);
    }
    size_t each = labels->rank == 2 ? labels->shape[1] : 1;
    if (each == 0 || each > most_label_bytes / sizeof(int64_t)) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: %s: expected 1 to %zu labels for each image, found %zu", data->path,
                         labels->name, most_label_bytes / sizeof(int64_t), each);
    }
    return NCA_OK;
}

static bool has_array(const nca_npz *npz, const char *name)
{
    const char *other;
    for (size_t i = 0; (other = nca_npz_name(npz, i)) != NULL; i++) {
        if (strcmp(other, name) == 0) {
            return true;
        }
    }
    return false;
}

static nca_status fail_differs(const nca_medmnist *data, nca_split split, nca_split before,
                               nca_error *error)
{
    return nca__fail(error, NCA_FORMAT,
                     "%s: expected images and labels of the same shape in all splits, found "
                     "different shapes in %s and %s",
                     data->path, nca_split_name(split), nca_split_name(before));
}

/* The first split whose flag is set; NCA_SPLIT_COUNT if there is none. */
static nca_split first_of(const bool *flags)
{
    unsigned split = 0;
    while (split < NCA_SPLIT_COUNT && !flags[split]) {
        split++;
    }
    return (nca_split)split;
}

static nca_status read_images_header(nca_medmnist *data, nca_split split, const char *name,
                                     nca_error *error)
{
    nca_medmnist_info *info = &data->info;
    nca__image_shape shape;
    nca_status status = nca_npz_describe(&data->images[split], data->npz, name, error);
    if (status == NCA_OK) {
        status = nca__medmnist_shape(&shape, data->notice, &data->images[split], data->path, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    const nca_split before = first_of(info->present);
    if (before == NCA_SPLIT_COUNT) {
        info->depth = shape.depth;
        info->height = shape.height;
        info->width = shape.width;
        info->channels = shape.channels;
    } else if (info->depth != shape.depth || info->height != shape.height ||
               info->width != shape.width || info->channels != shape.channels) {
        return fail_differs(data, split, before, error);
    }
    info->notice = data->notice[0] != 0 ? data->notice : NULL;
    data->channels_first[split] = shape.channels_first;
    info->present[split] = true;
    info->count[split] = data->images[split].shape[0];
    return NCA_OK;
}

static nca_status read_labels_header(nca_medmnist *data, nca_split split, const char *name,
                                     nca_error *error)
{
    nca_medmnist_info *info = &data->info;
    nca_array *labels = &data->labels[split];
    nca_status status = nca_npz_describe(labels, data->npz, name, error);
    if (status == NCA_OK) {
        status = check_labels(data, labels, &data->images[split], error);
    }
    if (status != NCA_OK) {
        return status;
    }
    const nca_split before = first_of(info->labelled);
    const size_t each = labels->rank == 2 ? labels->shape[1] : 1;
    if (before != NCA_SPLIT_COUNT && info->labels != each) {
        return fail_differs(data, split, before, error);
    }
    info->labels = each;
    info->labelled[split] = true;
    return NCA_OK;
}

/* Splits and labels may be missing, but not all images. */
static nca_status read_headers(nca_medmnist *data, nca_error *error)
{
    nca_status status = NCA_OK;
    for (unsigned split = 0; split < NCA_SPLIT_COUNT && status == NCA_OK; split++) {
        char images[32], labels[32];
        snprintf(images, sizeof images, "%s_images", nca_split_name((nca_split)split));
        snprintf(labels, sizeof labels, "%s_labels", nca_split_name((nca_split)split));
        if (!has_array(data->npz, images)) {
            continue;
        }
        status = read_images_header(data, (nca_split)split, images, error);
        if (status == NCA_OK && has_array(data->npz, labels)) {
            status = read_labels_header(data, (nca_split)split, labels, error);
        }
    }
    if (status == NCA_OK && first_of(data->info.present) == NCA_SPLIT_COUNT) {
        nca_array none;
        status = nca_npz_describe(&none, data->npz, "train_images", error);
    }
    return status;
}

/* ---- Opening ---------------------------------------------------------------------------------*/

nca_status nca_medmnist_open(nca_medmnist **out_data, const char *path, nca_error *error)
{
    nca_medmnist *data = calloc(1, sizeof *data);
    char *shown = strdup(path);
    if (data == NULL || shown == NULL) {
        free(data);
        free(shown);
        return nca__fail_memory(error, path, sizeof *data);
    }
    nca__clean_text(shown);
    data->path = shown;
    data->info.set = set_of_path(path);
    nca_status status = nca_npz_open(&data->npz, path, error);
    if (status == NCA_OK) {
        status = read_headers(data, error);
    }
    if (status != NCA_OK) {
        nca_medmnist_close(data);
        return status;
    }
    *out_data = data;
    return NCA_OK;
}

void nca_medmnist_close(nca_medmnist *data)
{
    if (data != NULL) {
        nca_npz_close(data->npz);
        free(data->path);
        free(data);
    }
}

const char *nca__medmnist_path(const nca_medmnist *data)
{
    return data->path;
}

const nca_medmnist_info *nca_medmnist_about(const nca_medmnist *data)
{
    return &data->info;
}

size_t nca_medmnist_image_bytes(const nca_medmnist_info *info)
{
    return info->depth * info->height * info->width * info->channels;
}

void nca_medmnist_watch(nca_medmnist *data, nca_read_progress *progress, void *user)
{
    nca_npz_watch(data->npz, progress, user);
}

/* ---- Reading ---------------------------------------------------------------------------------*/

/* "train and test". */
typedef struct split_list {
    char text[32];
} split_list;

static split_list list_splits(const nca_medmnist_info *info)
{
    split_list list = {""};
    size_t length = 0;
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        if (info->present[split]) {
            length += (size_t)snprintf(list.text + length, sizeof list.text - length, "%s%s",
                                       length > 0 ? " and " : "", nca_split_name((nca_split)split));
        }
    }
    return list;
}

static nca_status check_range(const nca_medmnist *data, nca_split split, size_t first, size_t count,
                              nca_error *error)
{
    if ((unsigned)split >= NCA_SPLIT_COUNT) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected the split train, val or test, found number %u", data->path,
                         (unsigned)split);
    }
    size_t images = data->info.count[split];
    if (!data->info.present[split]) {
        return nca__fail(error, NCA_NOT_FOUND,
                         "%s: expected images of the split %s, found none; the file has %s",
                         data->path, nca_split_name(split), list_splits(&data->info).text);
    }
    if (first <= images && count <= images - first) {
        return NCA_OK;
    }
    if (images == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: %s has no images", data->path,
                         nca_split_name(split));
    }
    if (count == 1) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: %s has %zu images, 0 to %zu; found index %zu", data->path,
                         nca_split_name(split), images, images - 1, first);
    }
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%s: %s has %zu images, 0 to %zu; found a request for %zu starting at %zu",
                     data->path, nca_split_name(split), images, images - 1, count, first);
}

/* Converts images from (channels,H,W) to (H,W,channels). */
static nca_status move_channels_last(uint8_t *images, const nca_medmnist_info *info, size_t count,
                                     nca_error *error)
{
    const size_t channels = info->channels, plane = info->height * info->width;
    uint8_t *planes = malloc(channels * plane);
    if (planes == NULL) {
        return nca__fail_memory(error, "an image", channels * plane);
    }
    for (size_t i = 0; i < count; i++, images += channels * plane) {
        memcpy(planes, images, channels * plane);
        for (size_t c = 0; c < channels; c++) {
            for (size_t k = 0; k < plane; k++) {
                images[k * channels + c] = planes[c * plane + k];
            }
        }
    }
    free(planes);
    return NCA_OK;
}

nca_status nca_medmnist_read(uint8_t *out, nca_medmnist *data, nca_split split, size_t first,
                             size_t count, nca_error *error)
{
    nca_status status = check_range(data, split, first, count, error);
    if (status == NCA_OK) {
        status = nca_npz_read(out, data->npz, &data->images[split], first, count, error);
    }
    if (status == NCA_OK && data->channels_first[split]) {
        status = move_channels_last(out, &data->info, count, error);
    }
    return status;
}

/* Reads a value in native byte order. False if it is over INT64_MAX. */
static bool widen(int64_t *out, const uint8_t *bytes, nca_array_type type)
{
    switch (type) {
#define CASE(name, c_type)                   \
    case NCA_ARRAY_##name: {                 \
        c_type value;                        \
        memcpy(&value, bytes, sizeof value); \
        *out = (int64_t)value;               \
        return true;                         \
    }
        CASE(BOOL, uint8_t)
        CASE(I8, int8_t)
        CASE(U8, uint8_t)
        CASE(I16, int16_t)
        CASE(U16, uint16_t)
        CASE(I32, int32_t)
        CASE(U32, uint32_t)
        CASE(I64, int64_t)
#undef CASE
    case NCA_ARRAY_U64: {
        uint64_t value;
        memcpy(&value, bytes, sizeof value);
        *out = (int64_t)(value & INT64_MAX);
        return value <= INT64_MAX;
    }
    case NCA_ARRAY_F32:
    case NCA_ARRAY_F64:
    case NCA_ARRAY_COUNT:
        break;
    }
    return false; /* check_labels accepts only integers */
}

nca_status nca_medmnist_labels(int64_t *out, nca_medmnist *data, nca_split split, size_t first,
                               size_t count, nca_error *error)
{
    nca_status status = check_range(data, split, first, count, error);
    if (status != NCA_OK) {
        return status;
    }
    if (!data->info.labelled[split]) {
        return nca__fail(error, NCA_NOT_FOUND,
                         "%s: expected labels of the split %s, found no array %s_labels",
                         data->path, nca_split_name(split), nca_split_name(split));
    }
    const nca_array *labels = &data->labels[split];
    /* The file's values are read to the end of `out` and widened from the front: value k is written
     * before byte 8 (k + 1), and value k + 1 is after it, because the remaining values take at most
     * 8 bytes each. */
    size_t values = count * data->info.labels, size = nca_array_type_size(labels->type);
    uint8_t *narrow = (uint8_t *)out + values * (sizeof *out - size);
    status = nca_npz_read(narrow, data->npz, labels, first, count, error);
    for (size_t k = 0; k < values && status == NCA_OK; k++) {
        int64_t wide;
        if (!widen(&wide, narrow + k * size, labels->type)) {
            status = nca__fail(error, NCA_FORMAT,
                               "%s: %s: expected labels of at most 2^63 - 1, found a larger one",
                               data->path, labels->name);
        } else {
            memcpy(out + k, &wide, sizeof wide);
        }
    }
    return status;
}
