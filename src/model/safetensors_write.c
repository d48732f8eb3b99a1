/* Writing safetensors: described first, streamed after, whole or not at all. Knows nothing of
 * models. The bytes follow from the calls alone: keys and tensors keep the order in which they were
 * described, and tensors lie in that order without gaps. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_read.h"
#include "base/utf8.h"
#include "model/safetensors_dtype.h"

struct nca_safetensors_writer {
    nca__writer file;
    char *path;         /* as the caller named it, for messages */
    json_t *metadata;   /* key: value */
    json_t *tensors;    /* name: description */
    uint64_t described; /* bytes of all tensors so far */
    uint64_t written;
    bool started;      /* the header is out: nothing can be described any more */
    nca_status broken; /* the first failure after that; commit repeats it */
};

void nca_safetensors_writer_destroy(nca_safetensors_writer *writer)
{
    if (writer != NULL) {
        nca__writer_abort(&writer->file);
        json_decref(writer->metadata);
        json_decref(writer->tensors);
        free(writer->path);
        free(writer);
    }
}

nca_status nca_safetensors_writer_open(nca_safetensors_writer **out_writer, const char *path,
                                       nca_error *error)
{
    nca_safetensors_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return nca__fail_memory(error, path, sizeof *writer);
    }
    writer->path = strdup(path);
    writer->metadata = json_object();
    writer->tensors = json_object();
    nca_status status;
    if (writer->path == NULL || writer->metadata == NULL || writer->tensors == NULL) {
        status = nca__fail_memory(error, path, strlen(path));
    } else {
        status = nca__writer_open(&writer->file, path, error);
    }
    if (status != NCA_OK) {
        nca_safetensors_writer_destroy(writer);
        return status;
    }
    *out_writer = writer;
    return NCA_OK;
}

/* ---- Describing ------------------------------------------------------------------------------*/

/* Whether `name` may still become a key of `object`. Takes `value`, NULL without memory, over and
 * adds it. */
static nca_status describe(nca_safetensors_writer *writer, json_t *object, const char *name,
                           json_t *value, nca_error *error)
{
    nca_status status = NCA_OK;
    if (writer->started || writer->file.stream == NULL) {
        status = nca__fail(error, NCA_INVALID_ARGUMENT,
                           "%s: \"%.80s\" should be described before the first byte is written",
                           writer->path, name);
    } else if (!nca__is_utf8(name)) {
        status = nca__fail(error, NCA_INVALID_ARGUMENT, "%s: \"%.80s\" should be valid UTF-8",
                           writer->path, name);
    } else if (json_object_get(object, name) != NULL) {
        status = nca__fail(error, NCA_INVALID_ARGUMENT, "%s: \"%.80s\" is described twice",
                           writer->path, name);
    } else if (value == NULL || json_object_set(object, name, value) != 0) {
        status = nca__fail_memory(error, writer->path, strlen(name));
    }
    json_decref(value);
    return status;
}

nca_status nca_safetensors_writer_metadata(nca_safetensors_writer *writer, const char *key,
                                           const char *value, nca_error *error)
{
    if (!nca__is_utf8(value)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the value of metadata \"%.80s\" should be valid UTF-8", writer->path,
                         key);
    }
    return describe(writer, writer->metadata, key, json_string(value), error);
}

/* The bytes of a tensor, or why it cannot be written. */
static nca_status tensor_bytes(uint64_t *out_bytes, const nca_safetensors_writer *writer,
                               const nca_tensor_view *tensor, nca_error *error)
{
    uint64_t bytes = nca__dtype_bits(tensor->dtype) / 8;
    if (bytes == 0 || tensor->rank > NCA_SAFETENSORS_MAX_RANK) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: tensor \"%.80s\": expected a supported type and at most %d "
                         "dimensions, found type %d and %zu dimensions",
                         writer->path, tensor->name, NCA_SAFETENSORS_MAX_RANK, (int)tensor->dtype,
                         tensor->rank);
    }
    if (strcmp(tensor->name, NCA__SAFETENSORS_METADATA) == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: a tensor cannot be named %s",
                         writer->path, tensor->name);
    }
    for (size_t i = 0; i < tensor->rank; i++) {
        /* JSON readers keep numbers in signed 64 bits, and count in bits. */
        if (tensor->shape[i] > INT64_MAX ||
            __builtin_mul_overflow(bytes, (uint64_t)tensor->shape[i], &bytes) ||
            bytes > INT64_MAX / 8 - writer->described) {
            char text[NCA__SHAPE_TEXT];
            return nca__fail(error, NCA_LIMIT, "%s: tensor \"%.80s\": shape %s is too large",
                             writer->path, tensor->name,
                             nca__shape_text(text, sizeof text, tensor->shape, tensor->rank));
        }
    }
    *out_bytes = bytes;
    return NCA_OK;
}

