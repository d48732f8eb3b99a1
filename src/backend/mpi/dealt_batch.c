/* The backend of rank 0: deals the samples of a batch over the processes of the cluster. Its own
 * part is a batch of the device's backend; the states of the other samples are kept here, so that
 * they can be read at any time, and travel when a pass begins and ends. */
#include "backend/mpi/dealt_batch.h"

#include <stdlib.h>
#include <string.h>

#include "backend/mpi/count_alive.h"
#include "backend/mpi/grid_strips.h"
#include "base/error.h"
#include "base/saturate.h"

typedef struct dealt_batch {
    nca__batch base; /* must be first */
    nca__batch_options options;
    nca__cluster *cluster;
    uint64_t number; /* in commands */
    size_t parts;    /* with samples; part 0 is this process's own */
    nca__batch *own;
    size_t own_count; /* samples of part 0 */
    size_t values;    /* of a state */
    size_t parameter_count;
    float *parameters; /* for the next pass of the others... */
    bool has_new_parameters;
    float fire_rate; /* ...and their fire rate */
    /* Forward: the states of the other samples, and which of them have been set since the last
     * pass. */
    float *states;           /* (B - own_count, H,W,C) */
    bool *is_set;            /* (B - own_count) */
    float *sample_gradients; /* training: (B, parameters), unless the caller has asked for them */
    nca__parcel *asked;      /* training: (parts) what was asked of each in the last pass */
    const void **distinct;   /* (B) */
    nca__parcel parcel;
} dealt_batch;

static struct {
    nca__cluster *cluster; /* NULL: batches are not dealt */
    uint64_t batches;      /* created so far */
} dealing;

static dealt_batch *own(nca__batch *batch)
{
    return (dealt_batch *)batch;
}

static const dealt_batch *own_const(const nca__batch *batch)
{
    return (const dealt_batch *)batch;
}

/* ---- Parts -----------------------------------------------------------------------------------*/

size_t nca__part_first(size_t batch, size_t parts, size_t i)
{
    /* Not batch * i / parts, which may overflow: the first parts are the smaller ones, because
     * rank 0 has more to do than the others. */
    const size_t least = batch / parts, larger = batch % parts;
    return least * i + (i > parts - larger ? i - (parts - larger) : 0);
}

nca__batch_options nca__part_options(const nca__batch_options *whole, size_t parts, size_t i)
{
    nca__batch_options part = *whole;
    const size_t first = nca__part_first(whole->batch, parts, i);
    part.batch = nca__part_first(whole->batch, parts, i + 1) - first;
    part.first_sample = whole->first_sample + (uint32_t)first;
    part.batch_total = whole->batch_total != 0 ? whole->batch_total : whole->batch;
    return part;
}

/* Data that cannot leave this process is kept in it, and one sample is not worth a message. */
static size_t count_parts(const nca__batch_options *options)
{
    const size_t size = nca__cluster_size(dealing.cluster);
    if (options->objective != NULL && options->objective->pack == NULL) {
        return 1;
    }
    return options->batch < size ? options->batch : size;
}

static nca__batch_options own_options(const nca__batch_options *options)
{
    nca__batch_options part = nca__part_options(options, count_parts(options), 0);
    if (nca__strips_parts(options, dealing.cluster) > 1) {
        part.backend = &nca__backend_strips;
    } else {
        nca__dealt_choose(&part, options->wanted, dealing.cluster);
    }
    part.threads = options->threads != 0 ? options->threads : nca__cluster_cores(dealing.cluster);
    return part;
}

/* ---- Memory ----------------------------------------------------------------------------------*/

/* What this process has beside its own part: states, gradients, and the message of the largest
 * part, which has one sample more. */
