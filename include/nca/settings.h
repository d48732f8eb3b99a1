/* Settings of a training run: one plain struct, one table that describes every field, and YAML.
 *
 * The table drives everything that must know all settings: the YAML reader and writer, the
 * program's options and help, docs/configuration.md. Adding a setting is one line in
 * src/config/settings.def and one field here. */
#ifndef NCA_SETTINGS_H
#define NCA_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/adam.h"
#include "nca/automaton.h"
#include "nca/colormap.h"
#include "nca/damage.h"
#include "nca/device.h"
#include "nca/exif.h"
#include "nca/export.h"
#include "nca/loss.h"
#include "nca/optimiser.h"
#include "nca/precision.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_PATH_SIZE = 4096,
    NCA_CHANGES_SIZE = 16384,
    NCA_SETTINGS_RESERVED = 1024,       /* places of 64 bits: a path, and some numbers */
    NCA_SETTING_SIZE = NCA_CHANGES_SIZE /* holds every setting's value as text and its final zero */
};

typedef enum nca_recipe {
    NCA_RECIPE_DISTILL,
    NCA_RECIPE_MEDMNIST,
    NCA_RECIPE_FAST,
    NCA_RECIPE_ROBUST, /* the default */
    NCA_RECIPE_COUNT
} nca_recipe;
typedef enum nca_experiment {
    NCA_EXPERIMENT_GROWING,      /* fresh seeds each iteration, no pool */
    NCA_EXPERIMENT_PERSISTENT,   /* sample pool */
    NCA_EXPERIMENT_REGENERATING, /* sample pool and damage */
    NCA_EXPERIMENT_COUNT
} nca_experiment;

/* When the worst sample becomes the seed and the best are damaged. */
typedef enum nca_injection {
    NCA_INJECTION_BEFORE, /* before the rollout: the batch is sorted by its loss */
    NCA_INJECTION_AFTER,  /* after it, in the pool slots */
    NCA_INJECTION_COUNT
} nca_injection;

typedef struct nca_settings {
    nca_recipe recipe;
    nca_experiment experiment;
    /* target */
    char target_path[NCA_PATH_SIZE]; /* what nca_target_create takes */
    uint32_t img_size;               /* longest side in cells; 0: the image's own size */
    uint32_t padding;
    bool stretch;
    char root[NCA_PATH_SIZE]; /* folder of MedMNIST's files; "": the program chooses */
    nca_colormap colormap;    /* of MedMNIST's images and arrays of one channel */
    nca_exif exif;            /* of picture files */
    char window[64];          /* as in nca_target_options; "": the full range */
    /* automaton */
    uint32_t n_channels, hidden;
    nca_filter filter;
    uint32_t filter_count; /* 2 unless filters are learned */
    nca_filter_initialisation filter_initialisation;
    float angle; /* degrees, as a user types it */
    nca_boundary boundary;
    float fire_rate, step_size;
    int32_t alive_channel;
    float alive_threshold;
    bool output_bias;
    nca_initialisation initialisation;
    char init[NCA_PATH_SIZE]; /* what nca_run_take_initial takes; "": random weights */
    char init_digest[NCA_MODEL_DIGEST_SIZE]; /* of that model's parameters; "": any */
    /* training */
    uint64_t iterations;
    uint64_t extension; /* iterations that nca_session_extend may add; 0: no stability test */
    uint32_t batch_size, pool_size;
    uint32_t steps_min, steps_max; /* T uniform in steps_min..steps_max, both included */
    nca_loss loss;
    uint32_t damage;   /* samples damaged per iteration in experiment regenerating */
    float damage_rate; /* probability that each of them is */
    nca_damage_shape damage_shape;
    nca_damage_area damage_area;
    nca_injection injection;
    float seed_survival; /* smallest alive channel of the seed after its first two steps; 0: off */
    char changes[NCA_CHANGES_SIZE]; /* of settings while it runs: nca/changes.h */
    /* optimiser */
    nca_optimiser optimiser;
    float learning_rate;
    nca_schedule_kind schedule;
    uint64_t decay_at;
    float decay_factor;
    uint64_t warmup;
    bool normalise_gradient;
    float beta1, beta2, epsilon; /* Muon has beta1 alone */
    /* run */
    uint64_t seed;
    nca_device device;
    uint32_t threads;          /* 0: all cores */
    char kernels[32];          /* "auto", "scalar", "avx2", "avx512", "neon" */
    nca_precision precision;   /* fp32, bf16 or bf16-amx */
    uint64_t memory_limit;     /* bytes for the states that the rollouts keep */
    uint64_t checkpoint_every; /* iterations; 0: only at the end and when stopped */
    uint64_t snapshot_every;   /* iterations; 0: never */
    /* output */
    char output[NCA_PATH_SIZE];               /* the run folder */
    char model_path[NCA_PATH_SIZE];           /* "" : model.safetensors in the run folder */
    char ani_path[NCA_PATH_SIZE];             /* "" : growth.gif in the run folder */
    uint64_t reserved[NCA_SETTINGS_RESERVED]; /* 0: room for later settings (nca/export.h) */
} nca_settings;

