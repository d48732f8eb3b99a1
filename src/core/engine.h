/* Internal: what all samples of a batch share while they run, and the scratch memory of one thread.
 *
 * A band's work is cut into chunks of active cells: their perception is packed into a matrix, the
 * dense layers run over it, and the results are scattered back. Chunks do not show in the results:
 * every sum continues from the chunk before. */
#ifndef NCA_CORE_ENGINE_H
#define NCA_CORE_ENGINE_H

#include "core/bf16_weights.h"
#include "core/int8_weights.h"
#include "core/layout.h"
#include "core/stopwatch.h"
#include "core/weights.h"
#include "kernels/table.h"

enum {
    /* Cells: a multiple of every tile's height, many enough that the weights and the gradient sums
     * are well used while they are in the cache, few enough that the chunk itself fits there. */
    NCA__CHUNK = 192
};

typedef struct nca__engine {
    nca_automaton automaton;
    nca__layout layout;
    nca__shape shape;
    nca__weights weights;
    nca__stencil stencil;
    const nca_kernels *kernels;
    const nca__bf16_kernels *bf16; /* NULL: the dense layers are fp32 */
    nca__bf16_weights bf16_weights;
    uint32_t fire_threshold;
    bool masked;                   /* whether there is an alive channel */
    size_t kept_hidden_bytes;      /* that a tape may spend on hidden layers (core/kept_hidden.h) */
    const nca__int8_kernels *int8; /* the network runs forward in int8; NULL: in fp32 */
    nca__int8_weights int8_weights;
} nca__engine;

/* `weights_block` has nca__weights_floats() floats, 64-byte aligned; NULL when only sizes are asked
 * of the engine. */
nca__engine nca__engine_make(const nca_automaton *automaton, size_t height, size_t width,
                             const nca_kernels *kernels, float *weights_block);
/* The forward pass goes over to int8. `block` has nca__int8_weights_bytes() bytes, 64-byte aligned,
 * or is NULL likewise. Before workspaces are measured and carved. */
void nca__engine_use_int8(nca__engine *engine, void *block);
/* Both passes go over to bf16, in one of the two forms that the kernel set may have; likewise, with
 * nca__bf16_weights_words() words. */
void nca__engine_use_bf16(nca__engine *engine, const nca__bf16_kernels *form, void *block);
/* Between passes: another chance that a cell fires. */
void nca__engine_set_fire_rate(nca__engine *engine, float fire_rate);
/* Packs the parameters for whatever the engine runs. */
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
    float *p;             /* (CHUNK, K*Cp) perception */
    float *h;             /* (CHUNK, Ns) hidden layer, where it is not kept... */
    float *hidden;        /* ...and where it is: here or in a tape's rows */
    float *dx;            /* (CHUNK, Cp) update, or its gradient */
    float *dh;            /* (CHUNK, Ns) */
    float *dp;            /* (CHUNK, K*Cp) */
    float *ones;          /* (CHUNK) */
    nca__bf16_chunk bf16; /* where the engine has bf16 */
    size_t *state_at;     /* (CHUNK) offset in a state plane */
    uint32_t *row_at;     /* (CHUNK) its row... */
    uint32_t *column_at;  /* (CHUNK) ...and column */
    uint32_t *kept_at;    /* (CHUNK) backward: which of the cells that fired in the band it is */
    size_t count;         /* cells in the chunk */
    uint8_t *p_bytes;     /* (CHUNK, K*Cp) int8 only: perception... */
    float *p_scales;      /* (CHUNK) ...and its scales */
    uint8_t *h_bytes;     /* (CHUNK, Nq) int8 only: hidden layer... */
    float *h_scales;      /* (CHUNK) ...and its scales */
    uint8_t *candidates;  /* (W) */
    uint8_t *near;        /* (W) */
    uint8_t *scratch;     /* (W + 4) */
    uint8_t *fired;       /* the fire marks of a band, from the block of four with its first cell */
    size_t fired_block;   /* that block */
    size_t drawn_block;   /* up to this block they have been drawn, where they were asked for */
    nca__stopwatch *watch; /* of the thread; NULL: time is not taken */
} nca__workspace;

/* Adds the cells of columns begin..end-1 of a row that are marked with 1, until the chunk is full;
 * returns the column behind the last one looked at. */
size_t nca__chunk_add(nca__workspace *workspace, const nca__layout *layout, const uint8_t *marks,
                      size_t row, size_t begin, size_t end);

/* Rows of the chunk that the forward layers run over: up to whole tiles, whatever lies there. */
static inline size_t nca__chunk_rows(const nca__workspace *workspace)
{
    return (workspace->count + 3) / 4 * 4;
}

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

/* Perception of the workspace's chunk: fills p. */
void nca__perceive_chunk(nca__workspace *workspace, const nca__engine *engine, const float *x);
/* Perception and hidden layer of the workspace's chunk: fills p and hidden. The layer's time counts
 * as `part`. */
void nca__hidden_forward(nca__workspace *workspace, const nca__engine *engine, const float *x,
                         nca_part part);
/* Perception and both layers in int8: fills dx. */
void nca__int8_forward(nca__workspace *workspace, const nca__engine *engine, const float *x);

#endif
