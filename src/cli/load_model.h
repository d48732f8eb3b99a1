/* The model that a command's argument names, whatever kind of file it is in. */
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
 * the option --filter and may be NULL. Returns EXIT_OK, or the exit code after a message. */
int load_model(nca_model **out_model, run_path *out_path, const char *argument,
               const option_values *given);

#endif
