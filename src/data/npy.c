/* Parsing the header of .npy files: a dictionary in Python's notation. Only the forms that NumPy
 * writes are accepted. */
#include "data/npy.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* ---- Types -----------------------------------------------------------------------------------*/

static const struct {
    const char *name, *code; /* code: the part of 'descr' after the byte order */
    size_t size;
} types[NCA_ARRAY_COUNT] = {
    [NCA_ARRAY_BOOL] = {"bool", "b1", 1},   [NCA_ARRAY_I8] = {"int8", "i1", 1},
    [NCA_ARRAY_U8] = {"uint8", "u1", 1},    [NCA_ARRAY_I16] = {"int16", "i2", 2},
    [NCA_ARRAY_U16] = {"uint16", "u2", 2},  [NCA_ARRAY_I32] = {"int32", "i4", 4},
    [NCA_ARRAY_U32] = {"uint32", "u4", 4},  [NCA_ARRAY_I64] = {"int64", "i8", 8},
    [NCA_ARRAY_U64] = {"uint64", "u8", 8},  [NCA_ARRAY_F32] = {"float32", "f4", 4},
    [NCA_ARRAY_F64] = {"float64", "f8", 8},
};

const char *nca_array_type_name(nca_array_type type)
{
    return (unsigned)type < NCA_ARRAY_COUNT ? types[type].name : NULL;
}

size_t nca_array_type_size(nca_array_type type)
{
    return (unsigned)type < NCA_ARRAY_COUNT ? types[type].size : 0;
}

/* Descriptions of unsupported types. */
static const char *foreign_type(const char *code)
{
    switch (code[0]) {
    case 'O':
        return "Python objects (which only Python may unpickle)";
    case 'S':
    case 'a':
        return "byte strings";
    case 'U':
        return "strings";
    case 'V':
        return "raw bytes";
    case 'c':
        return "complex numbers";
    case 'M':
        return "dates";
    case 'm':
        return "time intervals";
    case 'f':
        return "floating-point numbers of another size than 4 or 8 bytes";
    default:
        return NULL;
    }
}

/* ---- The cursor ------------------------------------------------------------------------------*/

typedef struct cursor {
    const char *at, *end;
    const char *where;
    nca_error *error;
} cursor;

typedef struct token {
    char text[24];
} token;

static void skip_spaces(cursor *c)
{
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r')) {
        c->at++;
    }
}

static bool take(cursor *c, char wanted)
{
    skip_spaces(c);
    if (c->at < c->end && *c->at == wanted) {
        c->at++;
        return true;
    }
    return false;
}

static bool take_word(cursor *c, const char *word)
{
    size_t length = strlen(word);
    skip_spaces(c);
    if ((size_t)(c->end - c->at) >= length && memcmp(c->at, word, length) == 0) {
        c->at += length;
        return true;
    }
    return false;
}

/* The next few characters, for a message. */
static token next_token(cursor *c)
{
    token found;
    size_t length = 0;
    skip_spaces(c);
    while (c->at + length < c->end && length + 1 < sizeof found.text) {
        found.text[length] = c->at[length] != 0 ? c->at[length] : '?';
        length++;
    }
    found.text[length] = 0;
    return found;
}

static nca_status fail_header(cursor *c, const char *expected)
{
    token found = next_token(c);
    return nca__fail(c->error, NCA_FORMAT, "%s: the array's header: expected %s, found %s%s%s",
                     c->where, expected, *found.text != 0 ? "\"" : "its end", found.text,
                     *found.text != 0 ? "\"" : "");
}

/* A string in single or double quotes, without escapes: NumPy never needs them in these entries. */
static nca_status take_string(cursor *c, token *out, const char *expected)
{
    skip_spaces(c);
    char quote = c->at < c->end ? *c->at : 0;
    const char *close = quote == '\'' || quote == '"'
                            ? memchr(c->at + 1, quote, (size_t)(c->end - c->at - 1))
                            : NULL;
    size_t length = close != NULL ? (size_t)(close - c->at - 1) : 0;
    if (close == NULL || length >= sizeof out->text || memchr(c->at, 0, length + 1) != NULL) {
        return fail_header(c, expected);
    }
    memcpy(out->text, c->at + 1, length);
    out->text[length] = 0;
    c->at = close + 1;
    return NCA_OK;
}

