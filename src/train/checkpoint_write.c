/* Writing a session to a checkpoint file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/safetensors_dtype.h"
#include "nca/safetensors.h"
#include "train/checkpoint.h"
#include "train/session.h"

/* A tensor described now and written later: its bytes, or the marked cells of the pool. */
typedef struct file_part {
    char name[NCA__CHECKPOINT_NAME];
    nca_tensor_view view;
} file_part;

enum {
    MOST_PARTS = 4 * NCA_MAX_TENSORS + NCA__TASK_TENSORS + 4
};

typedef struct file_plan {
    file_part parts[MOST_PARTS];
    size_t count;
} file_plan;

static void add_part(file_plan *plan, const char *prefix, const char *name, nca_dtype dtype,
                     const void *data, size_t rank, const size_t *shape)
{
    file_part *next = &plan->parts[plan->count++];
    snprintf(next->name, sizeof next->name, "%s%s", prefix, name);
    next->view = (nca_tensor_view){.dtype = dtype, .rank = rank, .data = data};
    next->view.name = next->name;
    next->view.bytes = nca__dtype_bits(dtype) / 8;
    for (size_t i = 0; i < rank; i++) {
        next->view.shape[i] = shape[i];
        next->view.bytes *= shape[i];
    }
}

static void add_parameters(file_plan *plan, const char *prefix, const float *flat,
                           const nca_automaton *automaton)
{
    for (size_t i = 0; i < nca_tensor_count(automaton); i++) {
        const nca_tensor tensor = nca_tensor_at(automaton, i);
        const size_t shape[2] = {tensor.rows, tensor.columns};
        if (tensor.rows > 0) {
            add_part(plan, prefix, tensor.name, NCA_DTYPE_F32, flat + tensor.offset, tensor.rank,
                     shape);
        }
    }
}

static void add_task(file_plan *plan, const nca__problem *problem)
{
    nca_tensor_view views[NCA__TASK_TENSORS];
    const size_t count = problem->task->tensors(views, problem);
    for (size_t i = 0; i < count; i++) {
        add_part(plan, "", views[i].name, views[i].dtype, views[i].data, views[i].rank,
                 views[i].shape);
    }
}

/* Copies for the file of data that the session stores in another form. */
typedef struct file_copies {
    uint64_t recent[NCA__RECENT_LOSSES]; /* oldest first, the bits of doubles */
    size_t grown, cells; /* of the pool: number of slots, and of marked cells in them */
    uint32_t *slots;     /* (grown) */
    uint8_t *marks;      /* (grown, H, W) */
} file_copies;

static bool fill_copies(file_copies *copies, const nca_session *session)
{
    const nca__pool *pool = &session->pool;
    const size_t cells = pool->height * pool->width;
    const size_t recent = nca__session_recent_count(session);
    const uint64_t oldest = session->counters.updates - recent;
    for (size_t i = 0; i < recent; i++) {
        memcpy(&copies->recent[i], &session->recent[(oldest + i) % NCA__RECENT_LOSSES],
               sizeof copies->recent[i]);
    }
    const size_t grown = nca__pool_grown(pool);
    copies->slots = malloc((grown + 1) * sizeof *copies->slots);
    copies->marks = malloc(grown * cells + 1);
    if (copies->slots == NULL || copies->marks == NULL) {
        return false;
    }
    for (size_t slot = 0; slot < pool->slots; slot++) {
        if (pool->is_grown[slot]) {
            copies->cells += nca__pool_mark(copies->marks + copies->grown * cells, pool, slot);
            copies->slots[copies->grown++] = (uint32_t)slot;
        }
    }
    return true;
}

static void make_plan(file_plan *plan, const nca_session *session, const file_copies *copies)
{
    const nca_automaton *automaton = &session->model->automaton;
    plan->count = 0;
    add_parameters(plan, NCA__PREFIX_PARAMETERS, session->model->parameters, automaton);
    add_parameters(plan, NCA__PREFIX_M, session->m, automaton);
    add_parameters(plan, NCA__PREFIX_V, session->v, automaton);
    if (session->average != NULL) {
        add_parameters(plan, NCA__PREFIX_AVERAGE, session->average->parameters, automaton);
    }
    add_task(plan, &session->problem);
    const size_t recent = nca__session_recent_count(session);
    if (recent > 0) {
        add_part(plan, "", NCA__TENSOR_RECENT, NCA_DTYPE_U64, copies->recent, 1, &recent);
    }
    if (copies->grown > 0) {
        add_part(plan, "", NCA__TENSOR_SLOTS, NCA_DTYPE_U32, copies->slots, 1, &copies->grown);
        /* Without data: the bytes are taken from the pool. */
        add_part(plan, "", NCA__TENSOR_CELLS, NCA_DTYPE_F32, NULL, 2,
                 (size_t[]){copies->cells, automaton->channels});
        add_part(plan, "", NCA__TENSOR_MARKS, NCA_DTYPE_U8, copies->marks, 3,
                 (size_t[]){copies->grown, session->pool.height, session->pool.width});
    }
}

