/* The parts of batches in another process than rank 0: it waits for commands, receives the states
 * of its samples, runs its part and sends back what has become of them. */
#include <stdlib.h>
#include <string.h>

#include "backend/mpi/dealt_batch.h"
#include "backend/mpi/grid_strips.h"
#include "base/error.h"

/* The part of one batch. */
typedef struct part {
    uint64_t number;
    bool is_used;
    nca__batch *batch; /* samples... */
    nca__strip *strip; /* ...or rows of one */
    nca__batch_options options;
    size_t parameters; /* their number */
    size_t values;     /* of a state */
    /* Training: what the objective asks, and what it was made of. */
    nca__parcel asked_bytes;
    unsigned char *asked; /* (count, objective->unpacked) */
    size_t asked_count;
} part;

struct nca__dealt_parts {
    nca__cluster *cluster;
    const nca__cluster_services *services;
    part *parts;
    size_t count;
    nca__parcel in, out;
};

nca_status nca__dealt_parts_create(nca__dealt_parts **out_worker, nca__cluster *cluster,
                                   const nca__cluster_services *services, nca_error *error)
{
    nca__dealt_parts *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        return nca__fail_memory(error, "the batches of a process", sizeof *worker);
    }
    worker->cluster = cluster;
    worker->services = services;
    *out_worker = worker;
    return NCA_OK;
}

static void part_free(part *p)
{
    nca__batch_destroy(p->batch);
    nca__strip_destroy(p->strip);
    nca__parcel_free(&p->asked_bytes);
    free(p->asked);
    *p = (part){0};
}

void nca__dealt_parts_destroy(nca__dealt_parts *worker)
{
    for (size_t i = 0; i < worker->count; i++) {
        part_free(&worker->parts[i]);
    }
    free(worker->parts);
    nca__parcel_free(&worker->in);
    nca__parcel_free(&worker->out);
    free(worker);
}

static part *find(nca__dealt_parts *worker, uint64_t number)
{
    size_t i = 0;
    while (i < worker->count && !(worker->parts[i].is_used && worker->parts[i].number == number)) {
        i++;
    }
    return i < worker->count ? &worker->parts[i] : NULL;
}

static part *find_free(nca__dealt_parts *worker)
{
    size_t i = 0;
    while (i < worker->count && worker->parts[i].is_used) {
        i++;
    }
    if (i == worker->count) {
        part *parts = realloc(worker->parts, (i + 1) * sizeof *parts);
        if (parts == NULL) {
            return NULL;
        }
        worker->parts = parts;
        worker->parts[i] = (part){0};
        worker->count = i + 1;
    }
    return &worker->parts[i];
}

static nca_status fail_short(nca_error *error)
{
    return nca__fail(error, NCA_DEVICE_LOST,
                     "a message of process 0 is shorter than its kind must be");
}

/* Sends the answer, with a status in front of what has been added to it. */
static nca_status answer(nca__dealt_parts *worker, nca_status status, const nca_error *failure,
                         nca_error *error)
{
    if (status != NCA_OK) {
        nca__parcel_clear(&worker->out);
        nca__parcel_add_status(&worker->out, status, failure);
    }
    return nca__cluster_send(worker->cluster, 0, &worker->out, error);
}

/* ---- Creating --------------------------------------------------------------------------------*/

/* The kernels of rank 0 if it chose them, else the best of this machine. */
static nca_status choose_kernels(nca__batch_options *out, const char *name, nca_error *error)
{
    out->kernels = name[0] != 0 ? nca_kernels_named(name) : nca_kernels_best();
    if (out->kernels == NULL || nca_kernels_missing(out->kernels) != NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "this machine cannot run the kernel set \"%s\"; leave kernels at auto",
                         name);
    }
    const char *missing = nca_kernels_missing_for(out->kernels, out->precision);
    return missing == NULL ? NCA_OK
                           : nca__fail(error, NCA_UNSUPPORTED,
                                       "precision %s is not available with the kernel set %s on "
                                       "this machine, which does not have %s; use precision fp32",
                                       nca_precision_name(out->precision),
                                       nca_kernels_name(out->kernels), missing);
}

