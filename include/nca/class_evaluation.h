/* Evaluation of a classifier on a split of labelled images: its predictions and their scores.
 *
 *     nca_class_evaluation *evaluation;
 *     nca_evaluate_classes(&evaluation, model, data, NCA_SPLIT_TEST, &options, &error);
 *     printf("AUC %.3f, ACC %.3f\n", evaluation->scores.auc, evaluation->scores.accuracy);
 *     nca_class_evaluation_destroy(evaluation); */
#ifndef NCA_CLASS_EVALUATION_H
#define NCA_CLASS_EVALUATION_H

#include "nca/export.h"
#include "nca/labelled.h"
#include "nca/model.h"
#include "nca/predict.h"
#include "nca/scores.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A plain struct: any number of threads may read it at once. */
typedef struct nca_class_evaluation {
    size_t count, classes;
    nca_scores scores;     /* of the probabilities */
    double *probabilities; /* (count,classes), as of nca_predict; owned */
    double *deviations;    /* (count,classes); owned */
    double *logits;        /* (count,classes) the class scores; owned */
} nca_class_evaluation;

/* Errors: NCA_INVALID_ARGUMENT (the model is not a classifier; it has other classes, channels or
 * kinds of labels than the data; the split has no images; classes that are numbered and not named
 * in the data or the model count as those of the other), NCA_DIVERGED (a class score is not a
 * number), those of nca_predict and nca_scores_compute. Release with
 * nca_class_evaluation_destroy. */
NCA_API nca_status nca_evaluate_classes(nca_class_evaluation **out_evaluation,
                                        const nca_model *model, const nca_labelled *data,
                                        nca_split split, const nca_prediction_options *options,
                                        nca_error *error);
NCA_API void nca_class_evaluation_destroy(nca_class_evaluation *evaluation); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
