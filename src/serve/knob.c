/* Messages from a page. Nothing is parsed without the correct token. */
#include "serve/knob.h"

#include <stdio.h>
#include <string.h>

#include "base/json_read.h"
#include "base/secret.h"

/* Whether the message begins with the token. Takes constant time. */
static bool has_token(const char *token, const char *message, size_t length)
{
    static const char before[] = "{\"token\":\"";
    const size_t begin = sizeof before - 1, size = strlen(token);
    if (length <= begin + size || memcmp(message, before, begin) != 0) {
        return false;
    }
    return message[begin + size] == '"' && nca__is_secret(message + begin, token, size);
}

/* Whether all values are strings or numbers. */
static bool is_flat(const nca__json *json)
{
    const nca__json_node *value = nca__json_first(json, json->nodes);
    while (value != NULL && value->kind != NCA__JSON_ARRAY && value->kind != NCA__JSON_OBJECT) {
        value = nca__json_next(json, value);
    }
    return value == NULL;
}

static void copy_text(char *out, size_t size, const nca__json *json, const char *key)
{
    const nca__json_node *value = nca__json_find(json, json->nodes, key);
    const bool is_text = value != NULL && value->kind == NCA__JSON_STRING;
    snprintf(out, size, "%s", is_text ? value->string : "");
}

bool nca__knob_read(nca_knob *out, const char *token, const char *message, size_t length)
{
    nca__json json = {0};
    nca__json_problem problem;
    if (!has_token(token, message, length) ||
        nca__json_parse(&json, &problem, message, length) != NCA_OK) {
        return false;
    }
    const bool good = is_flat(&json);
    if (good) {
        copy_text(out->what, sizeof out->what, &json, "do");
        copy_text(out->key, sizeof out->key, &json, "key");
        copy_text(out->value, sizeof out->value, &json, "value");
    }
    nca__json_free(&json);
    return good;
}
