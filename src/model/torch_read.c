/* Opening a file of torch.save: which form it has, its parts, its pickle. What the pickle's tensors
 * are is torch_list.c's concern, their values torch_values.c's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/torch_file.h"
#include "nca/files.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "storages are little-endian and this code takes their bytes as they are"
#endif

enum {
    MAGIC_SIZE = 14,
    BYTE_ORDER_MAX = 16
};

/* A pickle of the number 0x1950a86a20f9469cfc6c, with which the form before 1.6 begins. */
static const uint8_t old_magic[MAGIC_SIZE] = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c,
                                              0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

static bool is_old_form(const uint8_t *bytes, size_t size)
{
    return size >= MAGIC_SIZE && memcmp(bytes, old_magic, MAGIC_SIZE) == 0;
}

/* The first bytes of a file; 0 when it cannot be read, which opening it says better. */
static size_t read_beginning(uint8_t out[MAGIC_SIZE], const char *path)
{
    FILE *stream;
    if (nca_file_open(&stream, path, NULL) != NCA_OK) {
        return 0;
    }
    size_t size = fread(out, 1, MAGIC_SIZE, stream);
    fclose(stream);
    return size;
}

bool nca_torch_is(const char *path)
{
    uint8_t bytes[MAGIC_SIZE];
    size_t size = read_beginning(bytes, path);
    return (size >= 4 && memcmp(bytes, "PK\003\004", 4) == 0) || is_old_form(bytes, size);
}

static nca_status fail_old_form(const char *name, nca_error *error)
{
    return nca__fail(error, NCA_UNSUPPORTED,
                     "%.300s: torch.save wrote this in its form before version 1.6, which is not "
                     "read here; save it again with a newer PyTorch: torch.save(torch.load("
                     "\"%.300s\", map_location=\"cpu\"), \"new.pt\")",
                     name, name);
}

/* ---- The parts of the archive ----------------------------------------------------------------*/

/* The one member whose name is "data.pkl" in some folder; *out_folder is the length of what stands
 * before. */
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
        "%s: a zip, but not one of torch.save: expected one member data.pkl, found %zu", file->name,
        found);
}

/* The member "byteorder" says "little" or "big"; older files have none and are little. */
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
        for (size_t i = 0; i < file->count; i++) {
            free((char *)file->tensors[i].name);
        }
        free(file->tensors);
        free(file->places);
        free(file->sorted);
        free(file->storage);
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
        status = nca__torch_list(file, &pickle, folder, folder_length, error);
    }
    nca__pickle_free(&pickle);
    free(bytes);
    return status;
}

/* Takes the zip over, also on failure. */
static nca_status open_zip(nca_torch **out_file, nca__zip *zip, nca_error *error)
{
    nca_torch *file = calloc(1, sizeof *file);
    if (file == NULL) {
        nca__zip_close(zip);
        return nca__fail_memory(error, "state dict", sizeof *file);
    }
    file->zip = zip;
    file->name = nca__zip_path(zip);
    nca_status status = read_parts(file, error);
    if (status != NCA_OK) {
        nca_torch_close(file);
        return status;
    }
    *out_file = file;
    return NCA_OK;
}

nca_status nca_torch_open(nca_torch **out_file, const char *path, nca_error *error)
{
    uint8_t bytes[MAGIC_SIZE];
    if (is_old_form(bytes, read_beginning(bytes, path))) {
        return fail_old_form(path, error);
    }
    nca__zip *zip = NULL;
    nca_status status = nca__zip_open(&zip, path, error);
    return status == NCA_OK ? open_zip(out_file, zip, error) : status;
}

nca_status nca_torch_parse(nca_torch **out_file, const void *bytes, size_t size, const char *name,
                           nca_error *error)
{
    if (is_old_form(bytes, size)) {
        return fail_old_form(name, error);
    }
    nca__zip *zip = NULL;
    nca_status status = nca__zip_parse(&zip, bytes, size, name, error);
    return status == NCA_OK ? open_zip(out_file, zip, error) : status;
}

size_t nca_torch_count(const nca_torch *file)
{
    return file->count;
}

const nca_torch_tensor *nca_torch_at(const nca_torch *file, size_t index)
{
    return index < file->count ? &file->tensors[index] : NULL;
}

const nca_torch_tensor *nca_torch_find(const nca_torch *file, const char *name)
{
    size_t begin = 0, end = file->count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        int order = strcmp(name, file->sorted[middle]->name);
        if (order == 0) {
            return file->sorted[middle];
        }
        *(order < 0 ? &end : &begin) = order < 0 ? middle : middle + 1;
    }
    return NULL;
}
