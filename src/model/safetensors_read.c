/* Reading safetensors files from untrusted sources: everything is checked before any of it is used.
 * nca/safetensors.h describes the format.
 *
 * Order of the checks: the header's length against the file, the JSON (no duplicate names, bounded
 * depth, no NUL), every tensor by itself (type, shape, byte count, offsets inside the data), and
 * all tensors in order of their offsets (no gap, no overlap, nothing after the last one). */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json_read.h"
#include "model/safetensors_dtype.h"

typedef struct text_pair {
    const char *key, *value;
} text_pair;

struct nca_safetensors {
    uint8_t *bytes;         /* the tensors' data */
    nca__json header;       /* owns every name, key and value below */
    nca_tensor_view *views; /* (count), in order of their data */
    size_t count;
    text_pair *metadata; /* (metadata_count), in the file's order */
    size_t metadata_count;
};

/* The context of the checks: the object being built, and what messages need. */
typedef struct parser {
    nca_safetensors *file;
    const char *name;
    const uint8_t *data; /* part 3 */
    size_t data_size;
    nca_error *error;
} parser;

/* Names come from the file and may be long; messages quote only their beginning. */
#define TENSOR "%s: tensor \"%.80s\": "

void nca_safetensors_close(nca_safetensors *file)
{
    if (file != NULL) {
        nca__json_free(&file->header);
        free(file->views);
        free(file->metadata);
        free(file->bytes);
        free(file);
    }
}

/* ---- The header ------------------------------------------------------------------------------*/

/* Finds the end of the JSON, or reports why the bytes are not a safetensors file. */
static nca_status check_prefix(size_t *out_header, const uint8_t *bytes, size_t size,
                               const char *name, nca_error *error)
{
    uint64_t header;
    if (size < sizeof header + 2) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: not a safetensors file: expected at least 10 bytes, found %zu", name,
                         size);
    }
    memcpy(&header, bytes, sizeof header);
    if (bytes[NCA__SAFETENSORS_PREFIX] != '{') {
        return nca__fail(error, NCA_FORMAT,
                         "%s: not a safetensors file: expected '{' at byte 8, found 0x%02x", name,
                         bytes[NCA__SAFETENSORS_PREFIX]);
    }
    if (header > size - NCA__SAFETENSORS_PREFIX) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: the header should have %llu bytes, but only %zu follow its length; "
                         "the file is truncated or damaged",
                         name, (unsigned long long)header, size - NCA__SAFETENSORS_PREFIX);
    }
    if (header > NCA__SAFETENSORS_HEADER_MAX) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: the header has %llu bytes; at most %d are supported", name,
                         (unsigned long long)header, NCA__SAFETENSORS_HEADER_MAX);
    }
    *out_header = (size_t)header;
    return NCA_OK;
}

static nca_status parse_header(parser *p, const uint8_t *text, size_t size)
{
    nca__json_problem problem;
    nca_status status = nca__json_parse(&p->file->header, &problem, (const char *)text, size);
    if (status == NCA_OUT_OF_MEMORY) {
        return nca__fail_memory(p->error, p->name, size);
    }
    if (status != NCA_OK) {
        return nca__fail(p->error, NCA_FORMAT, "%s: the header is not valid JSON, at byte %zu: %s",
                         p->name, problem.at + NCA__SAFETENSORS_PREFIX, problem.text);
    }
    /* The first byte is '{', so this is an object. */
    return NCA_OK;
}

static nca_status parse_metadata(parser *p, const nca__json_node *object)
{
    if (object->kind != NCA__JSON_OBJECT) {
        return nca__fail(p->error, NCA_FORMAT, "%s: __metadata__ should be an object", p->name);
    }
    size_t count = object->count;
    p->file->metadata = calloc(count + 1, sizeof *p->file->metadata);
    if (p->file->metadata == NULL) {
        return nca__fail_memory(p->error, p->name, count * sizeof *p->file->metadata);
    }
    for (const nca__json_node *value = nca__json_first(&p->file->header, object); value != NULL;
         value = nca__json_next(&p->file->header, value)) {
        if (value->kind != NCA__JSON_STRING) {
            return nca__fail(p->error, NCA_FORMAT,
                             "%s: metadata \"%.80s\" should be a string, like all metadata",
                             p->name, value->key);
        }
        p->file->metadata[p->file->metadata_count++] = (text_pair){value->key, value->string};
    }
    return NCA_OK;
}

