/* The cases of `nca bench`, the size of their work and its arithmetic. */
#ifndef NCA_CLI_BENCH_BENCH_CASES_H
#define NCA_CLI_BENCH_BENCH_CASES_H

#include "cli/cli.h"

enum {
    BENCH_BATCH = 8,
    BENCH_QUICK_BATCH = 2,
    BENCH_STEPS = 80,
    BENCH_CLASSIFY_STEPS = 24,
    BENCH_LARGE_STEPS = 96,
    BENCH_MOST_RUNS = 100,
    BENCH_MOST_CASES = 64
};

typedef struct bench_case {
    const char *name;
    size_t side;   /* cells of the square grid */
    bool training; /* training, else inference */
    bool growing;  /* from a seed with a trained model, else every cell is alive */
    nca_precision precision;
    bool when_named;    /* runs only if it is named */
    bool large;         /* one sample at a time, BENCH_LARGE_STEPS; training has no pool */
    bool classifying;   /* classification of images, BENCH_CLASSIFY_STEPS; else growth */
    bool learned;       /* growth with learned filters, as classification has */
    bool augmented;     /* classification with every augmentation */
    uint32_t channels;  /* of classification */
    size_t most_memory; /* limit in bytes of training's memory; 0: the default setting */
} bench_case;

/* The cases in the order of the table; NULL beyond the last. */
const bench_case *bench_case_at(size_t index);

/* NULL, or the feature that the kernel set does not have for the case. */
const char *bench_case_missing(const bench_case *what, const nca_kernels *kernels);

typedef struct bench_plan {
    const bench_case *what;
    const nca_kernels *kernels;
    nca_device device; /* strict, unless it is the CPU */
    unsigned threads;
    size_t batch;        /* number of samples of growth; bench_batch gives that of the case */
    size_t runs;         /* number of timed runs */
    double run_seconds;  /* a run repeats its work until it lasts about this long */
    const char *model;   /* file of the trained model */
    const char *scratch; /* path of a temporary file, which is removed afterwards */
    bool profile;        /* training: an additional run measures the parts of an iteration */
} bench_plan;

typedef struct bench_result {
    nca_error error; /* the other fields are valid if its status is NCA_OK */
    size_t batch, steps, runs;
    size_t repeats;                  /* rollouts or iterations per run */
    double seconds[BENCH_MOST_RUNS]; /* of each run */
    double updates;                  /* cell updates per run: every cell of every step */
    double flop;                     /* useful floating-point operations per run */
    double alive;                    /* fraction of the cell updates whose cell is alive */
    double flop_of_cell;        /* useful floating-point operations for a living cell that fires */
    double layer_in, layer_out; /* multiply-adds of the hidden and of the output layer */
    nca_profile profile;        /* seconds of one additional run; zero if not requested */
} bench_result;

/* The samples of a batch or images of a call, and the steps of a rollout. */
size_t bench_batch(const bench_plan *plan);
size_t bench_steps(const bench_plan *plan);

/* The number of repeats, after the warm-up, for which a run takes about the requested time. */
size_t bench_repeats(const bench_plan *plan, double seconds_once);

/* Fills in the updates and the arithmetic of a result that has its batch, steps and repeats. */
void bench_finish(bench_result *out, const bench_plan *plan, const nca_automaton *automaton,
                  double alive);

/* Deterministic noise in [0, 1). */
float bench_noise(uint32_t index);
/* Small random weights of the output layer, which are 0 in a new model. */
void bench_fill_output(nca_model *model);

/* The settings that the trainings of all cases share. The recipe is part of the workload: results
 * stay comparable if the default changes. */
nca_settings bench_settings(const bench_plan *plan, nca_recipe recipe);

#endif
