/* The table of settings, generated from settings.def: lookup, defaults, recipes, and the objects
 * that settings describe. */
#include "nca/settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings_table.h"
#include "core/schedule.h"

/* The names are repeated here in the order of their enums, because a row needs constant arrays;
 * tests/config compares them with nca_filter_name and the corresponding functions. */
static const char *const recipe_names[] = {"distill", "medmnist", "fast",
                                           "robust",  "classify", NULL};
static const char *const task_names[] = {"grow", "classify", NULL};
static const char *const sampling_names[] = {"uniform", "balanced", NULL};
static const char *const input_range_names[] = {"symmetric", "unit", "standard", NULL};
static const char *const select_names[] = {"auc", "accuracy", "log-loss", NULL};
static const char *const readout_names[] = {"mean", "max", "per-cell", NULL};
static const char *const class_loss_names[] = {"cross-entropy", "binary-cross-entropy", "focal",
                                               "L2", NULL};
static const char *const class_weights_names[] = {"none", "inverse", NULL};
static const char *const experiment_names[] = {"growing", "persistent", "regenerating", NULL};
static const char *const loss_names[] = {"L2", "L1", "Manhattan", "Hinge", NULL};
static const char *const damage_shape_names[] = {"circle", "half-plane", "square",
                                                 "cells",  "mixed",      NULL};
static const char *const damage_area_names[] = {"grid", "living", NULL};
static const char *const injection_names[] = {"before", "after", NULL};
static const char *const colormap_names[] = {"grey", "viridis", "magma", "inferno", NULL};
static const char *const exif_names[] = {"apply", "ignore", NULL};
static const char *const filter_names[] = {"sobel", "scharr",  "gaussian", "laplacian",
                                           "mean",  "learned", NULL};
static const char *const boundary_names[] = {"zero", "circular", "reflect", "replicate", NULL};
static const char *const initialisation_names[] = {"glorot", "uniform", NULL};
static const char *const filter_initialisation_names[] = {"fixed", "uniform", NULL};
static const char *const optimiser_names[] = {"adam", "muon", NULL};
static const char *const schedule_names[] = {"constant", "step", "cosine", "plateau", NULL};
static const char *const kernel_names[] = {"auto", "scalar", "avx2", "avx512", "neon", NULL};
static const char *const precision_names[] = {"fp32", "bf16", "bf16-amx", NULL};
static const char *const device_names[] = {"cpu", "cuda", "mps", "auto", "gpu", "opencl", NULL};

#define COUNT_OF(names) (sizeof(names) / sizeof *(names)-1)
_Static_assert(COUNT_OF(recipe_names) == NCA_RECIPE_COUNT, "recipes");
_Static_assert(COUNT_OF(task_names) == NCA_TASK_COUNT, "tasks");
_Static_assert(COUNT_OF(sampling_names) == NCA_SAMPLING_COUNT, "samplings");
_Static_assert(COUNT_OF(input_range_names) == NCA_INPUT_RANGE_COUNT, "input ranges");
_Static_assert(COUNT_OF(select_names) == NCA_SELECT_COUNT, "scores that select");
_Static_assert(COUNT_OF(readout_names) == NCA_READOUT_COUNT, "read-outs");
_Static_assert(COUNT_OF(class_loss_names) == NCA_CLASS_LOSS_COUNT, "losses of classes");
_Static_assert(COUNT_OF(class_weights_names) == NCA_CLASS_WEIGHTS_COUNT, "class weights");
_Static_assert(COUNT_OF(experiment_names) == NCA_EXPERIMENT_COUNT, "experiments");
_Static_assert(COUNT_OF(loss_names) == NCA_LOSS_COUNT, "losses");
_Static_assert(COUNT_OF(damage_shape_names) == NCA_DAMAGE_COUNT, "damage shapes");
_Static_assert(COUNT_OF(damage_area_names) == NCA_DAMAGE_AREA_COUNT, "damage areas");
_Static_assert(COUNT_OF(injection_names) == NCA_INJECTION_COUNT, "injections");
_Static_assert(COUNT_OF(colormap_names) == NCA_COLORMAP_COUNT, "colormaps");
_Static_assert(COUNT_OF(exif_names) == NCA_EXIF_COUNT, "exif");
_Static_assert(COUNT_OF(filter_names) == NCA_FILTER_COUNT, "filters");
_Static_assert(COUNT_OF(boundary_names) == NCA_BOUNDARY_COUNT, "boundaries");
_Static_assert(COUNT_OF(initialisation_names) == NCA_INITIALISATION_COUNT, "initialisations");
_Static_assert(COUNT_OF(filter_initialisation_names) == NCA_FILTER_INITIALISATION_COUNT,
               "filter initialisations");
