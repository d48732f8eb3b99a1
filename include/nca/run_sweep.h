/* Running a sweep (nca/sweep.h): its runs, several in parallel, each in its own folder, and then
 * tables and pictures that compare them.
 *
 *     nca_sweep_options options;
 *     nca_sweep_options_default(&options);
 *     nca_sweep_job *job = NULL;
 *     nca_status status = nca_sweep_open(&job, sweep, "runs/grid", &options, &error);
 *     if (status == NCA_OK) status = nca_sweep_run_all(job, &error);
 *     if (status == NCA_OK) status = nca_sweep_draw(job, &error);
 *     nca_sweep_close(job);
 *
 * Each run is trained in a child process (fork without exec), so that a crash, a lack of memory or
 * a divergence ends only this run. Children ignore SIGINT, SIGHUP and SIGPIPE; on SIGTERM they save
 * and stop; they end when their parent does (prctl). A program that calls nca_sweep_run_all should
 * therefore have no other threads that hold locks, and must not wait for children that it has not
 * started.
 *
 * Running the same sweep again resumes stopped runs by the rules of nca/run.h: a run without a
 * checkpoint starts again; a run with a checkpoint is resumed, or refused with its name and the
 * setting if nca_run_refused names one; a run with all iterations, a model and an evaluation is
 * done.
 *
 * Functions on one job may be called from one thread at a time, also inside its callbacks. */
#ifndef NCA_RUN_SWEEP_H
#define NCA_RUN_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/run_folder.h"
#include "nca/status.h"
#include "nca/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_sweep_status {
    NCA_SWEEP_WAITING, /* not started, or stopped before its end */
    NCA_SWEEP_RUNNING,
    NCA_SWEEP_DONE, /* trained, drawn and measured */
    NCA_SWEEP_FAILED
} nca_sweep_status;

/* The numbers of a run, in the order of the tables. All runs of a sweep have the same task; numbers
 * of another task are NaN. */
typedef enum nca_sweep_number {
    NCA_SWEEP_LOSS, /* mean of the last 50 iterations of the training */
    NCA_SWEEP_L1,   /* after 80 steps, like the next two; mean of 8 rollouts */
    NCA_SWEEP_L2,
    NCA_SWEEP_HINGE,
    NCA_SWEEP_L2_LATER,  /* after 500 steps */
    NCA_SWEEP_SURVIVING, /* fraction alive after 500 steps */
    /* Task classify: of the model that was kept, on the validation images */
    NCA_SWEEP_AUC,
    NCA_SWEEP_ACCURACY,
    NCA_SWEEP_BALANCED_ACCURACY,
    NCA_SWEEP_LOG_LOSS,
    NCA_SWEEP_NUMBERS
} nca_sweep_number;

typedef struct nca_sweep_result {
    bool known;
    double number[NCA_SWEEP_NUMBERS]; /* NaN if unknown */
    double seconds;       /* of training; not bit-identical between runs; NaN if unknown */
    uint64_t peak_memory; /* bytes of resident memory, with the data, of the process that finished
                             the training; task classify, otherwise 0; 0 also if unknown */
    bool dead; /* no rollout is alive after 500 steps, or after 80 in experiment `growing`, which
                  trains for no more. Such a run is never the best one */
    bool diverged; /* its L2 is above 1 (nca_loss_diverged) after one of these numbers of steps, and
                      it is not dead. Never the best one either */
} nca_sweep_result;

typedef struct nca_sweep_run {
    nca_run_path folder;
    nca_sweep_status status;
    bool resumes;    /* it had a checkpoint */
    uint64_t before; /* iterations done when the job was opened */
    uint64_t done;   /* iterations done now */
    char *reason;    /* of a failure; NULL: none, or out of memory */
    nca_sweep_result result;
} nca_sweep_run;

/* Used by one thread at a time, also inside its callbacks. */
typedef struct nca_sweep_job nca_sweep_job;

typedef struct nca_sweep_options {
    const char *title;     /* of the pictures; copied */
    const char *data_root; /* as in nca_run_options; must stay valid */
    size_t jobs;           /* runs in parallel; 0: one per CPU core */
    /* Callbacks, called in the parent; each may be NULL. When keep_going returns false, the active
     * runs save their state and stop. */
    nca_keep_going *keep_going;
    void (*progress)(const nca_sweep_job *job, void *user); /* about five times per second */
    void (*ended)(const nca_sweep_job *job, size_t run, void *user); /* done or failed */
    void (*notice)(const char *text, void *user);                    /* not an error, in one line */
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_sweep_options;

NCA_API void nca_sweep_options_default(nca_sweep_options *out);

/* Creates and locks the sweep's folder, and determines the state of each run. `sweep` is borrowed
 * until nca_sweep_close. Errors: NCA_EXISTS (another program is running a sweep in the folder),
 * NCA_MISMATCH (a run was started with other settings), NCA_INVALID_ARGUMENT (options that were not
 * filled, runs of different tasks), NCA_IO, NCA_OUT_OF_MEMORY; if runs start from a model, also
 * those of nca_run_take_initial. */
NCA_API nca_status nca_sweep_open(nca_sweep_job **out_job, const nca_sweep *sweep,
                                  const char *folder, const nca_sweep_options *options,
                                  nca_error *error);
/* Releases the job and the lock. NULL is allowed. */
NCA_API void nca_sweep_close(nca_sweep_job *job);

/* Trains, draws and measures all waiting runs; the tables are written after each run. Returns when
 * no run is waiting or running, or, after keep_going has returned false, when the active runs have
 * saved their state and wait again. Failures of single runs are recorded in the runs. Errors:
 * NCA_NOT_FOUND and NCA_IO (the tables cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_sweep_run_all(nca_sweep_job *job, nca_error *error);

/* Writes summary.csv, with a row per run, and summary.md, with a row per combination. Errors:
 * NCA_NOT_FOUND, NCA_IO, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_sweep_save_tables(const nca_sweep_job *job, nca_error *error);
/* The text of summary.md; free() it. NULL when out of memory. */
NCA_API char *nca_sweep_markdown(const nca_sweep_job *job);

/* Draws sheet.png and sheet.gif: the target and the result of every combination. Rows are targets,
 * or the values of the first axis if all runs have the same target and there are several axes;
 * columns are the combinations of the other axes. A combination is shown by its first finished run,
 * with that run's L2. Classifications have no such picture: nothing is drawn. Errors:
 * NCA_INTERRUPTED (keep_going has returned false) and those of nca_model_load, nca_run_target,
 * nca_rollout_create, nca_rollout_run and nca_picture_sheet. */
NCA_API nca_status nca_sweep_draw(const nca_sweep_job *job, nca_error *error);

/* ---- Inspecting a job; results are borrowed -------------------------------------------------- */

NCA_API const nca_sweep *nca_sweep_of(const nca_sweep_job *job);
NCA_API const char *nca_sweep_folder(const nca_sweep_job *job);
/* NULL beyond the last. */
NCA_API const nca_sweep_run *nca_sweep_run_at(const nca_sweep_job *job, size_t run);
NCA_API size_t nca_sweep_count_of(const nca_sweep_job *job, nca_sweep_status status);

#ifdef __cplusplus
}
#endif
#endif