static size_t extra_bytes(const nca__batch_options *options)
{
    const size_t own_count = own_options(options).batch;
    const size_t parameters = nca_parameter_count(&options->automaton) * sizeof(float);
    const size_t state =
        options->height * options->width * options->automaton.channels * sizeof(float);
    if (own_count == options->batch) {
        return 0;
    }
    const size_t kept = options->max_steps == 0
                            ? nca__saturating_multiply(options->batch - own_count, state)
                            : nca__saturating_multiply(options->batch, parameters);
    const size_t message = nca__saturating_multiply(own_count + 1, 2 * state + parameters);
    return nca__saturating_add(kept, message);
}

static void dealt_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                         const nca__batch_options *options)
{
    const nca__batch_options part = own_options(options);
    part.backend->memory(out_states, out_other, out_least, &part);
    *out_other = nca__saturating_add(*out_other, extra_bytes(options));
}

/* ---- Creating and destroying -----------------------------------------------------------------*/

static bool allocate(dealt_batch *batch)
{
    const nca__batch_options *options = &batch->options;
    const size_t others = options->batch - batch->own_count;
    batch->parameters = calloc(batch->parameter_count, sizeof(float));
    if (options->max_steps == 0) {
        batch->states = calloc(others, batch->values * sizeof(float));
        batch->is_set = calloc(others, sizeof *batch->is_set);
        return batch->parameters != NULL && batch->states != NULL && batch->is_set != NULL;
    }
    batch->sample_gradients = calloc(options->batch, batch->parameter_count * sizeof(float));
    batch->asked = calloc(batch->parts, sizeof *batch->asked);
    batch->distinct = calloc(options->batch, sizeof *batch->distinct);
    return batch->parameters != NULL && batch->sample_gradients != NULL && batch->asked != NULL &&
           batch->distinct != NULL;
}

static void begin_command(dealt_batch *batch, nca__command command)
{
    const nca__command_head head = {.command = command, .batch = batch->number};
    nca__parcel_clear(&batch->parcel);
    nca__parcel_add(&batch->parcel, &head, sizeof head);
}

/* Receives the answer of every part into batch->parcel, and takes its status; `take`, if there is
 * one, takes the rest. All answers are received even after a failure, so that the next command
 * finds none. */
static nca_status take_answers(dealt_batch *batch, nca_status status, nca_error *error,
                               bool (*take)(dealt_batch *batch, size_t part, void *user),
                               void *user)
{
    for (size_t i = 1; i < batch->parts; i++) {
        nca_error later;
        nca_error *told = status == NCA_OK ? error : &later;
        nca_status found = nca__cluster_receive(batch->cluster, (unsigned)i, &batch->parcel, told);
        if (found == NCA_OK) {
            found = nca__parcel_take_status(&batch->parcel, batch->cluster, (unsigned)i, told);
        }
        if (found == NCA_OK && take != NULL && !take(batch, i, user)) {
            found = nca__fail(told, NCA_DEVICE_LOST, "process %zu of %u: its answer is too short",
                              i, nca__cluster_size(batch->cluster));
        }
        status = status == NCA_OK ? found : status;
    }
    return status;
}

void nca__dealt_pack(nca__dealt_options *out, const nca__batch_options *options, size_t parts)
{
    memset(out, 0, sizeof *out);
    out->automaton = options->automaton;
    out->device = options->wanted;
    out->precision = options->precision;
    out->batch = options->batch;
    out->height = options->height;
    out->width = options->width;
    out->parts = parts;
    out->threads = options->threads;
    out->first_sample = options->first_sample;
    out->mask_sets = options->mask_sets;
    out->max_steps = options->max_steps;
    out->memory_limit = options->memory_limit;
    out->kept_hidden = options->kept_hidden;
    out->losses = options->losses;
    if (options->kernels != nca_kernels_best()) {
        strncpy(out->kernels, nca_kernels_name(options->kernels), sizeof out->kernels - 1);
    }
    if (options->objective != NULL && options->objective->name != NULL) {
        strncpy(out->objective, options->objective->name, sizeof out->objective - 1);
    }
}

uint64_t nca__dealt_number(void)
{
    return ++dealing.batches;
}

