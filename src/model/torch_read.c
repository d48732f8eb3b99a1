/* Opening a file of torch.save: its format, its parts and its pickle. torch_list.c lists the
 * tensors, torch_values.c reads their values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "model/model_limits.h"
#include "model/torch_file.h"
#include "nca/files.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "storages are little-endian and this code takes their bytes as they are"
#endif

enum {
    BEGINNING = 40, /* number of bytes that identify the format */
    FRAME = 9,      /* an opcode and a length */
    BYTE_ORDER_MAX = 16
};

/* The format before 1.6 begins with a pickle of the number 0x1950a86a20f9469cfc6c: as text in
 * protocols 0 and 1, as bytes from protocol 2 on, inside a frame from protocol 4 on. */
static bool is_old_form(const uint8_t *bytes, size_t size)
{
    static const char text[] = "L119547037146038801333356L";
    static const uint8_t number[] = {0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                     0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};
    if (size >= sizeof text - 1 && memcmp(bytes, text, sizeof text - 1) == 0) {
        return true;
    }
    size_t at = 2;
    if (size > at && bytes[0] == 0x80 && bytes[at] == 0x95) {
        at += FRAME;
    }
    return size >= at + sizeof number && bytes[0] == 0x80 &&
           memcmp(bytes + at, number, sizeof number) == 0;
}

/* Reads the first bytes of a file; returns 0 if it cannot be read, which is reported when it is
 * opened. */
static size_t read_beginning(uint8_t out[BEGINNING], const char *path)
{
    FILE *stream;
    if (nca_file_open(&stream, path, NULL) != NCA_OK) {
        return 0;
    }
    size_t size = fread(out, 1, BEGINNING, stream);
    fclose(stream);
    return size;
}

static bool is_zip(const uint8_t *bytes, size_t size)
{
    return size >= 4 && memcmp(bytes, "PK\003\004", 4) == 0;
}

/* Safetensors files begin with a length, then '{'. */
static bool is_safetensors(const uint8_t *bytes, size_t size)
{
    return size > 8 && bytes[8] == '{';
}

bool nca_torch_is(const char *path)
{
    uint8_t bytes[BEGINNING];
    size_t size = read_beginning(bytes, path);
    return is_zip(bytes, size) || is_old_form(bytes, size) ||
           (is_safetensors(bytes, size) && nca__is_safetensors_state_dict(path));
}

static nca_status fail_old_form(const char *name, nca_error *error)
{
    return nca__fail(error, NCA_UNSUPPORTED,
                     "%.300s: this is the format of torch.save before PyTorch 1.6, which is not "
                     "supported; save it again with a newer PyTorch: "
                     "torch.save(torch.load(\"%.300s\", map_location=\"cpu\"), \"new.pt\")",
                     name, name);
}

/* ---- The parts of the archive ----------------------------------------------------------------*/

/* Finds the only member named "data.pkl" in some folder; *out_folder is the length of the path
 * before it. */
static nca_status find_pickle(size_t *out_index, size_t *out_folder, const nca_torch *file,
                              nca_error *error)
{
    static const char wanted[] = "data.pkl";
    size_t found = 0;
    for (size_t i = 0; i < nca__zip_count(file->zip); i++) {
        const char *name = nca__zip_name(file->zip, i);
        size_t length = strlen(name), tail = sizeof wanted - 1;
        if (length < tail || strcmp(name + length - tail, wanted) != 0 ||
            (length > tail && name[length - tail - 1] != '/')) {
            continue;
        }
        found++;
        *out_index = i;
        *out_folder = length - tail;
    }
    if (found == 1) {
        return NCA_OK;
    }
    return nca__fail(
        error, NCA_FORMAT,
        "%s: a zip archive, but not from torch.save: expected one member data.pkl, found %zu",
        file->name, found);
}

/* The member "byteorder" contains "little" or "big"; older files do not have it and are
 * little-endian. */
static nca_status read_byte_order(nca_torch *file, const char *folder, size_t folder_length,
                                  nca_error *error)
{
    char *path = malloc(folder_length + sizeof "byteorder");
    if (path == NULL) {
        return nca__fail_memory(error, file->name, folder_length);
    }
    memcpy(path, folder, folder_length);
    memcpy(path + folder_length, "byteorder", sizeof "byteorder");
    size_t index = 0, size = 0;
    bool there = nca__zip_find(&index, file->zip, path);
    free(path);
    if (!there) {
        return NCA_OK;
    }
    uint8_t *text = NULL;
    nca_status status = nca__zip_read_all(&text, &size, file->zip, index, BYTE_ORDER_MAX, error);
    if (status != NCA_OK) {
        return status;
    }
    file->swapped = size == 3 && memcmp(text, "big", 3) == 0;
    bool known = file->swapped || (size == 6 && memcmp(text, "little", 6) == 0);
    free(text);
    return known ? NCA_OK
                 : nca__fail(error, NCA_FORMAT, "%s: its byteorder should be \"little\" or \"big\"",
                             file->name);
}

