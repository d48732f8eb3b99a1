/* Model files of every kind, selected by their extension or their first bytes. */
#ifndef NCA_CLI_MODEL_LOAD_MODEL_H
#define NCA_CLI_MODEL_LOAD_MODEL_H

#include "cli/cli.h"
#include "cli/options.h"

/* The options of a command that loads a model. */
#define LOAD_MODEL_OPTIONS                                                                         \
    {"filter", 0, "NAME",                                                                          \
     "Filter of a PyTorch model (.pt) whose file has no perception kernels: sobel, scharr, "       \
     "gaussian, laplacian or mean; learned: read the kernels as learned filters. [sobel]"},        \
        {"column-order", 0, "NAME",                                                                \
         "Order of the inputs to the first layer of a PyTorch model: channel (convolution "        \
         "grouped by channel), filter (cat(x, dx, dy)) or identity-first. [channel]"},             \
        {"filter-scale", 0, "X",                                                                   \
         "Factor that multiplies the integer filter of a PyTorch model; 1 for an unscaled Sobel. " \
         "[1/8 for sobel and laplacian, 1/16 for scharr and gaussian, 1/9 for mean]"},             \
    {                                                                                              \
        "boundary", 0, "NAME",                                                                     \
            "Boundary of a PyTorch model: zero, circular, reflect, replicate. [zero]"              \
    }
#define FIRE_RATE_OPTION                                                                           \
    {                                                                                              \
        "fire-rate", 0, "X",                                                                       \
            "Probability that a cell updates in a step. [from the model; 0.5 for a PyTorch model]" \
    }

/* `argument` is a run folder or a model file; *out_path (may be NULL) is the file. `given` may
 * contain the options above. Returns EXIT_OK, or the exit code after a message. Prints to standard
 * error what was assumed about a PyTorch file, and which parts of it were not used. */
int load_model(nca_model **out_model, nca_run_path *out_path, const char *argument,
               const option_values *given);

/* The same with the filter from a settings file of the PyTorch reimplementation (NULL: none), which
 * is used if the options do not give another one. Other options that are not given are then those
 * of the reimplementation. */
int load_model_with(nca_model **out_model, nca_run_path *out_path, const char *argument,
                    const option_values *given, const char *filter);

/* Loads one of several models. An option that is given once applies to all models; if it is given
 * several times, each PyTorch model gets one of the values in turn. *torch_count is the number of
 * PyTorch models loaded before. */
int load_model_in_turn(nca_model **out_model, const char *argument, const option_values *given,
                       size_t *torch_count);
/* Called before, with the number of PyTorch models: prints an error if an option has an invalid
 * value, if it was given several times but not once for each of these models, or if there are none.
 */
int check_turns(const option_values *given, size_t torch_count);

/* Whether the file is read as a PyTorch file, depending on its first bytes or else its
 * extension. */
bool is_torch_file(const char *path);
/* Adds the target that the settings describe to the model, and information about it. */
nca_status set_model_target(nca_model *model, const nca_settings *settings, nca_error *error);
/* Prints what a written PyTorch file does not contain, if anything. */
void note_lost(const nca_model *model, const char *path);

#endif
