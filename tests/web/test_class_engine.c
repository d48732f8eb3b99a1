/* The engine and the read-out of the page of a classifier, built natively: the scores of an image
 * have the bits of nca_predict, and the votes are those of the read-out channels. */
#include "task/made_images.h"
#include "train/session_fixture.h"

#include "engine/classes.h"
#include "engine/engine.h"
#include "nca/classify.h"
#include "nca/predict.h"

static nca_model *some_model(made_images *made, nca_readout readout, uint32_t features,
                             bool sigmoid, double temperature)
{
    nca_settings settings = made_settings();
    nca_session *session = NULL;
    nca_model *model = NULL;
    make_images(made, NCA_LABELS_MULTI_CLASS, 1);
    settings.readout = readout;
    settings.features = features;
    settings.class_loss =
        sigmoid ? NCA_CLASS_LOSS_BINARY_CROSS_ENTROPY : NCA_CLASS_LOSS_CROSS_ENTROPY;
    assert_ok(nca_session_create_classify(&session, &settings, &made->data, &failure));
    run_session(session, 20);
    assert_ok(nca_model_copy(&model, nca_session_model(session), &failure));
    nca_session_destroy(session);
    model->classifier->temperature = temperature;
    return model;
}

static void *zeroed_block(size_t bytes)
{
    assert_true(bytes > 0);
    void *block = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(block);
    return memset(block, 0, bytes);
}

/* Opens the automaton of the page as web/page/src/engine.js does. */
static void *open_engine(const nca_model *model, uint64_t seed)
{
    const nca_automaton *a = &model->automaton;
    *nca_web_settings() = (nca_web_choice){
        .channels = a->channels,
        .hidden = a->hidden,
        .filter = (uint32_t)a->filter,
        .boundary = (uint32_t)a->boundary,
        .angle = a->angle_radians,
        .fire_rate = a->fire_rate,
        .step_size = a->step_size,
        .alive_channel = a->alive_channel,
        .alive_threshold = a->alive_threshold,
        .output_bias = a->output_bias,
        .height = model->classifier->height,
        .width = model->classifier->width,
        .seed_low = (uint32_t)seed,
        .filter_count = a->filter_count,
        .input_channels = a->input_channels,
    };
    void *block = zeroed_block(nca_web_bytes());
    nca_web_open(block);
    memcpy(nca_web_parameters(), model->parameters, nca_web_parameter_count() * sizeof(float));
    nca_web_use_parameters();
    return block;
}

/* The same for the read-out. */
static void *open_readout(const nca_model *model)
{
    const nca_automaton *a = &model->automaton;
    const nca_classifier *c = model->classifier;
    nca_web_readout *settings = nca_classes_settings();
    *settings = (nca_web_readout){
        .temperature = c->temperature,
        .channels = a->channels,
        .input_channels = a->input_channels,
        .classes = c->classes,
        .readout = (uint32_t)c->readout,
        .sigmoid = c->sigmoid,
        .head_inputs = a->head_inputs,
        .head_outputs = a->head_outputs,
        .height = c->height,
        .width = c->width,
    };
    memcpy(settings->scale, c->scale, sizeof c->scale);
    memcpy(settings->offset, c->offset, sizeof c->offset);
    void *block = zeroed_block(nca_classes_bytes());
    nca_classes_open(block);
    const size_t head = (a->head_inputs + 1) * a->head_outputs;
    memcpy(nca_classes_head(), model->parameters + nca_parameter_count(a) - head,
           head * sizeof(float));
    return block;
}

static void run_image(const nca_model *model, const uint8_t *image, size_t steps)
{
    const size_t floats = (size_t)MADE_SIDE * MADE_SIDE * model->automaton.channels;
    memcpy(nca_classes_image(), image, MADE_PIXELS);
    nca_classes_begin();
    memcpy(nca_web_state(), nca_classes_state(), floats * sizeof(float));
    nca_web_put();
    nca_web_set_steps(0);
    nca_web_run((uint32_t)steps);
    nca_web_take();
    memcpy(nca_classes_state(), nca_web_state(), floats * sizeof(float));
    nca_classes_measure();
}

