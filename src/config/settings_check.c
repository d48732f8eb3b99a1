/* Checks that settings are within their ranges and fit together. Messages name the setting and its
 * value, and say what was expected and what to do. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "config/settings_table.h"
#include "core/objective.h"
#include "core/schedule.h"
#include "nca/changes.h"

/* A C program may have filled the struct without nca_settings_set, so every field is checked. */
static bool field_is_sound(const nca_settings *settings, const nca_setting *setting)
{
    nca__setting_place place = nca__setting_place_of(setting);
    const void *field = (const char *)settings + place.offset;
    double value = setting->minimum;
    switch (place.kind) {
    case NCA__KIND_CHOICE: {
        if (field == (const void *)&settings->device) {
            return nca_device_kind(settings->device) != NCA_DEVICE_COUNT;
        }
        unsigned count = 0;
        while (setting->choices[count] != NULL) {
            count++;
        }
        return *(const unsigned *)field < count;
    }
    case NCA__KIND_TEXT:
    case NCA__KIND_CHANGES:
        return memchr(field, 0, place.size) != NULL;
    case NCA__KIND_NUMBER: {
        /* The end of a range, converted to float, can be slightly outside the range in double
         * precision. */
        float number = *(const float *)field;
        return number >= (float)setting->minimum && number <= (float)setting->maximum;
    }
    case NCA__KIND_U32:
        value = *(const uint32_t *)field;
        break;
    case NCA__KIND_I32:
        value = *(const int32_t *)field;
        break;
    case NCA__KIND_U64:
    case NCA__KIND_BYTES:
        value = (double)*(const uint64_t *)field;
        break;
    case NCA__KIND_BOOL:
        return true;
    }
    return value >= setting->minimum && value <= setting->maximum;
}

static nca_status check_fields(const nca_settings *settings, nca_error *error)
{
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        if (!field_is_sound(settings, setting)) {
            char expectation[256];
            nca__setting_expectation(expectation, sizeof expectation, setting);
            if (setting->type == NCA_SETTING_CHOICE || setting->type == NCA_SETTING_TEXT) {
                return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: expected %s", setting->key,
                                 expectation);
            }
            char value[64];
            nca_settings_get(value, sizeof value, settings, setting);
            return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: expected %s, found %s", setting->key,
                             expectation, value);
        }
        /* Every value must be unchanged after being written to a file and read again. */
        if (setting->type == NCA_SETTING_TEXT) {
            nca_settings copy = *settings;
            char value[NCA_SETTING_SIZE];
            nca_settings_get(value, sizeof value, settings, setting);
            nca_status status = nca__setting_set(&copy, setting, value, error);
            if (status != NCA_OK) {
                return status;
            }
        }
    }
    return NCA_OK;
}

static nca_status check_samples(const nca_settings *settings, nca_error *error)
{
    unsigned long batch = settings->batch_size, pool = settings->pool_size;
    if (settings->experiment != NCA_EXPERIMENT_GROWING && pool < batch) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "pool_size: expected at least batch_size (%lu), found %lu; raise pool_size "
            "or lower batch_size",
            batch, pool);
    }
    return NCA_OK;
}

static nca_status check_shapes(const nca_settings *settings, nca_error *error)
{
    unsigned long side = (unsigned long)settings->img_size + 2ul * settings->padding;
    if (side > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "padding: expected img_size + 2 padding of at most %d cells, found %lu; "
                         "lower padding or img_size",
                         NCA_MAX_SIDE, side);
    }
    if (settings->alive_channel >= 0 && (uint32_t)settings->alive_channel >= settings->n_channels) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "alive_channel: expected -1 to n_channels - 1 (%lu), found %ld; 3 is alpha",
            (unsigned long)settings->n_channels - 1, (long)settings->alive_channel);
    }
    if (settings->filter != NCA_FILTER_LEARNED && settings->filter_count != 2) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "filter_count: expected 2 with filter %s, found %lu; choose filter learned "
            "or leave filter_count out",
            nca_filter_name(settings->filter), (unsigned long)settings->filter_count);
    }
    if (settings->seed_survival > 0.0f && settings->alive_channel >= 0 &&
        settings->seed_survival <= settings->alive_threshold) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "seed_survival: expected more than alive_threshold (%g), or 0, found %g; "
                         "set it to 0 or lower alive_threshold",
                         (double)settings->alive_threshold, (double)settings->seed_survival);
    }
    return NCA_OK;
}

