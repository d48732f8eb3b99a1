/* Fits the schedule of a settings file to another number of iterations. */
#include "cli/train/refit.h"

#include <string.h>

#include "cli/cli.h"

static const char *const keys[REFITS] = {"decay_at", "extension", "warmup"};

static uint64_t *place_of(nca_settings *settings, size_t which)
{
    uint64_t *const places[REFITS] = {&settings->decay_at, &settings->extension, &settings->warmup};
    return places[which];
}

void refits_find(refits *out, nca_settings *settings, const nca_settings_file *file,
                 const option_values *given)
{
    *out = (refits){.iterations = settings->iterations};
    if (!options_has_setting(given, "iterations") || options_has(given, "resume")) {
        return;
    }
    nca_settings bundle, fitted = *settings;
    nca_settings_default(&bundle);
    nca_settings_apply_recipe(&bundle, settings->recipe);
    fitted.extension = bundle.extension;
    fitted.warmup = bundle.warmup;
    nca_settings_fit_decay(&fitted);
    nca_settings_fit_extension(&fitted);
    nca_settings_fit_warmup(&fitted);
    for (size_t i = 0; i < REFITS; i++) {
        uint64_t *value = place_of(settings, i);
        out->values[i] = *value;
        out->is_due[i] = nca_settings_file_has(file, keys[i]) &&
                         !options_has_setting(given, keys[i]) && *place_of(&fitted, i) == *value;
        if (out->is_due[i] && value != &settings->decay_at) { /* fitted without initial value */
            *value = *place_of(&bundle, i);
        }
    }
}

bool refits_has(const refits *r, const char *key)
{
    for (size_t i = 0; i < REFITS; i++) {
        if (strcmp(keys[i], key) == 0) {
            return r->is_due[i];
        }
    }
    return false;
}

void refits_note(const refits *r, const nca_settings *settings)
{
    nca_settings now = *settings;
    for (size_t i = 0; i < REFITS; i++) {
        const uint64_t value = *place_of(&now, i);
        if (r->is_due[i] && value != r->values[i]) {
            note("%s: changed from %llu (fitted to %llu iterations) to %llu because iterations is "
                 "%llu; to keep a value, give it as an option",
                 keys[i], (unsigned long long)r->values[i], (unsigned long long)r->iterations,
                 (unsigned long long)value, (unsigned long long)settings->iterations);
        }
    }
}
