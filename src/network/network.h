/* Internal: the update network of the cells, dx = W2 relu(W1 p + b1) + b2, one row a precision.
 *
 * A row says what a precision needs of a processor, how it keeps its weights, what memory it needs
 * for a chunk of cells, and how it runs forward and backward. Whoever runs a network calls its row
 * and knows no precision by name. To add one: a file with the row, and a line in networks.c.
 *
 * K, C, N, Cp, Ns: network/weights.h. M is the number of cells of a chunk; matrices of M rows have
 * room for NCA__CHUNK, and the forward layers run over M up to a multiple of four, whatever lies
 * there. */
#ifndef NCA_NETWORK_NETWORK_H
#define NCA_NETWORK_NETWORK_H

#include <stdbool.h>

#include "core/stopwatch.h"
#include "nca/kernels.h"
#include "network/weights.h"

enum {
    /* Cells: a multiple of every tile's height, many enough that the weights and the gradient sums
     * are well used while they are in the cache, few enough that the chunk itself fits there. */
    NCA__CHUNK = 192
};

/* One call for a chunk of cells. */
typedef struct nca__network_job {
    const nca__shape *shape;
    const nca_kernels *kernels;
    const void *form; /* what the row's `form` returned for these kernels */
    void *weights;    /* read: as the row's `pack` left them */
    void *scratch;    /* begun by the row's `prepare` */
    nca__stopwatch *watch;
    size_t count;   /* M >= 1 */
    const float *p; /* (M, K*Cp) perception */
    float *dx;      /* (M, Cp) forward: the update, written; backward: its gradient, read */
    float *dp;      /* (M, K*Cp) backward: the gradient of p, written */
    /* Rows that keep hidden layers (`keeps_hidden`). Forward: where the layer (M, Ns) goes; NULL:
     * it is not kept. Backward: cell i has row kept_at[i], ascending, of `kept`; NULL: the layer is
     * computed again. `ahead` are floats of kept rows that the next job will read, or NULL. */
    float *hidden;
    const float *kept;
    const uint32_t *kept_at;
    const float *ahead;
    size_t ahead_floats;
} nca__network_job;

typedef struct nca__network {
    const char *name;
    /* What a set lacks here beyond what the set itself needs (nca_kernels_missing_for), or NULL;
     * without this function it lacks nothing. */
    const char *(*missing)(const nca_kernels *kernels);
    bool keeps_hidden; /* forward can leave its hidden layer for backward */
    /* The kernels of this precision that go with a set, or NULL where the set has none. */
    const void *(*form)(const nca_kernels *kernels);
    /* Bytes of the packed weights and of a chunk's scratch memory, each for a block that is 64-byte
     * aligned. */
    size_t (*weights_bytes)(const nca__shape *shape);
    size_t (*scratch_bytes)(const nca__shape *shape);
    /* Packs the flat parameters. */
    void (*pack)(void *weights, const nca__shape *shape, const float *flat,
                 const nca_automaton *automaton, const void *form);
    /* Once, before scratch memory is used; NULL: it needs nothing. */
    void (*prepare)(void *scratch, const nca__shape *shape);
    /* p to dx. */
    void (*forward)(const nca__network_job *job);
    /* p and dx to dp; the chunk's terms are added to the sums, cell after cell, so that each sum
     * continues from the chunk before. NULL: this precision cannot train. */
    void (*backward)(const nca__network_job *job, const nca__sums *sums);
} nca__network;

extern const nca__network nca__network_fp32;
extern const nca__network nca__network_bf16;     /* sums one after the other */
extern const nca__network nca__network_bf16_amx; /* sums piece by piece */
extern const nca__network nca__network_int8;

/* The row of a precision; never NULL for one that exists. */
const nca__network *nca__network_of(nca_precision precision);

/* Rows that the layers of a chunk run over: up to whole tiles. */
static inline size_t nca__network_rows(const nca__network_job *job)
{
    return (job->count + 3) / 4 * 4;
}

/* fp32's own, in a file that the web engine leaves out. */
void nca__fp32_backward(const nca__network_job *job, const nca__sums *sums);

#endif