nca_status nca__dealt_unpack(nca__batch_options *out, const nca__dealt_options *sent,
                             const nca__cluster *cluster, const nca__cluster_services *services,
                             nca_error *error)
{
    *out = (nca__batch_options){
        .automaton = sent->automaton,
        .batch = sent->batch,
        .height = sent->height,
        .width = sent->width,
        .threads = sent->threads != 0 ? (unsigned)sent->threads : nca__cluster_cores(cluster),
        .precision = (nca_precision)sent->precision,
        .first_sample = (uint32_t)sent->first_sample,
        .mask_sets = (uint32_t)sent->mask_sets,
        .max_steps = sent->max_steps,
        .memory_limit = sent->memory_limit,
        .kept_hidden = sent->kept_hidden,
        .losses = sent->losses,
    };
    if (sent->objective[0] != 0) {
        out->objective = services->objective(sent->objective);
        if (out->objective == NULL) {
            return nca__fail(error, NCA_UNSUPPORTED, "there is no objective \"%s\" here",
                             sent->objective);
        }
    }
    const nca_device device = (nca_device)sent->device;
    const nca_status status = nca_device_choose(NULL, device, out->precision, error);
    nca__dealt_choose(out, device, cluster);
    return status == NCA_OK ? choose_kernels(out, sent->kernels, error) : status;
}

