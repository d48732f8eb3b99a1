/* Settings from YAML: a flat mapping of keys to scalars, and nothing more.
 *
 * This reads libyaml's events rather than binding a schema to the struct (as libcyaml would),
 * because every error has to carry the line of the key or value that it is about and the nearest
 * known key, and because two spellings of one setting count as a duplicate. All pairs are
 * collected before one is applied: the recipe goes first, wherever it stands, and a file with an
 * error changes nothing. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "base/error.h"
#include "base/file.h"
#include "config/settings_table.h"

enum {
    LARGEST_FILE = 1 << 20,
    MOST_PAIRS = 64 /* settings.def has fewer rows, and none may come twice */
};

typedef struct pair {
    const nca_setting *setting;
    char *value;
    unsigned long line;
    bool quoted;
} pair;

typedef struct reader {
    yaml_parser_t parser;
    const char *name;
    const char *text; /* for the line of an undecodable byte */
    size_t size;
    pair pairs[MOST_PAIRS];
    size_t count;
    nca_error *error;
} reader;

static unsigned long line_of(const yaml_event_t *event)
{
    return (unsigned long)event->start_mark.line + 1;
}

static unsigned long line_of_offset(const reader *from, size_t offset)
{
    unsigned long number = 1;
    for (size_t i = 0; i < offset && i < from->size; i++) {
        number += from->text[i] == '\n';
    }
    return number;
}

static nca_status fail_syntax(reader *from)
{
    const yaml_parser_t *parser = &from->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "unreadable";
    switch (parser->error) {
    case YAML_MEMORY_ERROR:
        return nca__fail_memory(from->error, from->name, from->size);
    case YAML_READER_ERROR:
        return nca__fail(from->error, NCA_FORMAT, "%s:%lu: expected UTF-8 text, found: %s",
                         from->name, line_of_offset(from, parser->problem_offset), problem);
    default:
        return nca__fail(from->error, NCA_FORMAT,
                         "%s:%lu: not valid YAML: %s; expected lines such as \"iterations: 2000\"",
                         from->name, (unsigned long)parser->problem_mark.line + 1, problem);
    }
}

static nca_status next_event(reader *from, yaml_event_t *event)
{
    return yaml_parser_parse(&from->parser, event) ? NCA_OK : fail_syntax(from);
}