/* ---- One tensor ------------------------------------------------------------------------------*/

/* An integer >= 0 that fits; reals such as 3.0 are refused. */
static bool size_from_json(size_t *out, const nca__json_node *value)
{
    if (value == NULL || value->kind != NCA__JSON_INTEGER || value->integer < 0 ||
        (uint64_t)value->integer > SIZE_MAX) {
        return false;
    }
    *out = (size_t)value->integer;
    return true;
}

static nca_status parse_shape(parser *p, nca_tensor_view *view, const nca__json_node *shape)
{
    if (shape->kind != NCA__JSON_ARRAY) {
        return nca__fail(p->error, NCA_FORMAT, TENSOR "shape should be an array", p->name,
                         view->name);
    }
    view->rank = shape->count;
    if (view->rank > NCA_SAFETENSORS_MAX_RANK) {
        return nca__fail(p->error, NCA_UNSUPPORTED,
                         TENSOR "has %zu dimensions; at most %d are supported", p->name, view->name,
                         view->rank, NCA_SAFETENSORS_MAX_RANK);
    }
    const nca__json_node *side = nca__json_first(&p->file->header, shape);
    for (size_t i = 0; i < view->rank; i++, side = nca__json_next(&p->file->header, side)) {
        if (!size_from_json(&view->shape[i], side)) {
            return nca__fail(p->error, NCA_FORMAT,
                             TENSOR "shape[%zu] should be a whole number of at least 0", p->name,
                             view->name, i);
        }
    }
    return NCA_OK;
}

/* The number of bytes for a type and a shape. */
static nca_status wanted_bytes(parser *p, size_t *out_bytes, const nca_tensor_view *view,
                               unsigned bits)
{
    size_t total = bits;
    for (size_t i = 0; i < view->rank; i++) {
        if (__builtin_mul_overflow(total, view->shape[i], &total)) {
            char text[NCA__SHAPE_TEXT];
            return nca__fail(p->error, NCA_FORMAT, TENSOR "shape %s is larger than a file can be",
                             p->name, view->name,
                             nca__shape_text(text, sizeof text, view->shape, view->rank));
        }
    }
    if (total % 8 != 0) {
        return nca__fail(p->error, NCA_FORMAT, TENSOR "%zu bits are not a whole number of bytes",
                         p->name, view->name, total);
    }
    *out_bytes = total / 8;
    return NCA_OK;
}

static nca_status parse_offsets(parser *p, nca_tensor_view *view, const nca__json_node *offsets,
                                size_t wanted)
{
    size_t begin;
    size_t end;
    const nca__json *header = &p->file->header;
    const nca__json_node *first =
        offsets->kind == NCA__JSON_ARRAY ? nca__json_first(header, offsets) : NULL;
    if (first == NULL || offsets->count != 2 || !size_from_json(&begin, first) ||
        !size_from_json(&end, nca__json_next(header, first))) {
        return nca__fail(p->error, NCA_FORMAT,
                         TENSOR "data_offsets should be two whole numbers of at least 0", p->name,
                         view->name);
    }
    if (begin > end || end > p->data_size) {
        return nca__fail(p->error, NCA_FORMAT,
                         TENSOR "data_offsets [%zu, %zu] are not within the %zu bytes of data; the "
                                "file is truncated or damaged",
                         p->name, view->name, begin, end, p->data_size);
    }
    if (end - begin != wanted) {
        char text[NCA__SHAPE_TEXT];
        return nca__fail(p->error, NCA_FORMAT,
                         TENSOR "shape %s needs %zu bytes, data_offsets [%zu, %zu] hold %zu",
                         p->name, view->name,
                         nca__shape_text(text, sizeof text, view->shape, view->rank), wanted, begin,
                         end, end - begin);
    }
    view->data = p->data + begin;
    view->bytes = wanted;
    return NCA_OK;
}

