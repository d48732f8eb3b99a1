/* The config.yaml of a run contains values that were fitted to its iterations
 * (nca_settings_fit_decay and others). The user has not chosen them, so they are fitted again if
 * the number of iterations changes. */
#ifndef NCA_CLI_TRAIN_REFIT_H
#define NCA_CLI_TRAIN_REFIT_H

#include "cli/options.h"

enum {
    REFITS = 3
};

typedef struct refits {
    bool is_due[REFITS];
    uint64_t iterations, values[REFITS]; /* values in the file */
} refits;

/* If --iterations is given: determines which values of the file are those that the program chooses
 * for the file's iterations, and resets them to the values of the recipe. */
void refits_find(refits *out, nca_settings *settings, const nca_settings_file *file,
                 const option_values *given);
bool refits_has(const refits *r, const char *key);
/* Prints a notice for each value that has changed. */
void refits_note(const refits *r, const nca_settings *settings);

#endif
