/* Internal: the pictures that a finished training writes to its folder. */
#ifndef NCA_RUNS_RUN_PICTURES_H
#define NCA_RUNS_RUN_PICTURES_H

#include "nca/model.h"
#include "nca/settings.h"

typedef struct nca__run_pictures {
    const nca_settings *settings; /* `output` is the folder */
    const nca_model *model;
    const double *losses; /* (count) of the iterations from first_iteration on */
    size_t count;
    uint64_t first_iteration;
    nca_keep_going *keep_going; /* or NULL */
    void *user;
} nca__run_pictures;

/* Draws loss.png, loss.svg, the animation, filmstrip.png, comparison.png; of a classification
 * loss.png, loss.svg, validation.png, validation.svg. */
nca_status nca__run_draw(const nca__run_pictures *pictures, nca_error *error);

#endif
