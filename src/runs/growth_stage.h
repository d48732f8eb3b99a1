/* Internal: what a growth has while it runs, for growth_run.c, which takes the steps, and
 * growth_show.c, which draws them. */
#ifndef NCA_RUNS_GROWTH_STAGE_H
#define NCA_RUNS_GROWTH_STAGE_H

#include "nca/animation.h"
#include "nca/growth.h"
#include "nca/picture.h"

typedef struct nca__growth_grid {
    const nca_model *model;
    nca_rollout *rollout;
    size_t height, width;
    float *state;  /* (H,W,C) as it is shown */
    float *before; /* (H,W,C) one step earlier, with the same damage; what a step changed is the
                      difference, and a cut is no part of it */
    bool has_before;
} nca__growth_grid;

typedef struct nca__growth_stage {
    const nca_growth *g;
    const nca_growth_subject *subjects;
    char names[NCA_GROWTH_MAX_MODELS][NCA_SHORT_NAME_SIZE]; /* on their pictures */
    size_t count;
    nca__growth_grid grids[NCA_GROWTH_MAX_MODELS];
    nca_view view;
    nca_view_range range; /* of all frames that are drawn */
    size_t scale;
    nca_animation *animation; /* opened with its first frame */
    nca_image *strip[NCA_GROWTH_MAX_MODELS][NCA_GROWTH_MAX_FRAMES];
    char labels[NCA_GROWTH_MAX_FRAMES][32];
    size_t strip_count;
    uint32_t wounds; /* so far, of growth.tenths_of */
} nca__growth_stage;

/* Pixels along a cell that suit the view of these grids: fewer where there are many. */
size_t nca__growth_scale(const nca__growth_stage *stage);
/* Names several grids for their pictures. */
void nca__growth_name(nca__growth_stage *stage);
/* Whether a frame of this step is drawn. */
bool nca__growth_shows(const nca__growth_stage *stage, size_t step);
/* Draws the states as they are after `step` steps. */
nca_status nca__growth_show(nca__growth_stage *stage, size_t step, bool cut, nca_error *error);
/* Makes the files appear. */
nca_status nca__growth_show_end(nca__growth_stage *stage, nca_error *error);
/* Releases what was drawn; files that have not appeared by then do not. */
void nca__growth_show_free(nca__growth_stage *stage);

#endif
