/* Fuzzing nca_safetensors_parse: accepted tensors are inside the file without gaps, and are
 * unchanged after writing and reading. */
#include <stdlib.h>

#include "fuzz/harness.h"
#include "nca/safetensors.h"

/* Reads every byte, so that a view outside its buffer is detected. Returns whether the writer
 * supports all types. */
static bool check_views(const nca_safetensors *file, size_t size)
{
    bool writable = true;
    size_t bytes = 0;
    unsigned sum = 0;
    for (size_t i = 0; i < nca_safetensors_count(file); i++) {
        const nca_tensor_view *view = nca_safetensors_at(file, i);
        FUZZ_CHECK(view->rank <= NCA_SAFETENSORS_MAX_RANK);
        FUZZ_CHECK(nca_safetensors_find(file, view->name) == view);
        FUZZ_CHECK(view->dtype != NCA_DTYPE_F32 || (uintptr_t)view->data % sizeof(float) == 0);
        for (size_t k = 0; k < view->bytes; k++) {
            sum += ((const uint8_t *)view->data)[k];
        }
        bytes += view->bytes;
        writable = writable && view->dtype != NCA_DTYPE_OTHER;
    }
    FUZZ_CHECK(bytes < size && sum <= 255u * bytes);
    return writable;
}

static void write_again(const nca_safetensors *file)
{
    nca_safetensors_writer *writer = NULL;
    const char *key, *value;
    FUZZ_CHECK(nca_safetensors_writer_open(&writer, fuzz_scratch(0), NULL) == NCA_OK);
    for (size_t i = 0; nca_safetensors_metadata_at(file, i, &key, &value); i++) {
        FUZZ_CHECK(nca_safetensors_writer_metadata(writer, key, value, NULL) == NCA_OK);
    }
    for (size_t i = 0; i < nca_safetensors_count(file); i++) {
        FUZZ_CHECK(nca_safetensors_writer_tensor(writer, nca_safetensors_at(file, i), NULL) ==
                   NCA_OK);
    }
    for (size_t i = 0; i < nca_safetensors_count(file); i++) {
        const nca_tensor_view *view = nca_safetensors_at(file, i);
        FUZZ_CHECK(nca_safetensors_writer_write(writer, view->data, view->bytes, NULL) == NCA_OK);
    }
    FUZZ_CHECK(nca_safetensors_writer_commit(writer, NULL) == NCA_OK);
    nca_safetensors_writer_destroy(writer);
}

static void check_same(const nca_safetensors *file, const nca_safetensors *again)
{
    const char *key, *value;
    for (size_t i = 0; nca_safetensors_metadata_at(file, i, &key, &value); i++) {
        FUZZ_CHECK(strcmp(nca_safetensors_metadata(again, key), value) == 0);
    }
    FUZZ_CHECK(nca_safetensors_count(again) == nca_safetensors_count(file));
    for (size_t i = 0; i < nca_safetensors_count(file); i++) {
        const nca_tensor_view *view = nca_safetensors_at(file, i);
        const nca_tensor_view *other = nca_safetensors_find(again, view->name);
        FUZZ_CHECK(other != NULL && other->dtype == view->dtype && other->rank == view->rank);
        FUZZ_CHECK(memcmp(other->shape, view->shape, view->rank * sizeof view->shape[0]) == 0);
        FUZZ_CHECK(other->bytes == view->bytes);
        FUZZ_CHECK(view->bytes == 0 || memcmp(other->data, view->data, view->bytes) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nca_error error = {0};
    nca_safetensors *file = NULL;
    nca_safetensors *again = NULL;
    nca_status status = nca_safetensors_parse(&file, bytes, size, FUZZ_NAME, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(file == NULL);
        return 0;
    }
    if (check_views(file, size)) {
        write_again(file);
        FUZZ_CHECK(nca_safetensors_open(&again, fuzz_scratch(0), (size_t)1 << 30, NULL) == NCA_OK);
        check_same(file, again);
    }
    nca_safetensors_close(again);
    nca_safetensors_close(file);
    return 0;
}
