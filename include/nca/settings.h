/* Settings of a training run: a plain struct, a table that describes every field, and YAML.
 *
 * The YAML reader and writer, the program's options and help, and docs/configuration.md all use
 * this table. To add a setting, add one line to src/config/settings.def and one field here. */
#ifndef NCA_SETTINGS_H
#define NCA_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/adam.h"
#include "nca/automaton.h"
#include "nca/class_loss.h"
#include "nca/colormap.h"
#include "nca/damage.h"
#include "nca/device.h"
#include "nca/exif.h"
#include "nca/export.h"
#include "nca/loss.h"
#include "nca/optimiser.h"
#include "nca/precision.h"
#include "nca/readout.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_PATH_SIZE = 4096,
    NCA_CHANGES_SIZE = 16384,
    NCA_SETTINGS_RESERVED = 1024,       /* units of 64 bits: room for a path and some numbers */
    NCA_SETTING_SIZE = NCA_CHANGES_SIZE /* enough for every setting's value as text, including the
                                           terminating zero */
};

typedef enum nca_recipe {
    NCA_RECIPE_DISTILL,
    NCA_RECIPE_MEDMNIST,
    NCA_RECIPE_FAST,
    NCA_RECIPE_ROBUST,   /* the default */
    NCA_RECIPE_CLASSIFY, /* the default of NCA_TASK_CLASSIFY */
    NCA_RECIPE_COUNT
} nca_recipe;
typedef enum nca_task {
    NCA_TASK_GROW,     /* grow one image from a seed */
    NCA_TASK_CLASSIFY, /* name the class of an image */
    NCA_TASK_COUNT
} nca_task;
typedef enum nca_experiment {
    NCA_EXPERIMENT_GROWING,      /* new seeds in each iteration, no pool */
    NCA_EXPERIMENT_PERSISTENT,   /* sample pool */
    NCA_EXPERIMENT_REGENERATING, /* sample pool and damage */
    NCA_EXPERIMENT_COUNT
} nca_experiment;

/* When the sample with the highest loss is replaced by the seed and those with the lowest are
 * damaged. */
typedef enum nca_injection {
    NCA_INJECTION_BEFORE, /* before the rollout: the batch is sorted by its loss */
    NCA_INJECTION_AFTER,  /* after the rollout, in the pool slots */
    NCA_INJECTION_COUNT
} nca_injection;

/* How the images of a batch are drawn. */
typedef enum nca_sampling {
    NCA_SAMPLING_UNIFORM,  /* each image once per epoch */
    NCA_SAMPLING_BALANCED, /* each class equally often */
    NCA_SAMPLING_COUNT
} nca_sampling;

/* How the values 0 to 255 of an image become those of its input channels. */
typedef enum nca_input_range {
    NCA_INPUT_SYMMETRIC, /* -1 to 1 */
    NCA_INPUT_UNIT,      /* 0 to 1 */
    NCA_INPUT_STANDARD,  /* mean 0, standard deviation 1 over the training images, per channel */
    NCA_INPUT_RANGE_COUNT
} nca_input_range;

/* The score of a validation by which the best model is selected. */
typedef enum nca_select {
    NCA_SELECT_AUC,
    NCA_SELECT_ACCURACY,
    NCA_SELECT_LOG_LOSS,
    NCA_SELECT_COUNT
} nca_select;

/* Weights of the classes in the loss. */
typedef enum nca_class_weights {
    NCA_CLASS_WEIGHTS_NONE,
    NCA_CLASS_WEIGHTS_INVERSE, /* inverse frequency; of a label: negative by positive images */
    NCA_CLASS_WEIGHTS_COUNT
} nca_class_weights;