typedef enum nca_setting_type {
    NCA_SETTING_BOOL,
    NCA_SETTING_INTEGER, /* unsigned, or signed where minimum < 0 */
    NCA_SETTING_NUMBER,
    NCA_SETTING_CHOICE,
    NCA_SETTING_TEXT,
    NCA_SETTING_BYTES /* an integer; "512 MiB", "1GiB", "2e9" are understood too */
} nca_setting_type;

typedef struct nca_setting {
    const char *key;   /* "learning_rate"; the option is --learning-rate */
    const char *alias; /* another accepted key, or NULL ("target" for target_path) */
    const char *group; /* "target", "automaton", "training", "optimiser", "run", "output" */
    const char *unit;  /* "cells", "iterations", "bytes", "degrees" or "" */
    const char *help;  /* one line */
    nca_setting_type type;
    double minimum, maximum;    /* of numbers */
    const char *const *choices; /* NULL-terminated, for CHOICE */
    bool recipe_dependent;      /* the recipe chooses its default */
    bool exact_resume;          /* a change breaks the same bits: refused on resume */
} nca_setting;

enum {
    NCA_MAX_SETTINGS = 64 /* there are never more */
};

NCA_API size_t nca_setting_count(void);
NCA_API const nca_setting *nca_setting_at(size_t index); /* NULL beyond the last */
/* By key or alias, '-' and '_' alike; NULL when there is none. */
NCA_API const nca_setting *nca_setting_named(const char *key);
/* The known key that is nearest to a misspelt one, or NULL when none is near. */
NCA_API const char *nca_setting_nearest(const char *key);
/* The same among any `count` names, for a program's own options; NULL entries are skipped. */
NCA_API const char *nca_nearest_name(const char *typed, const char *const *names, size_t count);

/* Recipe robust with every default. */
NCA_API void nca_settings_default(nca_settings *settings);
/* Sets the recipe and its bundle of settings; the rest stays. With a target of MedMNIST
 * ("medmnist:...") img_size and padding become 0 whatever the recipe has: such an image is kept at
 * its own size. */
NCA_API void nca_settings_apply_recipe(nca_settings *settings, nca_recipe recipe);

/* A recipe's warm-up may be as long as a short training or longer, which the schedules cosine and
 * plateau do not allow: it becomes half of the training. For settings whose warm-up nobody has
 * chosen. Returns whether it was changed. */
NCA_API bool nca_settings_fit_warmup(nca_settings *settings);
/* Ends the decay of schedule plateau with the training: decay_at becomes `iterations`. For settings
 * whose decay_at nobody has chosen; a program that sets `iterations` itself calls it after that. */
NCA_API void nca_settings_fit_decay(nca_settings *settings);

/* A short training is not expected to give a stable model: extension becomes at most half of
 * `iterations`, in whole steps of NCA_EXTENSION_STEP. For settings whose extension nobody has
 * chosen. */
NCA_API void nca_settings_fit_extension(nca_settings *settings);
enum {
    NCA_EXTENSION_STEP = 300 /* iterations that are added at a time */
};

/* Sets one setting from text ("0.002", "sobel", "true"). NCA_NOT_FOUND for an unknown key (the
 * message names the nearest), NCA_INVALID_ARGUMENT for a value of the wrong type or out of range.
 * Key "recipe" applies the bundle. A target_path that begins with "medmnist:" sets img_size and
 * padding to 0, one after it that does not gives them the recipe's values again. NCA_LIMIT for a
 * list of changes that is too long. */
