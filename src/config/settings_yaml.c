/* Settings from YAML: applies the pairs of a file, which yaml_pairs.c reads. All pairs are read
 * before any is applied: the recipe is applied first, then the target, wherever they are in the
 * file, and a file with an error changes nothing. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "config/settings_table.h"
#include "config/yaml_pairs.h"

static bool is_null(const nca__pair *p)
{
    return !p->quoted &&
           (*p->value == 0 || strcmp(p->value, "~") == 0 || strcasecmp(p->value, "null") == 0);
}

static nca_status apply_pair(nca_settings *settings, const nca__pair *p, const char *name,
                             nca_error *error)
{
    const nca_setting *setting = p->setting;
    nca_status status;
    bool optional_text = (setting->type == NCA_SETTING_TEXT && setting->choices == NULL &&
                          strcmp(setting->key, "target_path") != 0) ||
                         strcmp(setting->key, "device") == 0;
    bool textual = setting->type == NCA_SETTING_TEXT || setting->type == NCA_SETTING_CHOICE ||
                   setting->type == NCA_SETTING_BYTES;
    if (is_null(p) && optional_text) {
        status = nca__setting_set(settings, setting, "", error);
    } else if (is_null(p) || (p->quoted && !textual)) {
        char expectation[256];
        nca__setting_expectation(expectation, sizeof expectation, setting);
        status = nca__fail(error, NCA_INVALID_ARGUMENT, "%s: expected %s, found %s%s%s",
                           setting->key, expectation, is_null(p) ? "nothing" : "the text \"",
                           is_null(p) ? "" : nca__show(p->value).text, is_null(p) ? "" : "\"");
    } else {
        status = nca__setting_set(settings, setting, p->value, error);
    }
    if (status != NCA_OK && p->line > 0) {
        return nca__fail_in(error, status, "%s:%lu", name, p->line);
    }
    return status;
}

nca_status nca__pairs_apply(nca_settings *settings, const nca__pair *const *chosen, size_t count,
                            const char *name, nca_error *error)
{
    const nca_setting *experiment = nca_setting_named("experiment");
    const nca_setting *damage = nca_setting_named("damage");
    bool has_experiment = false, has_damage = false;
    for (unsigned pass = 0; pass < NCA_SETTING_PASSES; pass++) {
        for (size_t i = 0; i < count; i++) {
            const nca__pair *p = chosen[i];
            has_experiment |= p->setting == experiment;
            has_damage |= p->setting == damage;
            if (nca_setting_pass(p->setting) == pass) {
                nca_status status = apply_pair(settings, p, name, error);
                if (status != NCA_OK) {
                    return status;
                }
            }
        }
    }
    if (has_damage && !has_experiment && settings->damage > 0 && settings->task == NCA_TASK_GROW) {
        /* The reference has no experiments: its `damage: true` corresponds to `regenerating`. */
        settings->experiment = NCA_EXPERIMENT_REGENERATING;
    }
    return NCA_OK;
}

/* The keys of the reference (the PyTorch reimplementation), which has no recipes. */
static bool is_reference_key(const nca_setting *setting)
{
    static const char *const keys[] = {"target_path", "model_path",    "ani_path",  "device",
                                       "iterations",  "learning_rate", "img_size",  "padding",
                                       "n_channels",  "batch_size",    "pool_size", "filter",
                                       "loss",        "damage"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(setting->key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a file belongs to the reference: it contains only keys of the reference, in its
 * spelling. */
static bool are_reference_pairs(const nca__pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (pairs->items[i].alias || !is_reference_key(pairs->items[i].setting)) {
            return false;
        }
    }
    return pairs->count > 0;
}

/* A settings file has one pair for each setting, so all of them are applied. */
static nca_status apply_all(nca_settings *settings, const nca__pairs *pairs, nca_error *error)
{
    nca_error ignored; /* messages are extended by outer functions, so they need a buffer */
    const nca__pair **chosen = calloc(pairs->count + 1, sizeof *chosen);
    if (chosen == NULL) {
        return nca__fail_memory(error, pairs->name, pairs->count * sizeof *chosen);
    }
    for (size_t i = 0; i < pairs->count; i++) {
        chosen[i] = &pairs->items[i];
    }
    nca_settings result = *settings;
    if (are_reference_pairs(pairs)) {
        nca_settings_apply_recipe(&result, NCA_RECIPE_MEDMNIST);
    }
    nca_status status = nca__pairs_apply(&result, chosen, pairs->count, pairs->name,
                                         error != NULL ? error : &ignored);
    if (status == NCA_OK) {
        *settings = result;
    }
    free(chosen);
    return status;
}

nca_status nca_settings_parse(nca_settings *settings, const char *text, size_t size,
                              const char *name, nca_error *error)
{
    nca__pairs pairs = {0};
    nca_status status = nca__pairs_read(&pairs, text, size, name, false, error);
    if (status == NCA_OK) {
        status = apply_all(settings, &pairs, error);
    }
    nca__pairs_free(&pairs);
    return status;
}

static nca_status read_file(nca__pairs *pairs, uint8_t **out_bytes, const char *path,
                            nca_error *error)
{
    size_t size;
    nca_status status = nca__file_read(out_bytes, &size, path, NCA__LARGEST_YAML, error);
    return status != NCA_OK
               ? status
               : nca__pairs_read(pairs, (const char *)*out_bytes, size, path, false, error);
}

bool nca_settings_file_has(const nca_settings_file *file, const char *key)
{
    const nca_setting *setting = nca_setting_named(key);
    return setting != NULL && file->given[nca__setting_index(setting)];
}

/* Both files of the reference have most of the keys. They differ in the keys for training: a file
 * without those, but with a model and an animation, draws the model, even if other keys of
 * visualize.py are missing. Using it for training would overwrite the model. */
static nca_settings_file describe(const nca__pairs *pairs)
{
    nca_settings_file file = {.reference = are_reference_pairs(pairs)};
    for (size_t i = 0; i < pairs->count; i++) {
        file.given[nca__setting_index(pairs->items[i].setting)] = true;
    }
    file.trains = nca_settings_file_has(&file, "learning_rate") ||
                  nca_settings_file_has(&file, "batch_size") ||
                  nca_settings_file_has(&file, "pool_size");
    file.visualizes = file.reference && !file.trains &&
                      nca_settings_file_has(&file, "model_path") &&
                      nca_settings_file_has(&file, "ani_path");
    return file;
}

nca_status nca_settings_load_file(nca_settings *settings, nca_settings_file *out_file,
                                  const char *path, nca_error *error)
{
    nca__pairs pairs = {0};
    uint8_t *bytes = NULL;
    nca_status status = read_file(&pairs, &bytes, path, error);
    if (status == NCA_OK) {
        status = apply_all(settings, &pairs, error);
    }
    if (status == NCA_OK) {
        *out_file = describe(&pairs);
    }
    nca__pairs_free(&pairs);
    free(bytes);
    return status;
}

nca_status nca_settings_load(nca_settings *settings, const char *path, nca_error *error)
{
    nca_settings_file ignored;
    return nca_settings_load_file(settings, &ignored, path, error);
}