_Static_assert(COUNT_OF(optimiser_names) == NCA_OPTIMISER_COUNT, "optimisers");
_Static_assert(COUNT_OF(schedule_names) == NCA_SCHEDULE_COUNT, "schedules");
_Static_assert(COUNT_OF(device_names) == NCA_DEVICE_COUNT, "devices");
_Static_assert(COUNT_OF(precision_names) == NCA_PRECISION_INT8, "those of training come first");
_Static_assert(sizeof(nca_filter) == sizeof(unsigned), "a choice is stored as an unsigned");

/* For each kind: its type in the public table, whether two of its defaults differ, and how it is
 * assigned. */
#define TYPE_BOOL    NCA_SETTING_BOOL
#define TYPE_U32     NCA_SETTING_INTEGER
#define TYPE_I32     NCA_SETTING_INTEGER
#define TYPE_U64     NCA_SETTING_INTEGER
#define TYPE_BYTES   NCA_SETTING_BYTES
#define TYPE_NUMBER  NCA_SETTING_NUMBER
#define TYPE_CHOICE  NCA_SETTING_CHOICE
#define TYPE_TEXT    NCA_SETTING_TEXT
#define TYPE_CHANGES NCA_SETTING_TEXT

#define DIFFER_BOOL(a, b)    ((a) != (b))
#define DIFFER_U32(a, b)     ((a) != (b))
#define DIFFER_I32(a, b)     ((a) != (b))
#define DIFFER_U64(a, b)     ((a) != (b))
#define DIFFER_BYTES(a, b)   ((a) != (b))
#define DIFFER_NUMBER(a, b)  ((a) != (b))
#define DIFFER_CHOICE(a, b)  ((a) != (b))
#define DIFFER_TEXT(a, b)    false /* no recipe sets a text */
#define DIFFER_CHANGES(a, b) false

/* Selects the value for `recipe`. */
#define PICK(distill, medmnist, fast, robust, classify) \
    (recipe == NCA_RECIPE_DISTILL    ? (distill)        \
     : recipe == NCA_RECIPE_MEDMNIST ? (medmnist)       \
     : recipe == NCA_RECIPE_FAST     ? (fast)           \
     : recipe == NCA_RECIPE_ROBUST   ? (robust)         \
                                     : (classify))
#define ASSIGN_BOOL(field, ...)           (field) = PICK(__VA_ARGS__)
#define ASSIGN_U32(field, ...)            (field) = PICK(__VA_ARGS__)
#define ASSIGN_I32(field, ...)            (field) = PICK(__VA_ARGS__)
#define ASSIGN_U64(field, ...)            (field) = PICK(__VA_ARGS__)
#define ASSIGN_BYTES(field, ...)          (field) = PICK(__VA_ARGS__)
#define ASSIGN_NUMBER(field, ...)         (field) = PICK(__VA_ARGS__)
#define ASSIGN_CHOICE(field, ...)         (field) = PICK(__VA_ARGS__)
#define ASSIGN_TEXT(field, value, ...)    memcpy((field), (value), sizeof(value))
#define ASSIGN_CHANGES(field, value, ...) memcpy((field), (value), sizeof(value))

#define RESUME_EXACT true
#define RESUME_FREE  false

static const nca_setting table[] = {
#define X(in_group, field, other, kind, in, least, most, names, distill, medmnist, fast, robust, \
          classify, resume, line)                                                                \
    {.key = #field,                                                                              \
     .alias = other,                                                                             \
     .group = in_group,                                                                          \
     .unit = in,                                                                                 \
     .help = line,                                                                               \
     .type = TYPE_##kind,                                                                        \
     .minimum = least,                                                                           \
     .maximum = most,                                                                            \
     .choices = names,                                                                           \
     .recipe_dependent = DIFFER_##kind(distill, medmnist) || DIFFER_##kind(distill, fast) ||     \
                         DIFFER_##kind(distill, robust) || DIFFER_##kind(distill, classify),     \
     .exact_resume = RESUME_##resume},
#include "config/settings.def"
#undef X
};

_Static_assert(sizeof table / sizeof *table <= NCA_MAX_SETTINGS, "nca_settings_file.given");

static const nca__setting_place places[] = {
#define X(in_group, field, other, kind_, in, least, most, names, distill, medmnist, fast, robust, \
          classify, resume, line)                                                                 \
    {.kind = NCA__KIND_##kind_,                                                                   \
     .offset = offsetof(nca_settings, field),                                                     \
     .size = sizeof((nca_settings *)0)->field},
#include "config/settings.def"
#undef X
};

size_t nca_setting_count(void)
{
    return sizeof table / sizeof *table;
}

const nca_setting *nca_setting_at(size_t index)
{
    return index < nca_setting_count() ? &table[index] : NULL;
}

