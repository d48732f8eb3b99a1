/* What the labels of images mean. Any number of threads may call all functions at once. */
#ifndef NCA_LABELS_H
#define NCA_LABELS_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* MedMNIST's names of tasks. */
typedef enum nca_label_kind {
    NCA_LABELS_MULTI_CLASS, /* one class of several, "multi-class" */
    NCA_LABELS_BINARY,      /* one class of two, "binary-class" */
    NCA_LABELS_MULTI_LABEL, /* any of the labels, "multi-label, binary-class" */
    NCA_LABELS_ORDINAL,     /* one class of several that have an order, "ordinal-regression" */
    NCA_LABEL_KINDS
} nca_label_kind;

NCA_API const char *nca_label_kind_name(nca_label_kind kind); /* NULL for any other value */

enum {
    NCA_CLASS_NAME = 96 /* bytes of a class's name, with the ending 0 */
};

#ifdef __cplusplus
}
#endif
#endif