static nca_status write_metadata(nca_safetensors_writer *writer, const nca_session *session,
                                 nca_error *error)
{
    char *settings = NULL;
    nca_status status = nca_settings_format(&settings, &session->settings, error);
    if (status != NCA_OK) {
        return status;
    }
    const nca__counters *counters = &session->counters;
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        {NCA__KEY_VERSION, NCA__CHECKPOINT_VERSION},
        {NCA__KEY_ITERATION, counters->iteration},
        {NCA__KEY_UPDATES, counters->updates},
        {NCA__KEY_DROPPED, counters->dropped},
        {NCA__KEY_DROPPED_IN_A_ROW, counters->dropped_in_a_row},
        {NCA__KEY_DEAD_IN_A_ROW, counters->dead_in_a_row},
        {NCA__KEY_ENDLESS_IN_A_ROW, counters->endless_in_a_row},
        {NCA__KEY_ADDED, counters->added},
        {NCA__KEY_UNSTABLE, counters->unstable},
    };
    status =
        nca_safetensors_writer_metadata(writer, NCA__KEY_FORMAT, NCA__CHECKPOINT_FORMAT, error);
    for (size_t i = 0; status == NCA_OK && i < sizeof numbers / sizeof *numbers; i++) {
        status = nca__save_number(writer, numbers[i].key, numbers[i].value, error);
    }
    const nca__task *task = session->problem.task;
    if (status == NCA_OK && task != nca__task_at(0)) {
        status = nca_safetensors_writer_metadata(writer, NCA__KEY_TASK, task->name, error);
    }
    if (status == NCA_OK) {
        status = task->metadata(writer, &session->problem, error);
    }
    if (status == NCA_OK) {
        status = nca_safetensors_writer_metadata(writer, NCA__KEY_SETTINGS, settings, error);
    }
    free(settings);
    return status;
}

/* Writes the marked cells of every grown slot, one run of adjacent cells at a time. */
static nca_status write_cells(nca_safetensors_writer *writer, const nca_session *session,
                              const file_copies *copies, nca_error *error)
{
    const nca__pool *pool = &session->pool;
    const size_t cells = pool->height * pool->width;
    nca_status status = NCA_OK;
    for (size_t i = 0; status == NCA_OK && i < copies->grown; i++) {
        const float *state = nca__pool_at(pool, copies->slots[i]);
        const uint8_t *marks = copies->marks + i * cells;
        for (size_t begin = 0; status == NCA_OK && begin < cells;) {
            size_t end = begin;
            while (end < cells && marks[end] == marks[begin]) {
                end++;
            }
            if (marks[begin] != 0) {
                status = nca_safetensors_writer_write(
                    writer, state + begin * pool->channels,
                    (end - begin) * pool->channels * sizeof *state, error);
            }
            begin = end;
        }
    }
    return status;
}

static nca_status write_parts(nca_safetensors_writer *writer, const nca_session *session,
                              const file_plan *plan, const file_copies *copies, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 0; status == NCA_OK && i < plan->count; i++) {
        status = nca_safetensors_writer_tensor(writer, &plan->parts[i].view, error);
    }
    for (size_t i = 0; status == NCA_OK && i < plan->count; i++) {
        const nca_tensor_view *view = &plan->parts[i].view;
        status = view->data != NULL
                     ? nca_safetensors_writer_write(writer, view->data, view->bytes, error)
                     : write_cells(writer, session, copies, error);
    }
    return status;
}

nca_status nca_session_save(const nca_session *session, const char *path, nca_error *error)
{
    file_copies copies = {.slots = NULL};
    nca_safetensors_writer *writer = NULL;
    file_plan plan;
    nca_status status = NCA_OK;
    if (fill_copies(&copies, session)) {
        make_plan(&plan, session, &copies);
        status = nca_safetensors_writer_open(&writer, path, error);
    } else {
        const nca__pool *pool = &session->pool;
        status = nca__fail_memory(error, path, nca__pool_grown(pool) * pool->height * pool->width);
    }
    if (status == NCA_OK) {
        status = write_metadata(writer, session, error);
    }
    if (status == NCA_OK) {
        status = write_parts(writer, session, &plan, &copies, error);
    }
    if (status == NCA_OK) {
        status = nca_safetensors_writer_commit(writer, error);
    }
    nca_safetensors_writer_destroy(writer);
    free(copies.slots);
    free(copies.marks);
    return status;
}
