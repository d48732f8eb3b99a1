/* Converts a dictionary of a pickle to a list of tensors, each checked against its storage.
 * torch_dictionaries.c chooses the dictionary. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/torch_lister.h"

/* Names come from the file; messages quote only their beginning. */
#define FAIL(l, tensor, status, ...)             \
    (nca__fail((l)->error, status, __VA_ARGS__), \
     nca__fail_in((l)->error, status, "%s: tensor \"%.80s\"", (l)->file->name, (tensor)->name))

static const nca__pickle_object *object_at(const nca__torch_lister *l, nca__pickle_ref ref)
{
    return &l->pickle->objects[ref];
}

/* ---- One tensor ------------------------------------------------------------------------------*/

/* A tuple of integers >= 0. */
static nca_status read_sizes(const nca__torch_lister *l, size_t *out,
                             const nca_torch_tensor *tensor, const nca__pickle_object *tuple,
                             const char *what)
{
    for (uint32_t i = 0; i < tuple->tuple.count; i++) {
        const nca__pickle_object *item = object_at(l, l->pickle->items[tuple->tuple.first + i]);
        if (item->kind != NCA__PICKLE_INTEGER || item->integer < 0 ||
            (uint64_t)item->integer > SIZE_MAX) {
            return FAIL(l, tensor, NCA_FORMAT, "%s[%u] should be a whole number of at least 0",
                        what, i);
        }
        out[i] = (size_t)item->integer;
    }
    return NCA_OK;
}

static nca_status read_shape(const nca__torch_lister *l, nca_torch_tensor *tensor,
                             nca__torch_place *place, const nca__pickle_object *object)
{
    const nca__pickle_object *shape = object_at(l, object->tensor.shape);
    const nca__pickle_object *strides = object_at(l, object->tensor.strides);
    const nca__pickle_object *offset = object_at(l, object->tensor.offset);
    tensor->rank = shape->tuple.count;
    if (tensor->rank > NCA_TORCH_MAX_RANK) {
        return FAIL(l, tensor, NCA_UNSUPPORTED, "has %zu dimensions; at most %d are supported",
                    tensor->rank, NCA_TORCH_MAX_RANK);
    }
    if (strides->tuple.count != tensor->rank || offset->integer < 0) {
        return FAIL(l, tensor, NCA_FORMAT,
                    "expected a stride for each dimension and an offset >= 0");
    }
    place->offset = (size_t)offset->integer;
    nca_status status = read_sizes(l, tensor->shape, tensor, shape, "shape");
    return status == NCA_OK ? read_sizes(l, place->strides, tensor, strides, "strides") : status;
}

/* Finds the member "FOLDER/data/KEY", which must have exactly the size that the storage claims. */
static nca_status find_storage(const nca__torch_lister *l, nca__torch_place *place,
                               const nca_torch_tensor *tensor, const nca__pickle_object *storage)
{
    const nca__pickle_object *key = object_at(l, storage->storage.key);
    uint64_t count = (uint64_t)object_at(l, storage->storage.count)->integer;
    char path[2 * NCA__TORCH_NAME_MAX];
    int length = snprintf(path, sizeof path, "%.*sdata/%.*s", (int)l->folder_length, l->folder,
                          key->text.length < NCA__TORCH_NAME_MAX ? (int)key->text.length
                                                                 : NCA__TORCH_NAME_MAX,
                          key->text.bytes);
    if (length < 0 || (size_t)length >= sizeof path ||
        !nca__zip_find(&place->member, l->file->zip, path)) {
        return FAIL(l, tensor, NCA_FORMAT,
                    "its storage \"%.80s\" is missing from the archive; the file is damaged", path);
    }
    uint64_t there = nca__zip_claimed_size(l->file->zip, place->member);
    uint64_t wanted;
    if (__builtin_mul_overflow(count, (uint64_t)place->type->bytes, &wanted) || wanted > SIZE_MAX ||
        wanted != there) {
        return FAIL(
            l, tensor, NCA_FORMAT,
            "its storage should have %llu elements of %zu bytes, found %llu bytes; the file "
            "is damaged",
            (unsigned long long)count, place->type->bytes, (unsigned long long)there);
    }
    place->storage_bytes = (size_t)wanted;
    return NCA_OK;
}

/* Checks that all elements are inside the storage. A tensor with more elements than its storage (an
 * expanded one) is refused, because a small file could then use much memory. */
static nca_status check_place(const nca__torch_lister *l, nca_torch_tensor *tensor,
                              const nca__torch_place *place)
{
    size_t stored = place->storage_bytes / place->type->bytes;
    size_t count = 1, last = place->offset;
    bool fits = true, empty = false;
    for (size_t i = 0; i < tensor->rank; i++) {
        empty |= tensor->shape[i] == 0;
    }
    for (size_t i = 0; i < tensor->rank && fits && !empty; i++) {
        size_t reach;
        fits = !__builtin_mul_overflow(count, tensor->shape[i], &count) &&
               !__builtin_mul_overflow(tensor->shape[i] - 1, place->strides[i], &reach) &&
               !__builtin_add_overflow(last, reach, &last);
    }
    if (!empty && (!fits || last >= stored)) {
        return FAIL(
            l, tensor, NCA_FORMAT,
            "shape, strides and offset reach past the %zu elements of its storage; the file "
            "is damaged",
            stored);
    }
    if (!empty && count > stored) {
        return FAIL(l, tensor, NCA_UNSUPPORTED,
                    "its %zu elements share the %zu of its storage; save it as tensor.contiguous()",
                    count, stored);
    }
    tensor->count = empty ? 0 : count;
    return NCA_OK;
}

