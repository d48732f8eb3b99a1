/* For tests: an automaton built by hand. A cell with a living neighbour moves its alpha towards 1
 * by the fraction `rate` whenever it fires, and the colours stay 0: from the seed it fills its grid
 * one ring per step, and closes a hole in the same way. dx = rate * (1 - alpha), as b2 and one
 * hidden unit. */
#ifndef NCA_TESTS_FILLING_MODEL_H
#define NCA_TESTS_FILLING_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nca/model.h"

/* With a target of that size: alpha 1, colours 0. */
static inline nca_model *filling_model(float rate, float fire_rate, uint32_t height, uint32_t width)
{
    enum {
        ALPHA = 3
    };
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 4;
    automaton.hidden = 1;
    automaton.fire_rate = fire_rate;
    nca_model *model = NULL;
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    nca_parameters p = nca_parameters_view(model->parameters, &automaton);
    p.w1[ALPHA] = 1.0f; /* of the identity filter */
    p.w2[ALPHA] = -rate;
    p.b2[ALPHA] = rate;
    float *target = calloc((size_t)height * width, 4 * sizeof *target);
    assert_non_null(target);
    for (size_t cell = 0; cell < (size_t)height * width; cell++) {
        target[4 * cell + ALPHA] = 1.0f;
    }
    assert_int_equal(nca_model_set_target(model, target, height, width, NULL), NCA_OK);
    free(target);
    return model;
}

#endif
