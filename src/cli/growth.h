/* Growing models from the seed, watched: an animation, a filmstrip, or both from one pass. */
#ifndef NCA_CLI_GROWTH_H
#define NCA_CLI_GROWTH_H

#include "cli/terminal_screen.h"

enum {
    MOST_STRIP_FRAMES = 64,
    MOST_SUBJECTS = NCA_PAGE_MOST_MODELS /* as many as a list of models holds */
};

/* A model that grows. */
typedef struct growth_subject {
    const nca_model *model;
    const char *name; /* stands beside its pictures when there are several */
    /* out: the loss against the model's target after the last step. There is none without a target
     * or on a smaller grid; where there was no memory for it, it is missing. */
    double loss;
    bool has_loss, loss_is_missing;
} growth_subject;

typedef struct growth {
    /* what to run */
    nca_rollout_options options;
    bool own_size; /* each grid has the size that its model was trained on, not that of `options` */
    size_t steps;
    size_t damage_every; /* random damage at each multiple of it; 0: none */
    nca_damage_shape damage_shape;
    size_t cut_at; /* one fixed cut at this step; 0: none */
    /* As the PyTorch reimplementation has it: step 0 has no frame, and after the frame of step i +
     * 1 comes a circle of damage where i is a positive multiple of a tenth of `tenths_of` (0:
     * none). */
    bool without_seed;
    size_t tenths_of;
    /* what to draw; the view's end is measured, its background the one here */
    nca_view view;
    nca_colour background;
    size_t scale;
    double fps;
    const char *animation;   /* path, or NULL */
    const char *filmstrip;   /* path, or NULL */
    terminal_screen *screen; /* drawn in too, or NULL */
    const char *title;       /* of the filmstrip, or NULL */
    size_t strip_steps[MOST_STRIP_FRAMES];
    size_t strip_count;
} growth;

/* What suits a model: long enough to see it grow and stay; with a cut half way and time to heal
 * when it was trained for that; the background that suits the target, 20 frames a second; a
 * filmstrip of about nine frames. */
void growth_default(growth *g, const nca_model *model);
/* The background that suits all of these models' targets; models may be NULL. */
nca_colour growth_background(const nca_model *const *models, size_t count);
/* Whether the path's ending is that of an animation: .gif, .mp4 or .webm. */
bool growth_is_animation(const char *path);
/* Spreads the filmstrip's frames over g->steps, denser at the start and around the cut. */
void growth_spread_strip(growth *g);
/* Grows them side by side, with the same seed, damage and steps; a signal of cli/stop.h ends it
 * early, with NCA_INTERRUPTED and nothing written. A view that is measured grows twice, first for
 * the one scale of all frames that are drawn. *out_end (may be NULL) is the end of that scale, 0
 * when nothing was measured. */
nca_status growth_run(const growth *g, growth_subject *subjects, size_t count, double *out_end,
                      nca_error *error);
/* Target, grown after `steps` steps, and their difference. */
nca_status growth_compare(const nca_model *model, const nca_rollout_options *options, size_t steps,
                          nca_colour background, const char *path, nca_error *error);
/* The loss that the model was trained with; L2 when unknown. */
nca_loss growth_loss_of(const nca_model *model);
nca_status growth_fail_memory(nca_error *error);

#endif
