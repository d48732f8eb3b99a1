/* MedMNIST's files: what is in one, its images and its labels. Knows nothing of pictures and of how
 * arrays lie in archives. */
#include "nca/medmnist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "data/medmnist_file.h"

static const size_t most_image_bytes = (size_t)1 << 28;
static const size_t most_label_bytes = (size_t)1 << 20; /* of one image */

struct nca_medmnist {
    char *path; /* as messages show it */
    nca_npz *npz;
    nca_medmnist_info info;
    nca_array images[NCA_SPLIT_COUNT], labels[NCA_SPLIT_COUNT];
};

/* ---- The name of a file ----------------------------------------------------------------------*/

/* "some/where/breastmnist_64.npz" is of the set breastmnist. */
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

/* ---- What the arrays must be -----------------------------------------------------------------*/

static bool is_integer(nca_array_type type)
{
    return type != NCA_ARRAY_F32 && type != NCA_ARRAY_F64 && type != NCA_ARRAY_COUNT;
}

static nca_status check_images(const nca_medmnist *data, const nca_array *images, nca_error *error)
{
    if (images->type != NCA_ARRAY_U8) {
        return nca__fail(error, NCA_UNSUPPORTED, "%s: %s: expected uint8 images, found %s",
                         data->path, images->name, nca_array_type_name(images->type));
    }
    if (images->rank < 3 || images->rank > 4) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: %s: expected a shape (N,H,W), (N,H,W,3) or (N,D,H,W), found %zu axes",
                         data->path, images->name, images->rank);
    }
    size_t bytes = 1;
    for (size_t i = 1; i < images->rank; i++) {
        size_t side = images->shape[i];
        if (side == 0) {
            return nca__fail(error, NCA_FORMAT,
                             "%s: %s: expected images of at least one pixel, found a side of 0",
                             data->path, images->name);
        }
        if (side > NCA_IMAGE_MAX_SIDE || bytes * side > most_image_bytes) {
            return nca__fail(error, NCA_LIMIT,
                             "%s: %s: expected images of at most %d pixels a side and %zu bytes, "
                             "found a larger one",
                             data->path, images->name, NCA_IMAGE_MAX_SIDE, most_image_bytes);
        }
        bytes *= side;
    }
    return NCA_OK;
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

/* The images' shape, N left out. */
static void set_shape(nca_medmnist_info *info, const nca_array *images, const nca_array *labels)
{
    const size_t *shape = images->shape;
    bool colour = images->rank == 4 && shape[3] == 3;
    bool volume = images->rank == 4 && !colour;
    info->channels = colour ? 3 : 1;
    info->depth = volume ? shape[1] : 1;
    info->height = shape[volume ? 2 : 1];
    info->width = shape[volume ? 3 : 2];
    info->labels = labels->rank == 2 ? labels->shape[1] : 1;
}

static bool same_shape(const nca_medmnist_info *a, const nca_medmnist_info *b)
{
    return a->depth == b->depth && a->height == b->height && a->width == b->width &&
           a->channels == b->channels && a->labels == b->labels;
}

static nca_status read_headers(nca_medmnist *data, nca_error *error)
{
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        nca_array *images = &data->images[split], *labels = &data->labels[split];
        char name[32];
        snprintf(name, sizeof name, "%s_images", nca_split_name((nca_split)split));
        nca_status status = nca_npz_describe(images, data->npz, name, error);
        if (status == NCA_OK) {
            status = check_images(data, images, error);
        }
        if (status == NCA_OK) {
            snprintf(name, sizeof name, "%s_labels", nca_split_name((nca_split)split));
            status = nca_npz_describe(labels, data->npz, name, error);
        }
        if (status == NCA_OK) {
            status = check_labels(data, labels, images, error);
        }
        if (status != NCA_OK) {
            return status;
        }
        nca_medmnist_info shape = data->info;
        set_shape(&shape, images, labels);
        if (split > 0 && !same_shape(&shape, &data->info)) {
            return nca__fail(error, NCA_FORMAT,
                             "%s: expected images and labels of one shape in all splits, found "
                             "others in %s than in %s",
                             data->path, nca_split_name((nca_split)split),
                             nca_split_name(NCA_SPLIT_TRAIN));
        }
        data->info = shape;
        data->info.count[split] = images->shape[0];
    }
    return NCA_OK;
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

static nca_status check_range(const nca_medmnist *data, nca_split split, size_t first, size_t count,
                              nca_error *error)
{
    if ((unsigned)split >= NCA_SPLIT_COUNT) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected the split train, val or test, found number %u", data->path,
                         (unsigned)split);
    }
    size_t images = data->info.count[split];
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
                     "%s: %s has %zu images, 0 to %zu; found a request for %zu from %zu on",
                     data->path, nca_split_name(split), images, images - 1, count, first);
}

nca_status nca_medmnist_read(uint8_t *out, nca_medmnist *data, nca_split split, size_t first,
                             size_t count, nca_error *error)
{
    nca_status status = check_range(data, split, first, count, error);
    return status == NCA_OK
               ? nca_npz_read(out, data->npz, &data->images[split], first, count, error)
               : status;
}

/* One value of the file, in native byte order. False when it is over INT64_MAX. */
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
    default: {
        uint64_t value;
        memcpy(&value, bytes, sizeof value);
        *out = (int64_t)(value & INT64_MAX);
        return value <= INT64_MAX;
    }
    }
}

nca_status nca_medmnist_labels(int64_t *out, nca_medmnist *data, nca_split split, size_t first,
                               size_t count, nca_error *error)
{
    nca_status status = check_range(data, split, first, count, error);
    if (status != NCA_OK) {
        return status;
    }
    const nca_array *labels = &data->labels[split];
    /* The file's values go to the end of `out` and are widened from the front: value k is written
     * before byte 8 (k + 1) and value k + 1 lies behind it, since the rest is no longer than 8. */
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