static nca_status create_parts(dealt_batch *batch, nca_error *error)
{
    nca__dealt_options sent;
    nca__dealt_pack(&sent, &batch->options, batch->parts);
    nca__cluster_lock(batch->cluster);
    batch->number = nca__dealt_number();
    begin_command(batch, NCA__COMMAND_CREATE);
    nca__parcel_add(&batch->parcel, &sent, sizeof sent);
    nca_status status = nca__cluster_command(batch->cluster, &batch->parcel, error);
    status = take_answers(batch, status, error, NULL, NULL);
    nca__cluster_unlock(batch->cluster);
    return status;
}

static void dealt_destroy(nca__batch *base)
{
    dealt_batch *batch = own(base);
    if (batch->parts > 1 && batch->number > 0) {
        nca__cluster_lock(batch->cluster);
        begin_command(batch, NCA__COMMAND_DESTROY);
        nca__cluster_command(batch->cluster, &batch->parcel, NULL);
        nca__cluster_unlock(batch->cluster);
    }
    nca__batch_destroy(batch->own);
    for (size_t i = 0; batch->asked != NULL && i < batch->parts; i++) {
        nca__parcel_free(&batch->asked[i]);
    }
    nca__parcel_free(&batch->parcel);
    free(batch->parameters);
    free(batch->states);
    free(batch->is_set);
    free(batch->sample_gradients);
    free(batch->asked);
    free(batch->distinct);
    free(batch);
}

static nca_status dealt_create(nca__batch **out_batch, const nca__batch_options *options,
                               nca_error *error)
{
    dealt_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return nca__fail_memory(error, "a batch", sizeof *batch);
    }
    const nca__batch_options part = own_options(options);
    batch->options = *options;
    batch->cluster = dealing.cluster;
    batch->parts = count_parts(options);
    batch->own_count = part.batch;
    batch->values = options->height * options->width * options->automaton.channels;
    batch->parameter_count = nca_parameter_count(&options->automaton);
    batch->fire_rate = options->automaton.fire_rate;
    nca_status status = nca__batch_create(&batch->own, &part, error);
    if (status == NCA_OK && batch->parts > 1) {
        status = allocate(batch)
                     ? create_parts(batch, error)
                     : nca__fail_memory(error, "the states of a batch", extra_bytes(options));
    }
    if (status != NCA_OK) {
        dealt_destroy(&batch->base);
        return status;
    }
    *out_batch = &batch->base;
    return NCA_OK;
}

/* ---- What concerns the own part --------------------------------------------------------------*/

static unsigned dealt_threads(const nca__batch *base)
{
    return nca__batch_threads(own_const(base)->own);
}

static const char *dealt_kernels(const nca__batch *base)
{
    return nca__batch_kernels(own_const(base)->own);
}

static void dealt_watch(nca__batch *base, double (*now)(void))
{
    nca__batch_watch(own(base)->own, now);
}

static void dealt_add_profile(nca_profile *profile, const nca__batch *base)
{
    nca__batch_add_profile(profile, own_const(base)->own);
}

static void dealt_set_parameters(nca__batch *base, const float *parameters)
{
    dealt_batch *batch = own(base);
    nca__batch_set_parameters(batch->own, parameters);
    if (batch->parts > 1) {
        memcpy(batch->parameters, parameters, batch->parameter_count * sizeof *parameters);
        batch->has_new_parameters = true;
    }
}

static void dealt_set_fire_rate(nca__batch *base, float fire_rate)
{
    dealt_batch *batch = own(base);
    nca__batch_set_fire_rate(batch->own, fire_rate);
    batch->fire_rate = fire_rate;
}

/* ---- Forward only ----------------------------------------------------------------------------*/

/* The state of a sample that another process runs. */
static float *state_of(const dealt_batch *batch, size_t sample)
{
    return batch->states + (sample - batch->own_count) * batch->values;
}

static void dealt_get(float *out_state, const nca__batch *base, size_t sample)
{
    const dealt_batch *batch = own_const(base);
    if (sample < batch->own_count) {
        nca__batch_get(out_state, batch->own, sample);
        return;
    }
    memcpy(out_state, state_of(batch, sample), batch->values * sizeof *out_state);
}

