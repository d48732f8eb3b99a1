/* Settings that tests start from. */
#ifndef NCA_TESTS_USUAL_SETTINGS_H
#define NCA_TESTS_USUAL_SETTINGS_H

#include "nca/settings.h"

static inline nca_settings defaults(void)
{
    nca_settings settings;
    nca_settings_default(&settings);
    return settings;
}

/* Values that tests compare with; those of the recipe robust may change between versions. */
static inline nca_settings distill(void)
{
    nca_settings settings = defaults();
    nca_settings_apply_recipe(&settings, NCA_RECIPE_DISTILL);
    return settings;
}

/* The default settings with a YAML text applied, which must be valid. */
static inline nca_settings parsed(const char *text)
{
    nca_settings settings = defaults();
    nca_error error = {0};
    nca_status status = nca_settings_parse(&settings, text, strlen(text), "c.yaml", &error);
    if (status != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return settings;
}

#endif