typedef struct nca_settings {
    nca_recipe recipe;
    nca_task task;
    nca_experiment experiment;
    /* target */
    char target_path[NCA_PATH_SIZE]; /* the source, as for nca_target_create */
    uint32_t img_size;               /* longest side in cells; 0: the image's own size */
    uint32_t padding;
    bool stretch;
    char root[NCA_PATH_SIZE]; /* folder of the MedMNIST files; "": chosen by the program */
    nca_colormap colormap;    /* for MedMNIST images and arrays with one channel */
    nca_exif exif;            /* for picture files */
    char window[64];          /* as in nca_target_options; "": the full range */
    /* data: images of task classify */
    char data[NCA_PATH_SIZE];    /* the source, as for nca_labelled_open */
    float val_share, test_share; /* of each class, if the source has no splits */
    bool skip_broken;
    nca_sampling sampling;
    /* augmentations, drawn for each image and epoch */
    bool flip_x, flip_y, turns;
    uint32_t shift;                    /* cells */
    float brightness, contrast, noise; /* of values from 0 to 1 */
    /* classification */
    nca_input_range input_range;
    nca_readout readout;
    uint32_t features; /* inputs of the dense layer; 0: none */
    nca_class_loss class_loss;
    float focal_gamma, label_smoothing;
    nca_class_weights class_weights;
    float carry;             /* probability that a sample continues from its final state */
    uint32_t loss_steps;     /* number of steps of a rollout that have a loss; 1: the last */
    uint32_t epochs;         /* sets iterations when a run is opened; 0: iterations is given */
    uint64_t validate_every; /* iterations; 0: one epoch */
    uint32_t validation_rollouts;
    nca_select select;
    uint32_t patience; /* validations; 0: never ends early */
    /* automaton */
    uint32_t n_channels, hidden;
    nca_filter filter;
    uint32_t filter_count; /* 2 except for learned filters */
    nca_filter_initialisation filter_initialisation;
    float angle; /* in degrees, as entered by the user */
    nca_boundary boundary;
    float fire_rate, step_size;
    int32_t alive_channel;
    float alive_threshold;
    bool output_bias;
    nca_initialisation initialisation;
    char init[NCA_PATH_SIZE]; /* the source, as for nca_run_take_initial; "": random weights */
    char init_digest[NCA_MODEL_DIGEST_SIZE]; /* digest of that model's parameters; "": any */
    /* training */
    uint64_t iterations;
    uint64_t extension; /* iterations that nca_session_extend may add; 0: no stability test */
    uint32_t batch_size, pool_size;
    uint32_t steps_min, steps_max; /* T is uniform in steps_min..steps_max, both included */
    nca_loss loss;
    uint32_t damage;   /* number of samples damaged per iteration: in experiment regenerating, or
                          of those that are carried */
    float damage_rate; /* probability that each of them is damaged; with schedule plateau halved
                          from iteration decay_at + NCA_EXTENSION_STEP on */
    nca_damage_shape damage_shape;
    nca_damage_area damage_area;
    nca_injection injection;
    float seed_survival; /* minimum alive channel of the seed after its first two steps; 0: off */
    char changes[NCA_CHANGES_SIZE]; /* changes of settings during training: nca/changes.h */
    /* optimiser */
    nca_optimiser optimiser;
    float learning_rate;
    nca_schedule_kind schedule;
    uint64_t decay_at;
    float decay_factor;
    uint64_t warmup;
    bool normalise_gradient;
    float beta1, beta2, epsilon; /* Muon uses only beta1 */
    float weight_decay;          /* decoupled, of the weight matrices; 0: none */
    float gradient_clip;         /* largest norm of the whole gradient; 0: any */
    float average_decay;         /* of the average of the weights; 0: no average */
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
    bool tensorboard;                         /* whether an event file is written */
    uint64_t reserved[NCA_SETTINGS_RESERVED]; /* 0: reserved for later settings (nca/export.h) */
} nca_settings;

typedef enum nca_setting_type {
    NCA_SETTING_BOOL,
    NCA_SETTING_INTEGER, /* unsigned, or signed if minimum < 0 */
    NCA_SETTING_NUMBER,
    NCA_SETTING_CHOICE,
    NCA_SETTING_TEXT,
    NCA_SETTING_BYTES /* an integer; "512 MiB", "1GiB", "2e9" are also accepted */
} nca_setting_type;

