/* Conversion of settings to text and back, one value at a time. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/number.h"
#include "base/utf8.h"
#include "config/settings_table.h"

nca__shown nca__show(const char *text)
{
    nca__shown shown;
    size_t length = 0;
    for (; text[length] != 0 && length < sizeof shown.text - 4; length++) {
        unsigned char c = (unsigned char)text[length];
        shown.text[length] = c < 0x20 || c == 0x7F ? '?' : (char)c;
    }
    if (text[length] != 0) {
        length = nca__utf8_cut(text, length);
        memcpy(shown.text + length, "...", 3);
        length += 3;
    }
    shown.text[length] = 0;
    return shown;
}

/* ---- Descriptions of valid values ------------------------------------------------------------ */

/* A growing text in a fixed buffer; text that does not fit is discarded. */
typedef struct line {
    char *out;
    size_t size, length;
} line;

static void add(line *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(line *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = to->length < to->size ? to->size - to->length : 0;
    int wanted = vsnprintf(room > 0 ? to->out + to->length : NULL, room, format, arguments);
    va_end(arguments);
    to->length += wanted > 0 ? (size_t)wanted : 0;
}

static void add_bound(line *to, double bound)
{
    const double two_to_64 = 18446744073709551616.0;
    if (bound >= two_to_64) {
        add(to, "18446744073709551615");
    } else if (bound == floor(bound) && fabs(bound) >= 1) {
        add(to, "%.0f", bound);
    } else {
        char text[NCA__NUMBER_SIZE];
        nca__format_double(text, bound);
        add(to, "%s", text);
    }
}

void nca__setting_expectation(char *out, size_t size, const nca_setting *setting)
{
    line to = {out, size, 0};
    if (setting->choices != NULL) {
        bool many = setting->choices[1] != NULL && setting->choices[2] != NULL;
        add(&to, "%s", many ? "one of " : "");
        for (size_t i = 0; setting->choices[i] != NULL; i++) {
            bool last = setting->choices[i + 1] == NULL;
            add(&to, "%s%s", i == 0 ? "" : last ? " or " : ", ", setting->choices[i]);
        }
        return;
    }
    switch (setting->type) {
    case NCA_SETTING_BOOL:
        add(&to, "true or false");
        return;
    case NCA_SETTING_TEXT:
        if (nca__setting_place_of(setting).kind == NCA__KIND_CHANGES) {
            add(&to, "a list such as 120 learning_rate 0.001, 300 fire_rate 0.6");
            return;
        }
        add(&to, "a text of at most %zu bytes", nca__setting_place_of(setting).size - 1);
        return;
    case NCA_SETTING_BYTES:
        add(&to, "a number of bytes such as 512 MiB, at least 1");
        return;
    case NCA_SETTING_INTEGER:
        add(&to, "an integer from ");
        break;
    case NCA_SETTING_CHOICE: /* handled above */
    case NCA_SETTING_NUMBER:
        add(&to, "a number from ");
        break;
    }
    add_bound(&to, setting->minimum);
    add(&to, " to ");
    add_bound(&to, setting->maximum);
}

static nca_status refuse(const nca_setting *setting, const char *value, nca_error *error)
{
    char expectation[256];
    nca__setting_expectation(expectation, sizeof expectation, setting);
    return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: expected %s, found \"%s\"", setting->key,
                     expectation, nca__show(value).text);
}

nca_status nca__unknown_setting(const char *key, nca_error *error)
{
    const char *nearest = nca_setting_nearest(key);
    if (nearest != NULL) {
        return nca__fail(error, NCA_NOT_FOUND, "unknown setting \"%s\"; did you mean \"%s\"?",
                         nca__show(key).text, nearest);
    }
    return nca__fail(error, NCA_NOT_FOUND,
                     "unknown setting \"%s\"; `nca train --help` lists the settings",
                     nca__show(key).text);
}

/* ---- Text to values --------------------------------------------------------------------------*/

static bool parse_bool(const char *text, bool *out_value)
{
    static const char *const truths[] = {"true", "yes", "on"};
    static const char *const lies[] = {"false", "no", "off"};
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        if (strcasecmp(text, truths[i]) == 0 || strcasecmp(text, lies[i]) == 0) {
            *out_value = strcasecmp(text, truths[i]) == 0;
            return true;
        }
    }
    return false;
}

/* The number of bytes of a unit, or 0. A single letter is the binary unit, as in most programs. */
static uint64_t unit_bytes(const char *unit)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {{"", 1},
                 {"B", 1},
                 {"K", UINT64_C(1) << 10},
                 {"KiB", UINT64_C(1) << 10},
                 {"M", UINT64_C(1) << 20},
                 {"MiB", UINT64_C(1) << 20},
                 {"G", UINT64_C(1) << 30},
                 {"GiB", UINT64_C(1) << 30},
                 {"T", UINT64_C(1) << 40},
                 {"TiB", UINT64_C(1) << 40},
                 {"KB", UINT64_C(1000)},
                 {"MB", UINT64_C(1000000)},
                 {"GB", UINT64_C(1000000000)},
                 {"TB", UINT64_C(1000000000000)}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcasecmp(unit, units[i].name) == 0) {
            return units[i].bytes;
        }
    }
    return 0;
}

