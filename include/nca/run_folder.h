/* The folder of a run: its files, and queries that do not require opening the run (nca/run.h). All
 * functions may be called from any thread. None of them prints or reads the environment. */
#ifndef NCA_RUN_FOLDER_H
#define NCA_RUN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/export.h"
#include "nca/settings.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The files in the folder of a run. */
#define NCA_RUN_CONFIG         "config.yaml"
#define NCA_RUN_METRICS        "metrics.csv"
#define NCA_RUN_EVENTS         "events.csv"
#define NCA_RUN_MODEL          "model.safetensors"
#define NCA_RUN_CHECKPOINT     "checkpoint.safetensors"
#define NCA_RUN_GROWTH         "growth.gif"
#define NCA_RUN_FILMSTRIP      "filmstrip.png"
#define NCA_RUN_COMPARISON     "comparison.png"
#define NCA_RUN_LOSS_PNG       "loss.png"
#define NCA_RUN_LOSS_SVG       "loss.svg"
#define NCA_RUN_SNAPSHOTS      "snapshots"          /* a folder of models... */
#define NCA_RUN_SNAPSHOT       "%06llu.safetensors" /* ...named after their iterations */
#define NCA_RUN_EVALUATION     "evaluation.csv"
#define NCA_RUN_VALIDATION     "validation.csv" /* of a classification */
#define NCA_RUN_VALIDATION_PNG "validation.png"
#define NCA_RUN_VALIDATION_SVG "validation.svg"
#define NCA_RUN_INIT           "init.safetensors"          /* the model that the run started from */
#define NCA_RUN_TENSORBOARD    "events.out.tfevents.0.nca" /* TensorBoard looks for "tfevents" */
/* The files in the folder of a sweep. */
#define NCA_SWEEP_CSV       "summary.csv"
#define NCA_SWEEP_MARKDOWN  "summary.md"
#define NCA_SWEEP_SHEET     "sheet.png"
#define NCA_SWEEP_ANIMATION "sheet.gif"
#define NCA_SWEEP_RUNS      "runs" /* a folder with one folder per run */

enum {
    NCA_RUN_PATH_SIZE = NCA_PATH_SIZE + 64 /* a folder of the settings and a file name */
};

typedef struct nca_run_path {
    char text[NCA_RUN_PATH_SIZE];
} nca_run_path;

/* Functions that return a path write it to the caller's nca_run_path and return its text, so they
 * can be used where a path is needed: nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_MODEL).
 * Their arguments must not be in *out. */

/* folder/name. A path that is too long is truncated. */
NCA_API const char *nca_run_file(nca_run_path *out, const char *folder, const char *name);

/* Whether the folder contains a checkpoint, a model, metrics or settings; *out_name is the name of
 * the first of these that was found, a constant. */
NCA_API bool nca_run_exists(const char *folder, const char **out_name);
/* Whether a model is in the folder. */
NCA_API bool nca_run_has_model(const char *folder);

/* Call this before reading the files of a run: if a program was killed while replacing an old run
 * by a new one, this completes the replacement. It does nothing while another program is training
 * in the folder. The functions that open a run (nca/run.h, nca/run_watch.h) call it. */
NCA_API void nca_run_settle(const char *folder);

/* The model file that an argument refers to: the argument itself or, if it is a folder, the model
 * in it; the folder is settled first (nca_run_settle). */
NCA_API const char *nca_run_model_path(nca_run_path *out, const char *argument);

/* The last part of a path: "photo" for runs/photo and runs/photo/. Truncated to `size` bytes. */
NCA_API void nca_run_name(char *out, size_t size, const char *path);

#ifdef __cplusplus
}
#endif
#endif
