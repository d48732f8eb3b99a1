/* A model file separated into its parts, so that a test can combine them in another way. */
#ifndef NCA_TESTS_MODEL_PARTS_H
#define NCA_TESTS_MODEL_PARTS_H

#include "nca/model.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "model/small_model.h"
#include "nca/safetensors.h"

static inline raw_file read_raw(const char *path)
{
    raw_file raw = {0};
    assert_int_equal(nca__file_read(&raw.bytes, &raw.size, path, 1u << 30, NULL), NCA_OK);
    return raw;
}

/* A model file separated into its parts, so that a test can combine them incorrectly. */
typedef struct parts {
    json_t *header;
    uint8_t *data;
    size_t size; /* of the data */
} parts;

static inline parts take_apart(const nca_model *model, const char *path)
{
    uint64_t length = 0;
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    raw_file raw = read_raw(path);
    memcpy(&length, raw.bytes, 8);
    parts all = {.header = json_loadb((const char *)raw.bytes + 8, length, 0, NULL),
                 .size = raw.size - 8 - length};
    assert_non_null(all.header);
    all.data = malloc(all.size + 64);
    assert_non_null(all.data);
    memcpy(all.data, raw.bytes + 8 + length, all.size);
    free(raw.bytes);
    return all;
}

static inline void put_together(const parts *all, const char *path)
{
    char *text = json_dumps(all->header, JSON_COMPACT);
    assert_non_null(text);
    raw_file raw = make_raw(text, all->size);
    memcpy(raw.bytes + raw.size - all->size, all->data, all->size);
    assert_int_equal(nca__file_write(path, raw.bytes, raw.size, NULL), NCA_OK);
    free(raw.bytes);
    free(text);
}

static inline void throw_away(parts *all)
{
    json_decref(all->header);
    free(all->data);
}

/* Saves a small model with one metadata value changed (NULL: removed). */
static inline void save_with(const char *path, const char *key, const char *value)
{
    nca_model *model = make_model(4, 3, true);
    fill_info(model);
    parts all = take_apart(model, path);
    json_t *metadata = json_object_get(all.header, "__metadata__");
    if (value == NULL) {
        assert_int_equal(json_object_del(metadata, key), 0);
    } else {
        assert_int_equal(json_object_set_new(metadata, key, json_string(value)), 0);
    }
    put_together(&all, path);
    throw_away(&all);
    nca_model_destroy(model);
}

#endif
