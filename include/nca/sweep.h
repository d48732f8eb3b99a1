/* A sweep: settings, some of which have several values. The product of all values is a set of runs.
 *
 *     filter: [sobel, scharr]        every key of nca/settings.h; a value, or a list of values
 *     loss: L2
 *     seeds: 3                       expands to seed: [s, s+1, s+2], s being the seed given or 0
 *     runs:                          optional: a product for each mapping, on top of the keys above
 *       - target: [a.png, b.png]
 *       - {target: a.png, damage: 3}
 *
 * Duplicate runs are merged. Runs are in the order of the file: the first key changes slowest, the
 * seed fastest. The settings of each run are built like those of a file, with the recipe (robust
 * unless named) first. docs/sweeps.md is the manual of the files. */
#ifndef NCA_SWEEP_H
#define NCA_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/export.h"
#include "nca/settings.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_SWEEP_MAX_RUNS = 4096
};

/* Functions with a const parameter only read it: any number of threads may call them at once. */
typedef struct nca_sweep nca_sweep;

/* A value that replaces all values of a key in the file. Several overrides of one key form a list.
 * The key "seeds" is allowed too. */
typedef struct nca_sweep_override {
    const char *key, *value;
} nca_sweep_override;

/* Reads a file. Errors name the file and line, and what was expected and found: NCA_FORMAT,
 * NCA_NOT_FOUND (an unknown key), NCA_INVALID_ARGUMENT (an invalid value, or settings of a run that
 * do not fit together), NCA_LIMIT (over NCA_SWEEP_MAX_RUNS). Keys that name one file for all runs
 * (model_path, ani_path, a list of outputs) are refused. Release with nca_sweep_destroy.
 * Other errors: NCA_IO, NCA_UNSUPPORTED (libyaml is not installed), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_sweep_load(nca_sweep **out_sweep, const char *path,
                                  const nca_sweep_override *overrides, size_t count,
                                  nca_error *error);
/* The same for text in memory; `name` is used in messages. Errors as above, except NCA_IO. */
NCA_API nca_status nca_sweep_parse(nca_sweep **out_sweep, const char *text, size_t size,
                                   const char *name, const nca_sweep_override *overrides,
                                   size_t count, nca_error *error);
NCA_API void nca_sweep_destroy(nca_sweep *sweep); /* accepts NULL */

/* All strings below are borrowed and valid until the sweep is destroyed. For a run or an axis
 * beyond the last, functions that return a pointer return NULL. */

NCA_API size_t nca_sweep_count(const nca_sweep *sweep); /* runs, at least 1 */
/* The number of runs for whose iterations the recipe's warm-up was too long and was shortened
 * (nca_settings_fit_warmup). The decay of schedule plateau ends with each run
 * (nca_settings_fit_decay), and nca_settings_fit_extension bounds the extension. Values from the
 * file or an override are not changed. */
NCA_API size_t nca_sweep_short_warmups(const nca_sweep *sweep);
/* `output` is the value in the file: the folder of the sweep, not of the run. */
NCA_API const nca_settings *nca_sweep_settings(const nca_sweep *sweep, size_t run);
/* The settings that the file or an override gives for this run, indexed by setting
 * (NCA_MAX_SETTINGS); the others have their defaults. */
NCA_API const bool *nca_sweep_given(const nca_sweep *sweep, size_t run);
/* Consists of the run's values on all axes, and its seed if seeds differ:
 * "breastmnist-train-3_sobel". Valid as a file name, unique in the sweep, and unchanged when values
 * are added to the lists. */
NCA_API const char *nca_sweep_name(const nca_sweep *sweep, size_t run);

/* The axes: settings in the file that differ between runs, in the order of the file, without the
 * seed. */
NCA_API size_t nca_sweep_axis_count(const nca_sweep *sweep);
NCA_API const nca_setting *nca_sweep_axis(const nca_sweep *sweep, size_t axis);
/* A run's value on an axis as nca_settings_get writes it, and a short label: "sobel", "padding 4",
 * "breastmnist/train/3", "photo" for "pictures/photo.png". The label of a list of changes has a
 * line for each of the first five. */
NCA_API const char *nca_sweep_value(const nca_sweep *sweep, size_t run, size_t axis);
NCA_API const char *nca_sweep_label(const nca_sweep *sweep, size_t run, size_t axis);

/* Runs that differ only in the seed form a group; groups are counted from 0 in the order of runs. A
 * run beyond the last has the number of groups as its group. */
NCA_API size_t nca_sweep_group_count(const nca_sweep *sweep);
NCA_API size_t nca_sweep_group(const nca_sweep *sweep, size_t run);
/* Whether any two runs differ in the seed. */
NCA_API bool nca_sweep_has_seeds(const nca_sweep *sweep);

#ifdef __cplusplus
}
#endif
#endif
