/* What the options of nca visualize and its settings file say about a growth. */
#ifndef NCA_CLI_MODEL_VISUALIZE_OPTIONS_H
#define NCA_CLI_MODEL_VISUALIZE_OPTIONS_H

#include "cli/options.h"

/* Changes what growth_default has set; false after a message. */
bool visualize_options(nca_growth *g, const option_values *given);

/* What the file says and what it leaves open. */
typedef struct visualize_config {
    const char *file; /* NULL: there is none, and everything is left open */
    nca_settings settings;
    bool filter, channels, target, loss; /* whether the file has them */
    bool steps, damage;                  /* likewise; of a training file they are not read */
} visualize_config;

/* Reads the file that --config names, if there is one. Returns EXIT_OK, or the code after a
 * message.
 */
int visualize_config_read(visualize_config *out, const option_values *given);
/* Compares the file with the model that was loaded from `path`, and gives the model the file's
 * target and loss. Returns EXIT_OK, or the code after a message. */
int visualize_config_apply(nca_model *model, const visualize_config *config, const char *path);

/* How long to grow and where to cut, as far as the file says. */
void visualize_config_choose(nca_growth *g, const visualize_config *config);

#endif
