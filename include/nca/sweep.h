/* A sweep: settings of which some have several values. The product of all of them is a set of runs.
 *
 *     filter: [sobel, scharr]        every key of nca/settings.h; a value, or a list of values
 *     loss: L2
 *     seeds: 3                       stands for seed: [s, s+1, s+2], s being the seed given or 0
 *     runs:                          optional: a product for each mapping, on top of the keys above
 *       - target: [a.png, b.png]
 *       - {target: a.png, damage: 3}
 *
 * What comes twice is one run. Runs stand in the order of the file: the first key changes slowest,
 * the seed fastest. Each run's settings are built as a file's are, the recipe (robust unless
 * named) first. docs/sweeps.md is the manual of the files. */
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

/* Functions that take it const only read it: any number of threads may call them at once. */
typedef struct nca_sweep nca_sweep;

/* A value that replaces what a file says about a key, wherever it says it. Several of one key are a
 * list. Key "seeds" is taken too. */
typedef struct nca_sweep_override {
    const char *key, *value;
} nca_sweep_override;

/* Reads a file. Errors name file, line, what was expected and found: NCA_FORMAT, NCA_NOT_FOUND (an
 * unknown key), NCA_INVALID_ARGUMENT (a value, or settings of a run that do not fit together),
 * NCA_LIMIT (over NCA_SWEEP_MAX_RUNS). Keys that name one file for all runs (model_path, ani_path,
 * a list of output) are refused. Release with nca_sweep_destroy.
 * Other errors: NCA_IO, NCA_UNSUPPORTED (libyaml is not installed), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_sweep_load(nca_sweep **out_sweep, const char *path,
                                  const nca_sweep_override *overrides, size_t count,
                                  nca_error *error);
/* The same on text in memory; `name` stands in messages. Errors as above, but for NCA_IO. */
NCA_API nca_status nca_sweep_parse(nca_sweep **out_sweep, const char *text, size_t size,
                                   const char *name, const nca_sweep_override *overrides,
                                   size_t count, nca_error *error);
NCA_API void nca_sweep_destroy(nca_sweep *sweep); /* accepts NULL */

/* All strings below are borrowed and stay until the sweep is destroyed. For a run or an axis beyond
 * the last, functions that return a pointer return NULL. */

NCA_API size_t nca_sweep_count(const nca_sweep *sweep); /* runs, at least 1 */
/* Runs whose recipe's warm-up was too long for their iterations and was shortened, as
 * nca_settings_fit_warmup does. The decay of schedule plateau ends with each run, as
 * nca_settings_fit_decay makes it, and nca_settings_fit_extension bounds the extension. What the
 * file or an override chooses stays. */
NCA_API size_t nca_sweep_short_warmups(const nca_sweep *sweep);
/* `output` is what the file says: the folder of the sweep, not of the run. */
NCA_API const nca_settings *nca_sweep_settings(const nca_sweep *sweep, size_t run);
/* Which settings the file or an override gives for this run, by the index of the setting
 * (NCA_MAX_SETTINGS); the others have their defaults. */
NCA_API const bool *nca_sweep_given(const nca_sweep *sweep, size_t run);
/* Made of the run's values on all axes and its seed where seeds differ:
 * "breastmnist-train-3_sobel". Safe as a file name, unique in the sweep, the same however many
 * values are added to the lists. */
NCA_API const char *nca_sweep_name(const nca_sweep *sweep, size_t run);

/* The axes: settings named in the file that differ between runs, in the order of the file, the seed
 * left out. */
NCA_API size_t nca_sweep_axis_count(const nca_sweep *sweep);
NCA_API const nca_setting *nca_sweep_axis(const nca_sweep *sweep, size_t axis);
/* A run's value on an axis as nca_settings_get writes it, and a short form to read: "sobel",
 * "padding 4", "breastmnist/train/3", "photo" for "pictures/photo.png". The label of a list of
 * changes has a line for each of the first five. */
NCA_API const char *nca_sweep_value(const nca_sweep *sweep, size_t run, size_t axis);
NCA_API const char *nca_sweep_label(const nca_sweep *sweep, size_t run, size_t axis);

/* Runs that differ in the seed alone are a group; groups are counted from 0 in the order of runs.
 * A run beyond the last has the number of groups as its group. */
NCA_API size_t nca_sweep_group_count(const nca_sweep *sweep);
NCA_API size_t nca_sweep_group(const nca_sweep *sweep, size_t run);
/* Whether any two runs differ in the seed. */
NCA_API bool nca_sweep_has_seeds(const nca_sweep *sweep);

#ifdef __cplusplus
}
#endif
#endif
