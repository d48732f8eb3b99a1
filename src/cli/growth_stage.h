/* What a growth has while it runs: for cli/growth_run.c, which takes the steps, and
 * cli/growth_show.c, which draws them. */
#ifndef NCA_CLI_GROWTH_STAGE_H
#define NCA_CLI_GROWTH_STAGE_H

#include "cli/growth.h"
#include "cli/short_names.h"

typedef struct growth_grid {
    const nca_model *model;
    nca_rollout *rollout;
    size_t height, width;
    float *state;  /* (H,W,C) as it is shown */
    float *before; /* (H,W,C) one step earlier, with the same damage; what a step changed is the
                      difference, and a cut is no part of it */
    bool has_before;
} growth_grid;

typedef struct growth_stage {
    const growth *g;
    const growth_subject *subjects;
    char names[MOST_SUBJECTS][SHORT_NAME_SIZE]; /* on their pictures */
    size_t count;
    growth_grid grids[MOST_SUBJECTS];
    nca_view view;
    nca_view_range range; /* of all frames that are drawn */
    size_t scale;
    nca_animation *animation; /* opened with its first frame */
    nca_image *strip[MOST_SUBJECTS][MOST_STRIP_FRAMES];
    char labels[MOST_STRIP_FRAMES][32];
    size_t strip_count;
    uint32_t wounds; /* so far, of growth.tenths_of */
} growth_stage;

/* Pixels along a cell that suit the view of these grids: fewer where there are many. */
size_t growth_scale(const growth_stage *stage);
/* Names several grids for their pictures. */
void growth_name(growth_stage *stage);
/* Whether a frame of this step is drawn. */
bool growth_shows(const growth_stage *stage, size_t step);
/* Draws the states as they are after `step` steps. */
nca_status growth_show(growth_stage *stage, size_t step, bool cut, nca_error *error);
/* Makes the files appear. */
nca_status growth_show_end(growth_stage *stage, nca_error *error);
/* Releases what was drawn; files that have not appeared by then do not. */
void growth_show_free(growth_stage *stage);

#endif
