/* The model as an object in memory. */
#include "nca/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/fnv1a.h"
#include "model/classifier_file.h"
#include "model/model_limits.h"

nca_status nca_model_create(nca_model **out_model, const nca_automaton *automaton, nca_error *error)
{
    const char *problem = nca_automaton_problem(automaton);
    if (problem != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "the automaton is not valid: %s", problem);
    }
    size_t count = nca_parameter_count(automaton);
    nca_model *model = calloc(1, sizeof *model);
    float *parameters = calloc(count, sizeof *parameters);
    if (model == NULL || parameters == NULL) {
        free(parameters);
        free(model);
        return nca__fail_memory(error, "model", count * sizeof *parameters);
    }
    model->automaton = *automaton;
    model->info.loss = (double)NAN;
    model->parameters = parameters;
    *out_model = model;
    return NCA_OK;
}

void nca_model_destroy(nca_model *model)
{
    if (model != NULL) {
        free(model->parameters);
        free(model->target);
        nca__classifier_destroy(model->classifier);
        free(model);
    }
}

nca_status nca_model_set_target(nca_model *model, const float *target, uint32_t height,
                                uint32_t width, nca_error *error)
{
    if (height < 1 || height > NCA_MAX_SIDE || width < 1 || width > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "target: expected sides of 1 to %d cells, found %u x %u", NCA_MAX_SIDE,
                         height, width);
    }
    uint64_t bytes = (uint64_t)height * width * 4 * sizeof *target;
    if (bytes > NCA__MODEL_TARGET_MAX) {
        return nca__fail(
            error, NCA_LIMIT, "target: %u x %u cells are too many for a model file; at most %llu",
            height, width, (unsigned long long)NCA__MODEL_TARGET_MAX / (4 * sizeof *target));
    }
    float *copy = malloc((size_t)bytes);
    if (copy == NULL) {
        return nca__fail_memory(error, "target", (size_t)bytes);
    }
    memcpy(copy, target, (size_t)bytes);
    free(model->target);
    model->target = copy;
    model->info.height = height;
    model->info.width = width;
    return NCA_OK;
}

static uint64_t hash_word(uint64_t hash, uint32_t word)
{
    const uint8_t bytes[] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                             (uint8_t)(word >> 24)};
    return nca__fnv1a(hash, bytes, sizeof bytes);
}

void nca_model_digest(char out[NCA_MODEL_DIGEST_SIZE], const nca_model *model)
{
    const nca_automaton *a = &model->automaton;
    const uint32_t shape[] = {a->channels, a->hidden, (uint32_t)a->filter,
                              a->filter == NCA_FILTER_LEARNED ? a->filter_count : 2,
                              /* Both in one word, because files contain digests of models from
                               * before there were input channels. */
                              (a->output_bias ? 1u : 0u) | a->input_channels << 1};
    uint64_t hash = NCA__FNV1A_START;
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        hash = hash_word(hash, shape[i]);
    }
    for (size_t i = 0; i < 2 && a->head_outputs > 0; i++) { /* none is in digests without a head */
        hash = hash_word(hash, i == 0 ? a->head_inputs : a->head_outputs);
    }
    for (size_t i = 0; i < nca_parameter_count(a); i++) {
        uint32_t bits;
        memcpy(&bits, &model->parameters[i], sizeof bits);
        hash = hash_word(hash, bits);
    }
    snprintf(out, NCA_MODEL_DIGEST_SIZE, "%016llx", (unsigned long long)hash);
}

nca_status nca_model_copy(nca_model **out_model, const nca_model *model, nca_error *error)
{
    nca_model *copy = NULL;
    nca_status status = nca_model_create(&copy, &model->automaton, error);
    if (status == NCA_OK) {
        copy->info = model->info;
        memcpy(copy->parameters, model->parameters,
               nca_parameter_count(&model->automaton) * sizeof *copy->parameters);
    }
    if (status == NCA_OK && model->target != NULL) {
        status =
            nca_model_set_target(copy, model->target, model->info.height, model->info.width, error);
    }
    if (status == NCA_OK && model->classifier != NULL) {
        status = nca_model_set_classifier(copy, model->classifier, error);
    }
    if (status != NCA_OK) {
        nca_model_destroy(copy);
        return status;
    }
    *out_model = copy;
    return NCA_OK;
}
