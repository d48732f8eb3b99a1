/* Parts of JSON. */
#include "base/json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void nca__json_put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

void nca__json_append(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) != 0) {
        json_decref(*array);
        *array = NULL;
    }
}

json_t *nca__json_text(const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL) {
        return NULL;
    }
    nca__clean_text(copy);
    json_t *string = json_string(copy);
    free(copy);
    return string;
}

/* The text so far; NULL once memory ran out. */
typedef struct growing_text {
    char *bytes;
    size_t length, capacity;
    bool failed;
} growing_text;

static int append(const char *bytes, size_t size, void *user)
{
    growing_text *text = user;
    if (text->failed) {
        return -1;
    }
    if (size >= text->capacity - text->length) {
        size_t capacity = 2 * text->capacity + size + 1;
        char *larger = realloc(text->bytes, capacity);
        if (larger == NULL) {
            text->failed = true;
            return -1;
        }
        text->bytes = larger;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->length, bytes, size);
    text->length += size;
    text->bytes[text->length] = 0;
    return 0;
}

char *nca__json_dump(const json_t *json, size_t flags)
{
    growing_text text = {0};
    if (json_dump_callback(json, append, &text, flags) != 0 || text.failed) {
        free(text.bytes);
        return NULL;
    }
    return text.bytes;
}
