/* The full evaluation of a classifier: its scores on one split, of one rollout and of the mean of
 * several, after several numbers of steps, with a fitted temperature, and without the images that
 * are least certain. Tables, plots and files are made from this struct alone.
 *
 *     nca_class_report_options options;
 *     nca_class_report_options_default(&options);
 *     nca_class_report *report;
 *     nca_class_report_create(&report, model, data, NCA_SPLIT_TEST, &options, &error);
 *     printf("AUC %.3f\n", report->evaluation->scores.auc);
 *     nca_class_report_destroy(report);
 *
 * docs/classification.md explains the numbers. */
#ifndef NCA_CLASS_REPORT_H
#define NCA_CLASS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/class_evaluation.h"
#include "nca/export.h"
#include "nca/labelled.h"
#include "nca/model.h"
#include "nca/predict.h"
#include "nca/scores.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_CLASS_COVERAGES = 4, /* 0, 10, 20 and 50 % of the images left out */
    NCA_CLASS_STEP_ROWS = 5  /* half, one, two, four and 16 times the steps of the classifier */
};

/* Scores of the same images under one condition (nca/scores.h). */
typedef struct nca_class_row {
    size_t steps, rollouts;
    double auc, accuracy, balanced_accuracy, log_loss, brier, ece;
} nca_class_row;

/* The accuracy without the images that are least certain. */
typedef struct nca_class_coverage {
    double left_out; /* fraction of the images */
    double entropy;  /* accuracy, least certain by `entropy` */
    double spread;   /* accuracy, least certain by `spread`; NaN for one rollout */
} nca_class_coverage;

/* A plain struct: any number of threads may read it at once. */
typedef struct nca_class_report {
    nca_label_kind kind;
    nca_split split;
    size_t count, classes, label_width;
    size_t height, width;                /* of the images */
    char (*class_names)[NCA_CLASS_NAME]; /* (classes) those of the model; owned */
    uint8_t *labels;                     /* (count,label_width); owned */
    size_t rollouts, steps;              /* of `evaluation` */
    uint64_t seed;
    nca_precision precision;
    nca_class_evaluation *evaluation; /* the mean of the rollouts; owned */
    /* How uncertain each prediction is, (count): nca_prediction_entropy, and the mean over the
     * classes of its deviations. Owned. */
    double *entropy, *spread;
    nca_class_row single; /* of one rollout, that with the fire masks of sample 0 */
    /* The temperature of the classifier that minimises the log loss on the split val
     * (nca_temperature_fit), and the scores of `split` with it; NaN and zeroed if the data have no
     * images of val, or if a class score is not finite. The probabilities are those of the mean
     * class scores. */
    double temperature;
    nca_scores calibrated;
    nca_class_coverage coverage[NCA_CLASS_COVERAGES];
    /* (step_count), ascending; owned. The scores of a row are NaN if the values of the model grow
     * without limit in so many steps. */
    nca_class_row *over_steps;
    size_t step_count;
} nca_class_report;

typedef struct nca_class_report_options {
    nca_prediction_options prediction; /* its progress is not used */
    const size_t *steps;  /* of over_steps, ascending; NULL: NCA_CLASS_STEP_ROWS multiples of the
                             steps of the classifier, or of prediction.steps, up to 10000000 */
    size_t step_count;    /* 0 with steps that are not NULL: no rows */
    size_t step_rollouts; /* rollouts for over_steps */
    /* Called with the completed fraction, 0 to 1; if it returns false, the evaluation stops with
     * NCA_INTERRUPTED. May be NULL. */
    bool (*progress)(double share, void *user);
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_class_report_options;

/* 16 rollouts, the usual steps, over_steps from one rollout, and otherwise as
 * nca_prediction_options_default. */
NCA_API void nca_class_report_options_default(nca_class_report_options *out);

/* Errors: those of nca_evaluate_classes, nca_predict_steps and nca_temperature_fit. Release with
 * nca_class_report_destroy. */
NCA_API nca_status nca_class_report_create(nca_class_report **out_report, const nca_model *model,
                                           const nca_labelled *data, nca_split split,
                                           const nca_class_report_options *options,
                                           nca_error *error);
NCA_API void nca_class_report_destroy(nca_class_report *report); /* accepts NULL */

/* ---- As files --------------------------------------------------------------------------------*/

/* Information that a report does not contain. A text may be NULL and is then omitted. */
typedef struct nca_class_report_about {
    const char *model, *data;
} nca_class_report_about;

/* Comma-separated values, one number per line: part,class,at,measure,value
 * (docs/classification.md). Reading a number back gives the same bits; values that are not finite
 * are "nan" and "inf". free() the text. Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_class_report_csv(char **out_text, const nca_class_report *report,
                                        nca_error *error);
/* One JSON object; values that are not finite are null. free() the text. Errors:
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_class_report_json(char **out_text, const nca_class_report *report,
                                         const nca_class_report_about *about, nca_error *error);
/* Write the same texts to files, whole or not at all. Errors: NCA_NOT_FOUND and NCA_IO (the file
 * cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_class_report_save_csv(const nca_class_report *report, const char *path,
                                             nca_error *error);
/* Errors as above. */
NCA_API nca_status nca_class_report_save_json(const nca_class_report *report,
                                              const nca_class_report_about *about, const char *path,
                                              nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
