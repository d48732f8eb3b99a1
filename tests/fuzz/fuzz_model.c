/* Fuzzing nca_model_load: an accepted file gives an automaton that can be run, and that is
 * unchanged after saving and loading. */
#include <math.h>
#include <stdlib.h>

#include "fuzz/harness.h"
#include "nca/model.h"

static void check_model(const nca_model *model)
{
    FUZZ_CHECK(nca_automaton_problem(&model->automaton) == NULL);
    for (size_t i = 0; i < nca_parameter_count(&model->automaton); i++) {
        FUZZ_CHECK(isfinite(model->parameters[i]));
    }
    size_t values = (size_t)model->info.height * model->info.width * 4;
    FUZZ_CHECK(model->target == NULL || values > 0);
    for (size_t i = 0; model->target != NULL && i < values; i++) {
        FUZZ_CHECK(isfinite(model->target[i]));
    }
}

static void check_same(const nca_model *a, const nca_model *b)
{
    size_t count = nca_parameter_count(&a->automaton);
    FUZZ_CHECK(nca_parameter_count(&b->automaton) == count);
    FUZZ_CHECK(memcmp(a->parameters, b->parameters, count * sizeof(float)) == 0);
    FUZZ_CHECK(a->automaton.filter == b->automaton.filter);
    FUZZ_CHECK(a->automaton.boundary == b->automaton.boundary);
    FUZZ_CHECK(memcmp(&a->automaton.angle_radians, &b->automaton.angle_radians, sizeof(float)) ==
               0);
    FUZZ_CHECK(a->automaton.fire_rate == b->automaton.fire_rate);
    FUZZ_CHECK(memcmp(&a->automaton.step_size, &b->automaton.step_size, sizeof(float)) == 0);
    FUZZ_CHECK(a->automaton.alive_channel == b->automaton.alive_channel);
    FUZZ_CHECK(
        memcmp(&a->automaton.alive_threshold, &b->automaton.alive_threshold, sizeof(float)) == 0);
    FUZZ_CHECK(a->info.height == b->info.height && a->info.width == b->info.width);
    FUZZ_CHECK(a->info.padding == b->info.padding && a->info.iterations == b->info.iterations);
    FUZZ_CHECK(a->info.seed == b->info.seed);
    FUZZ_CHECK(a->info.loss == b->info.loss || (!isfinite(a->info.loss) && isnan(b->info.loss)));
    FUZZ_CHECK(strcmp(a->info.target, b->info.target) == 0);
    FUZZ_CHECK(strcmp(a->info.loss_name, b->info.loss_name) == 0);
    FUZZ_CHECK(strcmp(a->info.experiment, b->info.experiment) == 0);
    FUZZ_CHECK(strcmp(a->info.recipe, b->info.recipe) == 0);
    FUZZ_CHECK((a->target == NULL) == (b->target == NULL));
    FUZZ_CHECK(a->target == NULL ||
               memcmp(a->target, b->target,
                      (size_t)a->info.height * a->info.width * 4 * sizeof(float)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nca_error error = {0};
    nca_model *model = NULL;
    nca_model *again = NULL;
    const char *path = fuzz_file(bytes, size);
    nca_status status = nca_model_load(&model, path, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, path);
        FUZZ_CHECK(model == NULL);
        return 0;
    }
    check_model(model);
    FUZZ_CHECK(nca_model_save(model, fuzz_scratch(0), NULL) == NCA_OK);
    FUZZ_CHECK(nca_model_load(&again, fuzz_scratch(0), NULL) == NCA_OK);
    check_same(model, again);
    nca_model_destroy(again);
    nca_model_destroy(model);
    return 0;
}