NCA_API nca_status nca_settings_set(nca_settings *settings, const char *key, const char *value,
                                    nca_error *error);
/* The value as text that nca_settings_set takes back to the same bits; returns the length. */
NCA_API size_t nca_settings_get(char *out, size_t size, const nca_settings *settings,
                                const nca_setting *setting);

/* Whether the settings fit together: batch_size <= pool_size, steps_min <= steps_max, ...
 * Errors: NCA_INVALID_ARGUMENT, and for the list of changes what nca_settings_set returns. */
NCA_API nca_status nca_settings_check(const nca_settings *settings, nca_error *error);

/* When a setting of a file or of a command line is applied: 0 the recipe, 1 the target, 2 the rest,
 * wherever they stand, so that what is given wins over what recipe and target bring along. */
NCA_API unsigned nca_setting_pass(const nca_setting *setting);
enum {
    NCA_SETTING_PASSES = 3
};

/* Applies a YAML file on top of `settings`: its recipe first, wherever it stands, then its target,
 * then its other keys. A file of the PyTorch reimplementation (its keys and no other) chooses the
 * recipe medmnist.
 * Errors name file, line, what was expected and found: NCA_NOT_FOUND (no such file, or a key that
 * is unknown), NCA_IO, NCA_FORMAT (not YAML, a structure that is not understood),
 * NCA_INVALID_ARGUMENT (a value), NCA_LIMIT (a file that is too large, or too many values),
 * NCA_UNSUPPORTED (libyaml is not installed), NCA_OUT_OF_MEMORY. On failure the settings are
 * unchanged. */
NCA_API nca_status nca_settings_load(nca_settings *settings, const char *path, nca_error *error);
/* The same on text in memory; `name` stands in messages. Errors as above, but for NCA_IO. */
NCA_API nca_status nca_settings_parse(nca_settings *settings, const char *text, size_t size,
                                      const char *name, nca_error *error);

/* What a settings file is for, by the settings that it has. */
typedef struct nca_settings_file {
    bool given[NCA_MAX_SETTINGS]; /* by the index of the setting, see nca_setting_at */
    bool reference;  /* it has keys of the PyTorch reimplementation (target_path, model_path,
                        ani_path, device, iterations, learning_rate, img_size, padding, n_channels,
                        batch_size, pool_size, filter, loss, damage) and no other */
    bool trains;     /* it has learning_rate, batch_size or pool_size, which only training uses */
    bool visualizes; /* it is the reimplementation's file for drawing a model: it has only its keys,
                        model_path and ani_path among them, and trains nothing */
} nca_settings_file;

/* nca_settings_load, and what the file is. Errors as of nca_settings_load. */
NCA_API nca_status nca_settings_load_file(nca_settings *settings, nca_settings_file *out_file,
                                          const char *path, nca_error *error);
/* Whether the file has the setting of this key. */
NCA_API bool nca_settings_file_has(const nca_settings_file *file, const char *key);

/* The complete settings as YAML with comments; free() the text. Errors: as of nca_settings_check,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_settings_format(char **out_text, const nca_settings *settings,
                                       nca_error *error);
/* Writes that text, whole or not at all. Errors: as of nca_settings_check, NCA_NOT_FOUND and NCA_IO
 * (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_settings_save(const nca_settings *settings, const char *path,
                                     nca_error *error);

/* The automaton, optimiser and schedule that the settings describe. */
NCA_API nca_automaton nca_settings_automaton(const nca_settings *settings);
/* The other way: gives the settings of the automaton (n_channels, hidden, filter ...) the values of
 * `automaton`, except those that are chosen already: `given` (NCA_MAX_SETTINGS) by the index of the
 * setting, see nca_setting_at; NULL: none. Input channels have no setting: what a session trains on
 * decides how many there are. */
NCA_API void nca_settings_follow_automaton(nca_settings *settings, const nca_automaton *automaton,
                                           const bool *given);
NCA_API nca_adam nca_settings_adam(const nca_settings *settings);
NCA_API nca_schedule nca_settings_schedule(const nca_settings *settings);

#ifdef __cplusplus
}
#endif
#endif
