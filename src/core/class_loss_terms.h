/* Internal: losses of class scores (logits) and their slopes. Freestanding; plain double arithmetic
 * in a fixed order. docs/classification.md has the formulas. */
#ifndef NCA_CORE_CLASS_LOSS_TERMS_H
#define NCA_CORE_CLASS_LOSS_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/class_loss.h"

/* What one image's scores are compared with. */
typedef struct nca__class_loss {
    nca_class_loss kind;
    bool sigmoid;          /* a probability for each class or label on its own; else a softmax */
    bool labels;           /* an answer is 0 or 1 for each label; else it is a class */
    size_t classes;        /* at most NCA_MAX_CLASSES */
    double gamma;          /* of the focal loss; 0 for the others */
    double smoothing;      /* label smoothing, 0 to 1 */
    const double *weights; /* (classes), of images of the class or of positive labels; NULL: 1 */
} nca__class_loss;

/* The probabilities of scores: a softmax, or a sigmoid for each. May be in place. */
void nca__class_probabilities(double *out, const double *scores, size_t classes, bool sigmoid);

/* The loss of an image's scores (classes). `answer` is its class, or (classes) labels. Unless it is
 * NULL, `slopes` (classes) becomes the gradient of the loss with respect to the scores. */
double nca__class_loss_of(double *slopes, const nca__class_loss *loss, const double *scores,
                          const uint8_t *answer);

#endif
