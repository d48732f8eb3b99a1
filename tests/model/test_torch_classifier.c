/* Classifiers in PyTorch's files: their scores are those of PyTorch (fixtures/make_classifiers.py),
 * nothing is lost on the way there and back, and what does not fit is refused. */
#include "model/torch_fixture.h"

#include <stdio.h>

#include "base/file.h"
#include "nca/predict.h"

/* A case of classifiers.bin. */
typedef struct scored {
    size_t images, height, width, inputs, classes, rollouts;
    uint64_t seed;
    uint8_t *pixels; /* (images,H,W,inputs); owned */
    const float *scores, *probabilities;
} scored;

typedef struct scored_file {
    uint8_t *bytes;
    size_t size;
    uint32_t count;
} scored_file;

static scored_file open_scored(void)
{
    scored_file file;
    nca_error error;
    if (nca__file_read(&file.bytes, &file.size, NCA_FIXTURES "/classifiers.bin", 1 << 20, &error) !=
        NCA_OK) {
        fail_msg("%s", error.message);
    }
    assert_memory_equal(file.bytes, "NCACLAS1", 8);
    memcpy(&file.count, file.bytes + 8, 4);
    return file;
}

/* The case that begins at *at, which moves behind it. */
static scored next_scored(const scored_file *file, size_t *at)
{
    uint32_t head[8];
    assert_true(*at + sizeof head <= file->size);
    memcpy(head, file->bytes + *at, sizeof head);
    scored s = {
        head[0], head[1], head[2], head[3], head[4], head[5], head[6] | (uint64_t)head[7] << 32,
        NULL,    NULL,    NULL};
    const size_t pixels = s.images * s.height * s.width * s.inputs, answers = s.images * s.classes;
    const float *values = (const float *)(const void *)(file->bytes + *at + sizeof head);
    *at += sizeof head + (pixels + 2 * answers) * sizeof(float);
    assert_true(*at <= file->size);
    s.pixels = malloc(pixels);
    assert_non_null(s.pixels);
    for (size_t i = 0; i < pixels; i++) {
        s.pixels[i] = (uint8_t)values[i];
    }
    s.scores = values + pixels;
    s.probabilities = s.scores + answers;
    return s;
}

static const char *name_of(char out[32], unsigned number)
{
    snprintf(out, 32, "classifier%u", number);
    return out;
}

static void the_scores_are_those_of_pytorch(void **state)
{
    (void)state;
    scored_file file = open_scored();
    size_t at = 12;
    assert_int_equal(file.count, 4);
    for (uint32_t i = 0; i < file.count; i++) {
        char name[32];
        double scores[64], probabilities[64];
        nca_error error;
        nca_model *model = taken(name_of(name, i), NULL, NULL);
        scored s = next_scored(&file, &at);
        nca_prediction_options options;
        nca_prediction_options_default(&options);
        options.rollouts = s.rollouts;
        options.seed = s.seed;
        options.threads = 2;
        if (nca_predict(probabilities, NULL, scores, model, s.pixels, s.images, s.height, s.width,
                        &options, &error) != NCA_OK) {
            fail_msg("%s: %s", name, error.message);
        }
        for (size_t k = 0; k < s.images * s.classes; k++) {
            if (!(fabs(scores[k] - (double)s.scores[k]) <= 1e-5) ||
                !(fabs(probabilities[k] - (double)s.probabilities[k]) <= 1e-5)) {
                fail_msg("%s: score %zu is %.9g, PyTorch's is %.9g", name, k, scores[k],
                         (double)s.scores[k]);
            }
        }
        free(s.pixels);
        nca_model_destroy(model);
    }
    assert_int_equal(at, file.size);
    free(file.bytes);
}

