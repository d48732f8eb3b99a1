/* Internal: the data shared by all samples of a batch during a pass, and the scratch memory of one
 * thread.
 *
 * The work of a band is divided into chunks of active cells: their perception is packed into a
 * matrix, the dense layers process it, and the results are scattered back. The division does not
 * affect the results: every sum continues from the previous chunk. */
#ifndef NCA_TAPE_ENGINE_H
#define NCA_TAPE_ENGINE_H

#include "core/layout.h"
#include "core/objective.h"
#include "core/stopwatch.h"
#include "kernels/table.h"
#include "network/network.h"
#include "network/perception.h"

typedef struct nca__engine {
    nca_automaton automaton;
    nca__layout layout;
    nca__shape shape;
    const nca_kernels *kernels;
    const nca__perception *perception;
    void *taps;                  /* packed for the perception */
    const nca__network *network; /* the dense layers */
    const void *form;            /* the network's kernels */
    void *weights;               /* packed for the network */
    uint32_t fire_threshold;
    bool masked;              /* whether there is an alive channel */
    size_t kept_hidden_bytes; /* bytes that a tape may use for hidden layers (tape/kept_hidden.h) */
    const nca__objective *objective; /* the objective of a pass; NULL: none */
    size_t losses;  /* number of states of a pass that it is applied to: nca__loss_step */
    nca__head head; /* a copy of the head for the objective */
} nca__engine;

/* `block` has nca__engine_bytes() bytes, 64-byte aligned; NULL if only sizes are needed. */
nca__engine nca__engine_make(const nca_automaton *automaton, size_t height, size_t width,
                             const nca_kernels *kernels, const nca__network *network, void *block);
/* Bytes of the packed parameters, computed from an engine without them. */
size_t nca__engine_bytes(const nca__engine *engine);
/* Sets a new fire rate, between passes. */
void nca__engine_set_fire_rate(nca__engine *engine, float fire_rate);
/* Packs the parameters and the automaton's filters for the engine's perception and network. */
void nca__engine_set_parameters(nca__engine *engine, const float *parameters);

/* The mark of a cell whose values are all 0: under a negative threshold it keeps its neighbours
 * alive, whether it is dead or beyond a zero boundary. */
static inline uint8_t nca__zero_is_over(const nca__engine *engine)
{
    return engine->automaton.alive_threshold < 0.0f;
}

/* Selects the random numbers of the fire masks. */
typedef struct nca__firing {
    uint64_t seed;
    uint32_t sample, iteration;
    size_t first_row, total_rows; /* of a strip of a larger grid; total_rows 0: it is whole */
} nca__firing;

typedef struct nca__workspace {
    float *p;            /* (CHUNK, K*Cp) perception */
    float *dx;           /* (CHUNK, Cp) update, or its gradient */
    float *dp;           /* (CHUNK, K*Cp) */
    void *network;       /* the network's scratch memory */
    float *hidden;       /* forward: where the tape stores the next hidden layer, or NULL */
    size_t *state_at;    /* (CHUNK) offset in a state plane */
    uint32_t *row_at;    /* (CHUNK) its row... */
    uint32_t *column_at; /* (CHUNK) ...and column */
    uint32_t *kept_at;   /* (CHUNK) backward: index among the cells of the band that fired */
    size_t count;        /* number of cells in the chunk */
    uint8_t *candidates; /* (W) */
    uint8_t *near;       /* (W) */
    uint8_t *scratch;    /* (W + 4) */
    uint8_t *fired; /* the fire marks of a band, starting with the block of four that contains its
                       first cell */
    size_t fired_block; /* index of that block */
    size_t drawn_block; /* marks before this block have been drawn, as far as they were requested */
    nca__stopwatch *watch; /* of the thread; NULL: no time measurement */
} nca__workspace;

/* Adds the cells of columns begin..end-1 of a row whose mark is 1, until the chunk is full; returns
 * the column after the last one examined. */
size_t nca__chunk_add(nca__workspace *workspace, const nca__layout *layout, const uint8_t *marks,
                      size_t row, size_t begin, size_t end);

/* Bytes of a workspace, and its arrays in a block of that size, 64-byte aligned. */
size_t nca__workspace_bytes(const nca__engine *engine);
nca__workspace nca__workspace_carve(void *block, const nca__engine *engine);

/* Call this before requesting the fire marks of a band. */
void nca__draw_begin(nca__workspace *workspace);
/* The fire marks of columns first..last of a row of the band; rows must be requested in order. The
 * returned pointer points to the mark of `first`, in the workspace. */
const uint8_t *nca__draw_row(nca__workspace *workspace, const nca__engine *engine,
                             const nca__firing *firing, uint32_t step, size_t row, size_t first,
                             size_t last);

/* The first and last non-zero byte of marks[0..count-1]; false if there is none. */
bool nca__extent(size_t *first, size_t *last, const uint8_t *marks, size_t count);
/* The end of the run of zero or non-zero bytes that begins at marks[from]; at most `count`. */
size_t nca__run_end(const uint8_t *marks, size_t from, size_t count);

/* The perception of the workspace's chunk in state x, or its gradient: without the taps. */
nca__perceive nca__perceive_job(const nca__workspace *workspace, const nca__engine *engine,
                                const float *x, float *p);
/* Perception of the workspace's chunk: fills p. */
void nca__perceive_chunk(nca__workspace *workspace, const nca__engine *engine, const float *x);
/* The job that runs the network on that chunk; the caller completes it. */
nca__network_job nca__network_job_of(const nca__workspace *workspace, const nca__engine *engine);

#endif
