/* The list of tasks. To add one: its file with the row, and a line here. */
#include <string.h>

#include "task/classify_objective.h"
#include "task/classify_task.h"
#include "task/grow_objective.h"
#include "task/grow_task.h"

static const nca__task *const tasks[] = {
    &nca__growth,
    &nca__classification,
};

const nca__task *nca__task_at(size_t index)
{
    return index < sizeof tasks / sizeof tasks[0] ? tasks[index] : NULL;
}

const nca__task *nca__task_named(const char *name)
{
    size_t index = 0;
    while (nca__task_at(index) != NULL && strcmp(nca__task_at(index)->name, name) != 0) {
        index++;
    }
    return nca__task_at(index);
}

const nca__objective *nca__objective_named(const char *name)
{
    const nca__objective *found =
        strcmp(nca__grow_objective.name, name) == 0 ? &nca__grow_objective : NULL;
    for (size_t i = 0; found == NULL && i < NCA_READOUT_COUNT; i++) {
        const nca__objective *other = nca__class_objective((nca_readout)i);
        found = strcmp(other->name, name) == 0 ? other : NULL;
    }
    return found;
}

void nca__problem_free(nca__problem *problem)
{
    if (problem->task != NULL && problem->data != NULL) {
        problem->task->destroy(problem->data);
    }
    *problem = (nca__problem){0};
}