static const float *dealt_row(size_t *out_stride, const nca__batch *base, size_t sample, size_t row)
{
    const dealt_batch *batch = own_const(base);
    if (sample < batch->own_count) {
        return nca__batch_row(out_stride, batch->own, sample, row);
    }
    const size_t channels = batch->options.automaton.channels;
    *out_stride = channels;
    return state_of(batch, sample) + row * batch->options.width * channels;
}

static void dealt_set(nca__batch *base, size_t sample, const float *state)
{
    dealt_batch *batch = own(base);
    if (sample < batch->own_count) {
        nca__batch_set(batch->own, sample, state);
        return;
    }
    memcpy(state_of(batch, sample), state, batch->values * sizeof *state);
    batch->is_set[sample - batch->own_count] = true;
}

static size_t dealt_alive(const nca__batch *base, size_t sample)
{
    const dealt_batch *batch = own_const(base);
    return sample < batch->own_count
               ? nca__batch_alive(batch->own, sample)
               : nca__count_alive(state_of(batch, sample), &batch->options.automaton,
                                  batch->options.height, batch->options.width);
}

/* The command of a pass, with the parameters if the others do not have them. */
static nca_status command_pass(dealt_batch *batch, nca__command command, nca__dealt_pass pass,
                               nca_error *error)
{
    pass.fire_rate = batch->fire_rate;
    pass.parameters = batch->has_new_parameters;
    begin_command(batch, command);
    nca__parcel_add(&batch->parcel, &pass, sizeof pass);
    if (batch->has_new_parameters) {
        nca__parcel_add(&batch->parcel, batch->parameters,
                        batch->parameter_count * sizeof *batch->parameters);
    }
    const nca_status status = nca__cluster_command(batch->cluster, &batch->parcel, error);
    batch->has_new_parameters &= status != NCA_OK;
    return status;
}

static size_t first_of(const dealt_batch *batch, size_t part)
{
    return nca__part_first(batch->options.batch, batch->parts, part);
}

/* The states of a part that have been set since it had them. */
static nca_status send_states(dealt_batch *batch, size_t part, nca_error *error)
{
    nca__parcel_clear(&batch->parcel);
    for (size_t b = first_of(batch, part); b < first_of(batch, part + 1); b++) {
        bool *is_set = &batch->is_set[b - batch->own_count];
        const uint64_t follows = *is_set;
        nca__parcel_add(&batch->parcel, &follows, sizeof follows);
        if (*is_set) {
            nca__parcel_add(&batch->parcel, state_of(batch, b), batch->values * sizeof(float));
        }
        *is_set = false;
    }
    return nca__cluster_send(batch->cluster, (unsigned)part, &batch->parcel, error);
}

static bool take_states(dealt_batch *batch, size_t part, void *user)
{
    (void)user;
    for (size_t b = first_of(batch, part); b < first_of(batch, part + 1); b++) {
        const float *state = nca__parcel_take(&batch->parcel, batch->values * sizeof *state);
        if (state == NULL) {
            return false;
        }
        memcpy(state_of(batch, b), state, batch->values * sizeof *state);
    }
    return true;
}

static nca_status run_parts(dealt_batch *batch, uint64_t first_step, size_t steps, uint64_t seed,
                            uint32_t iteration, nca_error *error)
{
    const nca__dealt_pass pass = {
        .first_step = first_step, .steps = steps, .seed = seed, .iteration = iteration};
    nca_status status = command_pass(batch, NCA__COMMAND_RUN, pass, error);
    for (size_t i = 1; i < batch->parts && status == NCA_OK; i++) {
        status = send_states(batch, i, error);
    }
    if (status == NCA_OK) {
        status = nca__batch_run(batch->own, first_step, steps, seed, iteration, error);
    }
    return take_answers(batch, status, error, take_states, NULL);
}

