/* The cases of the benchmark: their table, the size of their work and its arithmetic. */
#include "cli/bench/bench_cases.h"

#include <string.h>

enum {
    MEGABYTE = 1000000,
    /* A batch of classification has as many of growth's samples, a call of a prediction as many of
     * classification's images. */
    CLASSIFY_BATCH = 2,
    PREDICT_BATCH = 4
};

#define LARGE_TRAINING(its_name, its_side, megabytes)                                 \
    {                                                                                 \
        .name = (its_name), .side = (its_side), .training = true, .when_named = true, \
        .large = true, .most_memory = (size_t)(megabytes)*MEGABYTE                    \
    }

static const bench_case cases[] = {
    {.name = "infer28", .side = 28},
    {.name = "infer28-int8", .side = 28, .precision = NCA_PRECISION_INT8},
    {.name = "train28", .side = 28, .training = true},
    {.name = "train28-bf16", .side = 28, .training = true, .precision = NCA_PRECISION_BF16},
    {.name = "train28-bf16-amx", .side = 28, .training = true, .precision = NCA_PRECISION_BF16_AMX},
    {.name = "infer72", .side = 72},
    {.name = "train72", .side = 72, .training = true},
    {.name = "infer72-seed", .side = 72, .growing = true},
    {.name = "infer72-seed-int8", .side = 72, .growing = true, .precision = NCA_PRECISION_INT8},
    {.name = "train72-seed", .side = 72, .training = true, .growing = true},
    {.name = "classify16", .side = 28, .training = true, .classifying = true, .channels = 16},
    {.name = "classify32", .side = 28, .training = true, .classifying = true, .channels = 32},
    {.name = "predict32", .side = 28, .classifying = true, .channels = 32},
    {.name = "classify32-aug",
     .side = 28,
     .training = true,
     .classifying = true,
     .augmented = true,
     .channels = 32,
     .when_named = true},
    {.name = "train28-learned", .side = 28, .training = true, .learned = true, .when_named = true},
    /* The dependence of the rate on the size of the grid. */
    {.name = "infer16", .side = 16, .when_named = true},
    {.name = "train16", .side = 16, .training = true, .when_named = true},
    {.name = "infer32", .side = 32, .when_named = true},
    {.name = "train32", .side = 32, .training = true, .when_named = true},
    {.name = "infer64", .side = 64, .when_named = true},
    {.name = "train64", .side = 64, .training = true, .when_named = true},
    {.name = "infer128", .side = 128, .when_named = true},
    {.name = "train128", .side = 128, .training = true, .when_named = true},
    {.name = "infer256", .side = 256, .when_named = true, .large = true},
    LARGE_TRAINING("train256", 256, 512),
    {.name = "infer512", .side = 512, .when_named = true, .large = true},
    LARGE_TRAINING("train512", 512, 512),
    {.name = "infer1024", .side = 1024, .when_named = true, .large = true},
    LARGE_TRAINING("train1024", 1024, 2048),
};
_Static_assert(sizeof cases / sizeof *cases < BENCH_MOST_CASES, "the list of the names is longer");

const bench_case *bench_case_at(size_t index)
{
    return index < sizeof cases / sizeof *cases ? &cases[index] : NULL;
}

const char *bench_case_missing(const bench_case *what, const nca_kernels *kernels)
{
    /* Otherwise int8 would run the definition under the name of another set. */
    return nca_kernels_missing_for(kernels, what->precision);
}

/* The definition is a hundred times slower than the vector kernels, so it gets less work. */
static bool is_scalar(const bench_plan *plan)
{
    return strcmp(nca_kernels_name(plan->kernels), "scalar") == 0;
}

size_t bench_batch(const bench_plan *plan)
{
    const bench_case *what = plan->what;
    const size_t times = !what->classifying ? 1
                         : what->training   ? CLASSIFY_BATCH
                                            : CLASSIFY_BATCH * PREDICT_BATCH;
    return is_scalar(plan) || what->large ? 1 : times * plan->batch;
}

size_t bench_steps(const bench_plan *plan)
{
    const bench_case *what = plan->what;
    const size_t steps = what->large         ? BENCH_LARGE_STEPS
                         : what->classifying ? BENCH_CLASSIFY_STEPS
                                             : BENCH_STEPS;
    return is_scalar(plan) && !plan->what->growing ? 2 : steps;
}

static double multiply_adds_in(const nca_automaton *automaton)
{
    return (double)nca_perception_maps(automaton) * automaton->channels * automaton->hidden;
}

/* Input channels have no update. */
static double multiply_adds_out(const nca_automaton *automaton)
{
    return (double)automaton->hidden * (automaton->channels - automaton->input_channels);
}

/* Floating-point operations for one living cell that fires (docs/automaton.md, section 7): the two
 * layers forward; training adds the recomputed hidden layer, dh, dp, dW1 and dW2. */
static double flop_of_cell(const nca_automaton *automaton, bool training)
{
    const double in = multiply_adds_in(automaton), out = multiply_adds_out(automaton);
    return 2 * (in + out + (training ? in + out + in + in + out : 0));
}

size_t bench_repeats(const bench_plan *plan, double seconds_once)
{
    double repeats = seconds_once > 0 ? plan->run_seconds / seconds_once + 0.5 : 1;
    return repeats < 1 ? 1 : repeats > 10000 ? 10000 : (size_t)repeats;
}

void bench_finish(bench_result *out, const bench_plan *plan, const nca_automaton *automaton,
                  double alive)
{
    const double cells = (double)plan->what->side * (double)plan->what->side;
    out->runs = plan->runs;
    out->updates = cells * (double)(out->batch * out->steps * out->repeats);
    out->alive = alive;
    out->flop_of_cell = flop_of_cell(automaton, plan->what->training);
    out->flop = out->updates * alive * (double)automaton->fire_rate * out->flop_of_cell;
    out->layer_out = multiply_adds_out(automaton);
    out->layer_in = multiply_adds_in(automaton);
}

float bench_noise(uint32_t index)
{
    uint32_t words[4];
    nca_draw(words, 1, NCA_STREAM_SHUFFLE, index / 4, 0, 0, 0);
    return nca_uniform(words[index % 4]);
}

void bench_fill_output(nca_model *model)
{
    const nca_tensor w2 = nca_tensor_named(&model->automaton, "update.w2");
    for (uint32_t i = 0; i < w2.rows * w2.columns; i++) {
        model->parameters[w2.offset + i] = 0.02f * (bench_noise(i) - 0.5f);
    }
}

nca_settings bench_settings(const bench_plan *plan, nca_recipe recipe)
{
    nca_settings settings;
    nca_settings_default(&settings);
    nca_settings_apply_recipe(&settings, recipe);
    settings.iterations = 1000000;
    settings.batch_size = (uint32_t)bench_batch(plan);
    settings.steps_min = settings.steps_max = (uint32_t)bench_steps(plan);
    settings.threads = plan->threads;
    snprintf(settings.kernels, sizeof settings.kernels, "%s", nca_kernels_name(plan->kernels));
    settings.precision = plan->what->precision;
    settings.device = plan->device;
    /* A tiny learning rate keeps the work constant, whatever the number of iterations. */
    settings.learning_rate = 1e-6f;
    return settings;
}
