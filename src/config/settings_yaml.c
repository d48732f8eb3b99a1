/* Settings from YAML: what the pairs of a file mean. Reading them is yaml_pairs.c. All pairs are
 * collected before one is applied: the recipe goes first, wherever it stands, and a file with an
 * error changes nothing. */
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
    bool optional_text = setting->type == NCA_SETTING_TEXT && setting->choices == NULL &&
                         strcmp(setting->group, "output") == 0;
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
    const nca_setting *recipe = nca_setting_named("recipe");
    const nca_setting *experiment = nca_setting_named("experiment");
    const nca_setting *damage = nca_setting_named("damage");
    bool has_experiment = false, has_damage = false;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count; i++) {
            const nca__pair *p = chosen[i];
            has_experiment |= p->setting == experiment;
            has_damage |= p->setting == damage;
            if ((p->setting == recipe) == (pass == 0)) {
                nca_status status = apply_pair(settings, p, name, error);
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

/* A settings file has one pair of each setting; all of them are chosen. */
static nca_status apply_all(nca_settings *settings, const nca__pairs *pairs, nca_error *error)
{
    nca_error ignored; /* messages are built up from inside out, so there has to be a place */
    const nca__pair **chosen = calloc(pairs->count + 1, sizeof *chosen);
    if (chosen == NULL) {
        return nca__fail_memory(error, pairs->name, pairs->count * sizeof *chosen);
    }
    for (size_t i = 0; i < pairs->count; i++) {
        chosen[i] = &pairs->items[i];
    }
    nca_settings result = *settings;
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

nca_status nca_settings_load(nca_settings *settings, const char *path, nca_error *error)
{
    uint8_t *bytes;
    size_t size;
    nca_status status = nca__file_read(&bytes, &size, path, NCA__LARGEST_YAML, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca_settings_parse(settings, (const char *)bytes, size, path, error);
    free(bytes);
    return status;
}
