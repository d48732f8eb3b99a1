/* Reading JSON into a tree. */
#include "base/json_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

typedef struct reader {
    nca__json *json;
    const char *at, *begin, *end;
    char *out; /* where the next decoded string goes */
    const char *problem;
    const char *problem_at;
    nca_status status;
} reader;

/* Records the problem; reading stops here. */
static bool fail_at(reader *r, const char *at, const char *problem)
{
    r->status = NCA_FORMAT;
    r->problem = problem;
    r->problem_at = at;
    return false;
}

static bool fail(reader *r, const char *problem)
{
    return fail_at(r, r->at, problem);
}

/* ---- Nodes -----------------------------------------------------------------------------------*/

static bool add_node(reader *r, uint32_t *out_index, nca__json_kind kind)
{
    nca__json *json = r->json;
    if (json->count == json->capacity) {
        size_t capacity = json->capacity < 16 ? 16 : 2 * (size_t)json->capacity;
        nca__json_node *nodes =
            capacity <= UINT32_MAX ? realloc(json->nodes, capacity * sizeof *json->nodes) : NULL;
        if (nodes == NULL) {
            r->status = NCA_OUT_OF_MEMORY;
            return false;
        }
        json->nodes = nodes;
        json->capacity = (uint32_t)capacity;
    }
    *out_index = json->count++;
    json->nodes[*out_index] = (nca__json_node){.kind = kind};
    return true;
}

/* ---- Texts -----------------------------------------------------------------------------------*/

/* Reads the four digits of \uXXXX. */
static bool read_hex(reader *r, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        char digit = r->at < r->end ? *r->at : 0;
        uint32_t value = digit >= '0' && digit <= '9'   ? (uint32_t)(digit - '0')
                         : digit >= 'a' && digit <= 'f' ? (uint32_t)(digit - 'a') + 10
                         : digit >= 'A' && digit <= 'F' ? (uint32_t)(digit - 'A') + 10
                                                        : 16;
        if (value == 16) {
            return fail(r, "expected four hexadecimal digits after \\u");
        }
        *out = *out << 4 | value;
    }
    return true;
}

static void put_utf8(reader *r, uint32_t code)
{
    if (code < 0x80) {
        *r->out++ = (char)code;
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
    *r->out++ = (char)(lead[more] | code >> (6 * more));
    while (more-- > 0) {
        *r->out++ = (char)(0x80 | (code >> (6 * more) & 0x3f));
    }
}

/* Called after "\u"; characters beyond 16 bits are written as two such numbers. */
static bool read_unicode(reader *r, const char *began)
{
    uint32_t code, low;
    if (!read_hex(r, &code)) {
        return false;
    }
    if (code >= 0xd800 && code < 0xdc00) {
        if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u') {
            return fail_at(r, began, "an incomplete surrogate pair");
        }
        r->at += 2;
        if (!read_hex(r, &low)) {
            return false;
        }
        if (low < 0xdc00 || low > 0xdfff) {
            return fail_at(r, began, "an incomplete surrogate pair");
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return fail_at(r, began, "an incomplete surrogate pair");
    }
    if (code == 0) {
        return fail_at(r, began, "\\u0000 is not accepted in a string");
    }
    put_utf8(r, code);
    return true;
}

static bool read_escape(reader *r)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *began = r->at++;
    char letter = r->at < r->end ? *r->at : 0;
    const char *known = letter != 0 ? strchr(letters, letter) : NULL;
    if (letter == 'u') {
        r->at++;
        return read_unicode(r, began);
    }
    if (known == NULL) {
        return fail_at(r, began, "an unknown escape in a string");
    }
    *r->out++ = meanings[known - letters];
    r->at++;
    return true;
}

