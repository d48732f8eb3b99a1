/* Internal: classification, the task of naming the class of an image. The image is in the input
 * channels of the cells; the class scores are read from the channels after them. */
#ifndef NCA_TASK_CLASSIFY_TASK_H
#define NCA_TASK_CLASSIFY_TASK_H

#include "nca/labelled.h"
#include "task/task.h"

extern const nca__task nca__classification;

/* The problem of training on the training split. `data` is borrowed and must outlive the problem.
 * NCA_INVALID_ARGUMENT if data and settings do not fit together; the message names the setting. */
nca_status nca__classify_create(nca__problem *out, const nca_settings *settings,
                                const nca_labelled *data, nca_error *error);

#endif
