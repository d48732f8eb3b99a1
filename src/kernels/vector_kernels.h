/* The vector kernels for any vector width: the file of an instruction set defines the types and
 * operations below and then includes this file, which defines every kernel as a static function.
 *
 *   LANES                       floats in a vector; divides NCA_LANES
 *   TILE_ROWS                   rows of sums that matmul keeps in registers, times...
 *   TILE_VECTORS                ...vectors of columns
 *   TILE_STEPS                  optional: number of depth steps per loop iteration
 *   vec  vec_load(p)  vec_store(p, v)  vec_set1(f)  vec_fma(a, b, c)      a*b + c, one rounding
 *   vec_relu(v)                 lane by lane v > 0 ? v : 0
 *   vec_positive(gate, v)       lane by lane gate > 0 ? v : 0
 *   vec_keep(v)                 optional: keeps v in a register instead of loading it for every use
 *   ivec  ivec_set1(u)  ivec_ramp()  0, 1, 2...  ivec_add  ivec_xor  ivec_and  ivec_or
 *   ivec_multiply(&high, &low, a, b)    32 x 32 -> 64 bits, lane by lane
 *   ivec_shift_right(v, bits)   logical
 *   ivec_below(a, b)            all ones where a < b; both below 2^31
 *   ivec_store(p, v)            LANES words, no alignment
 *   NCA_FORWARD_ONLY            optional, for the whole build: no backward passes
 *
 * Vectors run across outputs, never along a sum, so the order of every sum is the scalar one. */
#include <stddef.h>
#include <stdint.h>

#include "kernels/registers.h"
#include "kernels/table.h"

#ifndef TILE_STEPS
#define TILE_STEPS 1
#endif
#ifndef vec_keep
#define vec_keep(v) ((void)0)
#endif

enum {
    COLUMN_VECTORS = NCA_LANES / LANES, /* vectors in the narrowest block of columns */
    /* the number of these in a tile, which has at most TILE_VECTORS */
    NARROW_VECTORS = COLUMN_VECTORS < TILE_VECTORS ? COLUMN_VECTORS : TILE_VECTORS,
    /* A matrix of one row does not have enough rows to fill the registers; more columns hide the
     * latency. */
    WIDE_VECTORS = 8,
    /* Number of cells that perception sums at once: two if 32 registers of the widest kind can hold
     * their filters and sums. */
    PERCEIVE_CELLS = COLUMN_VECTORS == 1 ? 2 : 1,
    /* Number of learned filters that are summed at once, if there are enough registers for their
     * taps. */
    LEARNED_FILTERS = COLUMN_VECTORS == 1 ? 2 : 1,
    SPREAD_CELLS = 4, /* number of cells of a row whose gradient spread keeps in registers */
    LINE_FLOATS = 16, /* floats per cache line */
};

#include "kernels/vector_matmul.h"
#include "kernels/vector_perception.h"
#include "kernels/vector_update.h"
