/* Plots of the predictions of a classifier: ROC and precision-recall curves, which classes are
 * taken for which, calibration, and accuracy against coverage. With the quality needed for a paper.
 *
 *     nca_class_plot plot;
 *     nca_class_plot_default(&plot);
 *     plot.title = "breastmnist, test";
 *     plot.predictions = (nca_predictions){.kind = data->kind, ...};
 *     plot.class_names = (const char (*)[NCA_CLASS_NAME])data->class_names;
 *     nca_plot_classes(NCA_CLASS_PLOT_ROC, &plot, "roc.svg", &error);
 *
 * Accuracy over steps is a plot of nca_plot_curves (nca/plot.h) with x_log, y_linear and a mark at
 * the number of steps of the training. docs/classification.md says how to read the plots. Any
 * number of threads may call all functions at once. */
#ifndef NCA_CLASS_PLOTS_H
#define NCA_CLASS_PLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/labels.h"
#include "nca/picture.h"
#include "nca/scores.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_class_plot_kind {
    NCA_CLASS_PLOT_ROC,              /* a curve for each class and their mean, with the AUC */
    NCA_CLASS_PLOT_PRECISION_RECALL, /* the same, with the average precision */
    NCA_CLASS_PLOT_CONFUSION,        /* for labels: a table of right and wrong decisions */
    NCA_CLASS_PLOT_RELIABILITY,      /* accuracy over confidence, with the ECE */
    NCA_CLASS_PLOT_RISK_COVERAGE,    /* accuracy of the images that are kept */
    NCA_CLASS_PLOT_COUNT
} nca_class_plot_kind;

/* "roc", "precision-recall", "confusion", "reliability", "risk-coverage"; NULL for any other
 * value. */
NCA_API const char *nca_class_plot_name(nca_class_plot_kind kind);

/* All pointers are borrowed. */
typedef struct nca_class_plot {
    const char *title; /* NULL: none */
    nca_predictions predictions;
    const char (*class_names)[NCA_CLASS_NAME]; /* (classes); NULL: their numbers */
    const nca_scores *scores;                  /* of these predictions; NULL: they are computed */
    /* For the reliability: the same predictions without a temperature, as a second curve, and the
     * temperature for the legend. NULL and 1: one curve. */
    const nca_scores *uncalibrated;
    double temperature;
    /* (count), for the coverage: how uncertain each prediction is, nca_prediction_entropy of the
     * classifier. NULL: that of a classifier with a sigmoid only for labels. */
    const double *uncertainty;
    /* (count,classes), for the coverage: the standard deviations over the rollouts
     * (nca_class_evaluation.deviations) as a second measure of uncertainty. NULL, or all 0: only
     * the entropy. */
    const double *deviations;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_class_plot;

/* No predictions, temperature 1. */
NCA_API void nca_class_plot_default(nca_class_plot *out);

/* Draws a plot; the path's extension selects PNG or SVG. A class to which none or all of the images
 * belong has no curve. The mean of ROC curves is the mean of the true positive rates at the same
 * false positive rate, that of precision-recall curves the mean of the precisions at the same
 * recall; without it if a class has no curve.
 * Errors: NCA_INVALID_ARGUMENT (an unknown kind, another extension), those of nca_scores_compute,
 * NCA_UNSUPPORTED (cairo is not installed), NCA_NOT_FOUND and NCA_IO (the file cannot be written),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_plot_classes(nca_class_plot_kind kind, const nca_class_plot *plot,
                                    const char *path, nca_error *error);
/* The same as an <svg> element for use inside an HTML page. The title is the accessible name.
 * Colours come from the page's stylesheet (classes: those of nca/plot.h, c6 to c13, strong, area,
 * and for text ink and on). free() the result. Errors as above, except those of files. */
NCA_API nca_status nca_plot_classes_svg(char **out_svg, nca_class_plot_kind kind,
                                        const nca_class_plot *plot, nca_error *error);

/* The colour of a class in all pictures of a classifier, of 14 that repeat. */
NCA_API nca_colour nca_class_colour(size_t class_index);

#ifdef __cplusplus
}
#endif
#endif
