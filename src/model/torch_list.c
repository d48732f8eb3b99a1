/* From a pickle's objects to a list of tensors, each checked against the storage that it lies in.
 * Knows nothing of models; reads no values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/torch_file.h"

/* What the checks pass around. */
typedef struct lister {
    nca_torch *file;
    const nca__pickle *pickle;
    const char *folder;
    size_t folder_length;
    nca_error *error;
} lister;

/* Names come from the file; messages quote their beginning. */
#define FAIL(l, tensor, status, ...)             \
    (nca__fail((l)->error, status, __VA_ARGS__), \
     nca__fail_in((l)->error, status, "%s: tensor \"%.80s\"", (l)->file->name, (tensor)->name))

static const nca__pickle_object *object_at(const lister *l, nca__pickle_ref ref)
{
    return &l->pickle->objects[ref];
}

/* ---- Which dictionary ------------------------------------------------------------------------*/

static bool has_tensors(const lister *l, const nca__pickle_object *dict)
{
    for (uint32_t at = dict->chain.first; at != NCA__PICKLE_END; at = l->pickle->links[at].next) {
        if (object_at(l, l->pickle->links[at].value)->kind == NCA__PICKLE_TENSOR) {
            return true;
        }
    }
    return false;
}

/* What a checkpoint holds under one of the usual names (one step, no more), else the root itself:
 * beside the state dict a checkpoint may have tensors of its own. */
static const nca__pickle_object *find_dict(const lister *l)
{
    static const char *const usual[] = {"state_dict", "model_state_dict", "model"};
    const nca__pickle_object *root = object_at(l, l->pickle->root);
    if (root->kind != NCA__PICKLE_DICT) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        for (uint32_t at = root->chain.first; at != NCA__PICKLE_END;
             at = l->pickle->links[at].next) {
            const nca__pickle_object *value = object_at(l, l->pickle->links[at].value);
            if (nca__pickle_is_text(object_at(l, l->pickle->links[at].key), usual[i]) &&
                value->kind == NCA__PICKLE_DICT && has_tensors(l, value)) {
                return value;
            }
        }
    }
    return has_tensors(l, root) ? root : NULL;
}

/* ---- One tensor ------------------------------------------------------------------------------*/

/* A tuple of whole numbers >= 0. */
static nca_status read_sizes(const lister *l, size_t *out, const nca_torch_tensor *tensor,
                             const nca__pickle_object *tuple, const char *what)
{
    for (uint32_t i = 0; i < tuple->tuple.count; i++) {
        const nca__pickle_object *item = object_at(l, l->pickle->items[tuple->tuple.first + i]);
        if (item->kind != NCA__PICKLE_INTEGER || item->integer < 0 ||
            (uint64_t)item->integer > SIZE_MAX) {
            return FAIL(l, tensor, NCA_FORMAT, "%s[%u] should be a whole number from 0 on", what,
                        i);
        }
        out[i] = (size_t)item->integer;
    }
    return NCA_OK;
}