size_t nca__setting_index(const nca_setting *setting)
{
    assert(setting >= table && setting < table + nca_setting_count());
    return (size_t)(setting - table);
}

nca__setting_place nca__setting_place_of(const nca_setting *setting)
{
    return places[nca__setting_index(setting)];
}

/* ---- Looking a key up ------------------------------------------------------------------------*/

static bool same_key(const char *a, const char *b)
{
    while (*a != 0 && nca__folded(*a) == nca__folded(*b)) {
        a++;
        b++;
    }
    return *a == 0 && *b == 0;
}

bool nca__is_key_of(const nca_setting *setting, const char *text)
{
    return same_key(setting->key, text);
}

const nca_setting *nca_setting_named(const char *key)
{
    for (size_t i = 0; i < nca_setting_count(); i++) {
        if (same_key(table[i].key, key) ||
            (table[i].alias != NULL && same_key(table[i].alias, key))) {
            return &table[i];
        }
    }
    return NULL;
}

const char *nca_nearest_name(const char *typed, const char *const *names, size_t count)
{
    return nca__nearest_name(typed, names, count);
}

const char *nca_setting_nearest(const char *key)
{
    const char *names[2 * (sizeof table / sizeof *table)];
    for (size_t i = 0; i < nca_setting_count(); i++) {
        names[2 * i] = table[i].key;
        names[2 * i + 1] = table[i].alias;
    }
    return nca_nearest_name(key, names, 2 * nca_setting_count());
}

/* ---- Defaults and recipes --------------------------------------------------------------------*/

/* Sets every setting to the value of the recipe. */
static void fill(nca_settings *settings, nca_recipe recipe)
{
    memset(settings, 0, sizeof *settings);
#define X(in_group, field, other, kind, in, least, most, names, distill, medmnist, fast, robust, \
          classify, resume, line)                                                                \
    ASSIGN_##kind(settings->field, distill, medmnist, fast, robust, classify);
#include "config/settings.def"
#undef X
}

void nca_settings_default(nca_settings *settings)
{
    fill(settings, NCA_RECIPE_ROBUST);
}

void nca_settings_apply_recipe(nca_settings *settings, nca_recipe recipe)
{
    nca_settings bundle;
    fill(&bundle, recipe);
    for (size_t i = 0; i < nca_setting_count(); i++) {
        if (table[i].recipe_dependent) {
            memcpy((char *)settings + places[i].offset, (const char *)&bundle + places[i].offset,
                   places[i].size);
        }
    }
    settings->recipe = recipe;
    if (nca__is_medmnist(settings->target_path)) {
        settings->img_size = settings->padding = 0;
    }
}

bool nca_settings_fit_warmup(nca_settings *settings)
{
    nca_settings bundle;
    nca_settings_default(&bundle);
    nca_settings_apply_recipe(&bundle, settings->recipe);
    const nca_schedule schedule = nca_settings_schedule(settings);
    const uint64_t end = nca__schedule_last(&schedule);
    if (settings->warmup < end || settings->warmup != bundle.warmup) {
        return false;
    }
    settings->warmup = end / 2;
    return true;
}

bool nca_settings_can_damage(const nca_settings *settings)
{
    return settings->task == NCA_TASK_CLASSIFY
               ? settings->carry > 0.0f
               : settings->experiment == NCA_EXPERIMENT_REGENERATING;
}

void nca_settings_await_epochs(nca_settings *settings)
{
    if (settings->epochs > 0) {
        nca_settings bundle;
        nca_settings_default(&bundle);
        nca_settings_apply_recipe(&bundle, settings->recipe);
        settings->iterations = bundle.iterations;
    }
}

void nca_settings_fit_decay(nca_settings *settings)
{
    if (nca__schedule_ends(settings->schedule) == NCA__ENDS_AT_DECAY) {
        settings->decay_at = settings->iterations;
    }
}

void nca_settings_fit_extension(nca_settings *settings)
{
    const uint64_t most = settings->iterations * 3 / 4 / NCA_EXTENSION_STEP * NCA_EXTENSION_STEP;
    settings->extension = settings->extension < most ? settings->extension : most;
}

bool nca__is_medmnist(const char *target_path)
{
    return strncmp(target_path, "medmnist:", strlen("medmnist:")) == 0;
}

void nca__settings_follow_target(nca_settings *settings, bool was_medmnist)
{
    if (nca__is_medmnist(settings->target_path)) {
        settings->img_size = settings->padding = 0;
    } else if (was_medmnist) {
        nca_settings bundle;
        nca_settings_default(&bundle);
        nca_settings_apply_recipe(&bundle, settings->recipe);
        settings->img_size = bundle.img_size;
        settings->padding = bundle.padding;
    }
}