/* A decoded string is never longer than its source text with the quotes. */
static bool read_string(reader *r, const char **out)
{
    char *begin = r->out;
    if (r->at == r->end || *r->at != '"') {
        return fail(r, "expected a string");
    }
    const char *opened = r->at++;
    while (r->at < r->end && *r->at != '"') {
        if (*r->at == '\\') {
            if (!read_escape(r)) {
                return false;
            }
            continue;
        }
        uint32_t code;
        size_t length = nca__utf8_read(&code, r->at, (size_t)(r->end - r->at));
        if (length == 0) {
            return fail(r, "bytes that are not valid UTF-8");
        }
        if ((unsigned char)*r->at < 0x20) {
            return fail(r, "a control character in a string");
        }
        memcpy(r->out, r->at, length);
        r->out += length;
        r->at += length;
    }
    if (r->at == r->end) {
        return fail_at(r, opened, "an unterminated string");
    }
    r->at++;
    *r->out++ = 0;
    *out = begin;
    return true;
}

/* ---- Values ----------------------------------------------------------------------------------*/

static void skip_spaces(reader *r)
{
    while (r->at < r->end &&
           (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) {
        r->at++;
    }
}

static bool skip_digits(reader *r)
{
    const char *began = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        r->at++;
    }
    return r->at > began || fail(r, "expected a digit");
}

static bool read_number(reader *r)
{
    const char *began = r->at;
    bool negative = *r->at == '-', whole = true;
    r->at += negative;
    const char *digits = r->at;
    if (!skip_digits(r)) {
        return false;
    }
    if (*digits == '0' && r->at > digits + 1) {
        return fail_at(r, began, "a number with a leading 0");
    }
    const char *digits_end = r->at;
    if (r->at < r->end && *r->at == '.') {
        whole = false;
        r->at++;
        if (!skip_digits(r)) {
            return false;
        }
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        whole = false;
        r->at++;
        r->at += r->at < r->end && (*r->at == '+' || *r->at == '-');
        if (!skip_digits(r)) {
            return false;
        }
    }
    int64_t value = 0;
    for (const char *at = digits; whole && at < digits_end; at++) {
        int64_t digit = *at - '0';
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value)) {
            return fail_at(r, began, "an integer that does not fit into 64 bits");
        }
    }
    uint32_t index;
    if (!add_node(r, &index, whole ? NCA__JSON_INTEGER : NCA__JSON_REAL)) {
        return false;
    }
    r->json->nodes[index].integer = value;
    return true;
}

static bool read_word(reader *r)
{
    static const struct {
        const char *word;
        nca__json_kind kind;
        int64_t value;
    } words[] = {
        {"null", NCA__JSON_NULL, 0}, {"true", NCA__JSON_BOOL, 1}, {"false", NCA__JSON_BOOL, 0}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i].word);
        if ((size_t)(r->end - r->at) >= length && memcmp(r->at, words[i].word, length) == 0) {
            uint32_t index;
            r->at += length;
            if (!add_node(r, &index, words[i].kind)) {
                return false;
            }
            r->json->nodes[index].integer = words[i].value;
            return true;
        }
    }
    return fail(r, "expected a value");
}

static bool read_value(reader *r, unsigned depth);

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* JSON readers differ in whether the first or the last of two equal keys is used, so they are
 * refused. */
