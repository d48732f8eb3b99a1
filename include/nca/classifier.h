/* What a model that classifies images says about itself: its classes, how an image enters the
 * cells and how the class scores leave them. docs/classification.md has the formulas. Like the
 * model it belongs to, any number of threads may read it at once, or one may change it. */
#ifndef NCA_CLASSIFIER_H
#define NCA_CLASSIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "nca/class_loss.h"
#include "nca/export.h"
#include "nca/labels.h"
#include "nca/readout.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The image is in the automaton's input channels, the read-out channels follow them: head_inputs
 * of the automaton, or one for each class. */
typedef struct nca_classifier {
    nca_label_kind kind;
    uint32_t classes;                    /* or labels */
    char (*class_names)[NCA_CLASS_NAME]; /* (classes); owned by the model that has this struct */
    nca_readout readout;
    bool sigmoid;              /* a probability for each class or label on its own; else softmax */
    float scale[3], offset[3]; /* values v of an image, 0 to 1, become v * scale + offset, for each
                                  input channel */
    uint32_t height, width;    /* of the training images */
    uint32_t steps;            /* after which the scores are read */
    double temperature;        /* divides the scores; 1: none */
} nca_classifier;

#ifdef __cplusplus
}
#endif
#endif
