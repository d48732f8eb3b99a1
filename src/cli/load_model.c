/* Chooses the reader of a model file and says what the file leaves open. */
#include "cli/load_model.h"

int load_model(nca_model **out_model, run_path *out_path, const char *argument,
               const option_values *given)
{
    nca_error error;
    run_path path = run_model(argument);
    if (given != NULL && options_has(given, "filter")) {
        return complain_usage("--filter: only a PyTorch model (.pt) needs it; %s says its own",
                              path.text);
    }
    if (nca_model_load(out_model, path.text, &error) != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    if (out_path != NULL) {
        *out_path = path;
    }
    return EXIT_OK;
}