/* ---- The object ------------------------------------------------------------------------------*/

void nca_torch_close(nca_torch *file)
{
    if (file != NULL) {
        nca__torch_list_free(&file->list);
        for (size_t i = 0; i < file->text_count; i++) {
            free(file->texts[i].key);
            free(file->texts[i].value);
        }
        free(file->texts);
        free(file->storage);
        free(file->own_name);
        nca_safetensors_close(file->safetensors);
        nca__zip_close(file->zip);
        free(file);
    }
}

static nca_status read_parts(nca_torch *file, nca_error *error)
{
    size_t index = 0, folder_length = 0, size = 0;
    uint8_t *bytes = NULL;
    nca__pickle pickle = {0};
    nca_status status = find_pickle(&index, &folder_length, file, error);
    if (status != NCA_OK) {
        return status;
    }
    const char *folder = nca__zip_name(file->zip, index);
    status = read_byte_order(file, folder, folder_length, error);
    if (status == NCA_OK) {
        status = nca__zip_read_all(&bytes, &size, file->zip, index, NCA__PICKLE_MAX, error);
    }
    if (status == NCA_OK) {
        status = nca__pickle_parse(&pickle, bytes, size, file->name, error);
    }
    if (status == NCA_OK) {
        status = nca__torch_list_pickle(file, &pickle, folder, folder_length, error);
    }
    nca__pickle_free(&pickle);
    free(bytes);
    return status;
}

/* Takes ownership of the zip or the safetensors, also on failure; for the latter, `name` is
 * copied. */
static nca_status open_parts(nca_torch **out_file, nca__zip *zip, nca_safetensors *safetensors,
                             const char *name, nca_error *error)
{
    nca_torch *file = calloc(1, sizeof *file);
    char *own = safetensors != NULL ? malloc(strlen(name) + 1) : NULL;
    if (file == NULL || (safetensors != NULL && own == NULL)) {
        free(file);
        free(own);
        nca__zip_close(zip);
        nca_safetensors_close(safetensors);
        return nca__fail_memory(error, "state dict", sizeof *file);
    }
    file->zip = zip;
    file->safetensors = safetensors;
    file->own_name = own;
    nca_status status;
    if (safetensors != NULL) {
        file->name = strcpy(own, name);
        status = nca__torch_list_safetensors(file, error);
    } else {
        file->name = nca__zip_path(zip);
        status = read_parts(file, error);
    }
    if (status != NCA_OK) {
        nca_torch_close(file);
        return status;
    }
    *out_file = file;
    return NCA_OK;
}

nca_status nca_torch_open(nca_torch **out_file, const char *path, nca_error *error)
{
    uint8_t bytes[BEGINNING];
    const size_t size = read_beginning(bytes, path);
    nca__zip *zip = NULL;
    nca_safetensors *safetensors = NULL;
    if (is_old_form(bytes, size)) {
        return fail_old_form(path, error);
    }
    nca_status status = is_safetensors(bytes, size)
                            ? nca_safetensors_open(&safetensors, path, NCA__MODEL_FILE_MAX, error)
                            : nca__zip_open(&zip, path, error);
    return status == NCA_OK ? open_parts(out_file, zip, safetensors, path, error) : status;
}

nca_status nca_torch_parse(nca_torch **out_file, const void *bytes, size_t size, const char *name,
                           nca_error *error)
{
    nca__zip *zip = NULL;
    nca_safetensors *safetensors = NULL;
    if (is_old_form(bytes, size)) {
        return fail_old_form(name, error);
    }
    nca_status status = is_safetensors(bytes, size)
                            ? nca_safetensors_parse(&safetensors, bytes, size, name, error)
                            : nca__zip_parse(&zip, bytes, size, name, error);
    return status == NCA_OK ? open_parts(out_file, zip, safetensors, name, error) : status;
}

size_t nca_torch_count(const nca_torch *file)
{
    return file->list.count;
}

const nca_torch_tensor *nca_torch_at(const nca_torch *file, size_t index)
{
    return index < file->list.count ? &file->list.tensors[index] : NULL;
}

const nca_torch_tensor *nca_torch_find(const nca_torch *file, const char *name)
{
    return nca__torch_list_find(&file->list, name);
}

const char *nca__torch_text_of(const void *file, const char *key)
{
    const nca_torch *from = file;
    for (size_t i = 0; i < from->text_count; i++) {
        if (strcmp(from->texts[i].key, key) == 0) {
            return from->texts[i].value;
        }
    }
    return NULL;
}