static void assert_same_models(const nca_model *a, const nca_model *b)
{
    const size_t count = nca_parameter_count(&a->automaton);
    const nca_classifier *c = a->classifier, *d = b->classifier;
    assert_int_equal(nca_parameter_count(&b->automaton), count);
    assert_memory_equal(a->parameters, b->parameters, count * sizeof *a->parameters);
    assert_int_equal(a->automaton.filter, b->automaton.filter);
    assert_int_equal(a->automaton.boundary, b->automaton.boundary);
    assert_float_equal(a->automaton.angle_radians, b->automaton.angle_radians, 0);
    assert_float_equal(a->automaton.fire_rate, b->automaton.fire_rate, 0);
    assert_float_equal(a->automaton.step_size, b->automaton.step_size, 0);
    assert_int_equal(a->automaton.head_outputs, b->automaton.head_outputs);
    assert_int_equal(c->kind, d->kind);
    assert_int_equal(c->readout, d->readout);
    assert_int_equal(c->sigmoid, d->sigmoid);
    assert_int_equal(c->steps, d->steps);
    assert_int_equal(c->height, d->height);
    assert_int_equal(c->width, d->width);
    assert_memory_equal(c->scale, d->scale, sizeof c->scale);
    assert_memory_equal(c->offset, d->offset, sizeof c->offset);
    assert_true(c->temperature <= d->temperature && c->temperature >= d->temperature);
    assert_int_equal(c->classes, d->classes);
    for (size_t k = 0; k < c->classes; k++) {
        assert_string_equal(c->class_names[k], d->class_names[k]);
    }
}

static void nothing_is_lost_there_and_back(void **state)
{
    static const char *const names[] = {"own.safetensors", "own.pt"};
    for (unsigned i = 0; i < 4; i++) {
        char name[32];
        nca_error error;
        nca_torch_report report;
        nca_model *model = taken(name_of(name, i), NULL, &report);
        assert_string_equal(model->classifier->class_names[1], "class B");
        assert_false(report.assumed_filter || report.assumed_order || report.assumed_boundary ||
                     report.assumed_scale || report.assumed_fire_rate);
        assert_string_equal(report.unused, "");
        assert_string_equal(report.elsewhere, i == 3 ? "optimizer (1 tensor)" : "");
        for (size_t k = 0; k < 2; k++) {
            const char *path = path_in(*state, names[k]);
            nca_model *back = NULL;
            if (nca_model_save_as(model, path, &error) != NCA_OK ||
                (k == 0 ? nca_model_load(&back, path, &error)
                        : nca_model_load_torch(&back, path, NULL, &error)) != NCA_OK) {
                fail_msg("%s: %s", path, error.message);
            }
            assert_same_models(model, back);
            nca_model_destroy(back);
        }
        nca_model_destroy(model);
    }
}

/* The second model has filter sobel, boundary circular, fire rate 1. */
static void options_may_not_contradict_the_file(void **state)
{
    (void)state;
    const struct {
        nca_torch_options options;
        const char *says;
    } cases[] = {
        {{NCA_FILTER_SCHARR, NCA_TORCH_ORDER_COUNT, NCA_BOUNDARY_COUNT, 0, 0, {0}}, "filter sobel"},
        {{NCA_FILTER_SOBEL, NCA_TORCH_ORDER_FILTER, NCA_BOUNDARY_COUNT, 0, 0, {0}}, "column order"},
        {{NCA_FILTER_COUNT, NCA_TORCH_ORDER_COUNT, NCA_BOUNDARY_ZERO, 0, 0, {0}}, "circular"},
        {{NCA_FILTER_COUNT, NCA_TORCH_ORDER_COUNT, NCA_BOUNDARY_COUNT, 1, 0, {0}}, "filter scale"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refused_path(fixture("classifier1"), &cases[i].options, NCA_INVALID_ARGUMENT,
                     cases[i].says);
    }
    const nca_torch_options fits = {
        NCA_FILTER_SOBEL, NCA_TORCH_ORDER_CHANNEL, NCA_BOUNDARY_CIRCULAR, 0.125, 0.25f, {0}};
    nca_model *model = taken("classifier1", &fits, NULL);
    assert_float_equal(model->automaton.fire_rate, 0.25f, 0);
    nca_model_destroy(model);
}

static void files_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *name, *says;
        nca_status status;
    } cases[] = {
        {"refused_identity", "perception.weight", NCA_FORMAT},
        {"refused_missing", "update_module.0.bias", NCA_FORMAT},
        {"refused_shape", "[12, 24, 1, 1]", NCA_FORMAT},
        {"refused_task", "segment", NCA_UNSUPPORTED},
        {"refused_classes", "classifier.class.2", NCA_FORMAT},
        {"refused_infinite", "not finite at element 7", NCA_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refused_path(fixture(cases[i].name), NULL, cases[i].status, cases[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scores_are_those_of_pytorch),
        cmocka_unit_test_setup_teardown(nothing_is_lost_there_and_back, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test(options_may_not_contradict_the_file),
        cmocka_unit_test(files_that_contradict_themselves_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