static void check_scores(const nca_model *model, const made_images *made)
{
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    options.seed = 5;
    options.threads = 1;
    void *engine = open_engine(model, options.seed), *readout = open_readout(model);
    for (size_t i = 0; i < MADE_COUNT; i++) {
        for (options.steps = 0; options.steps < 9; options.steps += 8) { /* 0: those of the model */
            const uint8_t *image = made->images + i * MADE_PIXELS;
            double probabilities[MADE_CLASSES], scores[MADE_CLASSES];
            assert_ok(nca_predict(probabilities, NULL, scores, model, image, 1, MADE_SIDE,
                                  MADE_SIDE, &options, &failure));
            run_image(model, image, options.steps > 0 ? options.steps : model->classifier->steps);
            assert_memory_equal(nca_classes_scores(), scores, sizeof scores);
            assert_memory_equal(nca_classes_probabilities(), probabilities, sizeof probabilities);
        }
    }
    free(engine);
    free(readout);
}

static void the_page_has_the_bits_of_a_prediction(void **state)
{
    (void)state;
    for (int readout = 0; readout < NCA_READOUT_COUNT; readout++) {
        for (uint32_t features = 0; features < (readout == NCA_READOUT_CELLS ? 1u : 6u);
             features += 5) {
            for (int sigmoid = 0; sigmoid < 2; sigmoid++) {
                made_images made;
                nca_model *model = some_model(&made, (nca_readout)readout, features, sigmoid != 0,
                                              sigmoid != 0 ? 1.0 : 0.7);
                check_scores(model, &made);
                nca_model_destroy(model);
            }
        }
    }
}

/* The probabilities of a cell's own scores. */
static double sureness(size_t *out_best, const float *scores, double temperature)
{
    double sum = 0.0;
    *out_best = 0;
    for (size_t k = 1; k < MADE_CLASSES; k++) {
        *out_best = scores[k] > scores[*out_best] ? k : *out_best;
    }
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        sum += exp(((double)scores[k] - (double)scores[*out_best]) / temperature);
    }
    return (1.0 / sum - 1.0 / MADE_CLASSES) / (1.0 - 1.0 / MADE_CLASSES);
}

static void a_cell_votes_for_its_highest_score(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, NCA_READOUT_MEAN, 0, false, 0.5);
    void *engine = open_engine(model, 1), *readout = open_readout(model);
    run_image(model, made.images, 6);
    nca_classes_vote();
    const nca_automaton *a = &model->automaton;
    for (size_t cell = 0; cell < (size_t)MADE_SIDE * MADE_SIDE; cell++) {
        size_t best;
        const float *scores = nca_classes_state() + cell * a->channels + a->input_channels;
        const double sure = sureness(&best, scores, 0.5);
        assert_int_equal(nca_classes_votes()[2 * cell], best);
        assert_true(fabs(nca_classes_votes()[2 * cell + 1] - 255.0 * sure) <= 0.5 + 1e-6);
    }
    free(engine);
    free(readout);
    nca_model_destroy(model);
}

static void a_read_out_that_cannot_be_is_refused(void **state)
{
    (void)state;
    const nca_web_readout good = {.temperature = 1,
                                  .channels = 8,
                                  .input_channels = 1,
                                  .classes = 3,
                                  .height = 4,
                                  .width = 5};
    nca_web_readout *settings = nca_classes_settings();
    *settings = good;
    assert_true(nca_classes_bytes() > 0);
    uint32_t *const fields[] = {&settings->classes,  &settings->input_channels,
                                &settings->channels, &settings->height,
                                &settings->width,    &settings->head_inputs};
    const uint32_t values[][2] = {{0, 65}, {0, 4}, {3, 2000}, {0, 20000}, {0, 20000}, {65, 1000}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        for (size_t k = 0; k < 2; k++) {
            *settings = good;
            *fields[i] = values[i][k];
            assert_int_equal(nca_classes_bytes(), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_has_the_bits_of_a_prediction),
        cmocka_unit_test(a_cell_votes_for_its_highest_score),
        cmocka_unit_test(a_read_out_that_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
