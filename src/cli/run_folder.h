/* A run folder: the names of its files, whether a run is in it, making it ready for a new one. */
#ifndef NCA_CLI_RUN_FOLDER_H
#define NCA_CLI_RUN_FOLDER_H

#include "cli/cli.h"

#define RUN_CONFIG     "config.yaml"
#define RUN_METRICS    "metrics.csv"
#define RUN_EVENTS     "events.csv"
#define RUN_MODEL      "model.safetensors"
#define RUN_CHECKPOINT "checkpoint.safetensors"
#define RUN_GROWTH     "growth.gif"
#define RUN_SNAPSHOTS  "snapshots"          /* a folder of models... */
#define RUN_SNAPSHOT   "%06llu.safetensors" /* ...under their iterations */
#define RUN_EVALUATION "evaluation.csv"

typedef struct run_path {
    char text[PATH_SIZE];
} run_path;

/* "PATH: WHAT: what the errno `code` says"; returns NCA_IO. */
nca_status run_fail(nca_error *error, const char *path, const char *what, int code);
/* folder/name. */
run_path run_file(const char *folder, const char *name);
bool is_folder(const char *path);
/* Whether any of the run's four files is there; *out_name is the first found. */
bool run_exists(const char *folder, const char **out_name);
/* Makes the folder and those above it. */
nca_status run_create(const char *folder, nca_error *error);
/* Locks the folder until this process ends, however it ends: NCA_EXISTS when another has locked it.
 * A file system that locks no folders refuses nothing. Then does what run_tidy and run_settle do.
 */
nca_status run_lock(const char *folder, nca_error *error);
/* Removes what programs that were killed have left half-written in the folder of a run or a sweep.
 */
void run_tidy(const char *folder);
/* Before a run is read: finishes what a program that was killed while it put a new run in the old
 * one's place has left to do (cli/replacement.h), unless one is at it. */
void run_settle(const char *folder);
/* NCA_IO where one of the files of a run or a sweep is a symbolic link: what is written to it would
 * go elsewhere, and an archive with a run in it may bring such links. */
nca_status run_refuse_links(const char *folder, nca_error *error);
/* Whether a file at `path` could be made once `folder` is there: its own folder exists or is it. */
bool run_has_place(const char *path, const char *folder);
/* Removes a run's own files, the checkpoint first; others stay. */
nca_status run_clear(const char *folder, nca_error *error);
/* Moves a run's own files into another folder of the same file system, config.yaml first. */
nca_status run_move(const char *from, const char *to, nca_error *error);
/* Brings a folder's names to the disk, where that is possible. */
void run_sync(const char *folder);
/* Whether a model is in the folder. */
bool run_has_model(const char *folder);
/* The last part of a path: "photo" for runs/photo and runs/photo/. */
void run_name(char *out, size_t size, const char *path);
/* The model file that a command's argument names: the file itself, or that of a run folder. */
run_path run_model(const char *argument);

#endif
