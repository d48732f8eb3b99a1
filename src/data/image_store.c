/* See image_store.h. The file is written by system calls and mapped only when it is complete: a
 * full disk is an error of write(), while a mapping for writing would end the process (SIGBUS). */
#include "data/image_store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/saturate.h"
#include "data/unnamed_file.h"

static const size_t buffer_bytes = (size_t)1 << 20;

static size_t image_bytes(const nca__image_store *store)
{
    return store->pixels * store->channels;
}

static nca_status allocate(nca__image_store *store, nca_error *error)
{
    const size_t each = image_bytes(store);
    const size_t all = nca__saturating_multiply(store->capacity, each);
    if (all <= store->memory_limit) {
        store->bytes = malloc(all > 0 ? all : 1);
        return store->bytes != NULL ? NCA_OK : nca__fail_memory(error, "images", all);
    }
    store->room = each < buffer_bytes ? buffer_bytes / each : 1;
    store->buffer = malloc(store->room * each);
    if (store->buffer == NULL) {
        return nca__fail_memory(error, "images", store->room * each);
    }
    return nca__unnamed_open(&store->file, store->beside, error);
}

nca_status nca__image_store_create(nca__image_store *out, size_t pixels, size_t channels,
                                   size_t capacity, uint64_t memory_limit, const char *beside,
                                   nca_error *error)
{
    nca__image_store store = {.pixels = pixels,
                              .channels = channels,
                              .capacity = capacity,
                              .memory_limit = memory_limit,
                              .beside = beside,
                              .file = -1};
    const nca_status status = allocate(&store, error);
    if (status != NCA_OK) {
        nca__image_store_clear(&store);
    }
    *out = store;
    return status;
}

void nca__image_store_clear(nca__image_store *store)
{
    if (store->capacity == 0) {
        return;
    }
    if (store->mapped > 0) {
        munmap(store->bytes, store->mapped);
    } else {
        free(store->bytes);
    }
    if (store->file >= 0) {
        close(store->file);
    }
    free(store->buffer);
    *store = (nca__image_store){0};
}

static nca_status flush(nca__image_store *store, nca_error *error)
{
    const nca_status status = nca__unnamed_append(store->file, store->buffer,
                                                  store->buffered * image_bytes(store), error);
    store->buffered = 0;
    return status;
}

nca_status nca__image_store_finish(nca__image_store *store, nca_error *error)
{
    if (store->file < 0) {
        return NCA_OK;
    }
    nca_status status = flush(store, error);
    free(store->buffer);
    store->buffer = NULL;
    if (status == NCA_OK && store->count > 0) {
        const size_t size = store->count * image_bytes(store);
        void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, store->file, 0);
        if (bytes == MAP_FAILED) {
            return nca__unnamed_fail(error, "mapped into memory", errno);
        }
        store->bytes = bytes;
        store->mapped = size;
    }
    return status;
}

/* Copies a grey store to one with three channels. */
static nca_status widen(nca__image_store *store, nca_error *error)
{
    nca__image_store wide;
    nca_status status = nca__image_store_finish(store, error);
    if (status == NCA_OK) {
        status = nca__image_store_create(&wide, store->pixels, 3, store->capacity,
                                         store->memory_limit, store->beside, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    for (size_t i = 0; i < store->count && status == NCA_OK; i++) {
        status = nca__image_store_append(&wide, store->bytes + i * image_bytes(store), 1, error);
    }
    if (status != NCA_OK) {
        nca__image_store_clear(&wide);
        return status;
    }
    nca__image_store_clear(store);
    *store = wide;
    return NCA_OK;
}

/* Where the next image is written. */
static nca_status next_place(uint8_t **out, nca__image_store *store, nca_error *error)
{
    if (store->file < 0) {
        *out = store->bytes + store->count * image_bytes(store);
        return NCA_OK;
    }
    const nca_status status = store->buffered == store->room ? flush(store, error) : NCA_OK;
    *out = store->buffer + store->buffered * image_bytes(store);
    return status;
}

nca_status nca__image_store_append(nca__image_store *store, const uint8_t *image, size_t channels,
                                   nca_error *error)
{
    assert(store->count < store->capacity && (channels == 1 || channels == 3));
    uint8_t *place = NULL;
    nca_status status = NCA_OK;
    if (channels > store->channels) {
        status = widen(store, error);
    }
    if (status == NCA_OK) {
        status = next_place(&place, store, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    if (channels == store->channels) {
        memcpy(place, image, image_bytes(store));
    } else {
        for (size_t k = 0; k < store->pixels; k++) {
            memset(place + 3 * k, image[k], 3);
        }
    }
    store->count++;
    store->buffered += store->file >= 0;
    return NCA_OK;
}
