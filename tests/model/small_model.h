/* For tests: models with known values in every field. */
#ifndef NCA_TESTS_MODEL_SMALL_MODEL_H
#define NCA_TESTS_MODEL_SMALL_MODEL_H

#include <string.h>

#include "model/raw_file.h"
#include "nca/model.h"

/* Parameters are random in +-1, seeded by the shape; NULL if creation fails. */
static inline nca_model *make_filtered(uint32_t channels, uint32_t hidden, bool output_bias,
                                       nca_filter filter, uint32_t filter_count)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.filter = filter;
    automaton.filter_count = filter == NCA_FILTER_LEARNED ? filter_count : automaton.filter_count;
    automaton.channels = channels;
    automaton.hidden = hidden;
    automaton.output_bias = output_bias;
    nca_model *model = NULL;
    if (nca_model_create(&model, &automaton, NULL) != NCA_OK) {
        return NULL;
    }
    uint64_t random = channels * 1000u + hidden;
    for (size_t i = 0; i < nca_parameter_count(&automaton); i++) {
        model->parameters[i] = (float)((double)(next_random(&random) >> 11) * 0x1p-52 - 1.0);
    }
    return model;
}

static inline nca_model *make_model(uint32_t channels, uint32_t hidden, bool output_bias)
{
    return make_filtered(channels, hidden, output_bias, NCA_FILTER_SOBEL, 2);
}

/* Gives every optional field a value, and a target of 5 x 3. */
static inline void fill_info(nca_model *model)
{
    float target[5 * 3 * 4];
    for (size_t i = 0; i < sizeof target / sizeof target[0]; i++) {
        target[i] = (float)i / 64.0f;
    }
    nca_model_set_target(model, target, 5, 3, NULL);
    model->info.padding = 1;
    model->info.iterations = UINT64_MAX;
    model->info.loss = 0.1 + 0.2;
    model->info.seed = 1234567890123456789u;
    strcpy(model->info.target, "photos/caf\xC3\xA9 \"1\".png");
    strcpy(model->info.loss_name, "L2");
    strcpy(model->info.experiment, "regenerating");
    strcpy(model->info.recipe, "distill");
}

#endif