static bool refuse_twins(reader *r, uint32_t object, const char *at)
{
    const nca__json_node *nodes = r->json->nodes;
    size_t count = nodes[object].count;
    if (count < 2) {
        return true;
    }
    const char **keys = malloc(count * sizeof *keys);
    if (keys == NULL) {
        r->status = NCA_OUT_OF_MEMORY;
        return false;
    }
    size_t i = 0;
    for (uint32_t node = nodes[object].first; node != 0; node = nodes[node].next) {
        keys[i++] = nodes[node].key;
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    bool good = true;
    for (i = 1; good && i < count; i++) {
        good = strcmp(keys[i - 1], keys[i]) != 0;
    }
    free(keys);
    return good || fail_at(r, at, "a duplicate key in an object");
}

/* Reads a value of an array or object, with its key if it has one; `last` is the previous value. */
static bool read_member(reader *r, uint32_t owner, uint32_t *last, unsigned depth)
{
    const char *key = NULL;
    if (r->json->nodes[owner].kind == NCA__JSON_OBJECT) {
        if (!read_string(r, &key)) {
            return false;
        }
        skip_spaces(r);
        if (r->at == r->end || *r->at != ':') {
            return fail(r, "expected ':' after a key");
        }
        r->at++;
        skip_spaces(r);
    }
    uint32_t index = r->json->count;
    if (!read_value(r, depth + 1)) {
        return false;
    }
    nca__json_node *nodes = r->json->nodes;
    nodes[index].key = key;
    *(*last == 0 ? &nodes[owner].first : &nodes[*last].next) = index;
    nodes[owner].count++;
    *last = index;
    return true;
}

/* Reads an array or an object, starting at its bracket. */
static bool read_members(reader *r, unsigned depth)
{
    const char *opened = r->at;
    const bool object = *r->at++ == '{';
    const char closing = object ? '}' : ']';
    uint32_t owner, last = 0;
    if (depth == NCA__JSON_DEPTH) {
        return fail_at(r, opened, "too many nested values");
    }
    if (!add_node(r, &owner, object ? NCA__JSON_OBJECT : NCA__JSON_ARRAY)) {
        return false;
    }
    skip_spaces(r);
    while (last != 0 || r->at == r->end || *r->at != closing) {
        if (!read_member(r, owner, &last, depth)) {
            return false;
        }
        skip_spaces(r);
        if (r->at < r->end && *r->at == closing) {
            break;
        }
        if (r->at == r->end || *r->at != ',') {
            return fail(r, "expected ',' or a closing bracket");
        }
        r->at++;
        skip_spaces(r);
    }
    r->at++;
    return !object || refuse_twins(r, owner, opened);
}

static bool read_value(reader *r, unsigned depth)
{
    char first = r->at < r->end ? *r->at : 0;
    if (first == '{' || first == '[') {
        return read_members(r, depth);
    }
    if (first == '-' || (first >= '0' && first <= '9')) {
        return read_number(r);
    }
    if (first != '"') {
        return read_word(r);
    }
    uint32_t index;
    const char *text;
    if (!read_string(r, &text) || !add_node(r, &index, NCA__JSON_STRING)) {
        return false;
    }
    r->json->nodes[index].string = text;
    return true;
}

/* ---- The tree --------------------------------------------------------------------------------*/

nca_status nca__json_parse(nca__json *out, nca__json_problem *out_problem, const char *text,
                           size_t size)
{
    nca__json json = {.text = malloc(size + 1)};
    if (json.text == NULL) {
        return NCA_OUT_OF_MEMORY;
    }
    reader r = {.json = &json,
                .at = text,
                .begin = text,
                .end = text + size,
                .out = json.text,
                .status = NCA_OK};
    skip_spaces(&r);
    if (read_value(&r, 0)) {
        skip_spaces(&r);
        if (r.at != r.end) {
            fail(&r, "expected nothing after the value");
        }
    }
    if (r.status != NCA_OK) {
        nca__json_free(&json);
        if (r.status == NCA_FORMAT) {
            *out_problem = (nca__json_problem){r.problem, (size_t)(r.problem_at - r.begin)};
        }
        return r.status;
    }
    *out = json;
    return NCA_OK;
}

void nca__json_free(nca__json *json)
{
    free(json->nodes);
    free(json->text);
    memset(json, 0, sizeof *json);
}

const nca__json_node *nca__json_first(const nca__json *json, const nca__json_node *owner)
{
    return owner->first != 0 ? &json->nodes[owner->first] : NULL;
}

const nca__json_node *nca__json_next(const nca__json *json, const nca__json_node *node)
{
    return node->next != 0 ? &json->nodes[node->next] : NULL;
}

const nca__json_node *nca__json_find(const nca__json *json, const nca__json_node *object,
                                     const char *key)
{
    const nca__json_node *node =
        object != NULL && object->kind == NCA__JSON_OBJECT ? nca__json_first(json, object) : NULL;
    while (node != NULL && strcmp(node->key, key) != 0) {
        node = nca__json_next(json, node);
    }
    return node;
}
