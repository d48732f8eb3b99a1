/* Internal: what a training session consists of. Shared by the files of this folder only.
 *
 * The state that a checkpoint keeps: settings, what the task keeps of its data, the model's
 * parameters, both moments, the pool, the counters and the last losses. All else is scratch. */
#ifndef NCA_TRAIN_SESSION_H
#define NCA_TRAIN_SESSION_H

#include "backend/batch.h"
#include "core/stopwatch.h"
#include "nca/train.h"
#include "task/task.h"
#include "train/epochs.h"
#include "train/pool.h"

enum {
    NCA__RECENT_LOSSES = 50, /* the reported loss is their mean */
    NCA__SHOWN_CHANNELS = 4  /* of a state before its rollout, for those who look on */
};

typedef struct nca__counters {
    uint64_t iteration; /* iterations done, dropped ones included */
    uint64_t updates;   /* applied updates: Adam's t */
    uint64_t dropped, dropped_in_a_row;
    uint64_t dead_in_a_row, endless_in_a_row; /* failure.c */
    uint64_t added;                           /* to the iterations of the settings: stability.c */
} nca__counters;

/* A place in the batch and its loss, for sorting. */
typedef struct nca__rank {
    double loss;
    uint32_t position;
} nca__rank;

struct nca_session {
    nca_settings settings;  /* as given: base values and the list of changes */
    nca_settings in_effect; /* what follows from them for the next iteration */
    uint64_t next_change;   /* the iteration of the first change that is not in effect */
    nca__problem problem;
    nca_model *model;
    size_t parameter_count;
    float *m, *v;       /* moments, laid out like the parameters; Muon leaves v at 0 */
    nca__pool pool;     /* no slots when the problem has no pool... */
    nca__epochs epochs; /* ...and no samples when it has one */
    nca__counters counters;
    /* Losses of the last applied iterations, a ring: that of update u stands at u % 50. */
    double recent[NCA__RECENT_LOSSES];

    nca__stopwatch watch; /* of what this thread does between the rollouts; no clock: not in use */
    nca__batch *batch;
    const nca_kernels *kernels; /* for what this thread computes itself */
    float *gradient;            /* flat */
    float *backup;              /* parameters, m and v before an update */
    float *scratch;             /* of the update; NULL when it needs none */
    float *states;              /* (B,H,W,C): the batch, first drawn, then run */
    float **state_at;           /* (B) pointers into states */
    float *before;              /* (B,H,W,shown): the batch before its rollout; NULL: not kept */
    bool before_filled;         /* an iteration has run since `before` is kept */
    uint32_t *samples;          /* (B) the sample of each position */
    const void **asked;         /* (B) what the objective asks of it */
    double *losses;             /* (B) */
    size_t *alive;              /* (B) */
    uint32_t *slots;            /* (B) the pool slot of each position */
    uint32_t *drawn;            /* (B) the slots in the order drawn */
    nca__rank *ranks;           /* (B) */
    unsigned char *blamed;      /* (B) whose values are not finite */
};

/* NCA_LIMIT when a session that needs this much cannot fit into `available` bytes. */
nca_status nca__session_memory_check(const nca_session_memory *needed, size_t available,
                                     nca_error *error);
/* Bytes of `scratch`. */
size_t nca__session_scratch(const nca_settings *settings, const nca__problem *problem);
/* What settings and problem ask of the automaton and of a batch; `kernels` has been looked up
 * already. */
nca_automaton nca__session_automaton(const nca_settings *settings, const nca__problem *problem);
nca__batch_options nca__session_batch_options(const nca_settings *settings,
                                              const nca__problem *problem,
                                              const nca_kernels *kernels);
/* As nca_session_memory_needed and nca_session_fits; the problem's data is not looked at. */
nca_session_memory nca__session_memory_needed(const nca_settings *settings,
                                              const nca__problem *problem);
nca_status nca__session_fits(const nca_settings *settings, const nca__problem *problem,
                             nca_error *error);

/* A session with everything allocated, parameters and counters 0, nothing grown in any slot. It
 * takes the problem over, which is freed when it cannot be created. */
nca_status nca__session_new(nca_session **out_session, const nca_settings *settings,
                            nca__problem *problem, nca_error *error);
/* The same with the parameters that a training begins with: drawn, or those of a model, as
 * nca_session_create and nca_session_create_from say. */
nca_status nca__session_create(nca_session **out_session, const nca_settings *settings,
                               nca__problem *problem, nca_error *error);
nca_status nca__session_create_from(nca_session **out_session, const nca_settings *settings,
                                    nca__problem *problem, const nca_model *initial,
                                    nca_error *error);
/* As nca_session_resume, for a task that is not among the library's (NULL: it is), and with what
 * its `restore` needs beside the checkpoint. */
nca_status nca__session_resume(nca_session **out_session, const char *path,
                               const nca_settings *changed, const nca__task *task,
                               const void *source, nca_error *error);
/* Brings the model's summary (iterations, loss) and the batch's parameters up to date. */
void nca__session_refresh(nca_session *session);
/* How many losses `recent` holds, and their mean from the oldest to the newest (NaN when none). */
size_t nca__session_recent_count(const nca_session *session);
double nca__session_smooth_loss(const nca_session *session);

/* Brings what is in effect up to date with the settings and the iterations done:
 * session_changes.c. */
void nca__session_settle(nca_session *session);
/* The same, where no change may be due. */
void nca__session_settle_when_due(nca_session *session);
/* The automaton has another fire rate from the next iteration on. */
void nca__session_set_fire_rate(nca_session *session, float fire_rate);

/* One iteration: iterate.c. */
nca_status nca__session_iterate(nca_session *session, nca_iteration *out_report, nca_error *error);

/* NCA_DIVERGED when the iteration just done was the last of too many that led nowhere: failure.c.
 */
nca_status nca__session_check_progress(nca_session *session, const nca_iteration *report,
                                       nca_error *error);

#endif