static nca_status parse_tensor(parser *p, nca_tensor_view *view, const nca__json_node *object)
{
    const nca__json_node *dtype = nca__json_find(&p->file->header, object, "dtype");
    const nca__json_node *shape = nca__json_find(&p->file->header, object, "shape");
    const nca__json_node *offsets = nca__json_find(&p->file->header, object, "data_offsets");
    if (object->count != 3 || dtype == NULL || shape == NULL || offsets == NULL) {
        return nca__fail(p->error, NCA_FORMAT,
                         TENSOR "should have exactly the keys dtype, shape and data_offsets",
                         p->name, view->name);
    }
    const char *type = dtype->string;
    if (type == NULL) {
        return nca__fail(p->error, NCA_FORMAT, TENSOR "dtype should be a string", p->name,
                         view->name);
    }
    unsigned bits = nca__dtype_from_name(&view->dtype, type);
    if (bits == 0) {
        return nca__fail(p->error, NCA_UNSUPPORTED, TENSOR "type \"%.20s\" is not known", p->name,
                         view->name, type);
    }
    size_t wanted = 0;
    nca_status status = parse_shape(p, view, shape);
    if (status == NCA_OK) {
        status = wanted_bytes(p, &wanted, view, bits);
    }
    if (status == NCA_OK) {
        status = parse_offsets(p, view, offsets, wanted);
    }
    return status;
}

/* ---- All tensors -----------------------------------------------------------------------------*/

static nca_status parse_tensors(parser *p)
{
    nca_safetensors *file = p->file;
    const nca__json_node *root = file->header.nodes;
    file->views = calloc((size_t)root->count + 1, sizeof *file->views);
    if (file->views == NULL) {
        return nca__fail_memory(p->error, p->name, root->count * sizeof *file->views);
    }
    for (const nca__json_node *value = nca__json_first(&file->header, root); value != NULL;
         value = nca__json_next(&file->header, value)) {
        nca_status status;
        if (strcmp(value->key, NCA__SAFETENSORS_METADATA) == 0) {
            status = parse_metadata(p, value);
        } else {
            nca_tensor_view *view = &file->views[file->count++];
            view->name = value->key;
            status = parse_tensor(p, view, value);
        }
        if (status != NCA_OK) {
            return status;
        }
    }
    return NCA_OK;
}

