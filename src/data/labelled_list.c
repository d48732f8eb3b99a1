/* Lists of image files: classes, order. */
#include "data/labelled_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

nca_status nca__image_list_create(nca__image_list *out, nca_error *error)
{
    *out = (nca__image_list){.class_names = calloc(NCA_MAX_CLASSES, NCA_CLASS_NAME)};
    return out->class_names != NULL
               ? NCA_OK
               : nca__fail_memory(error, "classes", NCA_MAX_CLASSES * NCA_CLASS_NAME);
}

void nca__image_list_clear(nca__image_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->images[i].path);
    }
    free(list->images);
    free(list->class_names);
    *list = (nca__image_list){0};
}

/* ---- Adding ----------------------------------------------------------------------------------*/

static nca_status check_class_name(const char *name, const char *where, nca_error *error)
{
    char clean[NCA_CLASS_NAME];
    const size_t length = strlen(name);
    if (length >= NCA_CLASS_NAME) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected a class name of at most %d bytes, found %zu (\"%.40s...\"); "
                         "choose a shorter name",
                         where, NCA_CLASS_NAME - 1, length, name);
    }
    memcpy(clean, name, length + 1);
    nca__clean_text(clean);
    if (length == 0 || strcmp(clean, name) != 0) {
        return nca__fail(error, NCA_FORMAT, "%s: expected a class name in UTF-8, found \"%s\"",
                         where, length == 0 ? "" : name);
    }
    return NCA_OK;
}

nca_status nca__image_list_class(uint32_t *out, nca__image_list *list, const char *name,
                                 const char *where, nca_error *error)
{
    for (size_t c = 0; c < list->classes; c++) {
        if (strcmp(list->class_names[c], name) == 0) {
            *out = (uint32_t)c;
            return NCA_OK;
        }
    }
    const nca_status status = check_class_name(name, where, error);
    if (status != NCA_OK) {
        return status;
    }
    if (list->classes == NCA_MAX_CLASSES) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected at most %d classes, found one more, \"%s\"", where,
                         NCA_MAX_CLASSES, name);
    }
    memcpy(list->class_names[list->classes], name, strlen(name) + 1);
    *out = (uint32_t)list->classes++;
    return NCA_OK;
}

static char *join(const char *folder, const char *name)
{
    const size_t folder_length = *name == '/' ? 0 : strlen(folder), length = strlen(name);
    const bool slash = folder_length > 0 && folder[folder_length - 1] != '/';
    char *path = malloc(folder_length + slash + length + 1);
    if (path != NULL) {
        memcpy(path, folder, folder_length);
        path[folder_length] = '/';
        memcpy(path + folder_length + slash, name, length + 1);
    }
    return path;
}

nca_status nca__image_list_add(nca__image_list *list, const char *folder, const char *name,
                               uint32_t class, nca_split split, nca_error *error)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
        nca__listed_image *larger = realloc(list->images, capacity * sizeof *larger);
        if (larger == NULL) {
            return nca__fail_memory(error, "a list of images", capacity * sizeof *larger);
        }
        list->images = larger;
        list->capacity = capacity;
    }
    char *path = join(folder, name);
    if (path == NULL) {
        return nca__fail_memory(error, name, strlen(folder) + strlen(name) + 2);
    }
    list->images[list->count++] =
        (nca__listed_image){.path = path, .class = class, .split = (uint8_t)split};
    return NCA_OK;
}

/* ---- Order -----------------------------------------------------------------------------------*/

static bool is_number(const char *text)
{
    return *text != 0 && text[strspn(text, "0123456789")] == 0;
}

int nca__compare_names(const char *a, const char *b)
{
    const bool a_number = is_number(a), b_number = is_number(b);
    if (a_number != b_number) {
        return a_number ? -1 : 1;
    }
    if (a_number) {
        const char *left = a + strspn(a, "0"), *right = b + strspn(b, "0");
        const size_t left_length = strlen(left), right_length = strlen(right);
        if (left_length != right_length) {
            return left_length < right_length ? -1 : 1;
        }
        const int order = strcmp(left, right);
        if (order != 0) {
            return order;
        }
    }
    return strcmp(a, b); /* bytes, in every locale */
}

static int by_name(const void *a, const void *b)
{
    return nca__compare_names(a, b);
}

void nca__image_list_sort_classes(nca__image_list *list)
{
    char sorted[NCA_MAX_CLASSES][NCA_CLASS_NAME];
    uint32_t place[NCA_MAX_CLASSES] = {0};
    memcpy(sorted, list->class_names, list->classes * sizeof *sorted);
    qsort(sorted, list->classes, sizeof *sorted, by_name);
    for (uint32_t old = 0; old < list->classes; old++) {
        while (strcmp(sorted[place[old]], list->class_names[old]) != 0) {
            place[old]++;
        }
    }
    memcpy(list->class_names, sorted, list->classes * sizeof *sorted);
    for (size_t i = 0; i < list->count; i++) {
        list->images[i].class = place[list->images[i].class];
    }
}

nca_status nca__image_list_sort_splits(nca__image_list *list, nca_error *error)
{
    const size_t size = list->count * sizeof *list->images;
    nca__listed_image *sorted = malloc(size > 0 ? size : 1);
    if (sorted == NULL) {
        return nca__fail_memory(error, "a list of images", size);
    }
    size_t next = 0;
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        for (size_t i = 0; i < list->count; i++) {
            if (list->images[i].split == split) {
                sorted[next++] = list->images[i];
            }
        }
    }
    free(list->images);
    list->images = sorted;
    list->capacity = list->count;
    return NCA_OK;
}
