/* See grid_strips.h. Rank 0 keeps the whole grid as well, from which it can be read at any time. */
#include "backend/mpi/grid_strips.h"

#include <stdlib.h>
#include <string.h>

#include "backend/mpi/count_alive.h"
#include "base/error.h"
#include "base/saturate.h"

struct nca__strip {
    size_t part, parts;
    bool is_ring;        /* the last strip is a neighbour of the first */
    size_t first, rows;  /* own rows, in the whole grid */
    size_t above, below; /* rows of the neighbours */
    size_t row;          /* floats of a row */
    nca__batch *batch;
    float *state;  /* (above + rows + below, W, C) */
    bool is_stale; /* the rows of the neighbours are those before the last steps */
    nca__parcel out, in;
};

static size_t own_bytes(const nca__strip *strip)
{
    return strip->rows * strip->row * sizeof(float);
}

static size_t all_rows(const nca__strip *strip)
{
    return strip->above + strip->rows + strip->below;
}

/* ---- Creating --------------------------------------------------------------------------------*/

size_t nca__strips_parts(const nca__batch_options *options, const nca__cluster *cluster)
{
    const size_t size = nca__cluster_size(cluster), most = options->height / NCA__STRIP_LEAST;
    if (options->max_steps > 0 || options->batch > 1 || options->total_rows > 0 || most < 2) {
        return 1;
    }
    return most < size ? most : size;
}

/* The geometry of a strip, and the options of its batch. */
static nca__strip strip_of(nca__batch_options *out, const nca__batch_options *whole, size_t parts,
                           size_t i)
{
    nca__strip strip = {.part = i, .parts = parts};
    strip.is_ring = whole->automaton.boundary == NCA_BOUNDARY_CIRCULAR;
    strip.first = nca__part_first(whole->height, parts, i);
    strip.rows = nca__part_first(whole->height, parts, i + 1) - strip.first;
    strip.above = strip.is_ring || i > 0 ? NCA__STRIP_HALO : 0;
    strip.below = strip.is_ring || i + 1 < parts ? NCA__STRIP_HALO : 0;
    strip.row = whole->width * whole->automaton.channels;
    *out = *whole;
    out->height = all_rows(&strip);
    out->first_row = (strip.first + whole->height - strip.above) % whole->height;
    out->total_rows = whole->height;
    return strip;
}

void nca__strip_destroy(nca__strip *strip)
{
    if (strip != NULL) {
        nca__batch_destroy(strip->batch);
        nca__parcel_free(&strip->out);
        nca__parcel_free(&strip->in);
        free(strip->state);
        free(strip);
    }
}

nca_status nca__strip_create(nca__strip **out_strip, const nca__batch_options *whole, size_t parts,
                             size_t i, nca_error *error)
{
    nca__batch_options options;
    nca__strip *strip = calloc(1, sizeof *strip);
    if (strip == NULL) {
        return nca__fail_memory(error, "a strip of a grid", sizeof *strip);
    }
    *strip = strip_of(&options, whole, parts, i);
    strip->state = calloc(all_rows(strip), strip->row * sizeof(float));
    const nca_status status = strip->state != NULL
                                  ? nca__batch_create(&strip->batch, &options, error)
                                  : nca__fail_memory(error, "a strip of a grid",
                                                     all_rows(strip) * strip->row * sizeof(float));
    if (status != NCA_OK) {
        nca__strip_destroy(strip);
        return status;
    }
    *out_strip = strip;
    return NCA_OK;
}

nca__batch *nca__strip_batch(nca__strip *strip)
{
    return strip->batch;
}

/* ---- Running ---------------------------------------------------------------------------------*/

static nca_status send_rows(nca__strip *strip, nca__cluster *cluster, size_t to, size_t first_row,
                            nca_error *error)
{
    nca__parcel_clear(&strip->out);
    nca__parcel_add(&strip->out, strip->state + first_row * strip->row,
                    NCA__STRIP_HALO * strip->row * sizeof(float));
    return nca__cluster_send(cluster, (unsigned)to, &strip->out, error);
}

static nca_status receive_rows(nca__strip *strip, nca__cluster *cluster, size_t from,
                               size_t first_row, nca_error *error)
{
    const size_t bytes = NCA__STRIP_HALO * strip->row * sizeof(float);
    const nca_status status = nca__cluster_receive(cluster, (unsigned)from, &strip->in, error);
    const float *rows = status == NCA_OK ? nca__parcel_take(&strip->in, bytes) : NULL;
    if (rows != NULL) {
        memcpy(strip->state + first_row * strip->row, rows, bytes);
    }
    return status == NCA_OK && rows == NULL
               ? nca__fail(error, NCA_DEVICE_LOST,
                           "process %zu of %u: its rows of the grid are too short", from,
                           nca__cluster_size(cluster))
               : status;
}