/* Empty tensors have the same offset as the next one and must come before it. */
static int compare_places(const void *a, const void *b)
{
    const nca_tensor_view *left = a;
    const nca_tensor_view *right = b;
    uintptr_t from[] = {(uintptr_t)left->data, (uintptr_t)right->data};
    if (from[0] != from[1]) {
        return from[0] < from[1] ? -1 : 1;
    }
    if (left->bytes != right->bytes) {
        return left->bytes < right->bytes ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

static nca_status check_coverage(parser *p)
{
    nca_safetensors *file = p->file;
    qsort(file->views, file->count, sizeof *file->views, compare_places);
    size_t covered = 0;
    for (size_t i = 0; i < file->count; i++) {
        const nca_tensor_view *view = &file->views[i];
        size_t begin = (size_t)((const uint8_t *)view->data - p->data);
        if (begin != covered) {
            return nca__fail(p->error, NCA_FORMAT,
                             TENSOR "begins at byte %zu of the data, where %zu was expected: %s",
                             p->name, view->name, begin, covered,
                             begin < covered ? "it overlaps the tensor before it"
                                             : "there is a gap before it");
        }
        covered += view->bytes;
    }
    if (covered != p->data_size) {
        return nca__fail(p->error, NCA_FORMAT,
                         "%s: the tensors cover %zu bytes of data, the file has %zu; expected "
                         "nothing after the last tensor",
                         p->name, covered, p->data_size);
    }
    return NCA_OK;
}

/* ---- Alignment -------------------------------------------------------------------------------*/

static size_t alignment_of(const nca_tensor_view *view)
{
    return view->dtype == NCA_DTYPE_U64 || view->dtype == NCA_DTYPE_F64 ? 8 : 4;
}

/* Header lengths and tensors of bytes can make the format place floats at odd addresses. The data
 * moves to the front of the buffer (malloc's alignment); if that is not enough, each tensor is
 * copied to an aligned place in a second buffer. */
static nca_status align_data(parser *p)
{
    nca_safetensors *file = p->file;
    bool aligned = true;
    for (size_t i = 0; i < file->count; i++) {
        size_t begin = (size_t)((const uint8_t *)file->views[i].data - p->data);
        file->views[i].data = file->bytes + begin;
        aligned = aligned && begin % alignment_of(&file->views[i]) == 0;
    }
    memmove(file->bytes, p->data, p->data_size);
    if (aligned) {
        return NCA_OK;
    }
    /* Every tensor grows by fewer than 8 bytes, and their number is limited: no overflow. */
    uint8_t *spaced = malloc(p->data_size + 8 * file->count);
    if (spaced == NULL) {
        return nca__fail_memory(p->error, p->name, p->data_size);
    }
    size_t place = 0;
    for (size_t i = 0; i < file->count; i++) {
        nca_tensor_view *view = &file->views[i];
        memcpy(spaced + place, view->data, view->bytes);
        view->data = spaced + place;
        place = (place + view->bytes + 7) / 8 * 8;
    }
    free(file->bytes);
    file->bytes = spaced;
    return NCA_OK;
}

/* ---- The object ------------------------------------------------------------------------------*/

/* Takes ownership of `bytes`, also on failure. */
static nca_status parse_owned(nca_safetensors **out_file, uint8_t *bytes, size_t size,
                              const char *name, nca_error *error)
{
    size_t header = 0;
    nca_safetensors *file = calloc(1, sizeof *file);
    if (file == NULL) {
        free(bytes);
        return nca__fail_memory(error, name, sizeof *file);
    }
    file->bytes = bytes;
    parser p = {.file = file, .name = name, .error = error};
    nca_status status = check_prefix(&header, bytes, size, name, error);
    if (status == NCA_OK) {
        p.data = bytes + NCA__SAFETENSORS_PREFIX + header;
        p.data_size = size - NCA__SAFETENSORS_PREFIX - header;
        status = parse_header(&p, bytes + NCA__SAFETENSORS_PREFIX, header);
    }
    if (status == NCA_OK) {
        status = parse_tensors(&p);
    }
    if (status == NCA_OK) {
        status = check_coverage(&p);
    }
    if (status == NCA_OK) {
        status = align_data(&p);
    }
    if (status != NCA_OK) {
        nca_safetensors_close(file);
        return status;
    }
    *out_file = file;
    return NCA_OK;
}

nca_status nca_safetensors_open(nca_safetensors **out_file, const char *path, size_t limit,
                                nca_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_status status = nca__file_read(&bytes, &size, path, limit, error);
    return status != NCA_OK ? status : parse_owned(out_file, bytes, size, path, error);
}

nca_status nca_safetensors_parse(nca_safetensors **out_file, const void *bytes, size_t size,
                                 const char *name, nca_error *error)
{
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL) {
        return nca__fail_memory(error, name, size);
    }
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    return parse_owned(out_file, copy, size, name, error);
}

size_t nca_safetensors_count(const nca_safetensors *file)
{
    return file->count;
}

const nca_tensor_view *nca_safetensors_at(const nca_safetensors *file, size_t index)
{
    return index < file->count ? &file->views[index] : NULL;
}

const nca_tensor_view *nca_safetensors_find(const nca_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->count; i++) {
        if (strcmp(file->views[i].name, name) == 0) {
            return &file->views[i];
        }
    }
    return NULL;
}

const char *nca_safetensors_metadata(const nca_safetensors *file, const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++) {
        if (strcmp(file->metadata[i].key, key) == 0) {
            return file->metadata[i].value;
        }
    }
    return NULL;
}

bool nca_safetensors_metadata_at(const nca_safetensors *file, size_t index, const char **out_key,
                                 const char **out_value)
{
    if (index >= file->metadata_count) {
        return false;
    }
    *out_key = file->metadata[index].key;
    *out_value = file->metadata[index].value;
    return true;
}