static nca_status read_shape(const lister *l, nca_torch_tensor *tensor, nca__torch_place *place,
                             const nca__pickle_object *object)
{
    const nca__pickle_object *shape = object_at(l, object->tensor.shape);
    const nca__pickle_object *strides = object_at(l, object->tensor.strides);
    const nca__pickle_object *offset = object_at(l, object->tensor.offset);
    tensor->rank = shape->tuple.count;
    if (tensor->rank > NCA_TORCH_MAX_RANK) {
        return FAIL(l, tensor, NCA_UNSUPPORTED, "has %zu dimensions; at most %d are read",
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

/* The member "FOLDER/data/KEY", of exactly the bytes that the storage says. */
static nca_status find_storage(const lister *l, nca__torch_place *place,
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

/* Whether every element lies in the storage. A tensor with more elements than its storage (an
 * expanded one) would take memory that the file does not pay for. */
static nca_status check_place(const lister *l, nca_torch_tensor *tensor,
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

static nca_status read_name(const lister *l, nca_torch_tensor *tensor,
                            const nca__pickle_object *key)
{
    if (key->kind != NCA__PICKLE_TEXT || key->text.length > NCA__TORCH_NAME_MAX ||
        memchr(key->text.bytes, 0, key->text.length) != NULL) {
        return nca__fail(l->error, NCA_FORMAT,
                         "%s: the name of a tensor should be a text of at most %d bytes, found %s",
                         l->file->name, NCA__TORCH_NAME_MAX, nca__pickle_kind_name(key->kind));
    }
    char *name = strndup(key->text.bytes, key->text.length);
    if (name == NULL) {
        return nca__fail_memory(l->error, l->file->name, key->text.length);
    }
    nca__clean_text(name);
    tensor->name = name;
    return NCA_OK;
}

static nca_status add_tensor(const lister *l, const nca__pickle_link *link)
{
    nca_torch *file = l->file;
    const nca__pickle_object *object = object_at(l, link->value);
    if (file->count == file->capacity) {
        return nca__fail(l->error, NCA_LIMIT, "%s: more than %d tensors", file->name,
                         NCA__TORCH_TENSORS_MAX);
    }
    nca_torch_tensor *tensor = &file->tensors[file->count];
    nca__torch_place *place = &file->places[file->count];
    nca_status status = read_name(l, tensor, object_at(l, link->key));
    if (status != NCA_OK) {
        return status;
    }
    file->count++; /* from here on the list owns the name */
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

/* Python would keep the last of two; a file that says a thing twice is not trusted. */
static nca_status sort_and_refuse_twins(const lister *l)
{
    nca_torch *file = l->file;
    file->sorted = malloc(file->count * sizeof *file->sorted);
    if (file->sorted == NULL) {
        return nca__fail_memory(l->error, file->name, file->count * sizeof *file->sorted);
    }
    for (size_t i = 0; i < file->count; i++) {
        file->sorted[i] = &file->tensors[i];
    }
    qsort(file->sorted, file->count, sizeof *file->sorted, compare_names);
    for (size_t i = 1; i < file->count; i++) {
        if (compare_names(&file->sorted[i - 1], &file->sorted[i]) == 0) {
            return FAIL(l, file->sorted[i], NCA_FORMAT, "stands in the file twice");
        }
    }
    return NCA_OK;
}

/* Room for the tensors of a dictionary: no more than there are links, which the file paid for. */
static nca_status make_room(const lister *l, const nca__pickle_object *dict)
{
    size_t count = 0;
    for (uint32_t at = dict->chain.first; at != NCA__PICKLE_END; at = l->pickle->links[at].next) {
        count += object_at(l, l->pickle->links[at].value)->kind == NCA__PICKLE_TENSOR;
    }
    nca_torch *file = l->file;
    file->capacity = count < NCA__TORCH_TENSORS_MAX ? count : NCA__TORCH_TENSORS_MAX;
    file->tensors = calloc(file->capacity, sizeof *file->tensors);
    file->places = calloc(file->capacity, sizeof *file->places);
    if (file->tensors == NULL || file->places == NULL) {
        return nca__fail_memory(l->error, file->name, file->capacity * sizeof *file->places);
    }
    return NCA_OK;
}

nca_status nca__torch_list(nca_torch *file, const nca__pickle *pickle, const char *folder,
                           size_t folder_length, nca_error *error)
{
    nca_error ignored; /* messages are built up from inside out, so there has to be a place */
    const lister l = {file, pickle, folder, folder_length, error != NULL ? error : &ignored};
    const nca__pickle_object *dict = find_dict(&l);
    if (dict == NULL) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: expected a dictionary of tensors, as torch.save(model.state_dict(), "
                         "path) writes; found %s without tensors",
                         file->name, nca__pickle_kind_name(object_at(&l, pickle->root)->kind));
    }
    nca_status status = make_room(&l, dict);
    for (uint32_t at = dict->chain.first; at != NCA__PICKLE_END && status == NCA_OK;
         at = pickle->links[at].next) {
        if (object_at(&l, pickle->links[at].value)->kind == NCA__PICKLE_TENSOR) {
            status = add_tensor(&l, &pickle->links[at]);
        }
    }
    return status == NCA_OK ? sort_and_refuse_twins(&l) : status;
}
