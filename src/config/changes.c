/* The list of settings that change during training: parsing, normalising, queries, adding
 * entries. */
#include "nca/changes.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "config/settings_table.h"

#define EXAMPLE "120 learning_rate 0.001"

/* In the order of the entries of one iteration. */
static const char *const keys[] = {"learning_rate", "fire_rate", "damage", "damage_shape"};

enum {
    KEYS = sizeof keys / sizeof *keys,
    WORDS = 3,
    LONGEST_ENTRY = 96, /* bytes as typed, with white space collapsed */
    LONGEST_NORMAL = 40 /* "4294967295 learning_rate 1.2345679e-09, " */
};

_Static_assert(400 * LONGEST_NORMAL < NCA_CHANGES_SIZE, "400 changes fit");

/* The index of a setting among the keys; KEYS if it cannot change. */
static size_t place_of(const nca_setting *setting)
{
    size_t place = 0;
    while (place < KEYS && strcmp(keys[place], setting->key) != 0) {
        place++;
    }
    return place;
}

bool nca_setting_can_change(const nca_setting *setting)
{
    return setting != NULL && place_of(setting) < KEYS;
}

/* ---- Reading an entry ------------------------------------------------------------------------*/

/* An entry as it was typed. */
typedef struct entry {
    char text[LONGEST_ENTRY]; /* without superfluous white space, truncated if it is too long */
    char split[LONGEST_ENTRY];
    const char *words[WORDS]; /* in `split` */
    size_t count;             /* number of words; more than WORDS if there are too many */
} entry;

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *behind_space(const char *at)
{
    while (is_space(*at)) {
        at++;
    }
    return at;
}

/* Splits e->text at its single spaces. */
static void split_entry(entry *e)
{
    memcpy(e->split, e->text, sizeof e->split);
    bool in_word = false;
    for (char *at = e->split; *at != 0; at++) {
        if (*at == ' ') {
            *at = 0;
            in_word = false;
        } else if (!in_word) {
            in_word = true;
            if (e->count < WORDS) {
                e->words[e->count] = at;
            }
            e->count++;
        }
    }
}

/* Reads the entry at *at and advances *at to the next one; *at becomes NULL after the last. */
static void take_entry(entry *out, const char **at)
{
    const char *from = *at;
    size_t length = 0;
    bool cut = false;
    memset(out, 0, sizeof *out);
    for (from = behind_space(from); *from != 0 && *from != ','; from++) {
        if (is_space(*from) && (is_space(from[1]) || from[1] == 0 || from[1] == ',')) {
            continue;
        }
        cut |= length == LONGEST_ENTRY - 1;
        if (!cut) {
            out->text[length++] = is_space(*from) ? ' ' : *from;
        }
    }
    *at = *from == ',' ? from + 1 : NULL;
    split_entry(out);
    out->count = cut ? WORDS + 1 : out->count;
}

static nca_status find_key(const nca_setting **out_setting, const char *key, nca_error *error)
{
    static const char expected[] = "expected learning_rate, fire_rate, damage or damage_shape";
    const nca_setting *setting = nca_setting_named(key);
    if (setting == NULL) {
        const char *nearest = nca_nearest_name(key, keys, KEYS);
        return nearest != NULL
                   ? nca__fail(error, NCA_NOT_FOUND, "unknown setting \"%s\"; did you mean \"%s\"?",
                               nca__show(key).text, nearest)
                   : nca__fail(error, NCA_NOT_FOUND, "unknown setting \"%s\"; %s",
                               nca__show(key).text, expected);
    }
    if (!nca_setting_can_change(setting)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s cannot change during a training; %s",
                         setting->key, expected);
    }
    *out_setting = setting;
    return NCA_OK;
}

static nca_status read_value(char out[NCA_CHANGE_VALUE_SIZE], const nca_setting *setting,
                             const char *value, nca_error *error)
{
    nca_settings scratch; /* only one of its fields is used */
    nca_status status = nca__setting_set(&scratch, setting, value, error);
    if (status == NCA_OK) {
        nca_settings_get(out, NCA_CHANGE_VALUE_SIZE, &scratch, setting);
    }
    return status;
}

static nca_status read_entry(nca_change *out, const entry *e, nca_error *error)
{
    uint64_t iteration;
    if (e->count != WORDS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected an iteration, a key and a value, such as " EXAMPLE ", found %s",
                         e->count == 0      ? "nothing"
                         : e->count < WORDS ? "less"
                                            : "more");
    }
    if (!nca__parse_u64(e->words[0], &iteration) || iteration < 1 || iteration > UINT32_MAX) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected an iteration from 1 to 4294967295, found \"%s\"",
                         nca__show(e->words[0]).text);
    }
    nca_change change = {.iteration = (uint32_t)iteration};
    nca_status status = find_key(&change.setting, e->words[1], error);
    if (status == NCA_OK) {
        status = read_value(change.value, change.setting, e->words[2], error);
    }
    if (status == NCA_OK) {
        *out = change;
    }
    return status;
}

bool nca_change_next(nca_change *out_change, const char **at)
{
    if (*at == NULL || *behind_space(*at) == 0) {
        return false;
    }
    entry e;
    take_entry(&e, at);
    if (read_entry(out_change, &e, NULL) != NCA_OK) {
        *at = NULL;
        return false;
    }
    return true;
}

/* ---- Normalising a list ----------------------------------------------------------------------*/

typedef struct normal_list {
    char text[NCA_CHANGES_SIZE];
    size_t length;         /* length of the text, or its length if there were enough room */
    nca_change same[KEYS]; /* the entries of the current iteration, not yet in the text */
} normal_list;

