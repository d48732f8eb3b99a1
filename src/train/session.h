/* Internal: the fields of a training session. Only the files of this folder use them.
 *
 * A checkpoint contains the settings, the task's data, the model's parameters, both moments, the
 * pool, the counters and the last losses. Everything else is scratch. */
#ifndef NCA_TRAIN_SESSION_H
#define NCA_TRAIN_SESSION_H

#include "backend/batch.h"
#include "core/stopwatch.h"
#include "nca/train.h"
#include "task/task.h"
#include "train/epochs.h"
#include "train/pool.h"

enum {
    NCA__RECENT_LOSSES = 50, /* number of losses whose mean is reported */
    NCA__SHOWN_CHANNELS = 4  /* of a state before its rollout, for viewers */
};

typedef struct nca__counters {
    uint64_t iteration; /* iterations done, including dropped ones */
    uint64_t updates;   /* applied updates: Adam's t */
    uint64_t dropped, dropped_in_a_row;
    uint64_t dead_in_a_row, endless_in_a_row; /* failure.c */
    uint64_t added;    /* added to the iterations of the settings: stability.c */
    uint64_t unstable; /* 1 if the last test found the model not stable, else 0 */
} nca__counters;

/* A position in the batch and its loss, for sorting. */
typedef struct nca__rank {
    double loss;
    uint32_t position;
} nca__rank;

struct nca_session {
    nca_settings settings;  /* as given: initial values and the list of changes */
    nca_settings in_effect; /* settings of the next iteration, with all changes that are due */
    uint64_t next_change;   /* iteration of the first change that is not in effect yet */
    nca__problem problem;
    nca_model *model;
    size_t parameter_count;
    nca_model *average; /* the model with averaged weights; NULL: average_decay is 0 */
    float *m, *v;       /* moments, laid out like the parameters; Muon leaves v at 0 */
    nca__pool pool;     /* without slots if the problem has no pool... */
    nca__epochs epochs; /* ...and without samples if it has one */
    nca__counters counters;
    /* Losses of the last applied iterations, a ring buffer: index u % 50 for update u. */
    double recent[NCA__RECENT_LOSSES];

    nca__stopwatch watch; /* this thread's work between the rollouts; without a clock: unused */
    nca__batch *batch;
    const nca_kernels *kernels; /* for the computations of this thread */
    float *gradient;            /* flat */
    float *backup;              /* parameters, m and v before an update */
    float *scratch;             /* of the update; NULL: not needed */
    float *states;              /* (B,H,W,C): the batch, before and after the rollout */
    float **state_at;           /* (B) pointers into states */
    float *before;              /* (B,H,W,shown): the batch before its rollout; NULL: not kept */
    bool before_filled;         /* an iteration has run since `before` was allocated */
    uint32_t *samples;          /* (B) the sample of each position */
    const void **asked;         /* (B) the objective's data for it */
    double *losses;             /* (B) */
    size_t *alive;              /* (B) */
    uint32_t *slots;            /* (B) the pool slot of each position */
    uint32_t *drawn;            /* (B) the slots in the order drawn */
    nca__rank *ranks;           /* (B) */
    unsigned char *blamed;      /* (B) whether its values are not finite */
};

/* NCA_LIMIT if a session that needs this much memory does not fit into `available` bytes. `least`
 * is what it needs with the smallest memory_limit: the message suggests a lower one only if it
 * helps. */
nca_status nca__session_memory_check(const nca_session_memory *needed, size_t least,
                                     size_t available, nca_error *error);
/* Bytes of `scratch`. */
size_t nca__session_scratch(const nca_settings *settings, const nca__problem *problem);
/* The automaton and the batch options for settings and problem; `kernels` has already been
 * found. */
nca_automaton nca__session_automaton(const nca_settings *settings, const nca__problem *problem);
nca__batch_options nca__session_batch_options(const nca_settings *settings,
                                              const nca__problem *problem,
                                              const nca_kernels *kernels);
/* States that are kept from one iteration to the next: those of the pool or, with setting carry,
 * one for each sample of the batch; 0: none. */
size_t nca__session_slots(const nca_settings *settings, const nca__problem *problem);

/* Like nca_session_memory_needed and nca_session_fits; the problem's data is not used. */
nca_session_memory nca__session_memory_needed(const nca_settings *settings,
                                              const nca__problem *problem);
nca_status nca__session_fits(const nca_settings *settings, const nca__problem *problem,
                             nca_error *error);

/* NCA_INVALID_ARGUMENT unless the settings are those of this task. */
nca_status nca__session_check_task(const nca_settings *settings, const nca__task *task,
                                   nca_error *error);
/* A session with all memory allocated, parameters and counters 0, and no slot grown. It takes
 * ownership of the problem, which is freed on failure. */
nca_status nca__session_new(nca_session **out_session, const nca_settings *settings,
                            nca__problem *problem, nca_error *error);
/* The same with the initial parameters of a training: random, or those of a model, as for
 * nca_session_create and nca_session_create_from. */
nca_status nca__session_create(nca_session **out_session, const nca_settings *settings,
                               nca__problem *problem, nca_error *error);
nca_status nca__session_create_from(nca_session **out_session, const nca_settings *settings,
                                    nca__problem *problem, const nca_model *initial,
                                    nca_error *error);
/* Like nca_session_resume, for a task that is not in the library (NULL: it is), and with data that
 * its `restore` needs in addition to the checkpoint. */
nca_status nca__session_resume(nca_session **out_session, const char *path,
                               const nca_settings *changed, const nca__task *task,
                               const void *source, nca_error *error);
/* Updates the model's summary (iterations, loss) and the batch's parameters. */
void nca__session_refresh(nca_session *session);
/* The same for a session whose initial parameters have been set: the average begins with them. */
void nca__session_begin(nca_session *session);
/* The number of losses in `recent`, and their mean from the oldest to the newest (NaN if none). */
size_t nca__session_recent_count(const nca_session *session);
double nca__session_smooth_loss(const nca_session *session);

/* Updates the settings in effect from the settings and the iterations done: session_changes.c. */
void nca__session_settle(nca_session *session);
/* The same, for calls when no change may be due. */
void nca__session_settle_when_due(nca_session *session);
/* Sets the automaton's fire rate from the next iteration on. */
void nca__session_set_fire_rate(nca_session *session, float fire_rate);

/* One iteration: iterate.c. */
nca_status nca__session_iterate(nca_session *session, nca_iteration *out_report, nca_error *error);

/* NCA_DIVERGED if too many iterations in a row, up to this one, made no progress: failure.c. */
nca_status nca__session_check_progress(nca_session *session, const nca_iteration *report,
                                       nca_error *error);

#endif
