/* The names of the runs of a sweep: axes, values, labels, names, groups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "config/settings_table.h"
#include "config/sweep_plan.h"
#include "nca/changes.h"

enum {
    LONGEST_PART = 64, /* bytes of one value in a name */
    LONGEST_NAME = 160,
    MOST_CHANGES = 5 /* per label */
};

/* ---- Axes and their values -------------------------------------------------------------------*/

static bool differs(const nca_sweep *sweep, const nca_setting *setting)
{
    for (size_t i = 1; i < sweep->count; i++) {
        if (!nca__same_value(&sweep->runs[0]->settings, &sweep->runs[i]->settings, setting)) {
            return true;
        }
    }
    return false;
}

/* Whether runs with the same value of `by` always have the same value of `setting`. */
static bool follows(const nca_sweep *sweep, const nca_setting *setting, const nca_setting *by)
{
    for (size_t i = 0; i < sweep->count; i++) {
        const nca_settings *a = &sweep->runs[i]->settings;
        for (size_t k = 0; k < i; k++) {
            const nca_settings *b = &sweep->runs[k]->settings;
            if (nca__same_value(a, b, by) && !nca__same_value(a, b, setting)) {
                return false;
            }
        }
    }
    return true;
}

static void add_axis(nca_sweep *sweep, const nca_setting *setting)
{
    sweep->axes[sweep->axis_count++] = setting;
}

/* A file with `damage: 3` for some runs has changed their experiment without naming it; for the
 * other runs, the number of damaged samples has no meaning. */
static void add_damage(nca_sweep *sweep, const nca_setting *damage, bool experiment_named)
{
    const nca_setting *experiment = nca_setting_named("experiment");
    if (!experiment_named && differs(sweep, experiment)) {
        add_axis(sweep, experiment);
    }
    if (!follows(sweep, damage, experiment)) {
        add_axis(sweep, damage);
    }
}

static void find_axes(nca_sweep *sweep)
{
    const nca_setting *seed = nca_setting_named("seed"), *damage = nca_setting_named("damage");
    const nca_setting *experiment = nca_setting_named("experiment");
    bool named = false;
    sweep->seeds = differs(sweep, seed);
    for (size_t i = 0; i < sweep->mentioned_count; i++) {
        named |= sweep->mentioned[i] == experiment;
    }
    for (size_t i = 0; i < sweep->mentioned_count; i++) {
        const nca_setting *setting = sweep->mentioned[i];
        if (setting == damage) {
            add_damage(sweep, damage, named);
        } else if (setting != seed && differs(sweep, setting)) {
            add_axis(sweep, setting);
        }
    }
}

/* "pictures/photo.png" becomes "photo"; "medmnist:breastmnist/train/3" loses its prefix, and
 * "medmnist:data/breastmnist.npz/train/3" becomes the same text. */
static void shorten_target(char *out, size_t size, const char *target)
{
    static const char scheme[] = "medmnist:";
    const char *npz = strstr(target, ".npz/");
    bool set = strncmp(target, scheme, sizeof scheme - 1) == 0;
    const char *name = set ? target + sizeof scheme - 1 : target;
    const char *end = set && npz != NULL ? npz : target + strlen(target);
    for (const char *at = name; at < end && (!set || npz != NULL); at++) {
        name = *at == '/' && at + 1 < end ? at + 1 : name;
    }
    const char *dot = strrchr(name, '.');
    if (!set && dot != NULL && dot != name) {
        end = dot;
    }
    snprintf(out, size, "%.*s%s", (int)(end - name), name,
             set && npz != NULL ? npz + sizeof ".npz" - 1 : "");
}

/* "changes 120 damage 0" and a line for each further entry; a long list is truncated. */
static void write_changes(char *out, size_t size, const char *list)
{
    size_t length = (size_t)snprintf(out, size, "changes%s", *list != 0 ? "" : " none");
    size_t count = 0;
    nca_change change;
    for (const char *at = list; nca_change_next(&change, &at); count++) {
        if (count < MOST_CHANGES) {
            length += (size_t)snprintf(out + length, size - length, "%s%lu %s %s",
                                       count > 0 ? "\n" : " ", (unsigned long)change.iteration,
                                       change.setting->key, change.value);
        }
    }
    if (count > MOST_CHANGES) {
        snprintf(out + length, size - length, "\nand %zu more", count - MOST_CHANGES);
    }
}

