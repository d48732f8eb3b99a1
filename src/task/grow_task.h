/* Internal: growth, the task of becoming one RGBA image from one seed cell. */
#ifndef NCA_TASK_GROW_TASK_H
#define NCA_TASK_GROW_TASK_H

#include "nca/target.h"
#include "task/task.h"

extern const nca__task nca__growth;

/* Growth on a grid of that size, as the settings' experiment asks for it, without its data. */
nca__problem nca__grow_shape(const nca_settings *settings, size_t height, size_t width);
/* Copies the target. NCA_INVALID_ARGUMENT when it has no image, a side that is too long, or a value
 * that is not finite. */
nca_status nca__grow_create(nca__problem *out, const nca_settings *settings,
                            const nca_target *target, nca_error *error);
/* The problem's target; NULL when it is of another task. */
const nca_target *nca__grow_target(const nca__problem *problem);

#endif
