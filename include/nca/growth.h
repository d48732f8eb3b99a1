/* Growing models from the seed, watched: an animation, a filmstrip, frames for a callback, or
 * several of these from one pass.
 *
 *     nca_growth growth;
 *     nca_growth_default(&growth, model);
 *     growth.animation = "growth.gif";
 *     nca_growth_run(&growth, &(nca_growth_subject){.model = model}, 1, NULL, &error);
 *
 * All functions may be called from several threads at the same time, for different objects. */
#ifndef NCA_GROWTH_H
#define NCA_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/damage.h"
#include "nca/export.h"
#include "nca/image.h"
#include "nca/loss.h"
#include "nca/model.h"
#include "nca/picture.h"
#include "nca/rollout.h"
#include "nca/status.h"
#include "nca/view.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_GROWTH_MAX_FRAMES = 64,  /* of a filmstrip */
    NCA_GROWTH_MAX_MODELS = 1024 /* side by side */
};

/* A model that grows. */
typedef struct nca_growth_subject {
    const nca_model *model;
    const char *name; /* stands beside its pictures when there are several */
    /* out: the loss against the model's target after the last step. There is none without a target
     * or on a smaller grid; where there was no memory for it, it is missing. */
    double loss;
    bool has_loss, loss_is_missing;
} nca_growth_subject;

/* The states of all models after a step, for a callback; everything is borrowed. */
typedef struct nca_growth_frame {
    nca_image *const *pictures; /* (count), one pixel a cell */
    size_t count;
    size_t columns; /* how many of them suit a row */
    size_t step;
} nca_growth_frame;

typedef nca_status nca_growth_show(const nca_growth_frame *frame, void *user, nca_error *error);

typedef struct nca_growth {
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
    nca_view view; /* its parameters are those of each model */
    nca_colour background;
    size_t scale;
    double fps;
    const char *animation; /* path, or NULL */
    const char *filmstrip; /* path, or NULL */
    const char *title;     /* of the filmstrip, or NULL */
    /* Called for each frame, too; a status other than NCA_OK ends the growth with it. Or NULL. */
    nca_growth_show *show;
    nca_keep_going *keep_going; /* or NULL */
    void *user;                 /* of both callbacks */
    size_t strip_steps[NCA_GROWTH_MAX_FRAMES];
    size_t strip_count;
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_growth;

/* Fills `out` with what suits a model: long enough to see it grow and stay; with a cut half way and
 * time to heal when it was trained for that; the background that suits the target, 20 frames a
 * second; a filmstrip of about nine frames; no files and no callbacks. */
NCA_API void nca_growth_default(nca_growth *out, const nca_model *model);
/* The background that suits all of these models' targets; entries may be NULL. White where memory
 * runs out. */
NCA_API nca_colour nca_growth_background(const nca_model *const *models, size_t count);
/* Whether the path's ending is that of an animation: .gif, .mp4 or .webm. */
NCA_API bool nca_growth_is_animation(const char *path);
/* Spreads the filmstrip's frames over growth->steps, denser at the start and around the cut. */
NCA_API void nca_growth_choose_strip_steps(nca_growth *growth);

/* Grows 1 to NCA_GROWTH_MAX_MODELS models side by side, with the same seed, damage and steps, and
 * writes the files, each whole or not at all. A view that is measured grows twice, first for the
 * one scale of all frames that are drawn. *out_end (may be NULL) is the end of that scale, 0 when
 * nothing was measured. NCA_INTERRUPTED when keep_going has returned false: nothing was written
 * then. NCA_INVALID_ARGUMENT for another number of models. Other errors: as of nca_rollout_create,
 * nca_rollout_run, nca_view_check, nca_animation_open and nca_picture_filmstrip. */
NCA_API nca_status nca_growth_run(const nca_growth *growth, nca_growth_subject *subjects,
                                  size_t count, double *out_end, nca_error *error);
/* Writes a PNG: the target, what has grown after `steps` steps, and their difference. The model
 * must have a target of the options' size (NCA_INVALID_ARGUMENT). Other errors: as of
 * nca_rollout_create, nca_rollout_run and nca_picture_comparison. */
NCA_API nca_status nca_growth_compare(const nca_model *model, const nca_rollout_options *options,
                                      size_t steps, nca_colour background, const char *path,
                                      nca_error *error);
/* The loss that the model was trained with; L2 when unknown. */
NCA_API nca_loss nca_growth_loss(const nca_model *model);

#ifdef __cplusplus
}
#endif
#endif