/* Choices are shown without their key, other values with it. */
static void write_label(char *out, size_t size, const nca_setting *setting, const char *value)
{
    if (strcmp(setting->key, "target_path") == 0) {
        shorten_target(out, size, value);
    } else if (strcmp(setting->key, "changes") == 0) {
        write_changes(out, size, value);
    } else if (setting->choices != NULL) {
        snprintf(out, size, "%s", value);
    } else {
        snprintf(out, size, "%s %s", setting->key, *value != 0 ? value : "none");
    }
}

static nca_status fail_memory(nca_error *error)
{
    return nca__fail_memory(error, "the names of a sweep", LONGEST_NAME);
}

static nca_status write_values(nca_sweep *sweep, size_t axis, nca_error *error)
{
    char value[NCA_SETTING_SIZE], label[NCA_SETTING_SIZE + 64];
    for (size_t i = 0; i < sweep->count; i++) {
        nca__sweep_run *run = sweep->runs[i];
        nca_settings_get(value, sizeof value, &run->settings, sweep->axes[axis]);
        write_label(label, sizeof label, sweep->axes[axis], value);
        run->value[axis] = strdup(value);
        run->label[axis] = strdup(label);
        if (run->value[axis] == NULL || run->label[axis] == NULL) {
            return fail_memory(error);
        }
    }
    return NCA_OK;
}

/* Targets with the same short form ("a/x.png", "b/x.png") are shown in full. */
static nca_status part_labels(nca_sweep *sweep, size_t axis, nca_error *error)
{
    bool clash = false, target = strcmp(sweep->axes[axis]->key, "target_path") == 0;
    for (size_t i = 0; i < sweep->count && target && !clash; i++) {
        for (size_t k = 0; k < i && !clash; k++) {
            clash = strcmp(sweep->runs[i]->label[axis], sweep->runs[k]->label[axis]) == 0 &&
                    strcmp(sweep->runs[i]->value[axis], sweep->runs[k]->value[axis]) != 0;
        }
    }
    for (size_t i = 0; i < sweep->count && clash; i++) {
        char *whole = strdup(sweep->runs[i]->value[axis]);
        if (whole == NULL) {
            return fail_memory(error);
        }
        free(sweep->runs[i]->label[axis]);
        sweep->runs[i]->label[axis] = whole;
    }
    return NCA_OK;
}

/* ---- Names -----------------------------------------------------------------------------------*/

/* Letters, digits and a few symbols are kept; each sequence of other characters becomes one
 * dash. */
static void append_safe(char *name, const char *label)
{
    size_t length = strlen(name), end = length + LONGEST_PART;
    for (; *label != 0 && length < end; label++) {
        unsigned char c = (unsigned char)*label;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '_' || c == '+' || (c == '.' && length > 0);
        if (plain) {
            name[length++] = (char)c;
        } else if (length > 0 && name[length - 1] != '-' && name[length - 1] != '_') {
            name[length++] = '-';
        }
    }
    while (length > 0 && name[length - 1] == '-') {
        length--;
    }
    name[length] = 0;
}

/* 32 bits of FNV-1a over all of a run's values. */
static unsigned long hash_values(const nca_sweep *sweep, const nca__sweep_run *run)
{
    unsigned long hash = 2166136261u;
    for (size_t axis = 0; axis < sweep->axis_count; axis++) {
        const char *at = run->value[axis];
        do {
            hash = ((hash ^ (unsigned char)*at) * 16777619u) & 0xFFFFFFFFu;
        } while (*at++ != 0);
    }
    return hash;
}

static void write_name(char *out, const nca_sweep *sweep, const nca__sweep_run *run, bool hashed)
{
    char name[NCA__MOST_AXES * (LONGEST_PART + 2) + 64] = "";
    for (size_t axis = 0; axis < sweep->axis_count; axis++) {
        strcat(name, name[0] != 0 ? "_" : "");
        append_safe(name, run->label[axis]);
    }
    bool cut = strlen(name) > LONGEST_NAME;
    name[LONGEST_NAME] = 0;
    if (cut || hashed) {
        sprintf(name + strlen(name), "-%08lx", hash_values(sweep, run));
    }
    if (sweep->seeds) {
        sprintf(name + strlen(name), "%sseed%llu", name[0] != 0 ? "_" : "",
                (unsigned long long)run->settings.seed);
    }
    snprintf(out, LONGEST_NAME + 64, "%.*s", LONGEST_NAME + 63, name[0] != 0 ? name : "run");
}

