/* What a finished training leaves: pictures in its folder, a summary on standard output. */
#ifndef NCA_CLI_RESULTS_H
#define NCA_CLI_RESULTS_H

#include "cli/cli.h"

typedef struct results {
    const nca_settings *settings;
    const nca_model *model;
    const char *folder;
    const double *losses; /* (count) of the iterations from first_iteration on */
    size_t count;
    uint64_t first_iteration;
    nca_stability stability; /* 0 rollouts: not tested */
    double seconds;          /* of this start of the program */
} results;

/* loss.png, loss.svg, the animation, filmstrip.png, comparison.png. */
nca_status results_draw(const results *r, nca_error *error);
/* Whether all files of a finished run are there, and its config.yaml says these settings. */
bool results_are_there(const nca_settings *settings, const char *folder);
void results_print(const results *r);

#endif
