/* Three tasks for tests, trained through the usual session: images with a horizontal or vertical
 * line in a frozen input channel, many different ones in a batch, each with its own correct answer.
 * `lines_classes` learns the class of the image, pooled over the grid; `lines_nearness` a value for
 * every cell; `lines_headed` the class again, through a dense layer on pooled features. */
#ifndef NCA_TESTS_LINES_TASKS_H
#define NCA_TESTS_LINES_TASKS_H

#include "task/task.h"
#include "train/session.h"

enum {
    LINES_SAMPLES = 20,
    LINES_INPUT = 0, /* the channel of the image */
    LINES_TASKS = 3
};

typedef struct answer {
    uint32_t label;
    const float *near; /* (H,W) */
} answer;

/* Horizontal (class 0) or vertical (class 1) lines in an image, at any position. */
typedef struct lines {
    size_t cells;
    float *images, *near; /* (LINES_SAMPLES,H,W): the image; 1 in a line and next to it, else 0 */
    answer answers[LINES_SAMPLES];
} lines;

extern const nca__task lines_classes, lines_nearness, lines_headed;
extern const nca__task *const lines_tasks[LINES_TASKS];

/* A problem with its own data, `lines`; the session that is created from it releases them. */
nca__problem lines_problem(const nca__task *task, size_t height, size_t width);

/* Settings with which all three tasks learn in a few hundred iterations. */
nca_settings lines_settings(void);

nca_session *lines_session(const nca__task *task, const nca_settings *settings, size_t side);

#endif
