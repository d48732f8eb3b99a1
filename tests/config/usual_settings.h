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

#endif
