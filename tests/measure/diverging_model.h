/* For tests: classifiers whose values grow without limit. */
#ifndef NCA_TESTS_DIVERGING_MODEL_H
#define NCA_TESTS_DIVERGING_MODEL_H

#include "nca/model.h"

/* Multiplies W2: with a large factor, the values are finite for a few steps only. */
static inline void enlarge_updates(nca_model *model, float factor)
{
    const nca_tensor tensor = nca_tensor_named(&model->automaton, "update.w2");
    for (size_t i = 0; i < tensor.rows * tensor.columns; i++) {
        model->parameters[tensor.offset + i] *= factor;
    }
}

/* All scores stay 0 until a pixel of a grey image is above `limit`; then they soon are not finite.
 * Hidden unit 0 is the input above the limit, and unit 1 the score of class 0. */
static inline void diverge_above(nca_model *model, uint8_t limit)
{
    const nca_automaton *a = &model->automaton;
    const nca_classifier *c = model->classifier;
    const size_t count = nca_parameter_count(a), score = a->input_channels;
    for (size_t i = 0; i < count; i++) {
        model->parameters[i] = 0.0f;
    }
    const nca_parameters p = nca_parameters_view(model->parameters, a);
    const size_t inputs = nca_tensor_named(a, "update.w1").columns;
    p.w1[0] = 1.0f; /* the identity of channel 0 */
    p.b1[0] = -((float)limit / 255.0f * c->scale[0] + c->offset[0]);
    p.w1[inputs + score] = 1.0f; /* the identity of the score */
    p.w2[0] = 1e30f;             /* the first output is the score */
    p.w2[1] = 1e30f;
}

#endif
