/* Published results on MedMNIST, to compare one's own with. They are compiled in. Any number of
 * threads may call all functions at once. */
#ifndef NCA_MEDMNIST_PUBLISHED_H
#define NCA_MEDMNIST_PUBLISHED_H

#include <stddef.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Test scores of one method on one set: the benchmark's AUC and ACC (nca/scores.h). */
typedef struct nca_medmnist_published {
    const char *method; /* "ResNet-18 (28)": images of 28 pixels; (224): the same enlarged to 224 */
    const char *set;    /* "breastmnist" */
    double auc, accuracy;
} nca_medmnist_published;

/* In the order of the methods; NULL beyond the last. */
NCA_API const nca_medmnist_published *nca_medmnist_published_at(size_t index);
/* Of one method and one set; NULL if the table does not have it. */
NCA_API const nca_medmnist_published *nca_medmnist_published_of(const char *method,
                                                                const char *set);
/* Where the numbers are from, in one sentence. */
NCA_API const char *nca_medmnist_published_source(void);

#ifdef __cplusplus
}
#endif
#endif