/* "2e9", "512 MiB", "1.5GiB": the result must be a whole number of bytes. */
static bool parse_bytes(const char *text, uint64_t *out_value)
{
    size_t length = strspn(text, "0123456789.");
    if (text[length] == 'e' || text[length] == 'E') {
        length += 1 + strspn(text + length + 1, "+0123456789");
    }
    char number[NCA__NUMBER_SIZE];
    if (length == 0 || length >= sizeof number) {
        return false;
    }
    memcpy(number, text, length);
    number[length] = 0;
    uint64_t unit = unit_bytes(text + length + strspn(text + length, " "));
    uint64_t whole;
    double value;
    if (nca__parse_u64(number, &whole)) {
        return unit > 0 && !__builtin_mul_overflow(whole, unit, out_value);
    }
    if (unit == 0 || !nca__parse_double(number, &value)) {
        return false;
    }
    value = floor(value * (double)unit);
    if (!(value >= 0 && value < 9223372036854775808.0)) {
        return false;
    }
    *out_value = (uint64_t)value;
    return true;
}

/* An integer with a separate sign, so that the complete range of 64 bits is exact. */
static bool parse_integer(const char *text, bool *out_negative, uint64_t *out_magnitude)
{
    bool negative = *text == '-';
    if (!nca__parse_u64(text + (negative || *text == '+'), out_magnitude)) {
        return false;
    }
    *out_negative = negative && *out_magnitude > 0;
    return true;
}

static bool in_range(const nca_setting *setting, double value)
{
    return value >= setting->minimum && value <= setting->maximum;
}

/* The index of a choice, or the number of choices if not found. Case and the kind of dash do not
 * matter. */
static size_t choice_index(const nca_setting *setting, const char *text)
{
    size_t i = 0;
    for (; setting->choices[i] != NULL; i++) {
        const char *name = setting->choices[i];
        size_t at = 0;
        while (
            name[at] != 0 && text[at] != 0 &&
            (strncasecmp(name + at, text + at, 1) == 0 || (name[at] == '-' && text[at] == '_'))) {
            at++;
        }
        if (name[at] == 0 && text[at] == 0) {
            break;
        }
    }
    return i;
}

/* The configuration of the reference contains `damage: true`. */
static const char *damage_count(const nca_setting *setting, const char *value)
{
    bool wanted;
    if (strcmp(setting->key, "damage") == 0 && parse_bool(value, &wanted)) {
        return wanted ? "3" : "0";
    }
    return value;
}

/* "cuda:1", "GPU!": as nca_device_parse, in any case. */
static bool parse_device(nca_device *out, const char *value)
{
    char text[NCA_DEVICE_TEXT];
    const size_t length = strlen(value);
    if (length >= sizeof text) {
        return false;
    }
    for (size_t i = 0; i <= length; i++) {
        text[i] = value[i] >= 'A' && value[i] <= 'Z' ? (char)(value[i] - 'A' + 'a') : value[i];
    }
    return nca_device_parse(out, text);
}

static nca_status set_integer(void *field, const nca_setting *setting, nca__setting_kind kind,
                              const char *value, nca_error *error)
{
    bool negative = false;
    uint64_t magnitude;
    const char *digits = damage_count(setting, value);
    bool parsed = kind == NCA__KIND_BYTES ? parse_bytes(digits, &magnitude)
                                          : parse_integer(digits, &negative, &magnitude);
    if (!parsed || !in_range(setting, negative ? -(double)magnitude : (double)magnitude)) {
        return refuse(setting, value, error);
    }
    if (kind == NCA__KIND_U32) {
        *(uint32_t *)field = (uint32_t)magnitude;
    } else if (kind == NCA__KIND_I32) {
        *(int32_t *)field = negative ? -(int32_t)magnitude : (int32_t)magnitude;
    } else {
        *(uint64_t *)field = magnitude;
    }
    return NCA_OK;
}

static nca_status set_text(char *field, size_t size, const nca_setting *setting, const char *value,
                           nca_error *error)
{
    if (setting->choices != NULL) {
        value = setting->choices[choice_index(setting, value)];
    }
    if (!nca__is_utf8(value)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected UTF-8, found bytes that are not; rename the file",
                         setting->key);
    }
    if (strlen(value) >= size) {
        return refuse(setting, value, error);
    }
    if (*value == 0 && strcmp(setting->key, "target_path") == 0) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "target_path: expected an image file, medmnist:SET/SPLIT/INDEX or phantom, found "
            "nothing");
    }
    memset(field, 0, size);
    memcpy(field, value, strlen(value));
    return NCA_OK;
}

