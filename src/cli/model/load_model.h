/* Model files of every kind, read and written by their ending or their first bytes. */
#ifndef NCA_CLI_MODEL_LOAD_MODEL_H
#define NCA_CLI_MODEL_LOAD_MODEL_H

#include "cli/cli.h"
#include "cli/options.h"

/* The rows that a command which loads a model puts into its table. */
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

/* `argument` is a run folder or a model file; *out_path (may be NULL) is the file. `given` may hold
 * the options above. Returns EXIT_OK, or the exit code after a message. Says on standard error what
 * had to be assumed about a PyTorch file, and what in it was not used. */
int load_model(nca_model **out_model, nca_run_path *out_path, const char *argument,
               const option_values *given);

/* The same with the filter that a settings file of the PyTorch reimplementation says (NULL: there
 * is none): where the options do not say another, and what else they leave open is as there. */
int load_model_with(nca_model **out_model, nca_run_path *out_path, const char *argument,
                    const option_values *given, const char *filter);

/* One of several models. An option that is given once holds for all; one that is given more often
 * has a value for each PyTorch model in turn, *torch_count of which were loaded before. */
int load_model_in_turn(nca_model **out_model, const char *argument, const option_values *given,
                       size_t *torch_count);
/* Afterwards: complains when an option was given for more models than there are. */
int check_turns(const option_values *given, size_t torch_count);

/* Whether the file is to be read as one of PyTorch's: by its first bytes, else by its ending. */
bool is_torch_file(const char *path);
/* Puts the target that the settings describe into the model, and what is known about it. */
nca_status set_model_target(nca_model *model, const nca_settings *settings, nca_error *error);
/* Says what a PyTorch file that was written does not hold, when there is such a thing. */
void note_lost(const nca_model *model, const char *path);

#endif