/* ---- The three entries -----------------------------------------------------------------------*/

/* "<i4", "|u1", ">f8"; single bytes need no order, and "=" is the order of this machine. */
static nca_status take_type(cursor *c, nca_array *out)
{
    skip_spaces(c);
    if (c->at < c->end && (*c->at == '[' || *c->at == '(')) {
        return nca__fail(c->error, NCA_UNSUPPORTED,
                         "%s: expected an array of plain numbers, found a structured type; save "
                         "its fields as separate arrays",
                         c->where);
    }
    token text;
    nca_status status = take_string(c, &text, "a type such as '|u1' or '<i4'");
    if (status != NCA_OK) {
        return status;
    }
    const char *code = text.text;
    char order = *code != 0 && strchr("<>|=", *code) != NULL ? *code++ : 0;
    for (unsigned type = 0; type < NCA_ARRAY_COUNT; type++) {
        if (strcmp(types[type].code, code) == 0 &&
            (types[type].size == 1 || (order != 0 && order != '|'))) {
            out->type = (nca_array_type)type;
            out->big_endian =
                types[type].size > 1 &&
                (order == '>' || (order == '=' && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__));
            return NCA_OK;
        }
    }
    const char *foreign = foreign_type(code);
    if (foreign != NULL) {
        return nca__fail(c->error, NCA_UNSUPPORTED,
                         "%s: expected an array of plain numbers, found %s (type '%s'); convert "
                         "it with NumPy's astype first",
                         c->where, foreign, text.text);
    }
    return nca__fail(c->error, NCA_FORMAT,
                     "%s: the array's header: expected a type such as '|u1' or '<i4', found '%s'",
                     c->where, text.text);
}

static nca_status take_order(cursor *c, nca_array *out)
{
    if (take_word(c, "True")) {
        out->fortran_order = true;
    } else if (take_word(c, "False")) {
        out->fortran_order = false;
    } else {
        return fail_header(c, "True or False for 'fortran_order'");
    }
    return NCA_OK;
}

/* A number of entries; Python 2 added an L to some. */
static nca_status take_side(cursor *c, size_t *out)
{
    skip_spaces(c);
    if (c->at >= c->end || *c->at < '0' || *c->at > '9') {
        return fail_header(c, "a shape of whole numbers, none negative");
    }
    size_t value = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (__builtin_mul_overflow(value, (size_t)10, &value) ||
            __builtin_add_overflow(value, (size_t)(*c->at - '0'), &value)) {
            return nca__fail(
                c->error, NCA_FORMAT,
                "%s: the array's header: a dimension of its shape is too large for this machine",
                c->where);
        }
    }
    if (c->at < c->end && *c->at == 'L') {
        c->at++;
    }
    *out = value;
    return NCA_OK;
}

/* "()", "(3,)", "(3, 4)", "(3, 4,)". */
static nca_status take_shape(cursor *c, nca_array *out)
{
    if (!take(c, '(')) {
        return fail_header(c, "a shape in parentheses");
    }
    bool comma = true;
    out->rank = 0;
    while (!take(c, ')')) {
        if (!comma) {
            return fail_header(c, "a comma or the end of the shape");
        }
        if (out->rank == NCA_ARRAY_MAX_RANK) {
            return nca__fail(c->error, NCA_UNSUPPORTED,
                             "%s: expected an array of at most %d axes, found more", c->where,
                             NCA_ARRAY_MAX_RANK);
        }
        nca_status status = take_side(c, &out->shape[out->rank]);
        if (status != NCA_OK) {
            return status;
        }
        out->rank++;
        comma = take(c, ',');
    }
    return out->rank == 1 && !comma ? fail_header(c, "a comma in the shape of a single axis")
                                    : NCA_OK;
}

