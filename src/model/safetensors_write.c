/* Writing safetensors: first the descriptions, then the data as a stream; the file is written whole
 * or not at all. The bytes depend only on the calls: keys and tensors keep the order in which they
 * were described, and the data of the tensors is in that order without gaps. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "model/safetensors_dtype.h"

/* An object of the header, and its keys in the same order, each terminated by a 0. */
typedef struct described {
    nca__json_writer json;
    nca__growing_text keys;
    size_t count;
} described;

struct nca_safetensors_writer {
    nca__writer file;
    char *path;         /* as passed by the caller, for messages */
    described metadata; /* key: value */
    described tensors;  /* name: description */
    uint64_t described; /* bytes of all tensors so far */
    uint64_t written;
    bool started;      /* the header is written: no more descriptions are accepted */
    nca_status broken; /* the first failure after that; commit repeats it */
};

static described described_make(void)
{
    described made = {.json = nca__json_writer_make(0, 0), .keys = nca__growing_text_make(64)};
    nca__json_begin_object(&made.json, NULL);
    return made;
}

static bool has_memory(const described *d)
{
    return d->json.out.text != NULL && d->keys.text != NULL;
}

static void described_free(described *d)
{
    free(d->json.out.text);
    free(d->keys.text);
}

void nca_safetensors_writer_destroy(nca_safetensors_writer *writer)
{
    if (writer != NULL) {
        nca__writer_abort(&writer->file);
        described_free(&writer->metadata);
        described_free(&writer->tensors);
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
    writer->metadata = described_make();
    writer->tensors = described_make();
    nca_status status;
    if (writer->path == NULL || !has_memory(&writer->metadata) || !has_memory(&writer->tensors)) {
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

/* Adds `key` to the keys, if descriptions are still accepted. The caller adds its value. */
static nca_status add_key(nca_safetensors_writer *writer, described *d, const char *key,
                          nca_error *error)
{
    if (writer->started || writer->file.stream == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: \"%.80s\" should be described before the first byte is written",
                         writer->path, key);
    }
    if (!nca__is_utf8(key)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: \"%.80s\" should be valid UTF-8",
                         writer->path, key);
    }
    if (!has_memory(d)) {
        return nca__fail_memory(error, writer->path, strlen(key));
    }
    for (const char *at = d->keys.text; at < d->keys.text + d->keys.length; at += strlen(at) + 1) {
        if (strcmp(at, key) == 0) {
            return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: \"%.80s\" is described twice",
                             writer->path, key);
        }
    }
    nca__grow(&d->keys, key, strlen(key) + 1);
    d->count++;
    return NCA_OK;
}

nca_status nca_safetensors_writer_metadata(nca_safetensors_writer *writer, const char *key,
                                           const char *value, nca_error *error)
{
    if (!nca__is_utf8(value)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the value of metadata \"%.80s\" should be valid UTF-8", writer->path,
                         key);
    }
    const nca_status status = add_key(writer, &writer->metadata, key, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__json_string(&writer->metadata.json, key, value);
    return has_memory(&writer->metadata) ? NCA_OK
                                         : nca__fail_memory(error, writer->path, strlen(key));
}

/* The number of bytes of a tensor, or the reason why it cannot be written. */
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
        /* JSON readers use signed 64-bit numbers, and count in bits. */
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
    status = add_key(writer, &writer->tensors, tensor->name, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__json_writer *w = &writer->tensors.json;
    nca__json_begin_object(w, tensor->name);
    nca__json_string(w, "dtype", nca__dtype_name(tensor->dtype));
    nca__json_begin_array(w, "shape");
    for (size_t i = 0; i < tensor->rank; i++) {
        nca__json_integer(w, NULL, (int64_t)tensor->shape[i]);
    }
    nca__json_end(w);
    nca__json_begin_array(w, "data_offsets");
    nca__json_integer(w, NULL, (int64_t)writer->described);
    nca__json_integer(w, NULL, (int64_t)(writer->described + bytes));
    nca__json_end(w);
    nca__json_end(w);
    writer->described += bytes;
    return has_memory(&writer->tensors)
               ? NCA_OK
               : nca__fail_memory(error, writer->path, strlen(tensor->name));
}

/* ---- Writing ---------------------------------------------------------------------------------*/

/* The header's JSON with the metadata first, then the tensors; NULL if out of memory. */
static char *header_text(nca_safetensors_writer *writer)
{
    nca__json_end(&writer->metadata.json);
    nca__json_end(&writer->tensors.json);
    if (!has_memory(&writer->metadata) || !has_memory(&writer->tensors)) {
        return NULL;
    }
    const char *tensors = writer->tensors.json.out.text + 1; /* after the opening brace */
    nca__growing_text text =
        nca__growing_text_make(writer->metadata.json.out.length + strlen(tensors) + 32);
    nca__grow_text(&text, "{");
    if (writer->metadata.count > 0) {
        nca__grow_text(&text, "\"" NCA__SAFETENSORS_METADATA "\":");
        nca__grow_text(&text, writer->metadata.json.out.text);
        nca__grow_text(&text, writer->tensors.count > 0 ? "," : "");
    }
    nca__grow_text(&text, tensors);
    return text.text;
}

static nca_status write_header(nca_safetensors_writer *writer, nca_error *error)
{
    static const char spaces[NCA__SAFETENSORS_ALIGNMENT] =
        "                                                                ";
    char *text = header_text(writer);
    if (text == NULL) {
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

/* Writes the header if that was not done yet; fails if an earlier write failed. */
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
