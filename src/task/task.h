/* Internal: tasks, one file each. A task defines its samples, their initial state, the objective
 * for their final state, and what a checkpoint stores about it. Training uses only this table. How
 * to add a task: docs/architecture.md. */
#ifndef NCA_TASK_TASK_H
#define NCA_TASK_TASK_H

#include "core/objective.h"
#include "nca/model.h"
#include "nca/safetensors.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "task/saved.h"

enum {
    NCA__TASK_TENSORS = 4 /* maximum number of tensors that a task adds to a checkpoint */
};

typedef struct nca__task nca__task;

/* A task with its data: what one session trains. Functions of the table only read `data`, so any
 * number of threads may call them at once. */
typedef struct nca__problem {
    const nca__task *task;
    const nca__objective *objective; /* of the final state */
    void *data;                      /* owned; task->destroy releases it */
    size_t height, width;            /* size of the grid of every sample */
    size_t samples;                  /* 1 to UINT32_MAX */
    uint32_t input_channels; /* the first channels of a cell: `begin` writes them, and nothing
                                changes them afterwards */
    uint32_t head_inputs, head_outputs; /* of the objective's dense layer; both 0: no dense layer */
    /* With a pool, the final states are kept and used again in a later iteration: slot s belongs
     * to sample s % samples. Without a pool, samples are drawn epoch by epoch and every rollout
     * starts from the initial state. */
    bool pool;
    bool damage; /* whether states that continue are damaged, as the settings specify... */
    nca_damage_area damage_area; /* ...and where */
} nca__problem;

struct nca__task {
    const char *name; /* in checkpoints */
    const char *does; /* what its models do, for messages: "a model that ..." */
    void (*destroy)(void *data);
    bool (*made)(const nca_model *model); /* whether a model is one of this task */
    /* The memory that the data and the output of `describe` need, from the problem's sizes:
     * there may be no data yet. NULL: none. */
    size_t (*bytes)(const nca__problem *problem);
    /* Refuses settings that do not fit the problem; the message names the setting. NULL: accepts
     * all settings. */
    nca_status (*check)(const nca__problem *problem, const nca_settings *settings,
                        nca_error *error);
    /* Writes the complete initial state (H,W,C) of a sample. `epoch` counts how often the sample
     * has been drawn; with a pool it is the iteration. */
    void (*begin)(float *out_state, const nca__problem *problem, size_t sample, size_t channels,
                  uint32_t epoch);
    /* The objective's data for a sample. */
    const void *(*asked)(const void *data, size_t sample);
    /* The loss of a state (H,W,C), for ranking the samples of a batch. Called only with a pool. */
    double (*loss)(const float *state, const nca__problem *problem, size_t sample, size_t channels);
    /* A loss from which a training does not recover. */
    double (*hopeless)(const void *data);
    /* The distance of a state of sample 0 from the desired one, for the stability test. NULL:
     * states need not be stable, and there is no such test. */
    double (*distance)(const float *state, const nca__problem *problem, size_t channels);
    /* Adds information about the data to a new model. NULL: none. */
    nca_status (*describe)(nca_model *model, const nca__problem *problem, nca_error *error);
    /* What a checkpoint stores: up to NCA__TASK_TENSORS tensors, whose data belongs to the problem
     * (returns their number), and metadata. */
    size_t (*tensors)(nca_tensor_view *out, const nca__problem *problem);
    nca_status (*metadata)(nca_safetensors_writer *writer, const nca__problem *problem,
                           nca_error *error);
    /* Creates the problem of a checkpoint with these settings. `source` was passed by the caller
     * of the resume function, for data that a checkpoint does not contain; NULL if nothing was
     * passed. */
    nca_status (*restore)(nca__problem *out, const nca__saved *saved, const nca_settings *settings,
                          const void *source, nca_error *error);
};

/* The tasks of this library; NULL beyond the last. Checkpoints that name no task belong to the
 * first. */
const nca__task *nca__task_at(size_t index);
const nca__task *nca__task_named(const char *name);
/* The objective of a task of this library; NULL if there is none of that name. */
const nca__objective *nca__objective_named(const char *name);

/* Releases the data; a zeroed problem is allowed. */
void nca__problem_free(nca__problem *problem);

#endif
