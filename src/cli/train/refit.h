/* The config.yaml of a run has values that were fitted to its iterations (nca_settings_fit_decay
 * and others). They are nobody's choice: with other iterations they are fitted again. */
#ifndef NCA_CLI_TRAIN_REFIT_H
#define NCA_CLI_TRAIN_REFIT_H

#include "cli/options.h"

enum {
    REFITS = 3
};

typedef struct refits {
    bool is_due[REFITS];
    uint64_t iterations, values[REFITS]; /* of the file */
} refits;

/* With --iterations: which values of the settings, read from the file, are those that the program
 * chooses for the file's iterations. They become what the recipe has. */
void refits_find(refits *out, nca_settings *settings, const nca_settings_file *file,
                 const option_values *given);
bool refits_has(const refits *r, const char *key);
/* A notice for each value that has changed. */
void refits_note(const refits *r, const nca_settings *settings);

#endif