static nca_status write_names(nca_sweep *sweep, nca_error *error)
{
    char name[LONGEST_NAME + 64];
    for (size_t i = 0; i < sweep->count; i++) {
        write_name(name, sweep, sweep->runs[i], false);
        sweep->runs[i]->name = strdup(name);
        if (sweep->runs[i]->name == NULL) {
            return fail_memory(error);
        }
    }
    /* Names that have become equal because characters were removed get a hash. */
    for (size_t i = 0; i < sweep->count; i++) {
        bool twice = false;
        for (size_t k = 0; k < i && !twice; k++) {
            twice = strcmp(sweep->runs[i]->name, sweep->runs[k]->name) == 0;
        }
        if (twice) {
            write_name(name, sweep, sweep->runs[i], true);
            char *unique = strdup(name);
            if (unique == NULL) {
                return fail_memory(error);
            }
            free(sweep->runs[i]->name);
            sweep->runs[i]->name = unique;
        }
    }
    return NCA_OK;
}

/* ---- Groups ----------------------------------------------------------------------------------*/

static bool same_values(const nca_sweep *sweep, const nca__sweep_run *a, const nca__sweep_run *b)
{
    for (size_t axis = 0; axis < sweep->axis_count; axis++) {
        if (!nca__same_value(&a->settings, &b->settings, sweep->axes[axis])) {
            return false;
        }
    }
    return true;
}

static void number_groups(nca_sweep *sweep)
{
    for (size_t i = 0; i < sweep->count; i++) {
        nca__sweep_run *run = sweep->runs[i];
        size_t earlier = 0;
        while (earlier < i && !same_values(sweep, sweep->runs[earlier], run)) {
            earlier++;
        }
        run->group = earlier < i ? sweep->runs[earlier]->group : sweep->group_count++;
    }
}

nca_status nca__sweep_describe(nca_sweep *sweep, nca_error *error)
{
    find_axes(sweep);
    nca_status status = NCA_OK;
    for (size_t axis = 0; axis < sweep->axis_count && status == NCA_OK; axis++) {
        status = write_values(sweep, axis, error);
        if (status == NCA_OK) {
            status = part_labels(sweep, axis, error);
        }
    }
    if (status == NCA_OK) {
        number_groups(sweep);
        status = write_names(sweep, error);
    }
    return status;
}

/* ---- Queries --------------------------------------------------------------------------------- */

size_t nca_sweep_count(const nca_sweep *sweep)
{
    return sweep->count;
}

const nca_settings *nca_sweep_settings(const nca_sweep *sweep, size_t run)
{
    return run < sweep->count ? &sweep->runs[run]->settings : NULL;
}

const bool *nca_sweep_given(const nca_sweep *sweep, size_t run)
{
    return run < sweep->count ? sweep->runs[run]->given : NULL;
}

const char *nca_sweep_name(const nca_sweep *sweep, size_t run)
{
    return run < sweep->count ? sweep->runs[run]->name : NULL;
}

size_t nca_sweep_axis_count(const nca_sweep *sweep)
{
    return sweep->axis_count;
}

const nca_setting *nca_sweep_axis(const nca_sweep *sweep, size_t axis)
{
    return axis < sweep->axis_count ? sweep->axes[axis] : NULL;
}

const char *nca_sweep_value(const nca_sweep *sweep, size_t run, size_t axis)
{
    return run < sweep->count && axis < sweep->axis_count ? sweep->runs[run]->value[axis] : NULL;
}

const char *nca_sweep_label(const nca_sweep *sweep, size_t run, size_t axis)
{
    return run < sweep->count && axis < sweep->axis_count ? sweep->runs[run]->label[axis] : NULL;
}

size_t nca_sweep_group_count(const nca_sweep *sweep)
{
    return sweep->group_count;
}

size_t nca_sweep_group(const nca_sweep *sweep, size_t run)
{
    return run < sweep->count ? sweep->runs[run]->group : sweep->group_count;
}

bool nca_sweep_has_seeds(const nca_sweep *sweep)
{
    return sweep->seeds;
}