typedef struct nca_setting {
    const char *key;   /* "learning_rate"; the option is --learning-rate */
    const char *alias; /* another accepted key, or NULL ("target" for target_path) */
    const char *group; /* "target", "automaton", "training", "optimiser", "run", "output" */
    const char *unit;  /* "cells", "iterations", "bytes", "degrees" or "" */
    const char *help;  /* one line */
    nca_setting_type type;
    double minimum, maximum;    /* for numbers */
    const char *const *choices; /* NULL-terminated, for CHOICE */
    bool recipe_dependent;      /* its default depends on the recipe */
    bool exact_resume; /* a change would change the bits of the result: refused on resume */
} nca_setting;

enum {
    NCA_MAX_SETTINGS = 128 /* upper limit of the number of settings */
};

NCA_API size_t nca_setting_count(void);
NCA_API const nca_setting *nca_setting_at(size_t index); /* NULL beyond the last */
/* By key or alias; '-' and '_' are equivalent. NULL if it does not exist. */
NCA_API const nca_setting *nca_setting_named(const char *key);
/* The known key closest to a misspelt one; NULL if none is close. */
NCA_API const char *nca_setting_nearest(const char *key);
/* The same among `count` given names, for a program's own options; NULL entries are skipped. */
NCA_API const char *nca_nearest_name(const char *typed, const char *const *names, size_t count);

/* Recipe robust with all defaults. */
NCA_API void nca_settings_default(nca_settings *settings);
/* Whether a task uses the setting; a file that describes a run contains only these. */
NCA_API bool nca_setting_is_used(const nca_setting *setting, nca_task task);

/* Sets the recipe and the settings that belong to it; the rest is unchanged. With a MedMNIST
 * target ("medmnist:...") img_size and padding become 0 for every recipe: such an image keeps
 * its own size. */
NCA_API void nca_settings_apply_recipe(nca_settings *settings, nca_recipe recipe);

/* Whether a training with these settings has samples that setting `damage` can damage: task grow in
 * experiment regenerating, task classify with `carry` above 0. */
NCA_API bool nca_settings_can_damage(const nca_settings *settings);

/* The warm-up of a recipe may be as long as a short training or longer, which the schedules
 * cosine and plateau do not allow: it becomes half of the training. Call this only if the user
 * has not set the warm-up. Returns whether it was changed. */
NCA_API bool nca_settings_fit_warmup(nca_settings *settings);
/* With epochs, iterations is only known once the images are read (nca_run_open). Until then it
 * becomes that of the recipe, so that nothing is fitted to another number. */
NCA_API void nca_settings_await_epochs(nca_settings *settings);
/* Makes the decay of schedule plateau end with the training: decay_at becomes `iterations`. Call
 * this only if the user has not set decay_at; a program that sets `iterations` itself calls it
 * afterwards. */
NCA_API void nca_settings_fit_decay(nca_settings *settings);

/* A short training is not expected to give a stable model: extension becomes at most half of
 * `iterations`, rounded down to a multiple of NCA_EXTENSION_STEP. Call this only if the user has
 * not set extension. */
NCA_API void nca_settings_fit_extension(nca_settings *settings);
enum {
    NCA_EXTENSION_STEP = 300 /* number of iterations added at a time */
};

/* Sets one setting from text ("0.002", "sobel", "true"). Key "recipe" also sets the settings of
 * the recipe. A target_path that begins with "medmnist:" sets img_size and padding to 0; a later
 * one that does not restores the recipe's values. Errors: NCA_NOT_FOUND (an unknown key; the
 * message names the closest), NCA_INVALID_ARGUMENT (a value of the wrong type or out of range),
 * NCA_LIMIT (a list of changes that is too long). */
NCA_API nca_status nca_settings_set(nca_settings *settings, const char *key, const char *value,
                                    nca_error *error);
