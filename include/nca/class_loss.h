/* Losses of a classification. docs/classification.md has the formulas. Any number of threads may
 * call all functions at once. */
#ifndef NCA_CLASS_LOSS_H
#define NCA_CLASS_LOSS_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_MAX_CLASSES = 64 /* classes, or labels of a multi-label set */
};

/* For a multi-label set, every label has a probability of its own (a sigmoid) with all losses but
 * L2; the cross-entropy is then the binary cross-entropy. */
typedef enum nca_class_loss {
    NCA_CLASS_LOSS_CROSS_ENTROPY,        /* of a softmax over the classes */
    NCA_CLASS_LOSS_BINARY_CROSS_ENTROPY, /* of a sigmoid for each class */
    NCA_CLASS_LOSS_FOCAL, /* the cross-entropy times (1 - p)^gamma (Lin et al. 2017) */
    NCA_CLASS_LOSS_L2,    /* squared distance of the scores from 0 and 1 */
    NCA_CLASS_LOSS_COUNT
} nca_class_loss;

/* "cross-entropy", "binary-cross-entropy", "focal", "L2"; NULL for any other value. */
NCA_API const char *nca_class_loss_name(nca_class_loss loss);

#ifdef __cplusplus
}
#endif
#endif
