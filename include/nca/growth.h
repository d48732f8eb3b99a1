/* Grows models from the seed and shows the result: as an animation, a filmstrip, frames for a
 * callback, or several of these at once.
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
    NCA_GROWTH_MAX_FRAMES = 64,  /* in a filmstrip */
    NCA_GROWTH_MAX_MODELS = 1024 /* side by side */
};

/* A model to grow. */
typedef struct nca_growth_subject {
    const nca_model *model;
    const char *name; /* written next to its pictures if there are several models */
    /* Output: the loss against the model's target after the last step. has_loss is false without a
     * target or if the grid is smaller than it. loss_is_missing: out of memory for the loss. */
    double loss;
    bool has_loss, loss_is_missing;
} nca_growth_subject;

/* The states of all models after a step, for a callback; all pointers are borrowed. */
typedef struct nca_growth_frame {
    nca_image *const *pictures; /* (count), one pixel per cell */
    size_t count;
    size_t columns; /* suggested number of pictures per row */
    size_t step;
} nca_growth_frame;

typedef nca_status nca_growth_show(const nca_growth_frame *frame, void *user, nca_error *error);

typedef struct nca_growth {
    /* how to run the models */
    nca_rollout_options options;
    bool own_size; /* each grid has the size its model was trained on, not the size in `options` */
    size_t steps;
    size_t damage_every; /* random damage at each multiple of this step; 0: none */
    nca_damage_shape damage_shape;
    size_t cut_at; /* one fixed cut at this step; 0: none */
    /* Compatibility with the PyTorch reimplementation: there is no frame for step 0, and after the
     * frame of step i + 1 comes a circle of damage if i is a positive multiple of a tenth of
     * `tenths_of` (0: no damage). */
    bool without_seed;
    size_t tenths_of;
    /* what to draw; the end of the view's scale is measured, its background is `background` */
    nca_view view; /* `parameters` is set to those of each model */
    nca_colour background;
    size_t scale;
    double fps;
    const char *animation; /* path, or NULL */
    const char *filmstrip; /* path, or NULL */
    const char *title;     /* title of the filmstrip, or NULL */
    /* Also called for each frame, or NULL. A status other than NCA_OK ends the growth with this
     * status. */
    nca_growth_show *show;
    nca_keep_going *keep_going; /* or NULL */
    void *user;                 /* for both callbacks */
    size_t strip_steps[NCA_GROWTH_MAX_FRAMES];
    size_t strip_count;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_growth;

/* Fills `out` with values that suit the model: enough steps to see it grow and stay stable; if it
 * was trained for damage, a cut half way and time to regenerate; the background that suits the
 * target; 20 frames per second; a filmstrip of about nine frames; no files and no callbacks. */
NCA_API void nca_growth_default(nca_growth *out, const nca_model *model);
/* The background that suits the targets of all these models; entries may be NULL. White if out of
 * memory. */
NCA_API nca_colour nca_growth_background(const nca_model *const *models, size_t count);
/* Whether the path has the extension of an animation: .gif, .mp4 or .webm. */
NCA_API bool nca_growth_is_animation(const char *path);
/* Distributes the filmstrip's frames over growth->steps, more densely at the start and around the
 * cut. */
NCA_API void nca_growth_choose_strip_steps(nca_growth *growth);

/* Grows 1 to NCA_GROWTH_MAX_MODELS models in parallel, with the same seed, damage and steps, and
 * writes the files, each whole or not at all. If the view is measured, the models are grown twice:
 * the first pass finds the common scale of all frames. *out_end (may be NULL) is the end of that
 * scale, 0 if nothing was measured.
 * Errors: NCA_INTERRUPTED (keep_going has returned false; nothing was written),
 * NCA_INVALID_ARGUMENT (another number of models), and those of nca_rollout_create,
 * nca_rollout_run, nca_view_check, nca_animation_open and nca_picture_filmstrip. */
NCA_API nca_status nca_growth_run(const nca_growth *growth, nca_growth_subject *subjects,
                                  size_t count, double *out_end, nca_error *error);
/* Writes a PNG with the target, the result after `steps` steps, and their difference. The model
 * must have a target of the options' size (NCA_INVALID_ARGUMENT). Other errors: those of
 * nca_rollout_create, nca_rollout_run and nca_picture_comparison. */
NCA_API nca_status nca_growth_compare(const nca_model *model, const nca_rollout_options *options,
                                      size_t steps, nca_colour background, const char *path,
                                      nca_error *error);
/* The loss that the model was trained with; L2 if unknown. */
NCA_API nca_loss nca_growth_loss(const nca_model *model);

#ifdef __cplusplus
}
#endif
#endif
