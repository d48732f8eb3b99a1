/* Reads the pairs of a settings file or a sweep file: mappings of keys to scalars, and in a sweep
 * lists of scalars.
 *
 * This reads libyaml's events rather than binding a schema to the struct (as libcyaml would),
 * because every error must include the line of the key or value and the nearest known key, and
 * because two spellings of one setting are duplicates. */
#include "config/yaml_pairs.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/error.h"
#include "base/library.h"
#include "config/settings_table.h"
#include "config/yaml_faults.h"

#define YAML_FUNCTIONS(F)         \
    F(yaml_, event_delete)        \
    F(yaml_, parser_delete)       \
    F(yaml_, parser_initialize)   \
    F(yaml_, parser_parse)        \
    F(yaml_, parser_set_encoding) \
    F(yaml_, parser_set_input_string)

static struct {
    YAML_FUNCTIONS(NCA__LIBRARY_POINTER)
} libyaml;

static nca__library library = {
    .file = NCA_FILE_YAML,
    .package = "libyaml-0-2",
    .purpose = "settings files",
    .names = (const char *const[]){YAML_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &libyaml,
};

typedef struct reader {
    yaml_parser_t parser;
    const char *name;
    nca__yaml_text text;
    bool sweep;
    nca__pairs *pairs;
    size_t block;            /* the mapping being read */
    unsigned long runs_line; /* line of `runs`; 0: not seen yet */
    nca_error *error;
} reader;

/* ---- Events and errors -----------------------------------------------------------------------*/

static unsigned long line_of(const yaml_event_t *event)
{
    return (unsigned long)event->start_mark.line + 1;
}

static nca_status next_event(reader *from, yaml_event_t *event)
{
    return libyaml.parser_parse(&from->parser, event)
               ? NCA_OK
               : nca__yaml_fault(&from->text, &from->parser, from->name, from->error);
}

/* What was found instead of a plain value. */
static const char *describe(const yaml_event_t *event)
{
    switch ((int)event->type) { /* an int: most of libyaml's events are handled by one case */
    case YAML_SEQUENCE_START_EVENT:
        return "a list";
    case YAML_MAPPING_START_EVENT:
        return "a nested mapping";
    case YAML_ALIAS_EVENT:
        return "an alias (*)";
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL ? "an anchor (&)" : "a tag (!)";
    default:
        return "something else";
    }
}

static bool is_plain_value(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor == NULL &&
           event->data.scalar.tag == NULL;
}

static bool is_bare_mapping(const yaml_event_t *event)
{
    return event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor == NULL &&
           event->data.mapping_start.tag == NULL;
}

static bool is_bare_list(const yaml_event_t *event)
{
    return event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.anchor == NULL &&
           event->data.sequence_start.tag == NULL;
}

/* ---- The pairs -------------------------------------------------------------------------------*/

static nca_status keep(nca__pairs *pairs, nca__pair item, const char *value, nca_error *error)
{
    if (pairs->count == NCA__MOST_PAIRS) {
        return nca__fail(error, NCA_LIMIT, "%s:%lu: more than %d values", pairs->name, item.line,
                         NCA__MOST_PAIRS);
    }
    if (pairs->count == pairs->capacity) {
        size_t capacity = 2 * pairs->capacity + 32;
        nca__pair *grown = realloc(pairs->items, capacity * sizeof *grown);
        if (grown == NULL) {
            return nca__fail_memory(error, pairs->name, capacity * sizeof *grown);
        }
        pairs->items = grown;
        pairs->capacity = capacity;
    }
    item.value = strdup(value);
    if (item.value == NULL) {
        return nca__fail_memory(error, pairs->name, strlen(value));
    }
    pairs->items[pairs->count++] = item;
    return NCA_OK;
}

nca_status nca__pairs_add(nca__pairs *pairs, const nca_setting *setting, const char *value,
                          nca_error *error)
{
    return keep(pairs, (nca__pair){.setting = setting}, value, error);
}

void nca__pairs_free(nca__pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        free(pairs->items[i].value);
    }
    free(pairs->items);
    *pairs = (nca__pairs){0};
}

/* ---- Keys and values -------------------------------------------------------------------------*/

/* The meaning of a key; if it is neither a setting nor `runs`, it is `seeds`. */
typedef struct key {
    const nca_setting *setting;
    bool runs, alias;
    const char *name;
} key;

static nca_status refuse_twice(reader *from, const char *name, unsigned long line,
                               unsigned long earlier)
{
    return nca__fail(from->error, NCA_FORMAT,
                     "%s:%lu: setting \"%s\" was already given on line %lu; keep one", from->name,
                     line, name, earlier);
}

