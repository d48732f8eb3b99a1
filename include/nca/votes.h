/* Votes: what every cell of a classifier says about an image, step by step, and pictures of it.
 *
 *     nca_explanation how;
 *     nca_explanation_default(&how);
 *     how.name = "scan.png";
 *     nca_explain(model, image, 28, 28, &how, "scan-votes.png", &error);
 *
 * docs/classification.md says how to read the pictures. All functions may be called from several
 * threads at the same time. */
#ifndef NCA_VOTES_H
#define NCA_VOTES_H

#include <stddef.h>
#include <stdint.h>

#include "nca/animation.h"
#include "nca/export.h"
#include "nca/image.h"
#include "nca/model.h"
#include "nca/predict.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The votes after a step; with several rollouts, their means. All scores are divided by the
 * temperature of the classifier. Borrowed. */
typedef struct nca_votes {
    size_t step, height, width, classes;
    /* (H,W,classes) the scores of a cell alone: its read-out channels through the dense layer, if
     * there is one */
    const double *cells;
    /* (H,W,classes) how much a cell adds to each score: the sum over the cells is the score. With
     * read-out mean and per-cell, that is the score of the cell divided by the number of cells.
     * With read-out max, a channel counts in the cell that has its maximum, and the bias of the
     * dense layer is divided among all cells. */
    const double *evidence;
    const double *scores;        /* (classes) of the image, as nca_predict gives them */
    const double *probabilities; /* (classes) the same */
} nca_votes;

/* A status other than NCA_OK ends the run with this status. */
typedef nca_status nca_votes_show(const nca_votes *votes, void *user, nca_error *error);

/* Runs a classifier over one image (H,W,channels) and calls `show` after each of `steps` (count,
 * ascending); steps NULL: after 0 to count - 1 steps. Scores and probabilities are those of
 * nca_predict with the same options and that number of steps; options->steps and
 * options->progress are not used.
 * Errors: NCA_INVALID_ARGUMENT (steps that are not ascending), and those of nca_predict. */
NCA_API nca_status nca_votes_run(const nca_model *model, const uint8_t *image, size_t height,
                                 size_t width, const size_t *steps, size_t count,
                                 const nca_prediction_options *options, nca_votes_show *show,
                                 void *user, nca_error *error);

/* The image (H,W,channels) in grey, with the colour of the class with the highest score over each
 * cell (nca_class_colour), the stronger the surer the cell is; one pixel per cell, opaque. Release
 * with nca_image_destroy. Errors: those of nca_image_create. */
NCA_API nca_status nca_votes_picture(nca_image **out_picture, const nca_votes *votes,
                                     const nca_model *model, const uint8_t *image,
                                     nca_error *error);

/* How to explain the answer for an image. All pointers are borrowed. */
typedef struct nca_explanation {
    const char *name;      /* of the image, for the picture; NULL: none */
    const uint8_t *labels; /* its true class, or (classes) labels of 0 and 1; NULL: unknown */
    /* Rollouts, seed and so on. `steps` is where the answer is read (0: those of the classifier).
     */
    nca_prediction_options prediction;
    size_t last_step; /* the last one shown: where the answer is read, to 10000000; 0: twice as many
                         steps as there, but at most 10000000 */
    double fps;       /* of an animation; 0: 10 */
    /* Asked in each step; if it returns false, nothing is written (NCA_INTERRUPTED). NULL: never
     * asked. The progress of `prediction` is not used. */
    nca_keep_going *keep_going;
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_explanation;

/* No name, no labels, the options of nca_prediction_options_default. */
NCA_API void nca_explanation_default(nca_explanation *out);

/* Writes one figure (.png or .svg) for an image: the image; the votes after a quarter, a half and
 * all steps of the answer and after last_step; the evidence for the predicted class; and the
 * probabilities over the steps. Errors: those of nca_votes_run; NCA_INVALID_ARGUMENT (another
 * extension, a label, the steps or last_step out of range), NCA_INTERRUPTED, NCA_UNSUPPORTED (cairo
 * is not installed), NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_explain(const nca_model *model, const uint8_t *image, size_t height,
                               size_t width, const nca_explanation *how, const char *path,
                               nca_error *error);
/* Writes an animation (.gif, .mp4 or .webm) of the votes over the image, with the probabilities as
 * bars. Errors: those of nca_votes_run and nca_animation_open; NCA_INTERRUPTED (keep_going has
 * returned false; nothing was written), NCA_UNSUPPORTED (cairo is not installed). */
NCA_API nca_status nca_explain_moving(const nca_model *model, const uint8_t *image, size_t height,
                                      size_t width, const nca_explanation *how, const char *path,
                                      nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
