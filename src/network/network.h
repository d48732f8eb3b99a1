/* Internal: the update network of the cells, dx = W2 relu(W1 p + b1) + b2, with one table row per
 * precision.
 *
 * A row defines which CPU features a precision needs, how its weights are stored, the memory needed
 * for a chunk of cells, and its forward and backward passes. All callers use the row. To add a
 * precision: a file with its row, and a line in networks.c.
 *
 * K, C, N, Cp, Ns: network/weights.h. M is the number of cells of a chunk. Matrices of M rows have
 * room for NCA__CHUNK rows, and the forward layers process M rounded up to a multiple of four,
 * whatever the additional rows contain. */
#ifndef NCA_NETWORK_NETWORK_H
#define NCA_NETWORK_NETWORK_H

#include <stdbool.h>

#include "core/stopwatch.h"
#include "nca/kernels.h"
#include "network/weights.h"

enum {
    /* Number of cells: a multiple of every tile's height, large enough that weights and gradient
     * sums are reused often while they are in the cache, and small enough that the chunk itself
     * fits there. */
    NCA__CHUNK = 192
};

/* One call for a chunk of cells. */
typedef struct nca__network_job {
    const nca__shape *shape;
    const nca_kernels *kernels;
    const void *form; /* what the row's `form` returned for these kernels */
    void *weights;    /* read: as written by the row's `pack` */
    void *scratch;    /* initialised by the row's `prepare` */
    nca__stopwatch *watch;
    size_t count;   /* M >= 1 */
    const float *p; /* (M, K*Cp) perception */
    float *dx;      /* (M, Cp) forward: the update, written; backward: its gradient, read */
    float *dp;      /* (M, K*Cp) backward: the gradient of p, written */
    /* For rows with `keeps_hidden`. Forward: `hidden` is where the layer (M, Ns) is stored;
     * NULL: it is not kept. Backward: the layer of cell i is row kept_at[i], ascending, of
     * `kept`; NULL: the layer is recomputed. `ahead` points to kept rows that the next job will
     * read, or is NULL. */
    float *hidden;
    const float *kept;
    const uint32_t *kept_at;
    const float *ahead;
    size_t ahead_floats;
} nca__network_job;

typedef struct nca__network {
    const char *name;
    /* What is missing for this precision on this machine, apart from the requirements of the set
     * itself (nca_kernels_missing_for), or NULL; without this function nothing is missing. */
    const char *(*missing)(const nca_kernels *kernels);
    bool keeps_hidden; /* the forward pass can keep its hidden layer for the backward pass */
    /* The kernels of this precision for a set, or NULL if the set has none. */
    const void *(*form)(const nca_kernels *kernels);
    /* Bytes of the packed weights, and of a chunk's scratch memory; both blocks are 64-byte
     * aligned. */
    size_t (*weights_bytes)(const nca__shape *shape);
    size_t (*scratch_bytes)(const nca__shape *shape);
    /* Packs the flat parameters. */
    void (*pack)(void *weights, const nca__shape *shape, const float *flat,
                 const nca_automaton *automaton, const void *form);
    /* Called once before scratch memory is used; NULL: not needed. */
    void (*prepare)(void *scratch, const nca__shape *shape);
    /* Computes dx from p. */
    void (*forward)(const nca__network_job *job);
    /* Computes dp from p and dx; the chunk's terms are added to the sums, cell after cell, so that
     * each sum continues from the previous chunk. NULL: this precision cannot train. */
    void (*backward)(const nca__network_job *job, const nca__sums *sums);
} nca__network;

extern const nca__network nca__network_fp32;
extern const nca__network nca__network_bf16;     /* sums one after the other */
extern const nca__network nca__network_bf16_amx; /* sums piece by piece */
extern const nca__network nca__network_int8;

/* The row of a precision; never NULL for a valid one. */
const nca__network *nca__network_of(nca_precision precision);

/* The number of rows that the layers of a chunk process: whole tiles. */
static inline size_t nca__network_rows(const nca__network_job *job)
{
    return (job->count + 3) / 4 * 4;
}

/* Used by fp32 only, in a separate file because the web engine does not contain it. */
void nca__fp32_backward(const nca__network_job *job, const nca__sums *sums);

#endif