/* Own rows go one strip on, downwards or upwards, and those of the strip before come in. Every
 * other process sends first, so that no two wait for each other. */
static nca_status shift_rows(nca__strip *strip, nca__cluster *cluster, bool down, nca_error *error)
{
    const size_t parts = strip->parts, i = strip->part;
    const size_t to = down ? (i + 1) % parts : (i + parts - 1) % parts;
    const size_t from = down ? (i + parts - 1) % parts : (i + 1) % parts;
    const bool sends = down ? strip->below > 0 : strip->above > 0;
    const bool receives = down ? strip->above > 0 : strip->below > 0;
    const size_t sent = down ? strip->above + strip->rows - NCA__STRIP_HALO : strip->above;
    const size_t received = down ? 0 : strip->above + strip->rows;
    nca_status status = NCA_OK;
    if (sends && i % 2 == 0) {
        status = send_rows(strip, cluster, to, sent, error);
    }
    if (receives && status == NCA_OK) {
        status = receive_rows(strip, cluster, from, received, error);
    }
    if (sends && i % 2 == 1 && status == NCA_OK) {
        status = send_rows(strip, cluster, to, sent, error);
    }
    return status;
}

/* A failed pass of the batch is told after the exchanges, for the neighbours wait for them. */
static nca_status advance(nca__strip *strip, nca__cluster *cluster, const nca__dealt_pass *pass,
                          nca_status *out_passed, nca_error *failure, nca_error *error)
{
    nca_status status = NCA_OK;
    *out_passed = NCA_OK;
    for (uint64_t done = 0; done < pass->steps && status == NCA_OK;) {
        if (strip->is_stale) {
            status = shift_rows(strip, cluster, true, error);
            status = status == NCA_OK ? shift_rows(strip, cluster, false, error) : status;
        }
        const uint64_t left = pass->steps - done;
        const size_t steps = left < NCA__STRIP_STEPS ? (size_t)left : NCA__STRIP_STEPS;
        if (status == NCA_OK && *out_passed == NCA_OK) {
            nca__batch_set(strip->batch, 0, strip->state);
            *out_passed = nca__batch_run(strip->batch, pass->first_step + done, steps, pass->seed,
                                         (uint32_t)pass->iteration, failure);
        }
        if (status == NCA_OK && *out_passed == NCA_OK) {
            nca__batch_get(strip->state, strip->batch, 0);
        }
        strip->is_stale = true;
        done += steps;
    }
    return status;
}

nca_status nca__strip_serve(nca__strip *strip, nca__cluster *cluster, const nca__dealt_pass *pass,
                            nca_error *error)
{
    nca_status status = NCA_OK, passed;
    nca_error failure = {0};
    if (pass->states != 0) {
        const size_t bytes = all_rows(strip) * strip->row * sizeof(float);
        status = nca__cluster_receive(cluster, 0, &strip->in, error);
        const float *state = status == NCA_OK ? nca__parcel_take(&strip->in, bytes) : NULL;
        if (state == NULL) {
            return status != NCA_OK ? status
                                    : nca__fail(error, NCA_DEVICE_LOST,
                                                "process 0: a strip of the grid is too short");
        }
        memcpy(strip->state, state, bytes);
        strip->is_stale = false;
    }
    status = advance(strip, cluster, pass, &passed, &failure, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__parcel_clear(&strip->out);
    nca__parcel_add_status(&strip->out, passed, &failure);
    if (passed == NCA_OK) {
        nca__parcel_add(&strip->out, strip->state + strip->above * strip->row, own_bytes(strip));
    }
    return nca__cluster_send(cluster, 0, &strip->out, error);
}

/* ---- The backend of rank 0 -------------------------------------------------------------------*/

typedef struct strips {
    nca__batch base; /* must be first */
    nca__batch_options options;
    nca__cluster *cluster;
    uint64_t number;
    nca__strip *own;
    size_t parts, values;
    float *state; /* (H,W,C) the whole grid */
    bool is_set;  /* since the last pass */
    size_t parameter_count;
    float *parameters;
    bool has_new_parameters;
    float fire_rate;
    nca__parcel parcel;
} strips;

static strips *own(nca__batch *batch)
{
    return (strips *)batch;
}

static const strips *own_const(const nca__batch *batch)
{
    return (const strips *)batch;
}

static void strips_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                          const nca__batch_options *options)
{
    nca__batch_options part;
    const nca__cluster *cluster = nca__cluster_current();
    const size_t parts = nca__strips_parts(options, cluster);
    const nca__strip strip = strip_of(&part, options, parts, 0);
    const size_t whole = nca__saturating_multiply(options->height, strip.row * sizeof(float));
    nca__dealt_choose(&part, options->wanted, cluster);
    nca__batch_memory(out_states, out_other, out_least, &part);
    /* The whole grid, the own strip, and a strip on its way. */
    *out_other = nca__saturating_add(*out_other, whole);
    *out_other = nca__saturating_add(*out_other, 2 * all_rows(&strip) * strip.row * sizeof(float));
}