static nca_status dealt_run(nca__batch *base, uint64_t first_step, size_t steps, uint64_t seed,
                            uint32_t iteration, nca_error *error)
{
    dealt_batch *batch = own(base);
    if (batch->parts == 1) {
        return nca__batch_run(batch->own, first_step, steps, seed, iteration, error);
    }
    nca__cluster_lock(batch->cluster);
    const nca_status status = run_parts(batch, first_step, steps, seed, iteration, error);
    nca__cluster_unlock(batch->cluster);
    return status;
}

/* ---- Training --------------------------------------------------------------------------------*/

/* The number of a pointer among the distinct ones, which it may join. */
static uint64_t index_of(dealt_batch *batch, size_t *count, const void *asked)
{
    size_t i = *count;
    while (i > 0 && batch->distinct[i - 1] != asked) {
        i--;
    }
    if (i > 0) {
        return i - 1;
    }
    batch->distinct[*count] = asked;
    return (*count)++;
}

/* Adds what is asked of a part, unless it is what was asked in the last pass. */
static void add_asked(dealt_batch *batch, size_t part, size_t count)
{
    const nca__objective *objective = batch->options.objective;
    const size_t cells = batch->options.height * batch->options.width;
    nca__parcel packed = {0};
    uint64_t *sizes = nca__parcel_add(&packed, NULL, count * sizeof *sizes);
    size_t all = 0;
    for (size_t i = 0; sizes != NULL && i < count; i++) {
        sizes[i] = objective->pack(NULL, batch->distinct[i], cells);
        all += nca__parcel_piece(sizes[i]);
    }
    unsigned char *place = nca__parcel_add(&packed, NULL, all);
    if (place == NULL) {
        batch->parcel.is_short = true;
        return;
    }
    memset(place, 0, all);
    sizes = (uint64_t *)(void *)packed.bytes;
    for (size_t i = 0; i < count; i++) {
        place += nca__parcel_piece(objective->pack(place, batch->distinct[i], cells));
    }
    nca__parcel *before = &batch->asked[part];
    const bool same =
        before->size == packed.size && memcmp(before->bytes, packed.bytes, packed.size) == 0;
    const nca__dealt_asked asked = {.count = count, .changed = !same};
    nca__parcel_add(&batch->parcel, &asked, sizeof asked);
    if (!same) {
        nca__parcel_add(&batch->parcel, packed.bytes, packed.size);
        nca__parcel_free(before);
        *before = packed;
        return;
    }
    nca__parcel_free(&packed);
}

static nca_status send_samples(dealt_batch *batch, size_t part, const nca__batch_pass *pass,
                               nca_error *error)
{
    const size_t first = first_of(batch, part), last = first_of(batch, part + 1);
    size_t distinct = 0;
    for (size_t b = first; b < last; b++) {
        index_of(batch, &distinct, pass->asked[b]);
    }
    nca__parcel_clear(&batch->parcel);
    add_asked(batch, part, distinct);
    uint64_t *index = nca__parcel_add(&batch->parcel, NULL, (last - first) * sizeof *index);
    for (size_t b = first; b < last && index != NULL; b++) {
        index[b - first] = index_of(batch, &distinct, pass->asked[b]);
    }
    for (size_t b = first; b < last; b++) {
        nca__parcel_add(&batch->parcel, pass->initial[b], batch->values * sizeof(float));
    }
    return nca__cluster_send(batch->cluster, (unsigned)part, &batch->parcel, error);
}

/* (B, parameters) */
static float *gradients_of(const dealt_batch *batch, const nca__batch_pass *pass)
{
    return pass->sample_gradients != NULL ? pass->sample_gradients : batch->sample_gradients;
}

