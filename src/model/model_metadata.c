/* The metadata of a model file: one table with the key and the form of each field.
 * docs/file-formats.md lists the keys. */
#include "model/model_metadata.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "model/classifier_file.h"
#include "nca/version.h"

/* The struct that the table's offsets refer to. */
typedef struct fields {
    nca_automaton automaton;
    nca_model_info info;
} fields;

typedef enum field_kind {
    FIELD_U32,
    FIELD_U64,
    FIELD_COUNT,    /* of learned filters: there only with them */
    FIELD_OPTIONAL, /* a number that is in the file only where it is not 0 */
    FIELD_CHANNEL,  /* an int32_t, -1 or a channel */
    FIELD_FLOAT,
    FIELD_DOUBLE,
    FIELD_BOOL,
    FIELD_FILTER,
    FIELD_BOUNDARY,
    FIELD_TEXT
} field_kind;

typedef struct field {
    const char *key;
    field_kind kind;
    size_t offset;
} field;

#define AUTOMATON_AS(key, name, kind)                             \
    {                                                             \
        "automaton." #key, kind, offsetof(fields, automaton.name) \
    }
#define AUTOMATON(name, kind) AUTOMATON_AS(name, name, kind)
#define TRAINING(name, kind)                                 \
    {                                                        \
        "training." #name, kind, offsetof(fields, info.name) \
    }

/* Every field of the automaton must be there, filter_count only with learned filters,
 * input_channels and the head only where there are some; what is known of the training may be. */
static const field table[] = {
    AUTOMATON(channels, FIELD_U32),
    AUTOMATON(hidden, FIELD_U32),
    AUTOMATON(filter, FIELD_FILTER),
    AUTOMATON(filter_count, FIELD_COUNT),
    AUTOMATON(boundary, FIELD_BOUNDARY),
    AUTOMATON_AS(angle, angle_radians, FIELD_FLOAT),
    AUTOMATON(fire_rate, FIELD_FLOAT),
    AUTOMATON(step_size, FIELD_FLOAT),
    AUTOMATON(alive_channel, FIELD_CHANNEL),
    AUTOMATON(alive_threshold, FIELD_FLOAT),
    AUTOMATON(output_bias, FIELD_BOOL),
    AUTOMATON(input_channels, FIELD_OPTIONAL),
    AUTOMATON(head_inputs, FIELD_OPTIONAL),
    AUTOMATON(head_outputs, FIELD_OPTIONAL),
    TRAINING(height, FIELD_U32),
    TRAINING(width, FIELD_U32),
    TRAINING(padding, FIELD_U32),
    TRAINING(iterations, FIELD_U64),
    TRAINING(loss, FIELD_DOUBLE),
    TRAINING(seed, FIELD_U64),
    TRAINING(target, FIELD_TEXT),
    TRAINING(loss_name, FIELD_TEXT),
    TRAINING(experiment, FIELD_TEXT),
    TRAINING(recipe, FIELD_TEXT),
};

enum {
    FIELDS = sizeof table / sizeof table[0]
};

static const char format[] = "nca-model";
static const char key_format[] = "format";
static const char key_version[] = "format_version";

static bool is_required(const field *entry, const fields *values)
{
    return entry->kind == FIELD_COUNT      ? values->automaton.filter == NCA_FILTER_LEARNED
           : entry->kind == FIELD_OPTIONAL ? false
                                           : entry->offset < offsetof(fields, info);
}

/* ---- One field as text -----------------------------------------------------------------------*/

/* `out` has NCA_MODEL_TEXT bytes. Returns false for a value that means "unknown". */
static bool format_field(char *out, const field *entry, const fields *values)
{
    const void *place = (const char *)values + entry->offset;
    switch (entry->kind) {
    case FIELD_OPTIONAL:
    case FIELD_U32: {
        uint32_t value = *(const uint32_t *)place;
        snprintf(out, NCA_MODEL_TEXT, "%u", value);
        return value != 0;
    }
    case FIELD_COUNT:
        snprintf(out, NCA_MODEL_TEXT, "%u", *(const uint32_t *)place);
        return values->automaton.filter == NCA_FILTER_LEARNED;
    case FIELD_U64: {
        uint64_t value = *(const uint64_t *)place;
        snprintf(out, NCA_MODEL_TEXT, "%llu", (unsigned long long)value);
        return value != 0;
    }
    case FIELD_CHANNEL:
        snprintf(out, NCA_MODEL_TEXT, "%d", *(const int32_t *)place);
        return true;
    case FIELD_FLOAT:
        nca__format_float(out, *(const float *)place);
        return true;
    case FIELD_DOUBLE:
        nca__format_double(out, *(const double *)place);
        return isfinite(*(const double *)place);
    case FIELD_BOOL:
        snprintf(out, NCA_MODEL_TEXT, "%s", *(const bool *)place ? "true" : "false");
        return true;
    case FIELD_FILTER:
    case FIELD_BOUNDARY: {
        const char *name = entry->kind == FIELD_FILTER
                               ? nca_filter_name(*(const nca_filter *)place)
                               : nca_boundary_name(*(const nca_boundary *)place);
        snprintf(out, NCA_MODEL_TEXT, "%s", name != NULL ? name : "unknown");
        return true;
    }
    case FIELD_TEXT:
        memcpy(out, place, NCA_MODEL_TEXT);
        out[NCA_MODEL_TEXT - 1] = '\0';
        nca__clean_text(out);
        return out[0] != '\0';
    }
    return false;
}

