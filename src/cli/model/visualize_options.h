/* What the options of nca visualize say about a growth. */
#ifndef NCA_CLI_MODEL_VISUALIZE_OPTIONS_H
#define NCA_CLI_MODEL_VISUALIZE_OPTIONS_H

#include "cli/options.h"

/* Changes what growth_default has set; false after a message. */
bool visualize_options(nca_growth *g, const option_values *given);

#endif
