/* A step backward for all samples: src/tape/backward.c.
 *
 * collect    lists the cells of each band that lived and fired, in row-major order
 * backward   gradients through the network of these cells; what the sums below need is kept in
 *            memory, one row for each cell of the lists
 * sum_w1_w2, sum_rest
 *            continue the chains of the band's gradient sums over its list
 * spread     gradients through the perception, and through the masks of the step
 *
 * With D the gradient of x(t), that of dead cells counts as 0 wherever it is read. */

/* Lists, counts, and the columns begin..end-1 of each row that have active cells. Groups: (bands,
 * samples). The list of a band begins at the index of its first cell. */
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
collect(__global uint *list, __global uint *counts, __global int *begins, __global int *ends,
        __global const uchar *live, uint live_at, uint height, uint width, uint band_rows)
{
    __local uint sums[GROUP];
    const uint cells = height * width;
    const uint bands = get_num_groups(0);
    const uint band = get_group_id(0);
    const size_t sample = get_global_id(1);
    const size_t grid = sample * cells;
    const uint begin_row = band * band_rows;
    const uint end_row = band + 1 == bands ? height : begin_row + band_rows;
    const uint end = end_row * width;
    const uint item = get_local_id(0);
    live += (size_t)live_at * cells;
    for (uint row = begin_row + item; row < end_row; row += GROUP) {
        begins[sample * height + row] = (int)width;
        ends[sample * height + row] = 0;
    }
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    uint total = 0;
    for (uint base = begin_row * width; base < end; base += 4 * GROUP) {
        const uint first = base + 4 * item;
        uint active = 0;
        uint count = 0;
        for (uint k = 0; k < 4 && first + k < end; k++) {
            if (live[grid + first + k] == ACTIVE) {
                const size_t row = sample * height + (first + k) / width;
                const int column = (int)((first + k) % width);
                active |= 1u << k;
                count++;
                atomic_min(&begins[row], column);
                atomic_max(&ends[row], column + 1);
            }
        }
        scan(sums, count);
        size_t at = grid + begin_row * width + total + sums[item] - count;
        for (uint k = 0; k < 4; k++) {
            if (active & (1u << k)) {
                list[at++] = first + k;
            }
        }
        total += sums[GROUP - 1];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item == 0) {
        counts[sample * bands + band] = total;
    }
}

/* The gradients of one cell: rows of p (INPUTS), ddx (C), h and dh (N_LANES vectors). */
static void backward_cell(__global float *p_row, __global float *dx_row, __global float *h_row,
                          __global float *dh_row, __global float *d, __global float *dp_out,
                          __global const float *x, __global const float *taps,
                          __global const float *w1, __global const float *b1,
                          __global const float *w1_back, __global const float *w2_back, int cell,
                          int height, int width, float step)
{
    float p[INPUTS];
    float dx[C];
    lanes dp[INPUT_LANES];
    perceive(p, x, taps, cell, height, width);
    UNROLL
    for (int i = 0; i < INPUTS; i++) {
        p_row[i] = p[i];
    }
    UNROLL
    for (int c = 0; c < C; c++) {
        dx[c] = c < INPUT_CHANNELS ? 0.0f : step * d[c];
        dx_row[c] = dx[c];
    }
    UNROLL
    for (int j = 0; j < INPUT_LANES; j++) {
        dp[j] = (lanes)(0.0f);
    }
    for (int block = 0; block < N_LANES; block++) {
        const lanes h = hidden_lanes(p, w1, b1, block);
        lanes dh = (lanes)(0.0f);
        UNROLL
        for (int c = 0; c < C; c++) {
            dh = fma((lanes)(dx[c]), LOAD(c * N_LANES + block, w2_back), dh);
        }
        dh = select((lanes)(0.0f), dh, h > (lanes)(0.0f));
        STORE(h, block, h_row);
        STORE(dh, block, dh_row);
        UNROLL
        for (int lane = 0; lane < LANES; lane++) {
            if (block * LANES + lane >= N) {
                break;
            }
            const lanes unit = (lanes)(((const float *)&dh)[lane]);
            UNROLL
            for (int j = 0; j < INPUT_LANES; j++) {
                dp[j] = fma(unit, LOAD((block * LANES + lane) * INPUT_LANES + j, w1_back), dp[j]);
            }
        }
    }
    UNROLL
    for (int c = 0; c < C; c++) {
        d[c] += ((const float *)dp)[c];
    }
    UNROLL
    for (int i = C; i < INPUTS; i++) {
        dp_out[i - C] = ((const float *)dp)[i];
    }
}

/* Work-items: (places in the list of a band, bands, samples from..). p, dx, h and dh have room for the
 * samples of this launch only. */
