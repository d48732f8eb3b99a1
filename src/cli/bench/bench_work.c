/* The work of the benchmark: rollouts and training iterations of a fixed length, timed, using only
 * the public headers. */
#include "cli/bench/bench_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench/bench_classify.h"

enum {
    FULL_POOL = 1024,
    GROWING_POOL = 16, /* small, so that all slots have grown after the warm-up */
    GROWING_WARM_UP = 6,
    PHANTOM = 40,
    PHANTOM_PADDING = 16,
    PROCESS = 24000000 /* the program and its libraries, in addition to a session's memory */
};

/* ---- Inference -------------------------------------------------------------------------------*/

/* A model and a state in which every cell is alive: no masking, small random weights, a random
 * state. */
static nca_status make_full(nca_model **out_model, float **out_state, size_t side, nca_error *error)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.alive_channel = -1;
    nca_status status = nca_model_create(out_model, &automaton, error);
    if (status != NCA_OK) {
        return status;
    }
    float *parameters = (*out_model)->parameters;
    nca_parameters_init(parameters, &automaton, NCA_INITIALISATION_GLOROT, 1);
    bench_fill_output(*out_model);
    const size_t values = side * side * automaton.channels;
    float *state = malloc(values * sizeof *state);
    if (state == NULL) {
        error->status = NCA_OUT_OF_MEMORY;
        snprintf(error->message, sizeof error->message, "benchmark: out of memory for a state");
        return error->status;
    }
    for (size_t i = 0; i < values; i++) {
        state[i] = bench_noise((uint32_t)i);
    }
    *out_state = state;
    return NCA_OK;
}

static nca_status run_once(nca_rollout *rollout, const float *state, size_t batch, size_t steps,
                           nca_error *error)
{
    if (state == NULL) {
        nca_rollout_reset(rollout);
    }
    for (size_t sample = 0; state != NULL && sample < batch; sample++) {
        nca_rollout_set(rollout, sample, state);
    }
    nca_rollout_set_steps(rollout, 0);
    return nca_rollout_run(rollout, steps, error);
}

/* Mean share of living cells before each step of growth from the seed. */
static nca_status growth_share(double *out, nca_rollout *rollout, size_t batch, size_t steps,
                               double cells, nca_error *error)
{
    double alive = 0;
    nca_status status = NCA_OK;
    nca_rollout_reset(rollout);
    for (size_t step = 0; step < steps && status == NCA_OK; step++) {
        for (size_t sample = 0; sample < batch; sample++) {
            alive += (double)nca_rollout_alive(rollout, sample);
        }
        status = nca_rollout_run(rollout, 1, error);
    }
    *out = alive / (cells * (double)(batch * steps));
    return status;
}

static nca_rollout_options rollout_options(const bench_plan *plan, size_t batch)
{
    return (nca_rollout_options){.batch = batch,
                                 .height = plan->what->side,
                                 .width = plan->what->side,
                                 .threads = plan->threads,
                                 .kernels = plan->kernels,
                                 .precision = plan->what->precision,
                                 .device = plan->device};
}

static nca_status time_runs(bench_result *out, const bench_plan *plan, nca_rollout *rollout,
                            const float *state)
{
    nca_status status = NCA_OK;
    double began = nca_seconds();
    if (!plan->what->large) { /* which takes long enough to be warm */
        status = run_once(rollout, state, out->batch, out->steps, &out->error);
    }
    out->repeats = bench_repeats(plan, plan->what->large ? 0 : nca_seconds() - began);
    for (size_t run = 0; run < plan->runs && status == NCA_OK; run++) {
        began = nca_seconds();
        for (size_t i = 0; i < out->repeats && status == NCA_OK; i++) {
            status = run_once(rollout, state, out->batch, out->steps, &out->error);
        }
        out->seconds[run] = nca_seconds() - began;
    }
    return status;
}

static nca_status measure_inference(bench_result *out, const bench_plan *plan)
{
    nca_model *model = NULL;
    nca_rollout *rollout = NULL;
    float *state = NULL;
    double alive = 1;
    const double cells = (double)plan->what->side * (double)plan->what->side;
    out->batch = bench_batch(plan);
    out->steps = bench_steps(plan);
    const nca_rollout_options options = rollout_options(plan, out->batch);
    nca_status status = plan->what->growing
                            ? nca_model_load(&model, plan->model, &out->error)
                            : make_full(&model, &state, plan->what->side, &out->error);
    if (status == NCA_OK) {
        status = nca_rollout_create(&rollout, model, &options, &out->error);
    }
    if (status == NCA_OK) {
        status = plan->what->growing
                     ? growth_share(&alive, rollout, out->batch, out->steps, cells, &out->error)
                     : run_once(rollout, state, out->batch, out->steps, &out->error);
    }
    if (status == NCA_OK) {
        status = time_runs(out, plan, rollout, state);
    }
    if (status == NCA_OK) {
        bench_finish(out, plan, &model->automaton, alive);
    }
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
    free(state);
    return status;
}