static void write_same(normal_list *list)
{
    for (size_t i = 0; i < KEYS; i++) {
        nca_change *change = &list->same[i];
        if (change->iteration == 0) {
            continue;
        }
        const size_t room = list->length < sizeof list->text ? sizeof list->text - list->length : 0;
        const int wrote = snprintf(room > 0 ? list->text + list->length : NULL, room, "%s%lu %s %s",
                                   list->length > 0 ? ", " : "", (unsigned long)change->iteration,
                                   keys[i], change->value);
        list->length += (size_t)wrote;
        change->iteration = 0;
    }
}

/* Reads the next entry of a list whose previous entry was for iteration `reached`. */
static nca_status read_next(nca_change *out, const char **at, size_t number, uint32_t reached,
                            nca_error *error)
{
    entry e;
    take_entry(&e, at);
    nca_status status = read_entry(out, &e, error);
    if (status == NCA_OK && out->iteration < reached) {
        status = nca__fail(error, NCA_INVALID_ARGUMENT,
                           "expected an iteration of at least %lu (that of the previous entry), "
                           "found %lu; put the entries in order",
                           (unsigned long)reached, (unsigned long)out->iteration);
    }
    if (status != NCA_OK) {
        return nca__fail_in(error, NCA_INVALID_ARGUMENT, "changes: entry %zu (\"%s\")", number,
                            nca__show(e.text).text);
    }
    return NCA_OK;
}

nca_status nca__changes_set(char field[NCA_CHANGES_SIZE], const char *text, nca_error *error)
{
    nca_error ignored; /* messages are extended by outer functions, so they need a buffer */
    normal_list list = {.length = 0};
    uint32_t reached = 0;
    const char *at = *behind_space(text) != 0 ? text : NULL;
    error = error != NULL ? error : &ignored;
    for (size_t number = 1; at != NULL; number++) {
        nca_change change;
        nca_status status = read_next(&change, &at, number, reached, error);
        if (status != NCA_OK) {
            return status;
        }
        if (change.iteration > reached) {
            write_same(&list);
        }
        reached = change.iteration;
        list.same[place_of(change.setting)] = change;
    }
    write_same(&list);
    if (list.length >= sizeof list.text) {
        return nca__fail(error, NCA_LIMIT,
                         "changes: expected a list of at most %d bytes, enough for 400 entries, "
                         "found %zu bytes; remove entries",
                         NCA_CHANGES_SIZE - 1, list.length);
    }
    memset(field, 0, NCA_CHANGES_SIZE);
    memcpy(field, list.text, list.length);
    return NCA_OK;
}

/* ---- Queries, and adding entries ------------------------------------------------------------- */

void nca_settings_in_effect(nca_settings *out_settings, const nca_settings *settings,
                            uint64_t iteration)
{
    const char *at = settings->changes;
    nca_change change;
    *out_settings = *settings;
    while (nca_change_next(&change, &at) && change.iteration <= iteration) {
        const nca_status status =
            nca__setting_set(out_settings, change.setting, change.value, NULL);
        assert(status == NCA_OK);
        (void)status;
    }
}

nca_status nca_settings_change(nca_settings *settings, uint64_t iteration, const char *key,
                               const char *value, nca_error *error)
{
    nca_change change;
    const nca_setting *setting = NULL;
    nca_status status = find_key(&setting, key, error);
    if (status == NCA_OK) {
        status = read_value(change.value, setting, value, error);
    }
    if (status == NCA_OK && (iteration < 1 || iteration > UINT32_MAX)) {
        status = nca__fail(error, NCA_INVALID_ARGUMENT,
                           "changes: expected an iteration from 1 to 4294967295, found %llu",
                           (unsigned long long)iteration);
    }
    if (status != NCA_OK) {
        return status;
    }
    char with[2 * NCA_CHANGES_SIZE + 2 * LONGEST_ENTRY], new[LONGEST_ENTRY];
    snprintf(new, sizeof new, "%lu %s %s", (unsigned long)iteration, setting->key, change.value);
    const char *const list = settings->changes;
    const char *at = list, *later = list;
    while (nca_change_next(&change, &at) && change.iteration <= iteration) {
        later = at != NULL ? at : list + strlen(list);
    }
    /* The text before the new entry ends with a comma, unless it ends the list. */
    const char *before = *later == 0 && later > list ? ", " : "";
    snprintf(with, sizeof with, "%.*s%s%s%s%s", (int)(later - list), list, before, new,
             *later != 0 ? ", " : "", later);
    return nca__changes_set(settings->changes, with, error);
}

static bool same_change(const nca_change *a, const nca_change *b)
{
    return a->iteration == b->iteration && a->setting == b->setting &&
           strcmp(a->value, b->value) == 0;
}

bool nca_changes_agree(nca_change out_different[2], const nca_settings *a, const nca_settings *b,
                       uint64_t until)
{
    const char *at[2] = {a->changes, b->changes};
    nca_change change[2];
    for (;;) {
        for (size_t i = 0; i < 2; i++) {
            if (!nca_change_next(&change[i], &at[i]) || change[i].iteration > until) {
                change[i] = (nca_change){.iteration = 0};
            }
        }
        if (change[0].iteration == 0 && change[1].iteration == 0) {
            return true;
        }
        if (!same_change(&change[0], &change[1])) {
            break;
        }
    }
    if (out_different != NULL) {
        memcpy(out_different, change, sizeof change);
    }
    return false;
}
