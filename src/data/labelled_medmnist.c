/* Labelled images of MedMNIST's archives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "data/labelled_build.h"
#include "data/medmnist_target.h"
#include "nca/medmnist.h"

enum {
    LABELS_AT_ONCE = 4096,
    BYTES_AT_ONCE = 4 << 20
};

/* ---- What the labels mean --------------------------------------------------------------------*/

static void count_images(size_t *out_images, size_t *out_labelled, const nca_medmnist_info *info)
{
    *out_images = *out_labelled = 0;
    for (unsigned s = 0; s < NCA_SPLIT_COUNT; s++) {
        *out_images += info->count[s];
        *out_labelled += info->labelled[s] ? info->count[s] : 0;
    }
}

static bool is_used(const nca_medmnist_info *info, unsigned split)
{
    return info->count[split] > 0 && info->labelled[split];
}

static nca_status check_labelled(nca__labelled *data, const nca_medmnist_info *info,
                                 nca_error *error)
{
    const char *source = data->shown.source;
    size_t images, labelled;
    count_images(&images, &labelled, info);
    if (images > 0 && (labelled == 0 || info->labels == 0)) {
        return nca__fail(error, NCA_NOT_FOUND,
                         "%s: expected labels of the images, found no array train_labels, "
                         "val_labels or test_labels",
                         source);
    }
    if (info->count[NCA_SPLIT_TRAIN] > 0 && !info->labelled[NCA_SPLIT_TRAIN]) {
        return nca__fail(error, NCA_NOT_FOUND,
                         "%s: expected labels of the training images, found no array train_labels",
                         source);
    }
    for (unsigned s = 0; s < NCA_SPLIT_COUNT; s++) {
        if (info->count[s] > 0 && !info->labelled[s]) {
            nca__labelled_notice(data, "images of %s without labels, which were left out: %zu",
                                 nca_split_name((nca_split)s), info->count[s]);
        }
    }
    if (info->labels > NCA_MAX_CLASSES) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected at most %d labels of each image, found %zu", source,
                         NCA_MAX_CLASSES, info->labels);
    }
    return NCA_OK;
}

static nca_label_kind kind_of_task(const char *task)
{
    unsigned kind = 0;
    while (kind + 1 < NCA_LABEL_KINDS && strcmp(nca_label_kind_name((nca_label_kind)kind), task)) {
        kind++;
    }
    return (nca_label_kind)kind;
}

/* Kind and width of the labels; the number of classes if the catalogue has it, otherwise 0. */
static nca_status describe(size_t *out_classes, nca__labelled *data, const nca_medmnist_info *info,
                           nca_error *error)
{
    nca_labelled *shown = &data->shown;
    const nca_medmnist_set *set = info->set;
    shown->label_width = info->labels;
    shown->slices = info->depth > 1;
    if (set == NULL) {
        *out_classes = info->labels > 1 ? info->labels : 0;
        shown->kind = info->labels > 1 ? NCA_LABELS_MULTI_LABEL : NCA_LABELS_MULTI_CLASS;
        return NCA_OK;
    }
    shown->kind = kind_of_task(set->task);
    *out_classes = set->classes;
    const size_t expected = shown->kind == NCA_LABELS_MULTI_LABEL ? set->classes : 1;
    if (info->labels != expected) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: %s has %zu labels for each image, found %zu; give a file with other "
                         "data another name",
                         shown->source, set->title, expected, info->labels);
    }
    return NCA_OK;
}

static nca_status check_label(const nca__labelled *data, int64_t label, size_t bound,
                              nca_split split, size_t image, nca_error *error)
{
    const bool several = data->shown.kind == NCA_LABELS_MULTI_LABEL;
    if (label >= 0 && (uint64_t)label < bound) {
        return NCA_OK;
    }
    const bool many = !several && data->shown.classes == 0 && label >= 0;
    return nca__fail(error, many ? NCA_LIMIT : NCA_FORMAT,
                     "%s: %s_labels: image %zu: expected %s from 0 to %zu, found %lld%s",
                     data->shown.source, nca_split_name(split), image,
                     several ? "labels" : "a class", bound - 1, (long long)label,
                     many ? "; number the classes from 0 without gaps" : "");
}