static void begin_command(strips *batch, nca__command command)
{
    const nca__command_head head = {.command = command, .batch = batch->number};
    nca__parcel_clear(&batch->parcel);
    nca__parcel_add(&batch->parcel, &head, sizeof head);
}

/* Receives the answers of all; with `rows`, each brings its rows of the grid. */
static nca_status take_answers(strips *batch, bool with_rows, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 1; i < batch->parts; i++) {
        nca_error later;
        nca_error *told = status == NCA_OK ? error : &later;
        nca_status found = nca__cluster_receive(batch->cluster, (unsigned)i, &batch->parcel, told);
        if (found == NCA_OK) {
            found = nca__parcel_take_status(&batch->parcel, batch->cluster, (unsigned)i, told);
        }
        if (found == NCA_OK && with_rows) {
            nca__batch_options part;
            const nca__strip strip = strip_of(&part, &batch->options, batch->parts, i);
            const float *taken = nca__parcel_take(&batch->parcel, own_bytes(&strip));
            if (taken != NULL) {
                memcpy(batch->state + strip.first * strip.row, taken, own_bytes(&strip));
            } else {
                found =
                    nca__fail(told, NCA_DEVICE_LOST, "process %zu of %u: its rows are too short", i,
                              nca__cluster_size(batch->cluster));
            }
        }
        status = status == NCA_OK ? found : status;
    }
    return status;
}

static void strips_destroy(nca__batch *base)
{
    strips *batch = own(base);
    if (batch->number > 0) {
        nca__cluster_lock(batch->cluster);
        begin_command(batch, NCA__COMMAND_DESTROY);
        nca__cluster_command(batch->cluster, &batch->parcel, NULL);
        nca__cluster_unlock(batch->cluster);
    }
    nca__strip_destroy(batch->own);
    nca__parcel_free(&batch->parcel);
    free(batch->state);
    free(batch->parameters);
    free(batch);
}

static nca_status create_others(strips *batch, nca_error *error)
{
    nca__dealt_options sent;
    nca__dealt_pack(&sent, &batch->options, batch->parts);
    nca__cluster_lock(batch->cluster);
    batch->number = nca__dealt_number();
    begin_command(batch, NCA__COMMAND_CREATE_STRIPS);
    nca__parcel_add(&batch->parcel, &sent, sizeof sent);
    nca_status status = nca__cluster_command(batch->cluster, &batch->parcel, error);
    status = status == NCA_OK ? take_answers(batch, false, error) : status;
    nca__cluster_unlock(batch->cluster);
    return status;
}

static nca_status strips_create(nca__batch **out_batch, const nca__batch_options *options,
                                nca_error *error)
{
    strips *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return nca__fail_memory(error, "a batch", sizeof *batch);
    }
    nca__batch_options inner = *options;
    batch->options = *options;
    batch->cluster = nca__cluster_current();
    nca__dealt_choose(&inner, options->wanted, batch->cluster);
    batch->parts = nca__strips_parts(options, batch->cluster);
    batch->values = options->height * options->width * options->automaton.channels;
    batch->parameter_count = nca_parameter_count(&options->automaton);
    batch->fire_rate = options->automaton.fire_rate;
    batch->state = calloc(batch->values, sizeof(float));
    batch->parameters = calloc(batch->parameter_count, sizeof(float));
    nca_status status = batch->state != NULL && batch->parameters != NULL
                            ? nca__strip_create(&batch->own, &inner, batch->parts, 0, error)
                            : nca__fail_memory(error, "a grid", batch->values * sizeof(float));
    status = status == NCA_OK ? create_others(batch, error) : status;
    if (status != NCA_OK) {
        strips_destroy(&batch->base);
        return status;
    }
    *out_batch = &batch->base;
    return NCA_OK;
}

static unsigned strips_threads(const nca__batch *base)
{
    return nca__batch_threads(own_const(base)->own->batch);
}

static const char *strips_kernels(const nca__batch *base)
{
    return nca__batch_kernels(own_const(base)->own->batch);
}

static void strips_watch(nca__batch *base, double (*now)(void))
{
    nca__batch_watch(own(base)->own->batch, now);
}

static void strips_add_profile(nca_profile *profile, const nca__batch *base)
{
    nca__batch_add_profile(profile, own_const(base)->own->batch);
}

static void strips_set_parameters(nca__batch *base, const float *parameters)
{
    strips *batch = own(base);
    nca__batch_set_parameters(batch->own->batch, parameters);
    memcpy(batch->parameters, parameters, batch->parameter_count * sizeof *parameters);
    batch->has_new_parameters = true;
}

