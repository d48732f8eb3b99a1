/* The automaton for a page (engine.h). All arithmetic is that of src/core. */
#include "engine.h"

#include "core/carve.h"
#include "nca/kernels.h"
#include "nca/philox.h"
#include "tape/tape.h"
#include "task/grow_objective.h"

enum {
    RUN_PIECE = 64 /* steps per pass over the tape */
};

static nca_web_choice settings;

typedef struct world {
    nca__engine engine;
    nca__tape tape;
    nca__workspace workspace;
    float *parameters; /* flat */
    float *state;      /* (H,W,C) */
    float *target;     /* (H,W,4) */
    double steps, loss;
} world_t;

static world_t world;

nca_web_choice *nca_web_settings(void)
{
    return &settings;
}

static nca_automaton automaton_of_settings(void)
{
    return (nca_automaton){
        .channels = settings.channels,
        .hidden = settings.hidden,
        .filter = (nca_filter)settings.filter,
        .filter_count = settings.filter_count,
        .boundary = (nca_boundary)settings.boundary,
        .angle_radians = settings.angle,
        .fire_rate = settings.fire_rate,
        .step_size = settings.step_size,
        .alive_channel = settings.alive_channel,
        .alive_threshold = settings.alive_threshold,
        .output_bias = settings.output_bias != 0,
        .input_channels = settings.input_channels,
    };
}

/* Lays out the world in a block. With a cursor of 0 it only measures: sizes are meaningful,
 * pointers are not. */
static void carve_all(world_t *out, uintptr_t *cursor)
{
    const nca_automaton automaton = automaton_of_settings();
    const size_t cells = (size_t)settings.height * settings.width;
    const bool measuring = *cursor == 0;
    out->engine = nca__engine_make(&automaton, settings.height, settings.width, nca_kernels_best(),
                                   &nca__network_fp32, NULL);
    void *packed = nca__carve(cursor, nca__engine_bytes(&out->engine));
    out->engine = nca__engine_make(&automaton, settings.height, settings.width, nca_kernels_best(),
                                   &nca__network_fp32, measuring ? NULL : packed);
    out->engine.objective = &nca__grow_objective;
    out->parameters = nca__carve(cursor, nca_parameter_count(&automaton) * sizeof(float));
    out->state = nca__carve(cursor, cells * automaton.channels * sizeof(float));
    out->target = nca__carve(cursor, cells * 4 * sizeof(float));
    void *workspace = nca__carve(cursor, nca__workspace_bytes(&out->engine));
    void *tape = nca__carve(cursor, nca__tape_bytes(&out->engine, RUN_PIECE, 0));
    if (!measuring) {
        out->workspace = nca__workspace_carve(workspace, &out->engine);
        out->tape = nca__tape_carve(tape, &out->engine, RUN_PIECE, 0);
    }
}

size_t nca_web_bytes(void)
{
    const nca_automaton automaton = automaton_of_settings();
    if (nca_automaton_problem(&automaton) != NULL || settings.height < 1 || settings.width < 1 ||
        settings.height > NCA_MAX_SIDE || settings.width > NCA_MAX_SIDE) {
        return 0;
    }
    const double floats = (double)settings.height * settings.width * settings.channels;
    if (floats > 64e6) { /* several copies of it must fit in a 32-bit address space */
        return 0;
    }
    world_t measured;
    uintptr_t cursor = 0;
    carve_all(&measured, &cursor);
    return (size_t)cursor;
}

/* Runs `steps` steps from `initial`, or from the grid as it is if NULL; writes the result to
 * `final` unless NULL. 0 steps also measure the loss and count the alive cells. */
static void run_pass(size_t steps, const float *initial, float *final)
{
    const nca__grow_asked asked = {NCA_LOSS_L2, world.target};
    const nca__pass pass = {
        .firing = {.seed = (uint64_t)settings.seed_high << 32 | settings.seed_low,
                   .iteration = (uint32_t)(world.steps / 4294967296.0)},
        .first_step = (uint32_t)(uint64_t)world.steps,
        .steps = steps,
        .asked = steps == 0 ? &asked : NULL,
        .initial = initial,
        .final = final,
    };
    nca__tape_begin(&world.tape, &pass);
    for (size_t phase = 0; phase < world.tape.phases; phase++) {
        for (size_t band = 0; band < world.engine.layout.bands; band++) {
            nca__tape_run(&world.tape, phase, band, &world.workspace);
        }
    }
    world.loss = nca__tape_loss(&world.tape);
}

void nca_web_open(void *block)
{
    uintptr_t cursor = (uintptr_t)block;
    carve_all(&world, &cursor);
    world.steps = 0;
    nca_web_use_parameters();
    nca_web_put();
}

void nca_web_retune(void)
{
    const nca_automaton wanted = automaton_of_settings();
    nca_automaton *now = &world.engine.automaton;
    now->angle_radians = wanted.angle_radians;
    now->fire_rate = wanted.fire_rate;
    now->step_size = wanted.step_size;
    world.engine.fire_threshold = nca_fire_threshold(now->fire_rate);
    world.engine.perception->pack(world.engine.taps, &world.engine.shape, world.parameters, now);
}

float *nca_web_parameters(void)
{
    return world.parameters;
}

size_t nca_web_parameter_count(void)
{
    return nca_parameter_count(&world.engine.automaton);
}

void nca_web_use_parameters(void)
{
    nca__engine_set_parameters(&world.engine, world.parameters);
}

float *nca_web_state(void)
{
    return world.state;
}

void nca_web_take(void)
{
    run_pass(0, NULL, world.state);
}

void nca_web_put(void)
{
    run_pass(0, world.state, NULL);
}

void nca_web_seed(void)
{
    nca_seed(world.state, settings.height, settings.width, settings.channels);
    nca_web_put();
}

float *nca_web_target(void)
{
    return world.target;
}

double nca_web_loss(void)
{
    run_pass(0, NULL, NULL);
    return world.loss;
}

size_t nca_web_alive(void)
{
    run_pass(0, NULL, NULL);
    return nca__tape_alive(&world.tape);
}

void nca_web_run(uint32_t steps)
{
    while (steps > 0) {
        /* After 2^32 steps the iteration word of the Philox counter continues the count. */
        const double left = 4294967296.0 - (double)(uint32_t)(uint64_t)world.steps;
        uint32_t piece = steps < RUN_PIECE ? steps : RUN_PIECE;
        piece = piece < left ? piece : (uint32_t)left;
        run_pass(piece, NULL, NULL);
        world.steps += piece;
        steps -= piece;
    }
}

double nca_web_steps(void)
{
    return world.steps;
}

void nca_web_set_steps(double steps)
{
    world.steps = steps;
}

int nca_web_simd(void)
{
    return nca_kernels_best() != nca_kernels_at(0);
}