/* Empty axes count as one entry, so that the number of bytes per entry is also checked. */
static nca_status count_items(nca_array *array, cursor *c)
{
    size_t bytes = nca_array_type_size(array->type);
    array->items = 1;
    for (size_t i = 0; i < array->rank; i++) {
        size_t side = array->shape[i];
        if (__builtin_mul_overflow(bytes, side > 0 ? side : 1, &bytes) || bytes > SIZE_MAX / 4) {
            return nca__fail(
                c->error, NCA_FORMAT,
                "%s: the array's header: its shape has more values than a file can hold", c->where);
        }
        array->items *= side;
    }
    return NCA_OK;
}

/* ---- The header ------------------------------------------------------------------------------*/

static nca_status take_entry(cursor *c, nca_array *out, unsigned *seen)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    static nca_status (*const takers[])(cursor *, nca_array *) = {take_type, take_order,
                                                                  take_shape};
    const char *expected = "'descr', 'fortran_order' or 'shape'";
    token key;
    cursor before = *c;
    nca_status status = take_string(c, &key, expected);
    for (unsigned i = 0; status == NCA_OK && i < 3; i++) {
        if (strcmp(key.text, keys[i]) != 0) {
            continue;
        }
        if ((*seen & 1u << i) != 0) {
            return nca__fail(c->error, NCA_FORMAT, "%s: the array's header has '%s' twice",
                             c->where, keys[i]);
        }
        *seen |= 1u << i;
        return take(c, ':') ? takers[i](c, out) : fail_header(c, "a colon");
    }
    return status != NCA_OK ? status : fail_header(&before, expected);
}

nca_status nca__npy_parse(nca_array *out_array, const char *header, size_t length,
                          const char *where, nca_error *error)
{
    cursor c = {header, header + length, where, error};
    nca_array array = {0};
    unsigned seen = 0;
    if (!take(&c, '{')) {
        return fail_header(&c, "a dictionary {...}");
    }
    bool comma = true;
    while (!take(&c, '}')) {
        if (!comma) {
            return fail_header(&c, "a comma or the dictionary's end");
        }
        nca_status status = take_entry(&c, &array, &seen);
        if (status != NCA_OK) {
            return status;
        }
        comma = take(&c, ',');
    }
    skip_spaces(&c);
    if (c.at != c.end) {
        return fail_header(&c, "nothing after the dictionary");
    }
    if (seen != 7) {
        return nca__fail(error, NCA_FORMAT, "%s: '%s' is missing in the array's header", where,
                         (seen & 1) == 0   ? "descr"
                         : (seen & 2) == 0 ? "fortran_order"
                                           : "shape");
    }
    nca_status status = count_items(&array, &c);
    if (status == NCA_OK) {
        *out_array = array;
    }
    return status;
}

nca_status nca__npy_magic(size_t *out_length_bytes, const uint8_t magic[NCA__NPY_MAGIC],
                          const char *where, nca_error *error)
{
    if (memcmp(magic, "\x93NUMPY", 6) != 0) {
        return nca__fail(
            error, NCA_FORMAT,
            "%s: expected a NumPy array (it begins with \\x93NUMPY), found other bytes", where);
    }
    if (magic[6] < 1 || magic[6] > 3 || magic[7] != 0) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: expected .npy version 1.0, 2.0 or 3.0, found %u.%u", where, magic[6],
                         magic[7]);
    }
    *out_length_bytes = magic[6] == 1 ? 2 : 4;
    return NCA_OK;
}

nca_status nca__npy_header_length(size_t *out_length, const uint8_t *field, size_t field_bytes,
                                  const char *where, nca_error *error)
{
    size_t length = 0;
    for (size_t i = field_bytes; i > 0; i--) {
        length = length << 8 | field[i - 1];
    }
    if (length > NCA__NPY_LONGEST_HEADER) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: the array's header: expected at most %d bytes, found %zu", where,
                         NCA__NPY_LONGEST_HEADER, length);
    }
    *out_length = length;
    return NCA_OK;
}
