/* Model files of every kind, read and written by their ending or their first bytes. */
#ifndef NCA_CLI_LOAD_MODEL_H
#define NCA_CLI_LOAD_MODEL_H

#include "cli/options.h"
#include "cli/run_folder.h"

/* The row that a command which loads a model puts into its table. */
#define LOAD_MODEL_OPTION                                                                          \
    {                                                                                              \
        "filter", 0, "NAME",                                                                       \
            "Of a PyTorch model (.pt), which does not say: sobel, scharr, gaussian, laplacian or " \
            "mean. [sobel]"                                                                        \
    }

/* `argument` is a run folder or a model file; *out_path (may be NULL) is the file. `given` may hold
 * the option --filter and may be NULL. Returns EXIT_OK, or the exit code after a message. Says on
 * standard error when a filter had to be assumed, and which tensors of a file were not used. */
int load_model(nca_model **out_model, run_path *out_path, const char *argument,
               const option_values *given);

/* The same with a filter for PyTorch's files (NULL: unknown) instead of the option. */
int load_model_with(nca_model **out_model, run_path *out_path, const char *argument,
                    const char *filter);

/* Whether the path has the ending of PyTorch's files: .pt or .pth. */
bool is_torch_path(const char *path);
/* Whether the file is to be read as one of PyTorch's: by its first bytes, else by its ending. */
bool is_torch_file(const char *path);
/* Reads either kind; the filter counts for PyTorch's alone. Prints nothing. */
nca_status read_model(nca_model **out_model, const char *path, nca_filter filter, nca_error *error);
/* Writes either kind, by the ending. Prints nothing. */
nca_status write_model(const nca_model *model, const char *path, nca_error *error);
/* Puts the target that the settings describe into the model, and what is known about it. */
nca_status set_model_target(nca_model *model, const nca_settings *settings, nca_error *error);
/* Says what a PyTorch file that was written does not hold, when there is such a thing. */
void note_lost(const nca_model *model, const char *path);

#endif
