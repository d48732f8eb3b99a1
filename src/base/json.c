/* Parts of JSON. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/growing_text.h"

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

static int append(const char *bytes, size_t size, void *user)
{
    nca__growing_text *text = user;
    nca__grow(text, bytes, size);
    return text->text != NULL ? 0 : -1;
}

char *nca__json_dump(const json_t *json, size_t flags)
{
    nca__growing_text text = nca__growing_text_make(256);
    if (json_dump_callback(json, append, &text, flags) != 0) {
        free(text.text);
        return NULL;
    }
    return text.text;
}