/* A new target also sets its own size. */
static nca_status set_path(nca_settings *settings, char *field, size_t size,
                           const nca_setting *setting, const char *value, nca_error *error)
{
    bool was_medmnist = nca__is_medmnist(settings->target_path);
    nca_status status = set_text(field, size, setting, value, error);
    if (status == NCA_OK && field == settings->target_path) {
        nca__settings_follow_target(settings, was_medmnist);
    }
    return status;
}

nca_status nca__setting_set(nca_settings *settings, const nca_setting *setting, const char *value,
                            nca_error *error)
{
    nca__setting_place place = nca__setting_place_of(setting);
    void *field = (char *)settings + place.offset;
    double number;
    if (field == (void *)&settings->device) {
        return parse_device(field, value) ? NCA_OK : refuse(setting, value, error);
    }
    size_t choice = setting->choices != NULL ? choice_index(setting, value) : 0;
    if (setting->choices != NULL && setting->choices[choice] == NULL) {
        return refuse(setting, value, error);
    }
    switch (place.kind) {
    case NCA__KIND_BOOL:
        return parse_bool(value, field) ? NCA_OK : refuse(setting, value, error);
    case NCA__KIND_NUMBER:
        /* The range is checked in double precision, where its ends are exactly the documented
         * values. */
        if (!nca__parse_double(value, &number) || !in_range(setting, number) ||
            !nca__parse_float(value, field)) {
            return refuse(setting, value, error);
        }
        return NCA_OK;
    case NCA__KIND_CHOICE:
        if (field == (void *)&settings->recipe) {
            nca_settings_apply_recipe(settings, (nca_recipe)choice);
        } else if (field == (void *)&settings->task) {
            nca__settings_follow_task(settings, (nca_task)choice);
        }
        *(unsigned *)field = (unsigned)choice;
        return NCA_OK;
    case NCA__KIND_TEXT:
        return set_path(settings, field, place.size, setting, value, error);
    case NCA__KIND_CHANGES:
        return nca__changes_set(field, value, error);
    case NCA__KIND_U32:
    case NCA__KIND_I32:
    case NCA__KIND_U64:
    case NCA__KIND_BYTES:
        break;
    }
    return set_integer(field, setting, place.kind, value, error);
}

nca_status nca_settings_set(nca_settings *settings, const char *key, const char *value,
                            nca_error *error)
{
    const nca_setting *setting = nca_setting_named(key);
    if (setting == NULL) {
        return nca__unknown_setting(key, error);
    }
    return nca__setting_set(settings, setting, value, error);
}

/* ---- Values to text --------------------------------------------------------------------------*/

static void add_bytes(line *to, uint64_t bytes)
{
    static const char *const names[] = {"GiB", "MiB", "KiB"};
    for (unsigned i = 0; i < 3; i++) {
        uint64_t unit = UINT64_C(1) << (30 - 10 * i);
        if (bytes > 0 && bytes % unit == 0) {
            add(to, "%llu %s", (unsigned long long)(bytes / unit), names[i]);
            return;
        }
    }
    add(to, "%llu", (unsigned long long)bytes);
}

size_t nca_settings_get(char *out, size_t size, const nca_settings *settings,
                        const nca_setting *setting)
{
    line to = {out, size, 0};
    nca__setting_place place = nca__setting_place_of(setting);
    const void *field = (const char *)settings + place.offset;
    char number[NCA__NUMBER_SIZE];
    char device[NCA_DEVICE_TEXT];
    if (size > 0) {
        out[0] = 0;
    }
    switch (place.kind) {
    case NCA__KIND_BOOL:
        add(&to, "%s", *(const bool *)field ? "true" : "false");
        break;
    case NCA__KIND_U32:
        add(&to, "%lu", (unsigned long)*(const uint32_t *)field);
        break;
    case NCA__KIND_I32:
        add(&to, "%ld", (long)*(const int32_t *)field);
        break;
    case NCA__KIND_U64:
        add(&to, "%llu", (unsigned long long)*(const uint64_t *)field);
        break;
    case NCA__KIND_BYTES:
        add_bytes(&to, *(const uint64_t *)field);
        break;
    case NCA__KIND_NUMBER:
        nca__format_float(number, *(const float *)field);
        add(&to, "%s", number);
        break;
    case NCA__KIND_CHOICE:
        if (field == (const void *)&settings->device) {
            nca_device_text(device, settings->device);
            add(&to, "%s", device);
            break;
        }
        add(&to, "%s", setting->choices[*(const unsigned *)field]);
        break;
    case NCA__KIND_TEXT:
    case NCA__KIND_CHANGES:
        add(&to, "%.*s", (int)place.size, (const char *)field);
        break;
    }
    return to.length;
}
