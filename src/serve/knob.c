/* Messages of a page. Bytes from whoever knows no token are not parsed. */
#include "serve/knob.h"

#include <stdio.h>
#include <string.h>

#include "base/json_read.h"

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

/* Puts a member in its place; false for one that holds others. */
static bool take_member(nca_knob *out, const nca__json_node *member)
{
    const struct {
        const char *key;
        char *text;
        size_t size;
    } places[] = {{"do", out->what, sizeof out->what},
                  {"key", out->key, sizeof out->key},
                  {"value", out->value, sizeof out->value}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (member->kind == NCA__JSON_STRING && strcmp(member->key, places[i].key) == 0) {
            snprintf(places[i].text, places[i].size, "%s", member->string);
        }
    }
    return member->kind != NCA__JSON_ARRAY && member->kind != NCA__JSON_OBJECT;
}

bool nca__knob_read(nca_knob *out, const char *token, const char *message, size_t length)
{
    nca__json json;
    nca__json_problem problem;
    nca_knob knob = {"", "", ""};
    if (!has_token(token, message, length) ||
        nca__json_parse(&json, &problem, message, length) != NCA_OK) {
        return false;
    }
    /* What begins with the token is an object. */
    bool good = true;
    for (const nca__json_node *member = nca__json_first(&json, json.nodes); member != NULL && good;
         member = nca__json_next(&json, member)) {
        good = take_member(&knob, member);
    }
    nca__json_free(&json);
    if (good) {
        *out = knob;
    }
    return good;
}
