/* The list of tasks. To add one: its file with the row, and a line here. */
#include <string.h>

#include "task/classify_task.h"
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

void nca__problem_free(nca__problem *problem)
{
    if (problem->task != NULL && problem->data != NULL) {
        problem->task->destroy(problem->data);
    }
    *problem = (nca__problem){0};
}
