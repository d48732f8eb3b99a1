/* See class_reading.h. */
#include "measure/class_reading.h"

#include <string.h>

#include "base/error.h"
#include "task/classify_objective.h"

enum {
    MOST_ROLLOUTS = 1024
};

nca_status nca__class_reading_begin(nca__class_reading *out, const nca_model *model,
                                    const nca_prediction_options *options, nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_prediction_options", error);
    if (room != NCA_OK) {
        return room;
    }
    const nca_classifier *c = model->classifier;
    if (c == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected a model that classifies images, found one that grows an image");
    }
    if (options->rollouts < 1 || options->rollouts > MOST_ROLLOUTS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "rollouts: expected 1 to %d, found %zu",
                         MOST_ROLLOUTS, options->rollouts);
    }
    const nca_automaton *a = &model->automaton;
    const nca_parameters p = nca_parameters_view(model->parameters, a);
    *out = (nca__class_reading){.model = model,
                                .head = {.inputs = a->head_inputs,
                                         .outputs = a->head_outputs,
                                         .w = p.head_w,
                                         .b = p.head_b},
                                .first = a->input_channels,
                                .features = a->head_outputs > 0 ? a->head_inputs : c->classes};
    memcpy(out->range.scale, c->scale, sizeof out->range.scale);
    memcpy(out->range.offset, c->offset, sizeof out->range.offset);
    return NCA_OK;
}

nca_status nca__class_reading_check_steps(const size_t *steps, size_t step_count, nca_error *error)
{
    for (size_t i = 0; i < step_count; i++) {
        if (steps[i] < 1 || steps[i] > NCA__MOST_CLASS_STEPS ||
            (i > 0 && steps[i] <= steps[i - 1])) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "steps: expected ascending numbers from 1 to %d, found %zu",
                             NCA__MOST_CLASS_STEPS, steps[i]);
        }
    }
    return NCA_OK;
}

void nca__class_reading_put(float *state, const nca__class_reading *reading, const uint8_t *image,
                            size_t height, size_t width)
{
    const nca_automaton *a = &reading->model->automaton;
    memset(state, 0, height * width * a->channels * sizeof *state);
    nca__image_to_state(state, a->channels, image, height, width, a->input_channels,
                        &reading->range, NULL, 0, 0);
}

void nca__class_reading_scores(double *scores, const nca__class_reading *reading,
                               const float *state, size_t cells)
{
    const nca_classifier *c = reading->model->classifier;
    nca__class_scores(scores, c->readout, state, cells, reading->model->automaton.channels,
                      reading->first, reading->features, &reading->head);
    for (size_t k = 0; k < c->classes; k++) {
        scores[k] /= c->temperature;
    }
}

void nca__class_reading_options(nca_rollout_options *out, const nca__class_reading *reading,
                                const nca_prediction_options *options, size_t images, size_t height,
                                size_t width)
{
    nca_rollout_options_default(out, reading->model);
    out->batch = images * options->rollouts;
    out->height = height;
    out->width = width;
    out->seed = options->seed;
    out->threads = options->threads;
    out->kernels = options->kernels;
    out->precision = options->precision;
    out->device = options->device;
    out->mask_sets = options->rollouts;
}