nca_status nca_safetensors_writer_tensor(nca_safetensors_writer *writer,
                                         const nca_tensor_view *tensor, nca_error *error)
{
    uint64_t bytes = 0;
    nca_status status = tensor_bytes(&bytes, writer, tensor, error);
    if (status != NCA_OK) {
        return status;
    }
    json_t *shape = json_array();
    for (size_t i = 0; i < tensor->rank; i++) {
        nca__json_append(&shape, json_integer((json_int_t)tensor->shape[i]));
    }
    json_t *offsets = json_array();
    nca__json_append(&offsets, json_integer((json_int_t)writer->described));
    nca__json_append(&offsets, json_integer((json_int_t)(writer->described + bytes)));
    json_t *description = json_object();
    nca__json_put(&description, "dtype", json_string(nca__dtype_name(tensor->dtype)));
    nca__json_put(&description, "shape", shape);
    nca__json_put(&description, "data_offsets", offsets);
    status = describe(writer, writer->tensors, tensor->name, description, error);
    if (status == NCA_OK) {
        writer->described += bytes;
    }
    return status;
}

/* ---- Writing ---------------------------------------------------------------------------------*/

/* The header's JSON with the metadata first, then the tensors; NULL without memory. */
static char *header_text(const nca_safetensors_writer *writer)
{
    json_t *root = json_object();
    int failed = root == NULL;
    if (!failed && json_object_size(writer->metadata) > 0) {
        failed = json_object_set(root, NCA__SAFETENSORS_METADATA, writer->metadata);
    }
    if (!failed) {
        failed = json_object_update(root, writer->tensors);
    }
    char *text = failed ? NULL : nca__json_dump(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

/* Whether the header, read back, has every key that was described: a file that replaces a good one
 * is not written on trust. */
static bool reads_back(const nca_safetensors_writer *writer, const char *text)
{
    nca__json json = {0};
    nca__json_problem problem;
    if (nca__json_parse(&json, &problem, text, strlen(text)) != NCA_OK) {
        return false;
    }
    const nca__json_node *metadata = nca__json_find(&json, json.nodes, NCA__SAFETENSORS_METADATA);
    const size_t pairs = json_object_size(writer->metadata);
    bool good = json.nodes[0].count == json_object_size(writer->tensors) + (pairs > 0) &&
                (metadata != NULL ? metadata->count : 0) == pairs;
    for (const nca__json_node *node = nca__json_first(&json, json.nodes); good && node != NULL;
         node = nca__json_next(&json, node)) {
        good = node == metadata || json_object_get(writer->tensors, node->key) != NULL;
    }
    nca__json_free(&json);
    return good;
}

static nca_status write_header(nca_safetensors_writer *writer, nca_error *error)
{
    static const char spaces[NCA__SAFETENSORS_ALIGNMENT] =
        "                                                                ";
    char *text = header_text(writer);
    if (text == NULL || !reads_back(writer, text)) {
        free(text);
        return nca__fail_memory(error, writer->path, NCA__SAFETENSORS_HEADER_MAX);
    }
    size_t length = strlen(text);
    size_t padding = -(length + NCA__SAFETENSORS_PREFIX) % NCA__SAFETENSORS_ALIGNMENT;
    uint64_t total = length + padding;
    nca_status status;
    if (total > NCA__SAFETENSORS_HEADER_MAX) {
        status = nca__fail(error, NCA_LIMIT,
                           "%s: the header would have %" PRIu64 " bytes; at most %d are supported",
                           writer->path, total, NCA__SAFETENSORS_HEADER_MAX);
    } else {
        status = nca__writer_write(&writer->file, &total, sizeof total, error);
    }
    if (status == NCA_OK) {
        status = nca__writer_write(&writer->file, text, length, error);
    }
    if (status == NCA_OK) {
        status = nca__writer_write(&writer->file, spaces, padding, error);
    }
    free(text);
    return status;
}

/* Writes the header before anything else, and refuses to go on after a failure. */
static nca_status start(nca_safetensors_writer *writer, nca_error *error)
{
    if (writer->file.stream == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: is already committed", writer->path);
    }
    if (writer->broken != NCA_OK) {
        return nca__fail(error, writer->broken, "%s: cannot continue, an earlier write failed",
                         writer->path);
    }
    if (!writer->started) {
        writer->started = true;
        writer->broken = write_header(writer, error);
    }
    return writer->broken;
}

nca_status nca_safetensors_writer_write(nca_safetensors_writer *writer, const void *bytes,
                                        size_t size, nca_error *error)
{
    nca_status status = start(writer, error);
    if (status != NCA_OK) {
        return status;
    }
    if (size > writer->described - writer->written) {
        writer->broken = nca__fail(error, NCA_MISMATCH,
                                   "%s: the tensors described have %" PRIu64
                                   " bytes; found %zu more after %" PRIu64,
                                   writer->path, writer->described, size, writer->written);
        return writer->broken;
    }
    writer->broken = nca__writer_write(&writer->file, bytes, size, error);
    writer->written += size;
    return writer->broken;
}

nca_status nca_safetensors_writer_commit(nca_safetensors_writer *writer, nca_error *error)
{
    nca_status status = start(writer, error);
    if (status == NCA_OK && writer->written != writer->described) {
        status = nca__fail(error, NCA_MISMATCH,
                           "%s: the tensors described have %" PRIu64 " bytes; found %" PRIu64,
                           writer->path, writer->described, writer->written);
    }
    if (status != NCA_OK) {
        nca__writer_abort(&writer->file);
        return status;
    }
    return nca__writer_commit(&writer->file, error);
}
