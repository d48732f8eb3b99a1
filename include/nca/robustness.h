/* Robustness of a classifier: its scores on images that are corrupted (nca/corruption.h), enlarged,
 * and with other fire rates.
 *
 *     nca_robustness_options options;
 *     nca_robustness_options_default(&options);
 *     nca_robustness *robustness;
 *     nca_evaluate_robustness(&robustness, model, data, NCA_SPLIT_TEST, &options, &error);
 *     nca_robustness_plot(robustness, "breastmnist, test", "robustness.png", &error);
 *     nca_robustness_destroy(robustness);
 *
 * docs/classification.md explains the numbers. Any number of threads may call all functions at
 * once, also with the same model and data. */
#ifndef NCA_ROBUSTNESS_H
#define NCA_ROBUSTNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/corruption.h"
#include "nca/export.h"
#include "nca/labelled.h"
#include "nca/model.h"
#include "nca/predict.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_robustness_part {
    NCA_ROBUSTNESS_NONE,       /* the images as they are */
    NCA_ROBUSTNESS_CORRUPTION, /* kind: the corruption's name; amount: that of its table */
    NCA_ROBUSTNESS_SIZE,       /* kind "size"; amount: the factor by which sides are enlarged */
    NCA_ROBUSTNESS_FIRE_RATE   /* kind "fire-rate"; amount: the fire rate */
} nca_robustness_part;

/* The scores of all images under one condition (nca/scores.h). */
typedef struct nca_robustness_row {
    nca_robustness_part part;
    nca_corruption corruption; /* for NCA_ROBUSTNESS_CORRUPTION */
    const char *kind;          /* "none", ...: a constant */
    size_t strength;           /* of a corruption: 1 to 5; otherwise 0 */
    double amount;
    double auc, accuracy; /* NaN if the values of the model grow without limit */
} nca_robustness_row;

/* A plain struct: any number of threads may read it at once. */
typedef struct nca_robustness {
    nca_split split;
    size_t count;         /* images */
    size_t height, width; /* of the images as they are */
    size_t rollouts, steps;
    uint64_t seed;
    /* NCA_ROBUSTNESS_NONE, then the corruptions in their order with ascending strengths, then sizes
     * and fire rates in the order of the options. Owned. */
    nca_robustness_row *rows; /* (row_count) */
    size_t row_count;
    /* Means over all rows of corruptions that have not diverged; NaN without such rows. */
    double corrupted_auc, corrupted_accuracy;
    size_t diverged; /* rows without scores, as the values of the model grow without limit */
} nca_robustness;

typedef struct nca_robustness_options {
    nca_prediction_options prediction; /* its progress is not used; its seed is also that of the
                                          corruptions */
    bool without_corruptions;
    const double *sizes; /* (size_count) factors, above 0; sides are rounded */
    size_t size_count;
    const double *fire_rates; /* (fire_rate_count) above 0, at most 1 */
    size_t fire_rate_count;
    /* Called with the completed fraction, 0 to 1; if it returns false, the evaluation stops with
     * NCA_INTERRUPTED. May be NULL. */
    bool (*progress)(double share, void *user);
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_robustness_options;

/* Corruptions, the size 2, no fire rates; predictions as nca_prediction_options_default. */
NCA_API void nca_robustness_options_default(nca_robustness_options *out);

/* Corrupted images have the draws of their index in the split. Enlarged images are resized as by
 * nca_image_resize_lanczos, and the model runs on as many cells as they have pixels. Images are
 * processed in parts, so memory does not grow with their number. Errors: NCA_INVALID_ARGUMENT (a
 * factor or fire rate out of range), NCA_LIMIT (enlarged images with sides above NCA_MAX_SIDE),
 * NCA_INTERRUPTED, those of nca_evaluate_classes. Release with nca_robustness_destroy. */
NCA_API nca_status nca_evaluate_robustness(nca_robustness **out_robustness, const nca_model *model,
                                           const nca_labelled *data, nca_split split,
                                           const nca_robustness_options *options, nca_error *error);
NCA_API void nca_robustness_destroy(nca_robustness *robustness); /* accepts NULL */

/* ---- As files --------------------------------------------------------------------------------*/

/* Information that a nca_robustness does not contain. A text may be NULL and is then omitted. */
typedef struct nca_robustness_about {
    const char *model, *data;
} nca_robustness_about;

/* Comma-separated values, one row per line: kind,strength,amount,auc,accuracy. Reading a number
 * back gives the same bits; values that are not finite are "nan". free() the text. Errors:
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_robustness_csv(char **out_text, const nca_robustness *robustness,
                                      nca_error *error);
/* One JSON object; values that are not finite are null. free() the text. Errors:
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_robustness_json(char **out_text, const nca_robustness *robustness,
                                       const nca_robustness_about *about, nca_error *error);
/* Write the same texts to files, whole or not at all. Errors: NCA_NOT_FOUND and NCA_IO (the file
 * cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_robustness_save_csv(const nca_robustness *robustness, const char *path,
                                           nca_error *error);
/* Errors as above. */
NCA_API nca_status nca_robustness_save_json(const nca_robustness *robustness,
                                            const nca_robustness_about *about, const char *path,
                                            nca_error *error);

/* Plots the accuracy against the strength, 0 to 5, a line for each corruption. `title` may be NULL.
 * Errors: NCA_INVALID_ARGUMENT (no rows of corruptions), those of nca_plot_curves. */
NCA_API nca_status nca_robustness_plot(const nca_robustness *robustness, const char *title,
                                       const char *path, nca_error *error);
/* The same as an <svg> element, as by nca_plot_curves_svg. free() the result. Errors as above,
 * except those of files. */
NCA_API nca_status nca_robustness_plot_svg(char **out_svg, const nca_robustness *robustness,
                                           const char *title, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