/* Reads the labels of a split: out (count,label_width), each below `bound`. */
static nca_status read_labels(uint8_t *out, const nca__labelled *data, nca_medmnist *archive,
                              nca_split split, size_t bound, nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(archive);
    const size_t count = info->count[split], width = info->labels;
    nca_status status = NCA_OK;
    int64_t *wide = malloc(LABELS_AT_ONCE * width * sizeof *wide);
    if (wide == NULL) {
        return nca__fail_memory(error, "labels", LABELS_AT_ONCE * width * sizeof *wide);
    }
    for (size_t first = 0; first < count && status == NCA_OK; first += LABELS_AT_ONCE) {
        const size_t part = count - first < LABELS_AT_ONCE ? count - first : LABELS_AT_ONCE;
        status = nca_medmnist_labels(wide, archive, split, first, part, error);
        for (size_t k = 0; k < part * width && status == NCA_OK; k++) {
            status = check_label(data, wide[k], bound, split, first + k / width, error);
            out[first * width + k] = (uint8_t)wide[k];
        }
    }
    free(wide);
    return status;
}

/* Names from the catalogue, otherwise the numbers of the classes. */
static nca_status name_classes(nca__labelled *data, const nca_medmnist_set *set, size_t classes,
                               nca_error *error)
{
    const nca_status status = nca__labelled_name_classes(data, classes, error);
    for (size_t c = 0; c < classes && status == NCA_OK; c++) {
        char *name = data->shown.class_names[c];
        if (set == NULL) {
            snprintf(name, NCA_CLASS_NAME, "%zu", c);
        } else {
            const char *label = set->labels[c];
            size_t length = strlen(label);
            length = length < NCA_CLASS_NAME ? length : nca__utf8_cut(label, NCA_CLASS_NAME - 1);
            memcpy(name, label, length);
        }
    }
    return status;
}

/* Several labels of which each image has exactly one may be meant as classes. */
static void note_one_hot(nca__labelled *data, size_t count)
{
    const size_t width = data->shown.label_width;
    for (size_t i = 0; i < count; i++) {
        size_t sum = 0;
        for (size_t k = 0; k < width; k++) {
            sum += data->labels[i * width + k];
        }
        if (sum != 1) {
            return;
        }
    }
    nca__labelled_notice(data,
                         "every image has exactly one of the %zu labels; if they are classes, save "
                         "them as one number for each image",
                         width);
}

static nca_status read_all_labels(nca__labelled *data, nca_medmnist *archive, nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(archive);
    nca_labelled *shown = &data->shown;
    size_t classes = 0, count = 0, images;
    nca_status status = check_labelled(data, info, error);
    if (status == NCA_OK) {
        status = describe(&classes, data, info, error);
    }
    if (status == NCA_OK && classes > 0) {
        status = name_classes(data, info->set, classes, error);
    }
    if (status == NCA_OK) {
        count_images(&images, &count, info);
        status = nca__labelled_reserve(data, count, false, error);
    }
    const bool several = shown->kind == NCA_LABELS_MULTI_LABEL;
    const size_t bound = several ? 2 : classes > 0 ? classes : NCA_MAX_CLASSES;
    size_t first = 0;
    for (unsigned s = 0; s < NCA_SPLIT_COUNT && status == NCA_OK; s++) {
        if (is_used(info, s)) {
            status = read_labels(data->labels + first * shown->label_width, data, archive,
                                 (nca_split)s, bound, error);
            first += info->count[s];
        }
    }
    if (status != NCA_OK) {
        return status;
    }
    if (several && info->set == NULL) {
        note_one_hot(data, count);
    }
    if (classes > 0) {
        return NCA_OK;
    }
    for (size_t i = 0; i < count; i++) {
        classes = data->labels[i] >= classes ? (size_t)data->labels[i] + 1 : classes;
    }
    shown->kind = classes <= 2 ? NCA_LABELS_BINARY : NCA_LABELS_MULTI_CLASS;
    return name_classes(data, NULL, classes, error);
}

/* ---- Images ----------------------------------------------------------------------------------*/

/* The middle slices of a volume (S,S,S) along z, y and x: out (S,S,3). The rows of the last two are
 * z, as in nca_medmnist_draw. */
static void take_slices(uint8_t *out, const uint8_t *volume, size_t side)
{
    const size_t plane = side * side, middle = side / 2;
    for (size_t row = 0; row < side; row++) {
        for (size_t column = 0; column < side; column++, out += 3) {
            out[0] = volume[middle * plane + row * side + column];
            out[1] = volume[row * plane + middle * side + column];
            out[2] = volume[row * plane + column * side + middle];
        }
    }
}