__kernel void backward(__global float *p, __global float *dx, __global float *h,
                       __global float *dh, __global float *d, __global float *dp,
                       __global const float *x, __global const uint *list,
                       __global const uint *counts, __global const float *taps,
                       __global const float *w1, __global const float *b1,
                       __global const float *w1_back, __global const float *w2_back, uint from,
                       uint height, uint width, uint band_rows, float step)
{
    const uint place = get_global_id(0);
    const uint band = get_global_id(1);
    const size_t cells = height * width;
    const size_t sample = from + get_global_id(2);
    if (place >= counts[sample * get_global_size(1) + band]) {
        return;
    }
    const size_t grid = sample * cells;
    const size_t in_list = (size_t)band * band_rows * width + place;
    const size_t row = get_global_id(2) * cells + in_list;
    const int cell = (int)list[grid + in_list];
    const size_t at = grid + cell;
    backward_cell(p + row * INPUTS, dx + row * C, h + row * (N_LANES * LANES),
                  dh + row * (N_LANES * LANES), d + at * C, dp + at * (FILTERED * C), x + grid * C,
                  taps, w1, b1, w1_back, w2_back, cell, (int)height, (int)width, step);
}

/* The gradient sums of a band: (INPUTS + 1 + C, N_LANES) vectors, which are dW1 transposed, db1 and
 * dW2; then db2 (C), and the taps (FILTERED * 9, C) of learned filters. */
#define SUM_ROWS   (INPUTS + 1 + C)
#define SUM_FLOATS (SUM_ROWS * N_LANES * LANES + C + LEARNED * FILTERED * 9 * C)

/* Work-items: (SUM_ROWS * N_LANES, bands, samples). */
__kernel void sum_w1_w2(__global float *sums, __global const float *p, __global const float *dx,
                        __global const float *h, __global const float *dh,
                        __global const uint *counts, uint from, uint cells, uint band_cells)
{
    const uint output = get_global_id(0);
    if (output >= SUM_ROWS * N_LANES) {
        return;
    }
    const size_t band = (from + get_global_id(2)) * get_global_size(1) + get_global_id(1);
    const size_t first = get_global_id(2) * (size_t)cells + get_global_id(1) * (size_t)band_cells;
    const uint count = counts[band];
    const uint row = output % SUM_ROWS;
    const uint block = output / SUM_ROWS;
    const bool ones = row == INPUTS;
    __global const float *left = row < INPUTS ? p + first * INPUTS + row
                                              : dx + first * C + (ones ? 0 : row - INPUTS - 1);
    const uint stride = row < INPUTS ? INPUTS : C;
    __global const float *right = (row <= INPUTS ? dh : h) + first * (N_LANES * LANES);
    __global float *out = sums + band * SUM_FLOATS;
    lanes sum = LOAD(row * N_LANES + block, out);
    for (uint k = 0; k < count; k++) {
        const float a = ones ? 1.0f : left[(size_t)k * stride];
        sum = fma((lanes)(a), LOAD((size_t)k * N_LANES + block, right), sum);
    }
    STORE(sum, row * N_LANES + block, out);
}

/* db2, and the taps. Work-items: (C + LEARNED * FILTERED * 9 * C, bands, samples). */
__kernel void sum_rest(__global float *sums, __global const float *dx, __global const float *dp,
                       __global const float *x, __global const uint *list,
                       __global const uint *counts, uint from, uint height, uint width,
                       uint band_cells)
{
    const uint output = get_global_id(0);
    if (output >= C + LEARNED * FILTERED * 9 * C) {
        return;
    }
    const size_t cells = height * width;
    const size_t sample = from + get_global_id(2);
    const size_t band = sample * get_global_size(1) + get_global_id(1);
    const size_t grid = sample * cells;
    const size_t in_list = get_global_id(1) * (size_t)band_cells;
    const size_t first = get_global_id(2) * cells + in_list; /* row of dx */
    const uint count = counts[band];
    __global float *out = sums + band * SUM_FLOATS + SUM_ROWS * N_LANES * LANES + output;
    float sum = *out;
    if (output < C) {
        for (uint k = 0; k < count; k++) {
            sum = fma(1.0f, dx[(first + k) * C + output], sum);
        }
    }
#if LEARNED
    const int channel = (int)(output % C);
    const int tap = (int)(output / C) - 1; /* of all filters */
    for (uint k = 0; output >= C && k < count; k++) {
        const int cell = (int)list[grid + in_list + k];
        const int r = source(cell / (int)width + tap % 9 / 3 - 1, (int)height);
        const int c = source(cell % (int)width + tap % 9 % 3 - 1, (int)width);
        const float value =
            r < 0 || c < 0 ? 0.0f : x[(grid + (size_t)r * width + c) * C + channel];
        sum = fma(dp[((grid + cell) * FILTERED + tap / 9) * C + channel], value, sum);
    }
#endif
    *out = sum;
}

/* Adds to `sum` what the filters of the cells around (row, column), which may be outside the grid,
 * give back. */
static float spread_around(float sum, __global const float *dp, __global const uchar *live,
                           __global const float *taps, int row, int column, int channel,
                           int height, int width)
{
    for (int tap = 0; tap < 9; tap++) {
        int r = row + tap / 3 - 1;
        int c = column + tap % 3 - 1;
#if BOUNDARY == 1
        r = source(r, height);
        c = source(c, width);
#endif
        /* Only active cells have written their dp in this step. */
        const bool inside = r >= 0 && r < height && c >= 0 && c < width;
        const int cell = inside ? r * width + c : 0;
        const bool given = inside && live[cell] == ACTIVE;
        __global const float *from = dp + (size_t)cell * (FILTERED * C) + channel;
        for (int f = 0; f < FILTERED; f++) {
            sum = fma(tap_of(taps, f, 8 - tap, channel), given ? from[f * C] : 0.0f, sum);
        }
    }
    return sum;
}

