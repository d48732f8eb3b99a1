/* Targets made from settings. */
#include "cli/target_names.h"

#include "cli/data_root.h"

nca_status target_of_settings(nca_target **out, const nca_settings *settings, nca_error *error)
{
    return nca_run_target(out, settings, data_root(NULL).text, error);
}

void note_target(const nca_target *target)
{
    if (target->notice != NULL) {
        note("%s: %s", target->source, target->notice);
    }
}