static nca_status create_part(part *out, const nca__dealt_parts *worker,
                              const nca__dealt_options *sent, bool strips, nca_error *error)
{
    nca__batch_options whole;
    nca_status status = nca__dealt_unpack(&whole, sent, worker->cluster, worker->services, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t rank = nca__cluster_rank(worker->cluster);
    out->parameters = nca_parameter_count(&whole.automaton);
    if (strips) {
        return nca__strip_create(&out->strip, &whole, sent->parts, rank, error);
    }
    out->options = nca__part_options(&whole, sent->parts, rank);
    out->values = sent->height * sent->width * whole.automaton.channels;
    return nca__batch_create(&out->batch, &out->options, error);
}

static nca_status create(nca__dealt_parts *worker, uint64_t number, bool strips,
                         nca__parcel *command, nca_error *error)
{
    const nca__dealt_options *sent = nca__parcel_take(command, sizeof *sent);
    if (sent == NULL) {
        return fail_short(error);
    }
    if (nca__cluster_rank(worker->cluster) >= sent->parts) {
        return NCA_OK; /* there are fewer samples than processes */
    }
    nca_error failure = {0};
    part *created = find_free(worker);
    nca_status status = created != NULL ? create_part(created, worker, sent, strips, &failure)
                                        : nca__fail_memory(&failure, "a batch", sizeof *created);
    if (status == NCA_OK) {
        created->number = number;
        created->is_used = true;
    }
    nca__parcel_clear(&worker->out);
    nca__parcel_add_status(&worker->out, NCA_OK, NULL);
    return answer(worker, status, &failure, error);
}

/* ---- Passes ----------------------------------------------------------------------------------*/

/* The parameters, if they came with the command, and the fire rate. */
static const nca__dealt_pass *take_pass(part *p, nca__parcel *command)
{
    nca__batch *batch = p->strip != NULL ? nca__strip_batch(p->strip) : p->batch;
    const nca__dealt_pass *pass = nca__parcel_take(command, sizeof *pass);
    if (pass != NULL && pass->parameters != 0) {
        const float *parameters = nca__parcel_take(command, p->parameters * sizeof *parameters);
        if (parameters == NULL) {
            return NULL;
        }
        nca__batch_set_parameters(batch, parameters);
    }
    if (pass != NULL) {
        nca__batch_set_fire_rate(batch, pass->fire_rate);
    }
    return pass;
}

static nca_status run(nca__dealt_parts *worker, part *p, const nca__dealt_pass *pass,
                      nca_error *error)
{
    const size_t bytes = p->values * sizeof(float);
    nca_error failure = {0};
    for (size_t b = 0; b < p->options.batch; b++) {
        const uint64_t *follows = nca__parcel_take(&worker->in, sizeof *follows);
        const float *state =
            follows != NULL && *follows != 0 ? nca__parcel_take(&worker->in, bytes) : NULL;
        if (worker->in.is_short) {
            return fail_short(error);
        }
        if (state != NULL) {
            nca__batch_set(p->batch, b, state);
        }
    }
    const nca_status status = nca__batch_run(p->batch, pass->first_step, pass->steps, pass->seed,
                                             (uint32_t)pass->iteration, &failure);
    nca__parcel_clear(&worker->out);
    nca__parcel_reserve(&worker->out, 64 + p->options.batch * nca__parcel_piece(bytes));
    nca__parcel_add_status(&worker->out, NCA_OK, NULL);
    for (size_t b = 0; b < p->options.batch && status == NCA_OK; b++) {
        float *state = nca__parcel_add(&worker->out, NULL, bytes);
        if (state != NULL) {
            nca__batch_get(state, p->batch, b);
        }
    }
    return answer(worker, status, &failure, error);
}

/* What the objective asks: new pieces, or those of the pass before. */
static nca_status take_asked(nca__dealt_parts *worker, part *p, const nca__dealt_asked *asked,
                             nca_error *error)
{
    if (asked->changed == 0) {
        return asked->count == p->asked_count ? NCA_OK : fail_short(error);
    }
    const size_t unpacked = nca__parcel_piece(p->options.objective->unpacked);
    free(p->asked);
    p->asked = calloc(asked->count, unpacked);
    p->asked_count = p->asked != NULL ? asked->count : 0;
    nca__parcel_clear(&p->asked_bytes);
    const uint64_t *sizes = nca__parcel_take(&worker->in, asked->count * sizeof *sizes);
    size_t all = 0;
    for (size_t i = 0; sizes != NULL && i < asked->count; i++) {
        all += nca__parcel_piece(sizes[i]);
    }
    const unsigned char *bytes = sizes != NULL ? nca__parcel_take(&worker->in, all) : NULL;
    const unsigned char *kept = bytes != NULL ? nca__parcel_add(&p->asked_bytes, bytes, all) : NULL;
    if (kept == NULL || p->asked == NULL) {
        return nca__fail_memory(error, "what a pass asks", all);
    }
    for (size_t i = 0; i < asked->count; i++) {
        p->options.objective->unpack(p->asked + i * unpacked, kept);
        kept += nca__parcel_piece(sizes[i]);
    }
    return NCA_OK;
}

/* The pointers of a pass, in one block. */
typedef struct pointers {
    const void **asked;
    const float **initial;
    float **final, **initial_gradient;
    size_t *alive;
} pointers;

static void *carve(pointers *out, size_t batch)
{
    unsigned char *block = calloc(batch, 5 * 8);
    if (block != NULL) {
        out->asked = (const void **)(void *)block;
        out->initial = (const float **)(void *)(block + 8 * batch);
        out->final = (float **)(void *)(block + 16 * batch);
        out->initial_gradient = (float **)(void *)(block + 24 * batch);
        out->alive = (size_t *)(void *)(block + 32 * batch);
    }
    return block;
}

/* Points to what the message contains. */
static nca_status take_samples(pointers *out, nca__dealt_parts *worker, part *p, nca_error *error)
{
    const size_t batch = p->options.batch, bytes = p->values * sizeof(float);
    const nca__dealt_asked *asked = nca__parcel_take(&worker->in, sizeof *asked);
    nca_status status = asked != NULL ? take_asked(worker, p, asked, error) : fail_short(error);
    const uint64_t *index =
        status == NCA_OK ? nca__parcel_take(&worker->in, batch * sizeof *index) : NULL;
    for (size_t b = 0; b < batch && index != NULL; b++) {
        out->initial[b] = nca__parcel_take(&worker->in, bytes);
        if (index[b] >= p->asked_count || out->initial[b] == NULL) {
            return fail_short(error);
        }
        out->asked[b] = p->asked + index[b] * nca__parcel_piece(p->options.objective->unpacked);
    }
    return status == NCA_OK && index == NULL ? fail_short(error) : status;
}

/* The places of the results in the answer, which has room for them. */
static nca_status place_results(nca__batch_pass *out, pointers *at, nca__dealt_parts *worker,
                                const part *p, const nca__dealt_pass *pass, nca_error *error)
{
    const size_t batch = p->options.batch, state = nca__parcel_piece(p->values * sizeof(float));
    const size_t states = (pass->final != 0) + (pass->initial_gradient != 0);
    const size_t gradients = batch * p->parameters * sizeof(float);
    nca__parcel_clear(&worker->out);
    if (!nca__parcel_reserve(&worker->out, 64 + batch * (16 + states * state) + gradients)) {
        return nca__fail_memory(error, "an answer", gradients + batch * states * state);
    }
    nca__parcel_add_status(&worker->out, NCA_OK, NULL);
    out->losses = nca__parcel_add(&worker->out, NULL, batch * sizeof *out->losses);
    out->alive = nca__parcel_add(&worker->out, NULL, batch * sizeof *out->alive);
    out->sample_gradients = nca__parcel_add(&worker->out, NULL, gradients);
    for (size_t b = 0; b < batch && pass->final != 0; b++) {
        at->final[b] = nca__parcel_add(&worker->out, NULL, p->values * sizeof(float));
    }
    for (size_t b = 0; b < batch && pass->initial_gradient != 0; b++) {
        at->initial_gradient[b] = nca__parcel_add(&worker->out, NULL, p->values * sizeof(float));
    }
    out->final = pass->final != 0 ? at->final : NULL;
    out->initial_gradient = pass->initial_gradient != 0 ? at->initial_gradient : NULL;
    return NCA_OK;
}

static nca_status train(nca__dealt_parts *worker, part *p, const nca__dealt_pass *pass,
                        nca_error *error)
{
    pointers at;
    nca_error failure = {0};
    void *block = carve(&at, p->options.batch);
    if (block == NULL) {
        return nca__fail_memory(error, "a pass", p->options.batch * 5 * 8);
    }
    nca_status status = take_samples(&at, worker, p, error);
    nca__batch_pass training = {.steps = pass->steps,
                                .seed = pass->seed,
                                .iteration = (uint32_t)pass->iteration,
                                .asked = at.asked,
                                .initial = at.initial};
    if (status == NCA_OK) {
        nca_status done = place_results(&training, &at, worker, p, pass, &failure);
        if (done == NCA_OK) {
            done = nca__batch_train(p->batch, &training, &failure);
        }
        status = answer(worker, done, &failure, error);
    }
    free(block);
    return status;
}

nca_status nca__dealt_parts_obey(nca__dealt_parts *worker, const nca__command_head *head,
                                 nca__parcel *command, nca_error *error)
{
    if (head->command == NCA__COMMAND_CREATE || head->command == NCA__COMMAND_CREATE_STRIPS) {
        return create(worker, head->batch, head->command == NCA__COMMAND_CREATE_STRIPS, command,
                      error);
    }
    part *p = find(worker, head->batch);
    if (p == NULL) {
        return NCA_OK; /* this process has no part in that batch */
    }
    if (head->command == NCA__COMMAND_DESTROY) {
        part_free(p);
        return NCA_OK;
    }
    const nca__dealt_pass *pass = take_pass(p, command);
    if (pass == NULL) {
        return fail_short(error);
    }
    if (head->command == NCA__COMMAND_RUN_STRIPS) {
        return nca__strip_serve(p->strip, worker->cluster, pass, error);
    }
    const nca_status status = nca__cluster_receive(worker->cluster, 0, &worker->in, error);
    if (status != NCA_OK) {
        return status;
    }
    return head->command == NCA__COMMAND_RUN ? run(worker, p, pass, error)
                                             : train(worker, p, pass, error);
}