static void strips_set_fire_rate(nca__batch *base, float fire_rate)
{
    strips *batch = own(base);
    nca__batch_set_fire_rate(batch->own->batch, fire_rate);
    batch->fire_rate = fire_rate;
}

static void strips_get(float *out_state, const nca__batch *base, size_t sample)
{
    const strips *batch = own_const(base);
    (void)sample; /* there is one */
    memcpy(out_state, batch->state, batch->values * sizeof *out_state);
}

static const float *strips_row(size_t *out_stride, const nca__batch *base, size_t sample,
                               size_t row)
{
    const strips *batch = own_const(base);
    (void)sample;
    *out_stride = batch->options.automaton.channels;
    return batch->state + row * batch->own->row;
}

static void strips_set(nca__batch *base, size_t sample, const float *state)
{
    strips *batch = own(base);
    (void)sample;
    memcpy(batch->state, state, batch->values * sizeof *state);
    batch->is_set = true;
}

static size_t strips_alive(const nca__batch *base, size_t sample)
{
    const strips *batch = own_const(base);
    (void)sample;
    return nca__count_alive(batch->state, &batch->options.automaton, batch->options.height,
                            batch->options.width);
}

/* Copies the rows of a strip, which may go on at row 0 of the grid. */
static void copy_strip(float *out, const strips *batch, const nca__strip *strip)
{
    const size_t height = batch->options.height;
    for (size_t i = 0; i < all_rows(strip); i++) {
        const size_t row = (strip->first + height - strip->above + i) % height;
        memcpy(out + i * strip->row, batch->state + row * strip->row, strip->row * sizeof *out);
    }
}

static nca_status send_strips(strips *batch, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 1; i < batch->parts && status == NCA_OK; i++) {
        nca__batch_options part;
        const nca__strip strip = strip_of(&part, &batch->options, batch->parts, i);
        nca__parcel_clear(&batch->parcel);
        float *place =
            nca__parcel_add(&batch->parcel, NULL, all_rows(&strip) * strip.row * sizeof *place);
        if (place != NULL) {
            copy_strip(place, batch, &strip);
        }
        status = nca__cluster_send(batch->cluster, (unsigned)i, &batch->parcel, error);
    }
    copy_strip(batch->own->state, batch, batch->own);
    batch->own->is_stale = false;
    return status;
}

static nca_status run_strips(strips *batch, const nca__dealt_pass *pass, nca_error *error)
{
    nca_error failure = {0};
    nca_status passed = NCA_OK;
    begin_command(batch, NCA__COMMAND_RUN_STRIPS);
    nca__parcel_add(&batch->parcel, pass, sizeof *pass);
    if (pass->parameters != 0) {
        nca__parcel_add(&batch->parcel, batch->parameters,
                        batch->parameter_count * sizeof *batch->parameters);
    }
    nca_status status = nca__cluster_command(batch->cluster, &batch->parcel, error);
    if (status == NCA_OK && pass->states != 0) {
        status = send_strips(batch, error);
    }
    if (status == NCA_OK) {
        status = advance(batch->own, batch->cluster, pass, &passed, &failure, error);
    }
    status = status == NCA_OK ? take_answers(batch, true, error) : status;
    if (status != NCA_OK || passed != NCA_OK) {
        return status != NCA_OK ? status : nca__fail(error, passed, "%s", failure.message);
    }
    memcpy(batch->state + batch->own->first * batch->own->row,
           batch->own->state + batch->own->above * batch->own->row, own_bytes(batch->own));
    batch->is_set = batch->has_new_parameters = false;
    return NCA_OK;
}

static nca_status strips_run(nca__batch *base, uint64_t first_step, size_t steps, uint64_t seed,
                             uint32_t iteration, nca_error *error)
{
    strips *batch = own(base);
    const nca__dealt_pass pass = {.first_step = first_step,
                                  .steps = steps,
                                  .seed = seed,
                                  .iteration = iteration,
                                  .parameters = batch->has_new_parameters,
                                  .states = batch->is_set,
                                  .fire_rate = batch->fire_rate};
    nca__cluster_lock(batch->cluster);
    const nca_status status = run_strips(batch, &pass, error);
    nca__cluster_unlock(batch->cluster);
    return status;
}

const nca__backend nca__backend_strips = {
    .name = "strips",
    .memory = strips_memory,
    .create = strips_create,
    .destroy = strips_destroy,
    .threads = strips_threads,
    .kernels = strips_kernels,
    .watch = strips_watch,
    .add_profile = strips_add_profile,
    .set_parameters = strips_set_parameters,
    .set_fire_rate = strips_set_fire_rate,
    .get = strips_get,
    .row = strips_row,
    .set = strips_set,
    .run = strips_run,
    .alive = strips_alive,
};