/* The value as text, from which nca_settings_set restores the same bits; returns the length. */
NCA_API size_t nca_settings_get(char *out, size_t size, const nca_settings *settings,
                                const nca_setting *setting);

/* Checks that the settings are consistent: batch_size <= pool_size, steps_min <= steps_max, ...
 * Errors: NCA_INVALID_ARGUMENT, and for the list of changes those of nca_settings_set. */
NCA_API nca_status nca_settings_check(const nca_settings *settings, nca_error *error);

/* The pass in which a setting from a file or command line is applied: 0 for the recipe, 1 for
 * the task, 2 for the target, 3 for the rest, regardless of their order. Explicit settings
 * therefore override those that the recipe and the target set. */
NCA_API unsigned nca_setting_pass(const nca_setting *setting);
enum {
    NCA_SETTING_PASSES = 4
};

/* Applies a YAML file on top of `settings`: first its recipe, then its target, then its other keys,
 * regardless of their order. A file of the PyTorch reimplementation (only keys of that program)
 * selects the recipe medmnist. On failure the settings are unchanged.
 *
 * Errors; the message contains the file, the line, what was expected and what was found:
 * NCA_NOT_FOUND (the file does not exist, or a key is unknown), NCA_IO, NCA_FORMAT (not YAML, or
 * an unknown structure), NCA_INVALID_ARGUMENT (an invalid value), NCA_LIMIT (the file is too
 * large or has too many values), NCA_UNSUPPORTED (libyaml is not installed), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_settings_load(nca_settings *settings, const char *path, nca_error *error);
/* The same for text in memory; `name` is used in messages. Errors as above, except NCA_IO. */
NCA_API nca_status nca_settings_parse(nca_settings *settings, const char *text, size_t size,
                                      const char *name, nca_error *error);

/* The purpose of a settings file, determined from its keys. */
typedef struct nca_settings_file {
    bool given[NCA_MAX_SETTINGS]; /* indexed by setting, see nca_setting_at */
    bool reference;  /* has keys of the PyTorch reimplementation (target_path, model_path, ani_path,
                        device, iterations, learning_rate, img_size, padding, n_channels,
                        batch_size, pool_size, filter, loss, damage) and no others */
    bool trains;     /* has learning_rate, batch_size or pool_size, which only training uses */
    bool visualizes; /* the reimplementation's file for drawing a model: has only its keys,
                        including model_path and ani_path, and none that only training uses */
} nca_settings_file;

/* Like nca_settings_load, and also returns the purpose of the file. Errors: those of
 * nca_settings_load. */
NCA_API nca_status nca_settings_load_file(nca_settings *settings, nca_settings_file *out_file,
                                          const char *path, nca_error *error);
/* Whether the file contains the setting with this key. */
NCA_API bool nca_settings_file_has(const nca_settings_file *file, const char *key);

/* The complete settings as YAML with comments; free() the text. Errors: those of
 * nca_settings_check, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_settings_format(char **out_text, const nca_settings *settings,
                                       nca_error *error);
/* Writes that text to a file, whole or not at all. Errors: those of nca_settings_check,
 * NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_settings_save(const nca_settings *settings, const char *path,
                                     nca_error *error);

/* The automaton, optimiser and schedule that the settings describe. */
NCA_API nca_automaton nca_settings_automaton(const nca_settings *settings);
/* The reverse: copies the values of `automaton` to its settings (n_channels, hidden, filter
 * ...), except for settings that are already set: `given` (NCA_MAX_SETTINGS) is indexed by
 * setting, see nca_setting_at; NULL: none are. Input channels have no setting: their number
 * depends on the task that is trained. */
NCA_API void nca_settings_follow_automaton(nca_settings *settings, const nca_automaton *automaton,
                                           const bool *given);
NCA_API nca_adam nca_settings_adam(const nca_settings *settings);
NCA_API nca_schedule nca_settings_schedule(const nca_settings *settings);

#ifdef __cplusplus
}
#endif
#endif
