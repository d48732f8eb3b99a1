/* What all kernels share. The host defines, when it builds the program for a shape:
 *
 *   C, N, K        channels, hidden units, perception maps (identity included)
 *   INPUT_CHANNELS the first channels, which are never written
 *   LEARNED        1: every channel has its own taps; 0: all share those of a fixed filter
 *   BOUNDARY       0 zero, 1 circular, 2 reflect, 3 replicate
 *   ALIVE          the alive channel, or -1 without masks
 *   OUTPUT_BIAS    1 if b2 is a parameter
 *   LANES          floats of a vector: 4, 8 or 16
 *   GROUP          work-items of a group
 *
 * The scalar kernels of the CPU (src/kernels/scalar.c) and the tape (src/tape) are the definition.
 * Every sum is the same chain of fma: an index ascends, vectors run across outputs only, and a chain
 * is never padded at its end, because adding 0 * 0 would turn -0 into 0.
 *
 * Grids are dense: states (samples, H, W, C), marks (samples, H, W). There is no halo. A cell is
 * named by its index row * W + column in the grid of its sample. */
#pragma OPENCL FP_CONTRACT OFF

#define JOIN_WORDS(a, b) a##b
#define JOIN(a, b)       JOIN_WORDS(a, b)
typedef JOIN(float, LANES) lanes;
#define LOAD  JOIN(vload, LANES)
#define STORE JOIN(vstore, LANES)

#define FILTERED (K - 1)
#define INPUTS   (K * C)
/* The numbers of vectors that hold C, N and K*C floats. */
#define C_LANES     ((C + LANES - 1) / LANES)
#define N_LANES     ((N + LANES - 1) / LANES)
#define INPUT_LANES ((INPUTS + LANES - 1) / LANES)

/* Private arrays are registers only if every index is known to the compiler: loops over them are
 * unrolled, unless they are so long that registers would not do. */
#if INPUTS <= 160
#define UNROLL _Pragma("unroll")
#else
#define UNROLL
#endif

/* Marks of a cell in a step, as in tape/tape.h. */
#define LIVE   1
#define FIRED  2
#define ACTIVE 3

/* Where the copies outside the grid come from: core/boundary.c. -1: nowhere, the value is 0. */
static int source(int at, int size)
{
    if (at >= 0 && at < size) {
        return at;
    }
#if BOUNDARY == 1
    return (at % size + size) % size;
#elif BOUNDARY == 2
    if (size == 1) {
        return 0;
    }
    const int period = 2 * size - 2;
    const int place = (at % period + period) % period;
    return place < size ? place : period - place;
#elif BOUNDARY == 3
    return at < 0 ? 0 : size - 1;
#else
    return -1;
#endif
}

/* Whether a cell within `reach` rows and columns is marked. Outside a zero boundary the mark is that
 * of a cell whose values are all 0. */
static uchar near(__global const uchar *marks, int cell, int height, int width, int reach,
                  uchar zero_is_over)
{
    const int row = cell / width;
    const int column = cell % width;
    uchar found = 0;
    for (int r = row - reach; r <= row + reach; r++) {
        const int from_row = source(r, height);
        for (int c = column - reach; c <= column + reach; c++) {
            const int from_column = source(c, width);
            found |= from_row < 0 || from_column < 0 ? zero_is_over
                                                     : marks[from_row * width + from_column];
        }
    }
    return found;
}

/* Taps: (FILTERED * 9) of fixed filters, (FILTERED * 9, C) of learned ones. */
static float tap_of(__global const float *taps, int filter, int tap, int channel)
{
#if LEARNED
    return taps[(filter * 9 + tap) * C + channel];
#else
    return taps[filter * 9 + tap];
#endif
}

/* The perception p (K, C) of a cell in the state x of its sample. */
static void perceive(float *p, __global const float *x, __global const float *taps, int cell,
                     int height, int width)
{
    const int row = cell / width;
    const int column = cell % width;
    UNROLL
    for (int c = 0; c < C; c++) {
        p[c] = x[(size_t)cell * C + c];
    }
    UNROLL
    for (int i = C; i < INPUTS; i++) {
        p[i] = 0.0f;
    }
    for (int tap = 0; tap < 9; tap++) {
        const int r = source(row + tap / 3 - 1, height);
        const int k = source(column + tap % 3 - 1, width);
        const bool nowhere = r < 0 || k < 0;
        __global const float *neighbour = x + (nowhere ? 0 : (size_t)(r * width + k) * C);
        UNROLL
        for (int c = 0; c < C; c++) {
            const float value = nowhere ? 0.0f : neighbour[c];
            UNROLL
            for (int f = 0; f < FILTERED; f++) {
                p[(1 + f) * C + c] = fma(tap_of(taps, f, tap, c), value, p[(1 + f) * C + c]);
            }
        }
    }
}

/* relu(W1 p + b1) of LANES hidden units. w1 is (N_LANES, INPUTS) vectors. */
static lanes hidden_lanes(const float *p, __global const float *w1, __global const float *b1,
                          int block)
{
    lanes h = LOAD(block, b1);
    UNROLL
    for (int i = 0; i < INPUTS; i++) {
        h = fma((lanes)(p[i]), LOAD(block * INPUTS + i, w1), h);
    }
    return select((lanes)(0.0f), h, h > (lanes)(0.0f));
}

/* Sums of the work-items before and including this one, over the group. */
static void scan(__local uint *sums, uint own)
{
    const uint item = get_local_id(0);
    sums[item] = own;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint away = 1; away < GROUP; away *= 2) {
        const uint before = item >= away ? sums[item - away] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        sums[item] += before;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}