/* ---- All tensors -----------------------------------------------------------------------------*/

static nca_status read_name(const nca__torch_lister *l, nca_torch_tensor *tensor,
                            const nca__pickle_object *key)
{
    if (key->kind != NCA__PICKLE_TEXT || key->text.length > NCA__TORCH_NAME_MAX ||
        memchr(key->text.bytes, 0, key->text.length) != NULL) {
        return nca__fail(
            l->error, NCA_FORMAT,
            "%s: the name of a tensor should be a string of at most %d bytes, found %s",
            l->file->name, NCA__TORCH_NAME_MAX, nca__pickle_kind_name(key->kind));
    }
    char *name = malloc(key->text.length + 1);
    if (name == NULL) {
        return nca__fail_memory(l->error, l->file->name, key->text.length);
    }
    memcpy(name, key->text.bytes, key->text.length);
    name[key->text.length] = 0;
    nca__clean_text(name);
    tensor->name = name;
    return NCA_OK;
}

static nca_status add_tensor(nca__torch_list *list, const nca__torch_lister *l,
                             const nca__pickle_link *link)
{
    const nca__pickle_object *object = object_at(l, link->value);
    if (list->count == list->capacity) {
        return nca__fail(l->error, NCA_LIMIT, "%s: more than %d tensors", l->file->name,
                         NCA__TORCH_TENSORS_MAX);
    }
    nca_torch_tensor *tensor = &list->tensors[list->count];
    nca__torch_place *place = &list->places[list->count];
    nca_status status = read_name(l, tensor, object_at(l, link->key));
    if (status != NCA_OK) {
        return status;
    }
    list->count++; /* from here on the list owns the name */
    const nca__pickle_object *storage = object_at(l, object->tensor.storage);
    place->type = storage->storage.type;
    tensor->dtype = place->type->dtype;
    status = read_shape(l, tensor, place, object);
    if (status == NCA_OK) {
        status = find_storage(l, place, tensor, storage);
    }
    return status == NCA_OK ? check_place(l, tensor, place) : status;
}

static int compare_names(const void *a, const void *b)
{
    const nca_torch_tensor *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

/* Python would use the last of two equal names; such a file is refused. */
nca_status nca__torch_list_sort(nca__torch_list *list, const char *name, nca_error *error)
{
    list->sorted = malloc((list->count + 1) * sizeof *list->sorted);
    if (list->sorted == NULL) {
        return nca__fail_memory(error, name, list->count * sizeof *list->sorted);
    }
    for (size_t i = 0; i < list->count; i++) {
        list->sorted[i] = &list->tensors[i];
    }
    qsort(list->sorted, list->count, sizeof *list->sorted, compare_names);
    for (size_t i = 1; i < list->count; i++) {
        if (compare_names(&list->sorted[i - 1], &list->sorted[i]) == 0) {
            return nca__fail(error, NCA_FORMAT, "%s: tensor \"%.80s\" appears twice in the file",
                             name, list->sorted[i]->name);
        }
    }
    return NCA_OK;
}

nca_status nca__torch_list_reserve(nca__torch_list *list, size_t count, const char *name,
                                   nca_error *error)
{
    list->capacity = count < NCA__TORCH_TENSORS_MAX ? count : NCA__TORCH_TENSORS_MAX;
    list->tensors = calloc(list->capacity + 1, sizeof *list->tensors);
    list->places = calloc(list->capacity + 1, sizeof *list->places);
    return list->tensors != NULL && list->places != NULL
               ? NCA_OK
               : nca__fail_memory(error, name, list->capacity * sizeof *list->places);
}

void nca__torch_list_free(nca__torch_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free((char *)list->tensors[i].name);
    }
    free(list->tensors);
    free(list->places);
    free(list->sorted);
    memset(list, 0, sizeof *list);
}

const nca_torch_tensor *nca__torch_list_find(const nca__torch_list *list, const char *name)
{
    size_t begin = 0, end = list->count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        int order = strcmp(name, list->sorted[middle]->name);
        if (order == 0) {
            return list->sorted[middle];
        }
        *(order < 0 ? &end : &begin) = order < 0 ? middle : middle + 1;
    }
    return NULL;
}

nca_status nca__torch_list_dictionary(nca__torch_list *list, const nca__torch_lister *l,
                                      const nca__pickle_object *dictionary)
{
    const nca__pickle *pickle = l->pickle;
    size_t count = 0;
    for (uint32_t at = dictionary->chain.first; at != NCA__PICKLE_END;
         at = pickle->links[at].next) {
        count += object_at(l, pickle->links[at].value)->kind == NCA__PICKLE_TENSOR;
    }
    /* At most the number of links, which is limited by the file size. */
    nca_status status = nca__torch_list_reserve(list, count, l->file->name, l->error);
    for (uint32_t at = dictionary->chain.first; at != NCA__PICKLE_END && status == NCA_OK;
         at = pickle->links[at].next) {
        if (object_at(l, pickle->links[at].value)->kind == NCA__PICKLE_TENSOR) {
            status = add_tensor(list, l, &pickle->links[at]);
        }
    }
    if (status == NCA_OK) {
        status = nca__torch_list_sort(list, l->file->name, l->error);
    }
    if (status != NCA_OK) {
        nca__torch_list_free(list);
    }
    return status;
}