/* `slices` has room for the slices of a volume. */
static nca_status add_images(nca__labelled *data, const nca_medmnist_info *info, nca_split split,
                             const uint8_t *images, size_t count, uint8_t *slices, nca_error *error)
{
    const bool volumes = info->depth > 1;
    nca_status status = NCA_OK;
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        const uint8_t *pixels = images + i * nca_medmnist_image_bytes(info);
        if (volumes) {
            take_slices(slices, pixels, info->height);
        }
        const nca__labelled_image image = {
            .split = split,
            .pixels = volumes ? slices : pixels,
            .height = info->height,
            .width = info->width,
            .channels = volumes ? 3 : info->channels,
            .labels = data->labels + data->store.count * data->shown.label_width,
        };
        status = nca__labelled_add(data, &image, error);
    }
    return status;
}

static nca_status check_sides(const nca__labelled *data, const nca_medmnist_info *info,
                              nca_error *error)
{
    if (info->depth == 1 || (info->depth == info->height && info->height == info->width)) {
        return NCA_OK;
    }
    return nca__fail(error, NCA_UNSUPPORTED,
                     "%s: expected volumes with three equal sides, found %zu x %zu x %zu; pad or "
                     "resize them",
                     data->shown.source, info->depth, info->height, info->width);
}

static nca_status read_images(nca__labelled *data, nca_medmnist *archive, nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(archive);
    const size_t each = nca_medmnist_image_bytes(info);
    const size_t piece = each < BYTES_AT_ONCE ? BYTES_AT_ONCE / each : 1;
    nca_status status = check_sides(data, info, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t slice_bytes = 3 * info->height * info->width;
    uint8_t *images = malloc(piece * each), *slices = malloc(slice_bytes);
    if (images == NULL || slices == NULL) {
        status = nca__fail_memory(error, "images", piece * each + slice_bytes);
    }
    for (unsigned s = 0; s < NCA_SPLIT_COUNT; s++) {
        const size_t count = is_used(info, s) ? info->count[s] : 0;
        for (size_t first = 0; first < count && status == NCA_OK; first += piece) {
            const size_t part = count - first < piece ? count - first : piece;
            status = nca_medmnist_read(images, archive, (nca_split)s, first, part, error);
            if (status == NCA_OK) {
                status = add_images(data, info, (nca_split)s, images, part, slices, error);
            }
        }
    }
    free(images);
    free(slices);
    return status;
}

nca_status nca__labelled_read_archive(nca__labelled *data, const char *path, nca_error *error)
{
    nca_medmnist *archive = NULL;
    data->path = path;
    nca_status status = nca_medmnist_open(&archive, path, error);
    if (status != NCA_OK) {
        return status;
    }
    if (nca_medmnist_about(archive)->notice != NULL) {
        nca__labelled_notice(data, "%s", nca_medmnist_about(archive)->notice);
    }
    status = read_all_labels(data, archive, error);
    if (status == NCA_OK) {
        status = read_images(data, archive, error);
    }
    nca_medmnist_close(archive);
    return status;
}

nca_status nca__labelled_read_set(nca__labelled *data, const char *name, nca_error *error)
{
    char path[NCA__MEDMNIST_PATH];
    const char *source = data->shown.source;
    if (*name == 0 || (strchr(name, '/') != NULL && !nca__path_ends_with(name, ".npz"))) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected medmnist:SET, such as medmnist:breastmnist or "
                         "medmnist:breastmnist_64",
                         source);
    }
    if (strlen(name) >= sizeof path) {
        return nca__fail(error, NCA_LIMIT, "medmnist:...: expected a path of at most %zu bytes",
                         sizeof path - 1);
    }
    if (data->options->root == NULL && !nca__path_ends_with(name, ".npz")) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "%s: the folder of the MedMNIST files is not known; set root (--root DIR), "
            "or give the path of a file, such as FOLDER/%s.npz",
            source, name);
    }
    char *set = strdup(name);
    if (set == NULL) {
        return nca__fail_memory(error, name, strlen(name) + 1);
    }
    nca_status status = nca__medmnist_find(path, set, data->options->root, false, error);
    free(set);
    return status == NCA_OK ? nca__labelled_read_archive(data, path, error)
                            : nca__fail_in(error, status, "%.400s", source);
}
