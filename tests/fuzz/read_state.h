/* For the harnesses of pickles and PyTorch files: reads everything in a state dict. */
#ifndef NCA_TESTS_FUZZ_READ_STATE_H
#define NCA_TESTS_FUZZ_READ_STATE_H

#include <stdlib.h>

#include "fuzz/harness.h"
#include "nca/torch.h"

static inline void read_values(nca_torch *file, const nca_torch_tensor *tensor)
{
    nca_error error = {0};
    float *values = NULL;
    size_t count = 1;
    FUZZ_CHECK(tensor->rank <= NCA_TORCH_MAX_RANK);
    for (size_t i = 0; i < tensor->rank; i++) {
        count = tensor->count == 0 ? 0 : count * tensor->shape[i];
    }
    FUZZ_CHECK(count == tensor->count);
    nca_status status = nca_torch_values(&values, file, tensor, &error);
    if (status != NCA_OK) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(values == NULL);
        return;
    }
    unsigned different = 0; /* reads every value */
    for (size_t i = 0; i < count; i++) {
        different += memcmp(&values[i], &values[0], sizeof *values) != 0;
    }
    FUZZ_CHECK(different < count || count == 0);
    free(values);
}

/* A model read from a state dict is written as one, and is unchanged when read again. */
static inline void save_again(const nca_model *model)
{
    nca_model *again = NULL;
    size_t count = nca_parameter_count(&model->automaton);
    FUZZ_CHECK(nca_automaton_problem(&model->automaton) == NULL);
    FUZZ_CHECK(nca_model_save_torch(model, fuzz_scratch(0), NULL) == NCA_OK);
    nca_torch_options options;
    nca_torch_options_default(&options);
    options.filter = model->automaton.filter; /* learned taps may be those of a fixed filter */
    FUZZ_CHECK(nca_model_load_torch(&again, fuzz_scratch(0), &options, NULL) == NCA_OK);
    FUZZ_CHECK(again->automaton.filter == options.filter);
    FUZZ_CHECK(nca_parameter_count(&again->automaton) == count);
    FUZZ_CHECK(memcmp(again->parameters, model->parameters, count * sizeof(float)) == 0);
    nca_model_destroy(again);
}

static inline void take_model(nca_torch *file, nca_torch_options options)
{
    nca_error error = {0};
    nca_model *model = NULL;
    nca_torch_report report;
    nca_status status = nca_model_from_torch(&model, file, &options, &report, &error);
    if (status != NCA_OK) {
        /* Kernels in the bytes may contradict the options; this is the only error of the caller. */
        FUZZ_CHECK(status != NCA_INVALID_ARGUMENT || options.filter != NCA_FILTER_COUNT);
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(model == NULL);
        return;
    }
    const char *const texts[] = {report.path, report.perception, report.unused, report.elsewhere,
                                 report.unread};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        FUZZ_CHECK(strlen(texts[i]) < NCA_TORCH_TEXT && strchr(texts[i], '\n') == NULL);
    }
    FUZZ_CHECK(report.used.order < NCA_TORCH_ORDER_COUNT && report.used.filter_scale > 0);
    FUZZ_CHECK(model->automaton.filter == report.used.filter);
    if (options.filter == NCA_FILTER_COUNT) { /* once per input: saving is slow */
        save_again(model);
    }
    nca_model_destroy(model);
}

/* Returns whether the bytes are a state dict. */
static inline bool read_state(const uint8_t *bytes, size_t size)
{
    nca_error error = {0};
    nca_torch *file = NULL;
    nca_status status = nca_torch_parse(&file, bytes, size, FUZZ_NAME, &error);
    if (status != NCA_OK) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(file == NULL);
        return false;
    }
    for (size_t i = 0; i < nca_torch_count(file); i++) {
        const nca_torch_tensor *tensor = nca_torch_at(file, i);
        FUZZ_CHECK(nca_torch_find(file, tensor->name) == tensor);
        read_values(file, tensor);
    }
    nca_torch_options usual;
    nca_torch_options_default(&usual);
    take_model(file, usual);
    /* All possible options, with another order of the columns. */
    take_model(file, (nca_torch_options){.filter = NCA_FILTER_SCHARR,
                                         .order = NCA_TORCH_ORDER_IDENTITY_FIRST,
                                         .boundary = NCA_BOUNDARY_CIRCULAR,
                                         .filter_scale = 1,
                                         .fire_rate = 0.25f});
    nca_torch_close(file);
    return true;
}

#endif
