/* The options of nca visualize and its settings file. */
#ifndef NCA_CLI_MODEL_VISUALIZE_OPTIONS_H
#define NCA_CLI_MODEL_VISUALIZE_OPTIONS_H

#include "cli/options.h"

/* Changes the values that nca_growth_default has set; false after a message. */
bool visualize_options(nca_growth *g, const option_values *given);

/* The contents of the file. */
typedef struct visualize_config {
    const char *file; /* NULL: there is no file */
    nca_settings settings;
    bool filter, channels, target, loss; /* whether the file contains them */
    bool steps, damage;                  /* the same; false for a training file */
} visualize_config;

/* Reads the file that --config names, if there is one. Returns EXIT_OK, or the exit code after a
 * message. */
int visualize_config_read(visualize_config *out, const option_values *given);
/* Compares the file with the model loaded from `path`, and sets the file's target and loss in the
 * model. Returns EXIT_OK, or the exit code after a message. */
int visualize_config_apply(nca_model *model, const visualize_config *config, const char *path);

/* Sets the number of steps and the cut, if the file contains them. */
void visualize_config_choose(nca_growth *g, const visualize_config *config);

#endif