static nca_status refuse_key(reader *from, const char *text, unsigned long line)
{
    static const char *const more[] = {"seeds", "runs"};
    if (from->block > 0 && strcmp(text, "runs") == 0) {
        return nca__fail(from->error, NCA_FORMAT,
                         "%s:%lu: runs: expected at the outermost level only, found inside runs",
                         from->name, line);
    }
    if (from->sweep && nca_setting_nearest(text) == NULL) {
        const char *nearest = nca_nearest_name(text, more, 2);
        if (nearest != NULL) {
            return nca__fail(from->error, NCA_NOT_FOUND,
                             "%s:%lu: unknown setting \"%s\"; did you mean \"%s\"?", from->name,
                             line, nca__show(text).text, nearest);
        }
    }
    nca__unknown_setting(text, from->error);
    return nca__fail_in(from->error, NCA_NOT_FOUND, "%s:%lu", from->name, line);
}

static nca_status read_key(key *out, reader *from, const yaml_event_t *event)
{
    unsigned long line = line_of(event);
    nca__yaml_remember_quote(&from->text, event);
    if (!is_plain_value(event)) {
        return nca__fail(from->error, NCA_FORMAT,
                         "%s:%lu: expected the name of a setting, found %s", from->name, line,
                         describe(event));
    }
    const char *text = (const char *)event->data.scalar.value;
    *out = (key){.setting = nca_setting_named(text)};
    out->alias = out->setting != NULL && !nca__is_key_of(out->setting, text);
    bool seeds = from->sweep && strcmp(text, "seeds") == 0;
    out->runs = from->sweep && from->block == 0 && strcmp(text, "runs") == 0;
    out->name = out->setting != NULL ? out->setting->key : seeds ? "seeds" : "runs";
    if (out->setting == NULL && !seeds && !out->runs) {
        return refuse_key(from, text, line);
    }
    if (out->runs && from->runs_line > 0) {
        return refuse_twice(from, "runs", line, from->runs_line);
    }
    for (size_t i = 0; i < from->pairs->count && !out->runs; i++) {
        const nca__pair *earlier = &from->pairs->items[i];
        if (earlier->setting == out->setting && earlier->block == from->block) {
            return refuse_twice(from, out->name, line, earlier->line);
        }
    }
    return NCA_OK;
}

static bool is_path(const nca_setting *setting)
{
    return setting != NULL && setting->type == NCA_SETTING_TEXT && setting->choices == NULL &&
           strcmp(setting->key, "changes") != 0;
}

static nca_status read_scalar(reader *from, const key *of, const yaml_event_t *event)
{
    unsigned long line = line_of(event);
    nca__yaml_remember_quote(&from->text, event);
    if (!is_plain_value(event)) {
        return nca__fail(from->error, NCA_FORMAT, "%s:%lu: %s: expected a plain value%s, found %s",
                         from->name, line, of->name, from->sweep ? " or a list of them" : "",
                         describe(event));
    }
    const char *value = (const char *)event->data.scalar.value;
    if (strlen(value) != event->data.scalar.length) {
        return nca__fail(from->error, NCA_FORMAT, "%s:%lu: %s: found a zero byte in the value",
                         from->name, line, of->name);
    }
    if (is_path(of->setting) && nca__yaml_looks_like_windows(&from->text, event)) {
        return nca__fail(from->error, NCA_FORMAT, "%s:%lu: %s: expected a path, found \"%s\"; %s",
                         from->name, line, of->name, nca__show(value).text,
                         nca__yaml_escape_advice);
    }
    bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return keep(from->pairs,
                (nca__pair){.setting = of->setting,
                            .line = line,
                            .quoted = quoted,
                            .alias = of->alias,
                            .block = from->block},
                value, from->error);
}

typedef nca_status read_item(reader *from, const key *of, const yaml_event_t *event);

/* Reads a list, from after its start to its end. */
static nca_status read_list(reader *from, const key *of, read_item *read, const yaml_event_t *start)
{
    for (size_t count = 0;; count++) {
        yaml_event_t event;
        nca_status status = next_event(from, &event);
        if (status != NCA_OK) {
            return status;
        }
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        if (!end) {
            status = read(from, of, &event);
        } else if (count == 0) {
            status = nca__fail(from->error, NCA_FORMAT,
                               "%s:%lu: %s: expected at least one value in the list, found none",
                               from->name, line_of(start), of->name);
        }
        libyaml.event_delete(&event);
        if (end || status != NCA_OK) {
            return status;
        }
    }
}