static bool parse_u32(uint32_t *out, const char *text)
{
    uint64_t value;
    if (!nca__parse_u64(text, &value) || value > UINT32_MAX) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

static bool parse_channel(int32_t *out, const char *text)
{
    uint32_t value;
    if (strcmp(text, "-1") == 0) {
        *out = -1;
        return true;
    }
    if (!parse_u32(&value, text) || value > INT32_MAX) {
        return false;
    }
    *out = (int32_t)value;
    return true;
}

static bool parse_text(char *out, const char *text)
{
    size_t length = strlen(text);
    if (length >= NCA_MODEL_TEXT) {
        return false;
    }
    memcpy(out, text, length + 1);
    nca__clean_text(out);
    return true;
}

static bool parse_filter(nca_filter *out, const char *text)
{
    for (int i = 0; i < NCA_FILTER_COUNT; i++) {
        if (strcmp(nca_filter_name((nca_filter)i), text) == 0) {
            *out = (nca_filter)i;
            return true;
        }
    }
    return false;
}

static bool parse_boundary(nca_boundary *out, const char *text)
{
    for (int i = 0; i < NCA_BOUNDARY_COUNT; i++) {
        if (strcmp(nca_boundary_name((nca_boundary)i), text) == 0) {
            *out = (nca_boundary)i;
            return true;
        }
    }
    return false;
}

static bool parse_bool(bool *out, const char *text)
{
    *out = strcmp(text, "true") == 0;
    return *out || strcmp(text, "false") == 0;
}

/* Returns NULL, or what was expected. */
static const char *parse_field(fields *values, const field *entry, const char *text)
{
    void *place = (char *)values + entry->offset;
    switch (entry->kind) {
    case FIELD_U32:
    case FIELD_COUNT:
    case FIELD_OPTIONAL:
        return parse_u32(place, text) ? NULL : "a whole number from 0 to 4294967295";
    case FIELD_U64:
        return nca__parse_u64(text, place) ? NULL : "a whole number of at least 0";
    case FIELD_CHANNEL:
        return parse_channel(place, text) ? NULL : "a channel's number or -1";
    case FIELD_FLOAT:
        return nca__parse_float(text, place) ? NULL : "a decimal number";
    case FIELD_DOUBLE:
        return nca__parse_double(text, place) ? NULL : "a decimal number";
    case FIELD_BOOL:
        return parse_bool(place, text) ? NULL : "true or false";
    case FIELD_FILTER:
        return parse_filter(place, text) ? NULL
                                         : "one of sobel, scharr, gaussian, laplacian, mean or "
                                           "learned";
    case FIELD_BOUNDARY:
        return parse_boundary(place, text) ? NULL : "zero, circular, reflect or replicate";
    case FIELD_TEXT:
        return parse_text(place, text) ? NULL : "a string of at most 255 bytes";
    }
    return "a known field";
}

/* ---- Checks ----------------------------------------------------------------------------------*/

/* The sentence from nca_automaton_problem begins with the field's name; this finds the field's
 * value. */
static nca_status fail_automaton(const nca_automaton *automaton, const char *problem,
                                 nca_status status, const char *name, nca_error *error)
{
    fields values = {.automaton = *automaton};
    char found[NCA_MODEL_TEXT] = "another value";
    size_t word = strcspn(problem, " ");
    for (size_t i = 0; i < FIELDS && table[i].offset < offsetof(fields, info); i++) {
        const char *field_name = strchr(table[i].key, '.') + 1;
        if (strlen(field_name) == word && strncmp(field_name, problem, word) == 0) {
            format_field(found, &table[i], &values);
        }
    }
    return nca__fail(error, status, "%s: automaton.%s; found %s", name, problem, found);
}

nca_status nca__model_metadata_check(const nca_automaton *automaton, const nca_model_info *info,
                                     nca_status status, const char *name, nca_error *error)
{
    const char *problem = nca_automaton_problem(automaton);
    if (problem != NULL) {
        return fail_automaton(automaton, problem, status, name, error);
    }
    if (info->height > NCA_MAX_SIDE || info->width > NCA_MAX_SIDE ||
        (info->height == 0) != (info->width == 0)) {
        return nca__fail(error, status,
                         "%s: training.height and training.width must both be 1 to %d, or both be "
                         "missing; found %u and %u",
                         name, NCA_MAX_SIDE, info->height, info->width);
    }
    uint32_t shorter = info->height < info->width ? info->height : info->width;
    if (info->padding != 0 && info->padding >= (shorter + 1) / 2) {
        return nca__fail(
            error, status,
            "%s: training.padding must leave at least one cell of the %u x %u grid; found %u", name,
            info->height, info->width, info->padding);
    }
    return NCA_OK;
}

/* ---- Writing and reading ---------------------------------------------------------------------*/

nca_status nca__model_metadata_write(const nca__texts_out *out, const nca_model *model,
                                     nca_error *error)
{
    char text[NCA_MODEL_TEXT];
    fields values = {.automaton = model->automaton, .info = model->info};
    snprintf(text, sizeof text, "%d", NCA__MODEL_FORMAT);
    nca_status status = out->add(out->file, key_format, format, error);
    if (status == NCA_OK) {
        status = out->add(out->file, key_version, text, error);
    }
    for (size_t i = 0; i < FIELDS && status == NCA_OK; i++) {
        if (format_field(text, &table[i], &values)) {
            status = out->add(out->file, table[i].key, text, error);
        }
    }
    return status == NCA_OK ? nca__classifier_write(out, model, error) : status;
}

static nca_status find_required(const char **out_text, const nca__texts *texts, const char *key,
                                const char *name, nca_error *error)
{
    *out_text = texts->find(texts->file, key);
    if (*out_text == NULL) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: not a complete nca model: metadata \"%s\" is missing; the tensors "
                         "alone do not describe the automaton",
                         name, key);
    }
    return NCA_OK;
}

