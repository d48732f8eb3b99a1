/* Reading the sample pool from a checkpoint file: version 2 contains the cells that differ from the
 * seed, version 1 all cells. The code must not assume that the file was written by this program. */
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/finite.h"
#include "base/number.h"
#include "nca/safetensors.h"
#include "train/checkpoint.h"
#include "train/checkpoint_read.h"
#include "train/pool.h"

/* Reads the slot number at `index`; a slot must not appear twice. */
static nca_status read_slot(size_t *out_slot, const nca__pool *pool,
                            const nca__checkpoint_file *checkpoint, const nca_tensor_view *slots,
                            size_t index, nca_error *error)
{
    uint32_t slot;
    memcpy(&slot, (const char *)slots->data + index * sizeof slot, sizeof slot);
    if (slot >= pool->slots) {
        return nca__fail(
            error, NCA_FORMAT, "%s: tensor \"%s\": expected slots below %zu, found %lu",
            checkpoint->saved.path, NCA__TENSOR_SLOTS, pool->slots, (unsigned long)slot);
    }
    if (pool->is_grown[slot]) {
        return nca__fail(error, NCA_FORMAT, "%s: tensor \"%s\": slot %lu appears twice",
                         checkpoint->saved.path, NCA__TENSOR_SLOTS, (unsigned long)slot);
    }
    *out_slot = slot;
    return NCA_OK;
}

static nca_status check_finite(const nca_tensor_view *view, const nca__checkpoint_file *checkpoint,
                               nca_error *error)
{
    if (!nca__all_finite(view->data, view->bytes / sizeof(float))) {
        return nca__fail(error, NCA_FORMAT, "%s: tensor \"%s\": expected finite values",
                         checkpoint->saved.path, view->name);
    }
    return NCA_OK;
}

/* Version 1: all cells of every slot. */
static nca_status read_states(nca__pool *pool, const nca__checkpoint_file *checkpoint,
                              const nca_tensor_view *slots, nca_error *error)
{
    const size_t shape[4] = {slots->shape[0], pool->height, pool->width, pool->channels};
    const nca_tensor_view *states;
    nca_status status = nca__saved_tensor(&states, &checkpoint->saved, NCA__TENSOR_STATES,
                                          NCA_DTYPE_F32, 4, shape, error);
    if (status == NCA_OK) {
        status = check_finite(states, checkpoint, error);
    }
    const size_t values = pool->height * pool->width * pool->channels;
    for (size_t i = 0; status == NCA_OK && i < shape[0]; i++) {
        size_t slot = 0;
        status = read_slot(&slot, pool, checkpoint, slots, i, error);
        if (status == NCA_OK) {
            nca__pool_set(pool, slot, (const float *)states->data + i * values);
        }
    }
    return status;
}

/* Checks that the marks agree with the number of cells; only then the cells can be read safely. */
static nca_status check_marks(const nca_tensor_view *marks, const nca_tensor_view *cells,
                              const nca__checkpoint_file *checkpoint, nca_error *error)
{
    const uint8_t *bytes = marks->data;
    size_t marked = 0;
    for (size_t i = 0; i < marks->bytes; i++) {
        marked += bytes[i] != 0;
    }
    if (marked != cells->shape[0]) {
        return nca__fail(
            error, NCA_FORMAT,
            "%s: tensor \"%s\": expected %zu cells (the number marked in \"%s\"), found %zu",
            checkpoint->saved.path, NCA__TENSOR_CELLS, marked, NCA__TENSOR_MARKS, cells->shape[0]);
    }
    return NCA_OK;
}

static nca_status read_cells(nca__pool *pool, const nca__checkpoint_file *checkpoint,
                             const nca_tensor_view *slots, nca_error *error)
{
    const size_t marks_shape[3] = {slots->shape[0], pool->height, pool->width};
    const size_t cells_shape[2] = {SIZE_MAX, pool->channels};
    const nca_tensor_view *marks, *cells;
    nca_status status = nca__saved_tensor(&marks, &checkpoint->saved, NCA__TENSOR_MARKS,
                                          NCA_DTYPE_U8, 3, marks_shape, error);
    if (status == NCA_OK) {
        status = nca__saved_tensor(&cells, &checkpoint->saved, NCA__TENSOR_CELLS, NCA_DTYPE_F32, 2,
                                   cells_shape, error);
    }
    if (status == NCA_OK) {
        status = check_marks(marks, cells, checkpoint, error);
    }
    if (status == NCA_OK) {
        status = check_finite(cells, checkpoint, error);
    }
    size_t read = 0;
    for (size_t i = 0; status == NCA_OK && i < slots->shape[0]; i++) {
        size_t slot = 0;
        status = read_slot(&slot, pool, checkpoint, slots, i, error);
        if (status == NCA_OK) {
            read += nca__pool_set_marked(
                pool, slot, (const uint8_t *)marks->data + i * pool->height * pool->width,
                (const float *)cells->data + read * pool->channels);
        }
    }
    return status;
}

nca_status nca__checkpoint_pool(nca__pool *pool, const nca__checkpoint_file *checkpoint,
                                nca_error *error)
{
    const bool has_states =
        nca_safetensors_find(checkpoint->saved.file, NCA__TENSOR_STATES) != NULL;
    if (!has_states && nca_safetensors_find(checkpoint->saved.file, NCA__TENSOR_SLOTS) == NULL &&
        nca_safetensors_find(checkpoint->saved.file, NCA__TENSOR_CELLS) == NULL) {
        return NCA_OK; /* every slot is the seed, or there is no pool */
    }
    const size_t any = SIZE_MAX;
    const nca_tensor_view *slots;
    nca_status status = nca__saved_tensor(&slots, &checkpoint->saved, NCA__TENSOR_SLOTS,
                                          NCA_DTYPE_U32, 1, &any, error);
    if (status != NCA_OK) {
        return status;
    }
    return has_states ? read_states(pool, checkpoint, slots, error)
                      : read_cells(pool, checkpoint, slots, error);
}
