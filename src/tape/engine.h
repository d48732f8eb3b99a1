/* Internal: what all samples of a batch share while they run, and the scratch memory of one thread.
 *
 * A band's work is cut into chunks of active cells: their perception is packed into a matrix, the
 * dense layers run over it, and the results are scattered back. Chunks do not show in the results:
 * every sum continues from the chunk before. */
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
    void *taps;                  /* packed for it */
    const nca__network *network; /* the dense layers */
    const void *form;            /* the network's kernels */
    void *weights;               /* packed for it */
    uint32_t fire_threshold;
    bool masked;              /* whether there is an alive channel */
    size_t kept_hidden_bytes; /* that a tape may spend on hidden layers (tape/kept_hidden.h) */
    const nca__objective *objective; /* what passes may ask at their end; NULL: nothing */
    nca__head head;                  /* for it, a copy */
} nca__engine;

/* `block` has nca__engine_bytes() bytes, 64-byte aligned; NULL when only sizes are asked of the
 * engine. */
nca__engine nca__engine_make(const nca_automaton *automaton, size_t height, size_t width,
                             const nca_kernels *kernels, const nca__network *network, void *block);
/* Bytes of the packed parameters, from an engine made without them. */
size_t nca__engine_bytes(const nca__engine *engine);
/* Between passes: another chance that a cell fires. */
void nca__engine_set_fire_rate(nca__engine *engine, float fire_rate);
/* Packs the parameters, and the filters of the automaton, for whatever the engine runs. */
void nca__engine_set_parameters(nca__engine *engine, const float *parameters);

/* The mark of a cell that is all zero: under a negative threshold it keeps its neighbours alive, be
 * it dead or beyond a zero boundary. */
static inline uint8_t nca__zero_is_over(const nca__engine *engine)
{
    return engine->automaton.alive_threshold < 0.0f;
}

/* Which draw of fire masks a step uses. */
typedef struct nca__firing {
    uint64_t seed;
    uint32_t sample, iteration;
} nca__firing;

typedef struct nca__workspace {
    float *p;            /* (CHUNK, K*Cp) perception */
    float *dx;           /* (CHUNK, Cp) update, or its gradient */
    float *dp;           /* (CHUNK, K*Cp) */
    void *network;       /* the network's scratch memory */
    float *hidden;       /* forward: where a tape keeps the next hidden layer, or NULL */
    size_t *state_at;    /* (CHUNK) offset in a state plane */
    uint32_t *row_at;    /* (CHUNK) its row... */
    uint32_t *column_at; /* (CHUNK) ...and column */
    uint32_t *kept_at;   /* (CHUNK) backward: which of the cells that fired in the band it is */
    size_t count;        /* cells in the chunk */
    uint8_t *candidates; /* (W) */
    uint8_t *near;       /* (W) */
    uint8_t *scratch;    /* (W + 4) */
    uint8_t *fired;      /* the fire marks of a band, from the block of four with its first cell */
    size_t fired_block;  /* that block */
    size_t drawn_block;  /* up to this block they have been drawn, where they were asked for */
    nca__stopwatch *watch; /* of the thread; NULL: time is not taken */
} nca__workspace;

/* Adds the cells of columns begin..end-1 of a row that are marked with 1, until the chunk is full;
 * returns the column behind the last one looked at. */
size_t nca__chunk_add(nca__workspace *workspace, const nca__layout *layout, const uint8_t *marks,
                      size_t row, size_t begin, size_t end);

/* Bytes of a workspace; carving it from such a block, 64-byte aligned. */
size_t nca__workspace_bytes(const nca__engine *engine);
nca__workspace nca__workspace_carve(void *block, const nca__engine *engine);

/* Before the rows of a band ask for their fire marks. */
void nca__draw_begin(nca__workspace *workspace, const nca__engine *engine, size_t band);
/* The fire marks of columns first..last of a row of the band, row after row; the mark of `first` is
 * at the pointer returned, which lies in the workspace. */
const uint8_t *nca__draw_row(nca__workspace *workspace, const nca__engine *engine,
                             const nca__firing *firing, uint32_t step, size_t row, size_t first,
                             size_t last);

/* First and last set byte of marks[0..count-1]; false when there is none. */
bool nca__extent(size_t *first, size_t *last, const uint8_t *marks, size_t count);
/* Where the run of set or of unset bytes that begins at marks[from] ends; at most at `count`. */
size_t nca__run_end(const uint8_t *marks, size_t from, size_t count);

/* The perception of the workspace's chunk in state x, or its gradient: without the taps. */
nca__perceive nca__perceive_job(const nca__workspace *workspace, const nca__engine *engine,
                                const float *x, float *p);
/* Perception of the workspace's chunk: fills p. */
void nca__perceive_chunk(nca__workspace *workspace, const nca__engine *engine, const float *x);
/* The call that runs the network over that chunk, for the caller to add to. */
nca__network_job nca__network_job_of(const nca__workspace *workspace, const nca__engine *engine);

#endif