static nca_status read_block(reader *from, const key *of, const yaml_event_t *event);

static nca_status read_value(reader *from, const key *of, const yaml_event_t *event)
{
    if (of->runs) {
        from->runs_line = line_of(event);
        if (!is_bare_list(event)) {
            return nca__fail(from->error, NCA_FORMAT,
                             "%s:%lu: runs: expected a list of mappings, such as \"- filter: "
                             "[sobel, scharr]\"",
                             from->name, line_of(event));
        }
        return read_list(from, of, read_block, event);
    }
    if (from->sweep && is_bare_list(event)) {
        return read_list(from, of, read_scalar, event);
    }
    return read_scalar(from, of, event);
}

/* ---- Mappings and the document ---------------------------------------------------------------*/

/* Reads a mapping, from after its start to its end. */
static nca_status read_pairs(reader *from)
{
    key current = {0};
    for (bool at_key = true;; at_key = !at_key) {
        yaml_event_t event;
        nca_status status = next_event(from, &event);
        if (status != NCA_OK) {
            return status;
        }
        bool end = event.type == YAML_MAPPING_END_EVENT;
        if (!end) {
            status = at_key ? read_key(&current, from, &event) : read_value(from, &current, &event);
        }
        libyaml.event_delete(&event);
        if (end || status != NCA_OK) {
            return status;
        }
    }
}

/* Reads one mapping of `runs`. */
static nca_status read_block(reader *from, const key *of, const yaml_event_t *event)
{
    if (!is_bare_mapping(event)) {
        return nca__fail(from->error, NCA_FORMAT,
                         "%s:%lu: %s: expected a mapping of settings, found %s", from->name,
                         line_of(event), of->name,
                         is_plain_value(event) ? "a plain value" : describe(event));
    }
    from->block = ++from->pairs->blocks;
    nca_status status = read_pairs(from);
    from->block = 0;
    return status;
}

/* An empty file or document is a mapping without pairs. */
static nca_status read_root(reader *from, const yaml_event_t *event)
{
    if (is_bare_mapping(event)) {
        return read_pairs(from);
    }
    if (is_plain_value(event) && event->data.scalar.length == 0) {
        return NCA_OK;
    }
    return nca__fail(from->error, NCA_FORMAT,
                     "%s:%lu: expected settings, one per line, such as \"iterations: 2000\"",
                     from->name, line_of(event));
}

static nca_status read_stream(reader *from)
{
    unsigned documents = 0;
    for (;;) {
        yaml_event_t event;
        nca_status status = next_event(from, &event);
        if (status != NCA_OK) {
            return status;
        }
        yaml_event_type_t type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && ++documents > 1) {
            status = nca__fail(from->error, NCA_FORMAT,
                               "%s:%lu: expected one document, found the start of another (---)",
                               from->name, line_of(&event));
        } else if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
                   type != YAML_DOCUMENT_START_EVENT && type != YAML_DOCUMENT_END_EVENT) {
            status = read_root(from, &event);
        }
        libyaml.event_delete(&event);
        if (status != NCA_OK || type == YAML_STREAM_END_EVENT) {
            return status;
        }
    }
}

/* libyaml counts a byte order mark as a column of the first line, so the second line would have
 * another indentation. Windows editors write such a mark. */
static size_t mark_length(const char *text, size_t size)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t length = sizeof mark - 1;
    return size >= length && memcmp(text, mark, length) == 0 ? length : 0;
}

nca_status nca__pairs_read(nca__pairs *pairs, const char *text, size_t size, const char *name,
                           bool sweep, nca_error *error)
{
    if (size > NCA__LARGEST_YAML) {
        return nca__fail(error, NCA_LIMIT, "%s: the file has %zu bytes; at most %d are supported",
                         name, size, NCA__LARGEST_YAML);
    }
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_error ignored; /* messages are extended by outer functions, so they need a buffer */
    pairs->name = name;
    reader from = {.name = name,
                   .text = {.bytes = text, .size = size, .begin = mark_length(text, size)},
                   .sweep = sweep,
                   .pairs = pairs,
                   .error = error != NULL ? error : &ignored};
    if (!libyaml.parser_initialize(&from.parser)) {
        return nca__fail_memory(error, name, sizeof from.parser);
    }
    libyaml.parser_set_encoding(&from.parser, YAML_UTF8_ENCODING);
    const size_t mark = from.text.begin;
    libyaml.parser_set_input_string(&from.parser, (const unsigned char *)text + mark, size - mark);
    status = read_stream(&from);
    libyaml.parser_delete(&from.parser);
    return status;
}