static nca_status check_version(const nca__texts *texts, const char *name, nca_error *error)
{
    const char *kind;
    const char *text;
    uint64_t version;
    nca_status status = find_required(&kind, texts, key_format, name, error);
    if (status == NCA_OK) {
        status = find_required(&text, texts, key_version, name, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    if (strcmp(kind, format) != 0) {
        bool checkpoint = strcmp(kind, "nca-checkpoint") == 0;
        return nca__fail(error, NCA_FORMAT,
                         "%s: expected a model (metadata \"%s\" is \"%s\"), found \"%.40s\"%s",
                         name, key_format, format, kind,
                         checkpoint ? "; the model of a run is model.safetensors in the same folder"
                                    : "");
    }
    if (!nca__parse_u64(text, &version) || version == 0) {
        return nca__fail(
            error, NCA_FORMAT,
            "%s: metadata \"%s\": expected a whole number of at least 1, found \"%.40s\"", name,
            key_version, text);
    }
    if (version > NCA__MODEL_FORMAT) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: has model format %.20s; this nca (%s) reads formats up to %d, a "
                         "newer nca is needed",
                         name, text, nca_version(), NCA__MODEL_FORMAT);
    }
    return NCA_OK;
}

static nca_status read_fields(fields *values, const nca__texts *texts, const char *name,
                              nca_error *error)
{
    nca_status status = check_version(texts, name, error);
    for (size_t i = 0; i < FIELDS && status == NCA_OK; i++) {
        const char *text = texts->find(texts->file, table[i].key);
        if (text == NULL && is_required(&table[i], values)) {
            status = find_required(&text, texts, table[i].key, name, error);
        } else if (text != NULL) {
            const char *expected = parse_field(values, &table[i], text);
            if (expected != NULL) {
                status = nca__fail(error, NCA_FORMAT,
                                   "%s: metadata \"%s\": expected %s, found \"%.80s\"", name,
                                   table[i].key, expected, text);
            }
        }
    }
    return status == NCA_OK ? nca__model_metadata_check(&values->automaton, &values->info,
                                                        NCA_FORMAT, name, error)
                            : status;
}

nca_status nca__model_metadata_read(nca_model **out_model, const nca__texts *texts,
                                    const char *name, nca_error *error)
{
    nca_model *model = NULL;
    nca_automaton usual;
    nca_automaton_default(&usual);
    fields values = {.automaton.filter_count = usual.filter_count, .info.loss = (double)NAN};
    nca_status status = read_fields(&values, texts, name, error);
    if (status == NCA_OK) {
        status = nca_model_create(&model, &values.automaton, error);
    }
    if (status == NCA_OK) {
        model->info = values.info;
        status = nca__classifier_read(model, texts, name, error);
    }
    if (status != NCA_OK) {
        nca_model_destroy(model);
        return status;
    }
    *out_model = model;
    return NCA_OK;
}