/* ---- Training --------------------------------------------------------------------------------*/

/* Limits the states to what the rest leaves of `bytes`, or to the smallest possible memory. */
static void limit_memory(nca_settings *settings, size_t bytes)
{
    settings->memory_limit = bytes;
    const size_t side = settings->img_size;
    const nca_session_memory needed = nca_session_memory_needed(settings, side, side);
    const size_t rest = needed.pool + needed.other + PROCESS;
    settings->memory_limit = rest < bytes ? bytes - rest : 1;
}

static nca_settings training_settings(const bench_plan *plan)
{
    nca_settings settings = bench_settings(plan, NCA_RECIPE_DISTILL);
    if (plan->what->growing) {
        settings.pool_size = GROWING_POOL;
        settings.img_size = PHANTOM;
        settings.padding = PHANTOM_PADDING;
    } else {
        settings.pool_size = FULL_POOL;
        settings.img_size = (uint32_t)plan->what->side;
        settings.padding = 0;
        settings.alive_channel = -1;
    }
    if (plan->what->learned) {
        settings.filter = NCA_FILTER_LEARNED;
        settings.filter_count = 2;
    }
    if (plan->what->large) {
        settings.experiment = NCA_EXPERIMENT_GROWING;
    }
    if (plan->what->most_memory > 0) {
        limit_memory(&settings, plan->what->most_memory);
    }
    return settings;
}

/* Sets the settings of the automaton to those of a model. */
static void take_automaton(nca_settings *settings, const nca_automaton *automaton)
{
    settings->n_channels = automaton->channels;
    settings->hidden = automaton->hidden;
    settings->filter = automaton->filter;
    settings->filter_count = automaton->filter_count;
    settings->boundary = automaton->boundary;
    settings->angle = automaton->angle_radians * (float)(180 / 3.14159265358979323846);
    settings->fire_rate = automaton->fire_rate;
    settings->step_size = automaton->step_size;
    settings->alive_channel = automaton->alive_channel;
    settings->alive_threshold = automaton->alive_threshold;
    settings->output_bias = automaton->output_bias;
}

/* Copies a checkpoint, replacing the tensors that a model file also contains. */
static nca_status replace_parameters(const char *checkpoint, const char *model, nca_error *error)
{
    nca_safetensors *from = NULL, *trained = NULL;
    nca_safetensors_writer *to = NULL;
    const size_t limit = (size_t)1 << 30;
    const char *key, *value;
    nca_status status = nca_safetensors_open(&from, checkpoint, limit, error);
    status = status == NCA_OK ? nca_safetensors_open(&trained, model, limit, error) : status;
    status = status == NCA_OK ? nca_safetensors_writer_open(&to, checkpoint, error) : status;
    for (size_t i = 0; status == NCA_OK && nca_safetensors_metadata_at(from, i, &key, &value);
         i++) {
        status = nca_safetensors_writer_metadata(to, key, value, error);
    }
    for (size_t i = 0; status == NCA_OK && i < nca_safetensors_count(from); i++) {
        status = nca_safetensors_writer_tensor(to, nca_safetensors_at(from, i), error);
    }
    for (size_t i = 0; status == NCA_OK && i < nca_safetensors_count(from); i++) {
        const nca_tensor_view *tensor = nca_safetensors_at(from, i);
        const nca_tensor_view *better = nca_safetensors_find(trained, tensor->name);
        if (better != NULL && better->bytes == tensor->bytes) {
            tensor = better;
        }
        status = nca_safetensors_writer_write(to, tensor->data, tensor->bytes, error);
    }
    status = status == NCA_OK ? nca_safetensors_writer_commit(to, error) : status;
    nca_safetensors_writer_destroy(to);
    nca_safetensors_close(from);
    nca_safetensors_close(trained);
    return status;
}

/* A session that continues from a trained model: the checkpoint of a new session with the
 * parameters of the model. */
static nca_status resume_trained(nca_session **session, const bench_plan *plan, nca_error *error)
{
    nca_status status = nca_session_save(*session, plan->scratch, error);
    if (status == NCA_OK) {
        status = replace_parameters(plan->scratch, plan->model, error);
    }
    nca_session *resumed = NULL;
    if (status == NCA_OK) {
        status = nca_session_resume(&resumed, plan->scratch, NULL, error);
    }
    unlink(plan->scratch);
    if (status == NCA_OK) {
        nca_session_destroy(*session);
        *session = resumed;
    }
    return status;
}