#if BOUNDARY >= 2
/* The gradient of the copies beyond the left and the right end of row `at`. */
static float fold_ends(float sum, __global const float *dp, __global const uchar *live,
                       __global const float *taps, int column, int at, int channel, int height,
                       int width, int2 span)
{
    if (span.x == 0 && source(-1, width) == column) {
        sum = spread_around(sum, dp, live, taps, at, -1, channel, height, width);
    }
    if (span.y == width && source(width, width) == column) {
        sum = spread_around(sum, dp, live, taps, at, width, channel, height, width);
    }
    return sum;
}
#endif

/* The columns of a row that can receive a gradient: `receiving` of src/tape/backward.c. A cell
 * outside of them is not touched, so that its -0 stays. */
static int2 receiving(__global const int *begins, __global const int *ends, int row, int height,
                      int width)
{
    int2 span = (int2)(width, 0);
    for (int r = row - 1; r <= row + 1; r++) {
#if BOUNDARY == 1
        const int from = source(r, height);
#else
        const int from = r < 0 || r >= height ? -1 : r;
#endif
        if (from >= 0) {
            span = (int2)(min(span.x, begins[from]), max(span.y, ends[from]));
        }
    }
    if (span.x >= span.y) {
        return (int2)(0, 0);
    }
#if BOUNDARY == 1
    if (span.x == 0 || span.y == width) {
        return (int2)(0, width);
    }
#endif
    return (int2)(max(span.x - 1, 0), min(span.y + 1, width));
}

/* One work-item is one value: (H*W*C, samples). */
__kernel void spread(__global float *d, __global const float *dp, __global const uchar *live,
                     uint live_at, __global const int *begins, __global const int *ends,
                     __global const float *taps, uint height, uint width)
{
    const uint cells = height * width;
    const size_t value = get_global_id(0);
    if (value >= (size_t)cells * C) {
        return;
    }
    const size_t sample = get_global_id(1);
    const size_t grid = sample * cells;
    live += (size_t)live_at * cells;
    const int cell = (int)(value / C);
    const int channel = (int)(value % C);
    const int row = cell / (int)width;
    const int column = cell % (int)width;
    const int h = (int)height;
    const int w = (int)width;
    float sum = d[grid * C + value];
    if (channel >= INPUT_CHANNELS && !(live[grid + cell] & LIVE)) {
        sum = 0.0f;
    }
    const int2 span = receiving(begins + sample * height, ends + sample * height, row, h, w);
    dp += grid * (FILTERED * C);
    live += grid;
    const bool within = column >= span.x && column < span.y;
    if (within) {
        sum = spread_around(sum, dp, live, taps, row, column, channel, h, w);
    }
#if BOUNDARY >= 2
    if (span.x < span.y) {
        sum = fold_ends(sum, dp, live, taps, column, row, channel, h, w, span);
        for (int side = 0; side < 2; side++) {
            const int outside = side == 0 ? -1 : h;
            if (source(outside, h) != row) {
                continue;
            }
            if (within) {
                sum = spread_around(sum, dp, live, taps, outside, column, channel, h, w);
            }
            sum = fold_ends(sum, dp, live, taps, column, outside, channel, h, w, span);
        }
    }
#endif
    d[grid * C + value] = sum;
}

/* The gradient of each sample in the flat layout of the parameters (nca/automaton.h): the sums of
 * the bands, in order. Work-items: (parameters without those of a head, samples). */
__kernel void reduce(__global float *gradients, __global const float *sums, uint bands)
{
    uint at = get_global_id(0);
    uint place = SUM_ROWS * N_LANES * LANES; /* of db2 */
    const uint w1 = N * INPUTS;
    const uint w2 = (C - INPUT_CHANNELS) * N;
    const uint b2 = OUTPUT_BIAS * (C - INPUT_CHANNELS);
    const uint all = w1 + N + w2 + b2 + LEARNED * FILTERED * 9 * C;
    if (at >= all) {
        return;
    }
    __global float *out = gradients + get_global_id(1) * (size_t)all + at;
    if (at < w1) {
        place = at % INPUTS * (N_LANES * LANES) + at / INPUTS;
    } else if (at < w1 + N) {
        place = INPUTS * (N_LANES * LANES) + at - w1;
    } else if (at < w1 + N + w2) {
        at -= w1 + N;
        place = (INPUTS + 1 + INPUT_CHANNELS + at / N) * (N_LANES * LANES) + at % N;
    } else if (at < w1 + N + w2 + b2) {
        place += INPUT_CHANNELS + at - (w1 + N + w2);
    } else {
        place += C + at - (w1 + N + w2 + b2);
    }
    float sum = 0.0f;
    for (uint band = 0; band < bands; band++) {
        sum += sums[(get_global_id(1) * bands + band) * SUM_FLOATS + place];
    }
    *out = sum;
}