static nca_status check_digest(const nca_settings *settings, nca_error *error)
{
    const size_t digits = strspn(settings->init_digest, "0123456789abcdef");
    if (settings->init_digest[digits] == 0 &&
        (digits == 0 || digits == NCA_MODEL_DIGEST_SIZE - 1)) {
        return NCA_OK;
    }
    return nca__fail(
        error, NCA_INVALID_ARGUMENT,
        "init_digest: expected 16 hexadecimal digits in lower case, found \"%s\"; leave "
        "it out to start from the model as it is",
        nca__show(settings->init_digest).text);
}

static nca_status check_lengths(const nca_settings *settings, nca_error *error)
{
    if (settings->loss_steps > nca__most_losses(settings->steps_min)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "loss_steps: expected 1, or at most half of steps_min (%lu), found %lu; "
                         "lower loss_steps or raise steps_min",
                         (unsigned long)settings->steps_min, (unsigned long)settings->loss_steps);
    }
    if (settings->steps_min > settings->steps_max) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "steps_min: expected at most steps_max (%lu), found %lu; lower steps_min "
                         "or raise steps_max",
                         (unsigned long)settings->steps_max, (unsigned long)settings->steps_min);
    }
    const nca_schedule schedule = nca_settings_schedule(settings);
    const uint64_t last = nca__schedule_last(&schedule);
    if (settings->warmup >= last) {
        const bool at_decay = nca__schedule_ends(settings->schedule) == NCA__ENDS_AT_DECAY;
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "warmup: expected less than %s (%llu) with schedule %s, found %llu; lower "
                         "warmup%s",
                         at_decay ? "decay_at" : "iterations", (unsigned long long)last,
                         nca_schedule_name(settings->schedule),
                         (unsigned long long)settings->warmup,
                         at_decay ? " or raise decay_at" : "");
    }
    return NCA_OK;
}

/* A setting that the task does not use must have its default: it would be ignored, and is not in
 * the file that describes the run. */
static nca_status check_task(const nca_settings *settings, nca_error *error)
{
    nca_settings usual;
    const char *const task = settings->task == NCA_TASK_GROW ? "grow" : "classify";
    if ((settings->task == NCA_TASK_CLASSIFY) != (settings->recipe == NCA_RECIPE_CLASSIFY)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "task: expected %s with this recipe, found %s; leave the recipe out",
                         settings->task == NCA_TASK_GROW ? "classify" : "grow", task);
    }
    nca_settings_default(&usual);
    nca_settings_apply_recipe(&usual, settings->recipe);
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        const nca__setting_place place = nca__setting_place_of(setting);
        const char *const found = (const char *)settings + place.offset;
        const char *const expected = (const char *)&usual + place.offset;
        if (!nca_setting_is_used(setting, settings->task) &&
            (nca__is_text(place.kind) ? strcmp(found, expected) != 0
                                      : memcmp(found, expected, place.size) != 0)) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "%s: task %s does not use this setting; leave it out, or choose "
                             "another task",
                             setting->key, task);
        }
    }
    return NCA_OK;
}

/* A classification damages rollouts that continue: without setting carry there are none, and damage
 * would be ignored. */
static nca_status check_damage(const nca_settings *settings, nca_error *error)
{
    static const char advice[] = "as only rollouts that continue can be damaged; set carry, such "
                                 "as to 0.5, or set damage to 0";
    const char *at = settings->changes;
    nca_change change;
    if (settings->task == NCA_TASK_GROW || nca_settings_can_damage(settings)) {
        return NCA_OK;
    }
    if (settings->damage > 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "damage: expected 0 with task classify and carry 0, found %lu, %s",
                         (unsigned long)settings->damage, advice);
    }
    while (nca_change_next(&change, &at)) {
        if (strcmp(change.setting->key, "damage") == 0 && strcmp(change.value, "0") != 0) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "changes: expected damage 0 with task classify and carry 0, found %s "
                             "at iteration %lu, %s",
                             change.value, (unsigned long)change.iteration, advice);
        }
    }
    return NCA_OK;
}

nca_status nca_settings_check(const nca_settings *settings, nca_error *error)
{
    nca_status room =
        nca__check_reserved(settings->reserved, NCA_SETTINGS_RESERVED, "nca_settings", error);
    if (room != NCA_OK) {
        return room;
    }
    nca_status (*const checks[])(const nca_settings *, nca_error *) = {
        check_fields, check_task,   check_damage, check_samples,
        check_shapes, check_digest, check_lengths};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        nca_status status = checks[i](settings, error);
        if (status != NCA_OK) {
            return status;
        }
    }
    const nca_automaton automaton = nca_settings_automaton(settings);
    const char *problem = nca_automaton_problem(&automaton);
    if (problem != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s", problem);
    }
    return NCA_OK;
}
