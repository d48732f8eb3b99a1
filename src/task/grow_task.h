/* Internal: growth, the task of growing one RGBA image from a seed cell. */
#ifndef NCA_TASK_GROW_TASK_H
#define NCA_TASK_GROW_TASK_H

#include "nca/target.h"
#include "task/task.h"

extern const nca__task nca__growth;

/* A growth problem for a grid of this size, according to the experiment in the settings, without
 * its data. */
nca__problem nca__grow_shape(const nca_settings *settings, size_t height, size_t width);
/* Copies the target. NCA_INVALID_ARGUMENT if it has no image, a side that is too long, or a value
 * that is not finite. */
nca_status nca__grow_create(nca__problem *out, const nca_settings *settings,
                            const nca_target *target, nca_error *error);
/* The target of the problem; NULL if it belongs to another task. */
const nca_target *nca__grow_target(const nca__problem *problem);

#endif