static nca_status create_session(nca_session **out_session, const bench_plan *plan,
                                 nca_error *error)
{
    nca_settings settings = training_settings(plan);
    nca_model *model = NULL;
    nca_target *target = NULL;
    nca_status status = NCA_OK;
    if (plan->what->growing) {
        status = nca_model_load(&model, plan->model, error);
        if (status == NCA_OK) {
            take_automaton(&settings, &model->automaton);
        }
    }
    nca_target_options options;
    nca_target_options_default(&options);
    options.size = settings.img_size;
    options.padding = settings.padding;
    status = status == NCA_OK ? nca_target_create(&target, "phantom", &options, error) : status;
    if (status == NCA_OK) {
        status = nca_session_create(out_session, &settings, target, error);
    }
    if (status == NCA_OK && plan->what->growing) {
        status = resume_trained(out_session, plan, error);
    }
    nca_target_destroy(target);
    nca_model_destroy(model);
    return status;
}

/* Fraction of living cells in a batch in which one sample grows from the seed and the others are
 * grown. Their states between the steps are not accessible, so this is an estimate. */
static nca_status training_share(double *out, const nca_session *session, const bench_plan *plan,
                                 size_t alive_cells, nca_error *error)
{
    const double cells = (double)plan->what->side * (double)plan->what->side;
    const double batch = (double)bench_batch(plan);
    const nca_rollout_options options = rollout_options(plan, 1);
    nca_rollout *rollout;
    nca_status status = nca_rollout_create(&rollout, nca_session_model(session), &options, error);
    if (status == NCA_OK) {
        const double grown = (double)alive_cells / (batch * cells);
        double growth = 0;
        status = growth_share(&growth, rollout, 1, bench_steps(plan), cells, error);
        *out = (growth + (batch - 1) * grown) / batch;
        nca_rollout_destroy(rollout);
    }
    return status;
}

static nca_status measure_training(bench_result *out, const bench_plan *plan)
{
    nca_labelled *images = plan->what->classifying ? bench_images() : NULL;
    nca_session *session = NULL;
    nca_iteration report = {0};
    double alive = 1, once = 0;
    out->batch = bench_batch(plan);
    out->steps = bench_steps(plan);
    nca_status status = plan->what->classifying
                            ? bench_classify_session(&session, plan, images, &out->error)
                            : create_session(&session, plan, &out->error);
    const size_t growing = plan->what->growing && out->batch > 1 ? GROWING_WARM_UP : 2;
    const size_t warm_up = plan->what->large ? 1 : growing;
    for (size_t i = 0; status == NCA_OK && i < warm_up; i++) {
        const double began = nca_seconds();
        status = nca_session_step(session, &report, &out->error);
        once = nca_seconds() - began;
    }
    out->repeats = bench_repeats(plan, once);
    for (size_t run = 0; status == NCA_OK && run < plan->runs; run++) {
        const double began = nca_seconds();
        for (size_t i = 0; status == NCA_OK && i < out->repeats; i++) {
            status = nca_session_step(session, &report, &out->error);
        }
        out->seconds[run] = nca_seconds() - began;
    }
    if (status == NCA_OK && plan->profile) {
        nca_session_profile_begin(session);
        for (size_t i = 0; status == NCA_OK && i < out->repeats; i++) {
            status = nca_session_step(session, &report, &out->error);
        }
        nca_session_profile_end(&out->profile, session);
    }
    if (status == NCA_OK && plan->what->growing) {
        status = training_share(&alive, session, plan, report.alive_cells, &out->error);
    }
    if (status == NCA_OK) {
        bench_finish(out, plan, &nca_session_model(session)->automaton, alive);
    }
    nca_session_destroy(session);
    bench_images_free(images);
    return status;
}

void bench_measure(void *out_result, const void *plan)
{
    bench_result *out = out_result;
    const bench_plan *todo = plan;
    out->error.status = todo->what->training      ? measure_training(out, todo)
                        : todo->what->classifying ? bench_measure_prediction(out, todo)
                                                  : measure_inference(out, todo);
}

/* ---- The model -------------------------------------------------------------------------------*/

void bench_train_model(void *out_error, const void *training)
{
    const bench_training *todo = training;
    nca_error *error = out_error;
    nca_target *target = NULL;
    nca_session *session = NULL;
    nca_settings settings;
    nca_settings_default(&settings);
    nca_settings_apply_recipe(&settings, NCA_RECIPE_DISTILL);
    settings.img_size = 16;
    settings.padding = 4;
    settings.pool_size = 32;
    settings.steps_min = 40;
    settings.steps_max = 56;
    settings.seed = 1;
    settings.iterations = todo->iterations;
    nca_target_options options;
    nca_target_options_default(&options);
    options.size = settings.img_size;
    options.padding = settings.padding;
    nca_status status = nca_target_create(&target, "phantom", &options, error);
    status = status == NCA_OK ? nca_session_create(&session, &settings, target, error) : status;
    status = status == NCA_OK ? nca_session_run(session, NULL, NULL, error) : status;
    if (status == NCA_OK) {
        status = nca_model_save(nca_session_model(session), todo->model, error);
    }
    error->status = status;
    nca_session_destroy(session);
    nca_target_destroy(target);
}