static bool take_results(dealt_batch *batch, size_t part, void *user)
{
    const nca__batch_pass *pass = user;
    const size_t first = first_of(batch, part), count = first_of(batch, part + 1) - first;
    const size_t state = batch->values * sizeof(float);
    const size_t gradients = count * batch->parameter_count * sizeof(float);
    const double *losses = nca__parcel_take(&batch->parcel, count * sizeof *losses);
    const size_t *alive = nca__parcel_take(&batch->parcel, count * sizeof *alive);
    const float *found = nca__parcel_take(&batch->parcel, gradients);
    if (found == NULL) {
        return false;
    }
    memcpy(pass->losses + first, losses, count * sizeof *losses);
    if (pass->alive != NULL) {
        memcpy(pass->alive + first, alive, count * sizeof *alive);
    }
    memcpy(gradients_of(batch, pass) + first * batch->parameter_count, found, gradients);
    float *const *const wanted[] = {pass->final, pass->initial_gradient};
    for (size_t i = 0; i < 2; i++) {
        for (size_t b = 0; b < count && wanted[i] != NULL; b++) {
            const float *values = nca__parcel_take(&batch->parcel, state);
            if (values == NULL) {
                return false;
            }
            memcpy(wanted[i][first + b], values, state);
        }
    }
    return true;
}

/* Samples are added in their order, as on one machine. */
static void sum_gradients(const dealt_batch *batch, const nca__batch_pass *pass)
{
    const float *all = gradients_of(batch, pass);
    const size_t parameters = batch->parameter_count;
    memset(pass->gradient, 0, parameters * sizeof *pass->gradient);
    for (size_t b = 0; b < batch->options.batch; b++) {
        for (size_t i = 0; i < parameters; i++) {
            pass->gradient[i] += all[b * parameters + i];
        }
    }
}

static nca_status train_parts(dealt_batch *batch, const nca__batch_pass *pass, nca_error *error)
{
    const nca__dealt_pass sent = {.steps = pass->steps,
                                  .seed = pass->seed,
                                  .iteration = pass->iteration,
                                  .final = pass->final != NULL,
                                  .initial_gradient = pass->initial_gradient != NULL};
    nca_status status = command_pass(batch, NCA__COMMAND_TRAIN, sent, error);
    for (size_t i = 1; i < batch->parts && status == NCA_OK; i++) {
        status = send_samples(batch, i, pass, error);
    }
    if (status == NCA_OK) {
        nca__batch_pass part = *pass;
        part.gradient = NULL;
        part.sample_gradients = gradients_of(batch, pass);
        status = nca__batch_train(batch->own, &part, error);
    }
    status = take_answers(batch, status, error, take_results, (void *)(uintptr_t)pass);
    if (status == NCA_OK && pass->gradient != NULL) {
        sum_gradients(batch, pass);
    }
    return status;
}

static nca_status dealt_train(nca__batch *base, const nca__batch_pass *pass, nca_error *error)
{
    dealt_batch *batch = own(base);
    if (batch->parts == 1) {
        return nca__batch_train(batch->own, pass, error);
    }
    nca__cluster_lock(batch->cluster);
    const nca_status status = train_parts(batch, pass, error);
    nca__cluster_unlock(batch->cluster);
    return status;
}

/* ---- The row ---------------------------------------------------------------------------------*/

static const nca__backend dealt = {
    .name = "dealt",
    .memory = dealt_memory,
    .create = dealt_create,
    .destroy = dealt_destroy,
    .threads = dealt_threads,
    .kernels = dealt_kernels,
    .watch = dealt_watch,
    .add_profile = dealt_add_profile,
    .set_parameters = dealt_set_parameters,
    .set_fire_rate = dealt_set_fire_rate,
    .get = dealt_get,
    .row = dealt_row,
    .set = dealt_set,
    .run = dealt_run,
    .alive = dealt_alive,
    .train = dealt_train,
};

void nca__dealt_choose(nca__batch_options *options, nca_device device, const nca__cluster *cluster)
{
    nca__backend_choose_inner(options, nca__device_of_place(device, nca__cluster_place(cluster)));
}

void nca__dealt_begin(nca__cluster *cluster)
{
    dealing.cluster = cluster;
    nca__backend_wrap(&dealt);
}

void nca__dealt_end(void)
{
    nca__backend_wrap(NULL);
    dealing.cluster = NULL;
}
