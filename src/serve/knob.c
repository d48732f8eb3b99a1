/* Messages of a page. Bytes from whoever knows no token are not parsed. */
#include "serve/knob.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Whether the message begins with the token. It takes as long for one that is nearly right. */
static bool has_token(const char *token, const char *message, size_t length)
{
    static const char before[] = "{\"token\":\"";
    const size_t begin = sizeof before - 1, size = strlen(token);
    if (length <= begin + size || memcmp(message, before, begin) != 0) {
        return false;
    }
    unsigned char different = (unsigned char)(message[begin + size] ^ '"');
    for (size_t i = 0; i < size; i++) {
        different |= (unsigned char)(message[begin + i] ^ token[i]);
    }
    return different == 0;
}

/* Whether nothing is nested in the object: the parser calls itself for each level. */
static bool is_flat(const char *message, size_t length)
{
    bool text = false;
    for (size_t i = 0, open = 0; i < length; i++) {
        const char c = message[i];
        if (c == '"') {
            text = !text;
        } else if (text && c == '\\') {
            i++;
        } else if (!text && (c == '[' || (c == '{' && open++ > 0))) {
            return false;
        }
    }
    return true;
}

static void copy_text(char *out, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

bool nca__knob_read(nca_knob *out, const char *token, const char *message, size_t length)
{
    if (!has_token(token, message, length) || !is_flat(message, length)) {
        return false;
    }
    json_t *object = json_loadb(message, length, JSON_REJECT_DUPLICATES, NULL);
    const bool good = json_is_object(object);
    if (good) {
        copy_text(out->what, sizeof out->what, object, "do");
        copy_text(out->key, sizeof out->key, object, "key");
        copy_text(out->value, sizeof out->value, object, "value");
    }
    json_decref(object);
    return good;
}
