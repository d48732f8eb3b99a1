/* A step forward for all samples: update, then mask.
 *
 * update   runs the network in the cells that fire and are candidates (within two cells of a mark):
 *          only they can change. A group takes 4 * GROUP consecutive cells, finds the active ones,
 *          and deals them to its work-items. Each work-item runs one cell at a time, so that the
 *          perception and the sums stay in its registers.
 * mask     writes every value of the next state: of a cell that lived on, y or x; otherwise 0. */

/* Philox4x32-10 (src/kernels/philox.c): which of the four cells of a block fire, as four bits. */
static uint draw(uint4 counter, uint2 key, uint threshold)
{
    for (int round = 0; round < 10; round++) {
        const uint high0 = mul_hi(0xD2511F53u, counter.x);
        const uint low0 = 0xD2511F53u * counter.x;
        const uint high1 = mul_hi(0xCD9E8D57u, counter.z);
        const uint low1 = 0xCD9E8D57u * counter.z;
        counter = (uint4)(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
        key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
    }
    return (counter.x >> 8 < threshold ? 1u : 0u) | (counter.y >> 8 < threshold ? 2u : 0u) |
           (counter.z >> 8 < threshold ? 4u : 0u) | (counter.w >> 8 < threshold ? 8u : 0u);
}

__kernel void zero(__global float *out, ulong count)
{
    if (get_global_id(0) < count) {
        out[get_global_id(0)] = 0.0f;
    }
}

/* over[i] = whether the alive channel of a cell is above the threshold. */
__kernel void mark(__global uchar *over, __global const float *x, ulong cells, float threshold)
{
#if ALIVE >= 0
    if (get_global_id(0) < cells) {
        over[get_global_id(0)] = x[get_global_id(0) * C + ALIVE] > threshold;
    }
#endif
}

/* Finds the cells of a piece that fire and are candidates. Writes LIVE (alive before the step) and
 * FIRED of each cell to `begun`, and the marks of those that do not change to over_y. */
static uint begin_cell(__global uchar *begun, __global uchar *over_y, __global const uchar *over_x,
                       int cell, uint fires, int height, int width, uchar zero_is_over)
{
#if ALIVE >= 0
    const uchar alive = near(over_x, cell, height, width, 1, zero_is_over);
    const uchar fired = fires && near(over_x, cell, height, width, 2, zero_is_over);
    over_y[cell] = over_x[cell];
#else
    const uchar alive = LIVE;
    const uchar fired = fires != 0;
#endif
    begun[cell] = alive | (fired ? FIRED : 0);
    return fired;
}

/* y = x + step * dx of one cell, and its mark. */
static void update_cell(__global float *y, __global uchar *over_y, __global const float *x,
                        __global const float *taps, __global const float *w1,
                        __global const float *b1, __global const float *w2,
                        __global const float *b2, int cell, int height, int width, float step,
                        float threshold)
{
    float p[INPUTS];
    lanes dx[C_LANES];
    perceive(p, x, taps, cell, height, width);
    UNROLL
    for (int j = 0; j < C_LANES; j++) {
        dx[j] = LOAD(j, b2);
    }
    for (int block = 0; block < N_LANES; block++) {
        const lanes h = hidden_lanes(p, w1, b1, block);
        UNROLL
        for (int lane = 0; lane < LANES; lane++) {
            if (block * LANES + lane >= N) {
                break;
            }
            const lanes unit = (lanes)(((const float *)&h)[lane]);
            UNROLL
            for (int j = 0; j < C_LANES; j++) {
                dx[j] = fma(unit, LOAD((block * LANES + lane) * C_LANES + j, w2), dx[j]);
            }
        }
    }
    __global float *out = y + (size_t)cell * C;
    UNROLL
    for (int c = 0; c < C; c++) {
        out[c] = c < INPUT_CHANNELS ? p[c] : fma(step, ((const float *)dx)[c], p[c]);
    }
#if ALIVE >= 0
    over_y[cell] = out[ALIVE] > threshold;
#endif
}

/* Groups: (pieces of the grid, samples). Cell i draws the fire mask of cell (shift + i) % whole:
 * the grid may be a strip of a larger one, which has so many cells. */
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
update(__global float *y, __global uchar *over_y, __global uchar *begun, __global const float *x,
       __global const uchar *over_x, __global const float *taps, __global const float *w1,
       __global const float *b1, __global const float *w2, __global const float *b2, uint height,
       uint width, float step, float threshold, uint fire_threshold, uint first_sample,
       uint mask_sets, uint time, uint iteration, uint2 key, ulong shift, ulong whole)
{
    __local uint sums[GROUP];
    __local ushort list[4 * GROUP];
    const uint cells = height * width;
    const size_t grid = get_global_id(1) * (size_t)cells;
    const uchar zero_is_over = threshold < 0.0f;
    const uint piece = get_group_id(0) * (4 * GROUP);
    const uint item = get_local_id(0);
    const uint first = piece + 4 * item;
    uint sample = first_sample + (uint)get_global_id(1);
    sample = mask_sets > 0 ? sample % mask_sets : sample;
    uint active = 0;
    uint count = 0;
    if (first < cells) {
        uint block = 0, fires = 0;
        for (uint k = 0; k < 4 && first + k < cells; k++) {
            const ulong wrapped = shift + first + k >= whole ? whole : 0;
            const ulong number = shift + first + k - wrapped;
            if (k == 0 || (uint)(number / 4) != block) {
                block = (uint)(number / 4);
                fires = draw((uint4)(block, time, sample & 0xFFFFFFu, iteration), key,
                             fire_threshold);
            }
            const uint fired =
                begin_cell(begun + grid, over_y + grid, over_x + grid, (int)(first + k),
                           fires & (1u << number % 4), (int)height, (int)width, zero_is_over);
            active |= fired << k;
            count += fired;
        }
    }
    scan(sums, count);
    uint at = sums[item] - count;
    for (uint k = 0; k < 4; k++) {
        if (active & (1u << k)) {
            list[at++] = (ushort)(4 * item + k);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    const uint total = sums[GROUP - 1];
    for (uint k = item; k < total; k += GROUP) {
        update_cell(y + grid * C, over_y + grid, x + grid * C, taps, w1, b1, w2, b2,
                    (int)(piece + list[k]), (int)height, (int)width, step, threshold);
    }
}

/* Completes y, which holds the updates of the cells that fired. One work-item is one value:
 * (H*W*C, samples). The first of a cell also writes its marks. */
__kernel void mask(__global float *y, __global uchar *over, __global uchar *live, uint live_at,
                   __global const float *x, __global const uchar *over_y,
                   __global const uchar *begun, uint height, uint width, float threshold)
{
    const uint cells = height * width;
    const size_t value = get_global_id(0);
    if (value >= (size_t)cells * C) {
        return;
    }
    const int cell = (int)(value / C);
    const int channel = (int)(value % C);
    const size_t grid = get_global_id(1) * (size_t)cells;
    const size_t at = grid * C + value;
    const uchar was = begun[grid + cell];
    live += (size_t)live_at * cells;
#if ALIVE >= 0
    const uchar zero_is_over = threshold < 0.0f;
    const uchar alive = (was & LIVE) && near(over_y + grid, cell, (int)height, (int)width, 1,
                                             zero_is_over);
    if (channel == 0) {
        const uchar kept = ALIVE < INPUT_CHANNELS; /* then it is not zeroed with its cell */
        live[grid + cell] = (alive ? LIVE : 0) | (was & FIRED);
        over[grid + cell] = (alive | kept) ? over_y[grid + cell] : zero_is_over;
    }
#else
    const uchar alive = 1;
    if (channel == 0) {
        live[grid + cell] = was;
    }
#endif
    if (channel < INPUT_CHANNELS) {
        y[at] = x[at];
    } else if (!alive) {
        y[at] = 0.0f;
    } else if (!(was & FIRED)) {
        y[at] = x[at];
    }
}
