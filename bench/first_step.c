/* Times what a program with libnca does before it has its first picture: loading a model, making a
 * rollout, one step. Prints one JSON object, seconds; each is done once, as in a fresh process.
 *
 *     bench_first_step MODEL */
#include <stdio.h>

#include "nca/machine.h"
#include "nca/model.h"
#include "nca/rollout.h"

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: %s MODEL\n", arguments[0]);
        return 2;
    }
    nca_error error = {NCA_OK, ""};
    nca_model *model = NULL;
    nca_rollout *rollout = NULL;
    const double began = nca_seconds();
    nca_status status = nca_model_load(&model, arguments[1], &error);
    const double loaded = nca_seconds();
    if (status == NCA_OK) {
        nca_rollout_options options;
        nca_rollout_options_default(&options, model);
        status = nca_rollout_create(&rollout, model, &options, &error);
    }
    if (status == NCA_OK) {
        status = nca_rollout_run(rollout, 1, &error);
    }
    if (status == NCA_OK) {
        printf("{\"load\": %.9f, \"first_step\": %.9f}\n", loaded - began, nca_seconds() - began);
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
    return status == NCA_OK ? 0 : 1;
}