/* Settings for the growth of an image, beside those of the group "target". Classification has no
 * sample pool, no seed, no dead cells and no animation, and its model passes no stability test. */
static bool is_of_growth(size_t offset)
{
    static const size_t offsets[] = {
        offsetof(nca_settings, experiment),    offsetof(nca_settings, extension),
        offsetof(nca_settings, pool_size),     offsetof(nca_settings, loss),
        offsetof(nca_settings, damage_area),   offsetof(nca_settings, injection),
        offsetof(nca_settings, seed_survival), offsetof(nca_settings, ani_path),
    };
    bool found = false;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        found = found || offsets[i] == offset;
    }
    return found;
}

bool nca_setting_is_used(const nca_setting *setting, nca_task task)
{
    const bool of_images =
        strcmp(setting->group, "data") == 0 || strcmp(setting->group, "classification") == 0;
    if (task == NCA_TASK_GROW) {
        return !of_images;
    }
    const size_t offset = nca__setting_place_of(setting).offset;
    return strcmp(setting->group, "target") == 0 ? offset == offsetof(nca_settings, img_size) ||
                                                       offset == offsetof(nca_settings, root)
                                                 : !is_of_growth(offset);
}

void nca__settings_follow_task(nca_settings *settings, nca_task task)
{
    if (task == NCA_TASK_CLASSIFY && settings->recipe == NCA_RECIPE_ROBUST) {
        nca_settings_apply_recipe(settings, NCA_RECIPE_CLASSIFY);
    } else if (task == NCA_TASK_GROW && settings->recipe == NCA_RECIPE_CLASSIFY) {
        nca_settings_apply_recipe(settings, NCA_RECIPE_ROBUST);
    }
}

unsigned nca_setting_pass(const nca_setting *setting)
{
    const size_t offset = nca__setting_place_of(setting).offset;
    return offset == offsetof(nca_settings, recipe)        ? 0
           : offset == offsetof(nca_settings, task)        ? 1
           : offset == offsetof(nca_settings, target_path) ? 2
                                                           : 3;
}

/* ---- Objects that the settings describe ------------------------------------------------------ */

static const double pi = 3.14159265358979323846;

static float radians_of(float degrees)
{
    return (float)((double)degrees * (pi / 180.0));
}

nca_automaton nca_settings_automaton(const nca_settings *settings)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = settings->n_channels;
    automaton.hidden = settings->hidden;
    automaton.filter = settings->filter;
    automaton.filter_count = settings->filter_count;
    automaton.boundary = settings->boundary;
    automaton.angle_radians = radians_of(settings->angle);
    automaton.fire_rate = settings->fire_rate;
    automaton.step_size = settings->step_size;
    automaton.alive_channel = settings->alive_channel;
    automaton.alive_threshold = settings->alive_threshold;
    automaton.output_bias = settings->output_bias;
    return automaton;
}

/* The shortest decimal number of degrees that converts back to exactly these radians. */
static float degrees_of(float radians)
{
    const double exact = (double)radians * (180.0 / pi);
    char text[32];
    float degrees = (float)exact;
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, exact);
        degrees = strtof(text, NULL);
        const float again = radians_of(degrees);
        if (memcmp(&again, &radians, sizeof again) == 0) {
            break;
        }
    }
    return degrees;
}

void nca_settings_follow_automaton(nca_settings *settings, const nca_automaton *automaton,
                                   const bool *given)
{
    nca_settings all = *settings;
    all.n_channels = automaton->channels;
    all.hidden = automaton->hidden;
    all.filter = automaton->filter;
    all.filter_count = automaton->filter == NCA_FILTER_LEARNED ? automaton->filter_count : 2;
    all.boundary = automaton->boundary;
    all.angle = degrees_of(automaton->angle_radians);
    all.fire_rate = automaton->fire_rate;
    all.step_size = automaton->step_size;
    all.alive_channel = automaton->alive_channel;
    all.alive_threshold = automaton->alive_threshold;
    all.output_bias = automaton->output_bias;
    for (size_t i = 0; i < nca_setting_count(); i++) {
        if (given == NULL || !given[i]) {
            memcpy((char *)settings + places[i].offset, (const char *)&all + places[i].offset,
                   places[i].size);
        }
    }
}

nca_adam nca_settings_adam(const nca_settings *settings)
{
    return (nca_adam){settings->beta1, settings->beta2, settings->epsilon};
}

nca_schedule nca_settings_schedule(const nca_settings *settings)
{
    return (nca_schedule){.kind = settings->schedule,
                          .rate = settings->learning_rate,
                          .warmup = settings->warmup,
                          .decay_at = settings->decay_at,
                          .decay_factor = settings->decay_factor,
                          .iterations = settings->iterations};
}