/* What stands in the place of a plain value. */
static const char *describe(const yaml_event_t *event)
{
    switch (event->type) {
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

static bool is_null(const pair *p)
{
    return !p->quoted &&
           (*p->value == 0 || strcmp(p->value, "~") == 0 || strcasecmp(p->value, "null") == 0);
}

/* ---- Collecting the pairs --------------------------------------------------------------------*/

static nca_status read_key(reader *from, const yaml_event_t *event)
{
    unsigned long line = line_of(event);
    if (!is_plain_value(event)) {
        return nca__fail(from->error, NCA_FORMAT,
                         "%s:%lu: expected the name of a setting, found %s", from->name, line,
                         describe(event));
    }
    const char *key = (const char *)event->data.scalar.value;
    const nca_setting *setting = nca_setting_named(key);
    if (setting == NULL) {
        nca__unknown_setting(key, from->error);
        return nca__fail_in(from->error, NCA_NOT_FOUND, "%s:%lu", from->name, line);
    }
    for (size_t i = 0; i < from->count; i++) {
        if (from->pairs[i].setting == setting) {
            return nca__fail(from->error, NCA_FORMAT,
                             "%s:%lu: setting \"%s\" was already given in line %lu; keep one",
                             from->name, line, setting->key, from->pairs[i].line);
        }
    }
    from->pairs[from->count] = (pair){.setting = setting, .line = line};
    from->count++;
    return NCA_OK;
}

static nca_status read_value(reader *from, const yaml_event_t *event)
{
    pair *last = &from->pairs[from->count - 1];
    if (!is_plain_value(event)) {
        return nca__fail(from->error, NCA_FORMAT, "%s:%lu: %s: expected a plain value, found %s",
                         from->name, line_of(event), last->setting->key, describe(event));
    }
    const char *value = (const char *)event->data.scalar.value;
    if (strlen(value) != event->data.scalar.length) {
        return nca__fail(from->error, NCA_FORMAT, "%s:%lu: %s: found a zero byte in the value",
                         from->name, line_of(event), last->setting->key);
    }
    last->line = line_of(event);
    last->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    last->value = strdup(value);
    if (last->value == NULL) {
        return nca__fail_memory(from->error, from->name, strlen(value));
    }
    return NCA_OK;
}

/* From after the mapping's start to its end. */
static nca_status read_pairs(reader *from)
{
    for (bool key = true;; key = !key) {
        yaml_event_t event;
        nca_status status = next_event(from, &event);
        if (status != NCA_OK) {
            return status;
        }
        bool end = event.type == YAML_MAPPING_END_EVENT;
        if (!end) {
            status = key ? read_key(from, &event) : read_value(from, &event);
        }
        yaml_event_delete(&event);
        if (end || status != NCA_OK) {
            return status;
        }
    }
}

/* An empty file and an empty document are a mapping without pairs. */
static nca_status read_root(reader *from, const yaml_event_t *event)
{
    if (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor == NULL &&
        event->data.mapping_start.tag == NULL) {
        return read_pairs(from);
    }
    if (is_plain_value(event) && event->data.scalar.length == 0) {
        return NCA_OK;
    }
    return nca__fail(from->error, NCA_FORMAT,
                     "%s:%lu: expected settings, one a line, such as \"iterations: 2000\"",
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
        yaml_event_delete(&event);
        if (status != NCA_OK || type == YAML_STREAM_END_EVENT) {
            return status;
        }
    }
}

/* ---- Applying them ---------------------------------------------------------------------------*/

static nca_status apply_pair(const reader *from, const pair *p, nca_settings *settings)
{
    const nca_setting *setting = p->setting;
    nca_status status;
    bool optional_text = setting->type == NCA_SETTING_TEXT && setting->choices == NULL &&
                         strcmp(setting->group, "output") == 0;
    bool textual = setting->type == NCA_SETTING_TEXT || setting->type == NCA_SETTING_CHOICE ||
                   setting->type == NCA_SETTING_BYTES;
    if (is_null(p) && optional_text) {
        status = nca__setting_set(settings, setting, "", from->error);
    } else if (is_null(p) || (p->quoted && !textual)) {
        char expectation[256];
        nca__setting_expectation(expectation, sizeof expectation, setting);
        status = nca__fail(from->error, NCA_INVALID_ARGUMENT, "%s: expected %s, found %s%s%s",
                           setting->key, expectation, is_null(p) ? "nothing" : "the text \"",
                           is_null(p) ? "" : nca__show(p->value).text, is_null(p) ? "" : "\"");
    } else {
        status = nca__setting_set(settings, setting, p->value, from->error);
    }
    if (status != NCA_OK) {
        return nca__fail_in(from->error, status, "%s:%lu", from->name, p->line);
    }
    return NCA_OK;
}

static nca_status apply_all(const reader *from, nca_settings *settings)
{
    const nca_setting *recipe = nca_setting_named("recipe");
    const nca_setting *experiment = nca_setting_named("experiment");
    const nca_setting *damage = nca_setting_named("damage");
    bool has_experiment = false, has_damage = false;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < from->count; i++) {
            const pair *p = &from->pairs[i];
            has_experiment |= p->setting == experiment;
            has_damage |= p->setting == damage;
            if ((p->setting == recipe) == (pass == 0)) {
                nca_status status = apply_pair(from, p, settings);
                if (status != NCA_OK) {
                    return status;
                }
            }
        }
    }
    if (has_damage && !has_experiment && settings->damage > 0) {
        /* The reference has no experiments: its `damage: true` is what regenerating is here. */
        settings->experiment = NCA_EXPERIMENT_REGENERATING;
    }
    return NCA_OK;
}

/* libyaml takes a byte order mark for a column of the first line, so that the second line would
 * not stand below the first. Windows editors write it. */
static size_t mark_length(const char *text, size_t size)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t length = sizeof mark - 1;
    return size >= length && memcmp(text, mark, length) == 0 ? length : 0;
}

nca_status nca_settings_parse(nca_settings *settings, const char *text, size_t size,
                              const char *name, nca_error *error)
{
    if (size > LARGEST_FILE) {
        return nca__fail(error, NCA_LIMIT, "%s: has %zu bytes; at most %d are read", name, size,
                         LARGEST_FILE);
    }
    nca_error ignored; /* messages are built up from inside out, so there has to be a place */
    reader from = {
        .name = name, .text = text, .size = size, .error = error != NULL ? error : &ignored};
    if (!yaml_parser_initialize(&from.parser)) {
        return nca__fail_memory(error, name, sizeof from.parser);
    }
    yaml_parser_set_encoding(&from.parser, YAML_UTF8_ENCODING);
    size_t mark = mark_length(text, size);
    yaml_parser_set_input_string(&from.parser, (const unsigned char *)text + mark, size - mark);
    nca_settings result = *settings;
    nca_status status = read_stream(&from);
    if (status == NCA_OK) {
        status = apply_all(&from, &result);
    }
    if (status == NCA_OK) {
        *settings = result;
    }
    for (size_t i = 0; i < from.count; i++) {
        free(from.pairs[i].value);
    }
    yaml_parser_delete(&from.parser);
    return status;
}

nca_status nca_settings_load(nca_settings *settings, const char *path, nca_error *error)
{
    uint8_t *bytes;
    size_t size;
    nca_status status = nca__file_read(&bytes, &size, path, LARGEST_FILE, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca_settings_parse(settings, (const char *)bytes, size, path, error);
    free(bytes);
    return status;
}
