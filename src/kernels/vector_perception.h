/* Perception and its gradient: part of vector_kernels.h, which includes this file. */

/* The perception of channels c.. of some cells at once: a sum waits four cycles for each of its
 * nine steps, and the others go on meanwhile. */
NCA_INLINE void perceive_cells(const nca__perceive *job, const vec filter_x[9],
                               const vec filter_y[9], size_t first, size_t c, const int cells)
{
    const ptrdiff_t channels = (ptrdiff_t)job->channels;
    const float *cell[PERCEIVE_CELLS];
    vec x[PERCEIVE_CELLS];
    vec y[PERCEIVE_CELLS];
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        cell[i] = job->grid + job->cells[first + (size_t)i] + c;
        x[i] = vec_set1(0.0f);
        y[i] = vec_set1(0.0f);
    }
    NCA_UNROLL for (int tap = 0; tap < 9; tap++)
    {
        const ptrdiff_t away =
            (tap / 3 - 1) * (ptrdiff_t)job->row_stride + (tap % 3 - 1) * channels;
        NCA_UNROLL for (int i = 0; i < cells; i++)
        {
            vec neighbour = vec_load(cell[i] + away);
            vec_keep(neighbour);
            x[i] = vec_fma(filter_x[tap], neighbour, x[i]);
            y[i] = vec_fma(filter_y[tap], neighbour, y[i]);
        }
    }
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        float *p = job->p + (first + (size_t)i) * job->p_stride + c;
        vec_store(p, vec_load(cell[i]));
        vec_store(p + channels, x[i]);
        vec_store(p + 2 * channels, y[i]);
    }
}

static void perceive(const nca__perceive *given)
{
    const nca__perceive copy = *given; /* which no store can change */
    const nca__perceive *job = &copy;
    vec filter_x[9];
    vec filter_y[9];
    for (int tap = 0; tap < 9; tap++) {
        filter_x[tap] = vec_set1(job->stencil->x[tap]);
        filter_y[tap] = vec_set1(job->stencil->y[tap]);
    }
    size_t i = 0;
    for (; i + PERCEIVE_CELLS <= job->count; i += PERCEIVE_CELLS) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            perceive_cells(job, filter_x, filter_y, i, c, PERCEIVE_CELLS);
        }
    }
    for (; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            perceive_cells(job, filter_x, filter_y, i, c, 1);
        }
    }
}

/* Learned filters f.. of channels c.. of some cells at once, as in perceive_cells. */
NCA_INLINE void perceive_filters(const nca__perceive *job, const vec *taps, size_t first, size_t f,
                                 size_t c, const int cells, const int filters)
{
    const ptrdiff_t channels = (ptrdiff_t)job->channels;
    const float *cell[PERCEIVE_CELLS];
    vec sum[PERCEIVE_CELLS * LEARNED_FILTERS];
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        cell[i] = job->grid + job->cells[first + (size_t)i] + c;
        NCA_UNROLL for (int k = 0; k < filters; k++)
        {
            sum[i * filters + k] = vec_set1(0.0f);
        }
    }
    NCA_UNROLL for (int tap = 0; tap < 9; tap++)
    {
        const ptrdiff_t away =
            (tap / 3 - 1) * (ptrdiff_t)job->row_stride + (tap % 3 - 1) * channels;
        NCA_UNROLL for (int i = 0; i < cells; i++)
        {
            vec neighbour = vec_load(cell[i] + away);
            vec_keep(neighbour);
            NCA_UNROLL for (int k = 0; k < filters; k++)
            {
                sum[i * filters + k] = vec_fma(taps[9 * k + tap], neighbour, sum[i * filters + k]);
            }
        }
    }
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        float *p = job->p + (first + (size_t)i) * job->p_stride + c;
        vec_store(p, vec_load(cell[i]));
        NCA_UNROLL for (int k = 0; k < filters; k++)
        {
            vec_store(p + (1 + f + (size_t)k) * job->channels, sum[i * filters + k]);
        }
    }
}

/* All cells, with the taps in registers. */
NCA_INLINE void perceive_all_cells(const nca__perceive *job, size_t f, size_t c, const int filters)
{
    vec taps[9 * LEARNED_FILTERS];
    NCA_UNROLL for (int i = 0; i < 9 * filters; i++)
    {
        taps[i] = vec_load(job->taps + (f * 9 + (size_t)i) * job->channels + c);
    }
    size_t i = 0;
    for (; i + PERCEIVE_CELLS <= job->count; i += PERCEIVE_CELLS) {
        perceive_filters(job, taps, i, f, c, PERCEIVE_CELLS, filters);
    }
    for (; i < job->count; i++) {
        perceive_filters(job, taps, i, f, c, 1, filters);
    }
}

static void perceive_learned(const nca__perceive *given)
{
    const nca__perceive copy = *given; /* which no store can change */
    for (size_t c = 0; c < copy.channels; c += LANES) {
        size_t f = 0;
        for (; f + LEARNED_FILTERS <= copy.filtered; f += LEARNED_FILTERS) {
            perceive_all_cells(&copy, f, c, LEARNED_FILTERS);
        }
        for (; f < copy.filtered; f++) {
            perceive_all_cells(&copy, f, c, 1);
        }
    }
}

NCA_INLINE void deliver_maps(const nca__deliver *job, const size_t filtered)
{
    const size_t channels = job->channels;
    const vec one = vec_set1(1.0f);
    for (size_t i = 0; i < job->count; i++) {
        const float *p = job->p + i * job->p_stride;
        float *d = job->d + job->cells[i];
        float *dp = job->dp + filtered * job->cells[i];
        for (size_t c = 0; c < channels; c += LANES) {
            vec_store(d + c, vec_fma(one, vec_load(d + c), vec_load(p + c)));
            for (size_t k = 0; k < filtered; k++) {
                vec_store(dp + k * channels + c, vec_load(p + (k + 1) * channels + c));
            }
        }
    }
}

/* Two filters are the usual case, and one that the compiler should know. */
static void deliver(const nca__deliver *job)
{
    if (job->filtered == 2) {
        deliver_maps(job, 2);
    } else {
        deliver_maps(job, job->filtered);
    }
}

/* The same channels of neighbouring cells of a row. */
NCA_INLINE void load_cells(vec out[SPREAD_CELLS], const float *from, size_t channels,
                           const int cells)
{
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        out[i] = vec_load(from + (size_t)i * channels);
    }
}

NCA_INLINE void store_cells(float *to, const vec from[SPREAD_CELLS], size_t channels,
                            const int cells)
{
    NCA_UNROLL for (int i = 0; i < cells; i++)
    {
        vec_store(to + (size_t)i * channels, from[i]);
    }
}

/* Cells first..first + cells - 1 of the row: each gradient that is loaded is a neighbour of up to
 * three of them. Going through the columns in order keeps the order of every cell's sum. */
NCA_INLINE void spread_cells(const nca__spread *job, const vec filter_x[9], const vec filter_y[9],
                             size_t first, size_t c, const int cells)
{
    const size_t channels = job->channels;
    float *d = job->d + first * channels + c;
    vec sum[SPREAD_CELLS];
    load_cells(sum, d, channels, cells);
    NCA_UNROLL for (int row = 0; row < 3; row++)
    {
        const float *line =
            job->dp + first * 2 * channels + (row - 1) * (ptrdiff_t)job->dp_row_stride + c;
        NCA_UNROLL for (int column = -1; column <= cells; column++)
        {
            const float *dp = line + column * (ptrdiff_t)(2 * channels);
            vec dx = vec_load(dp);
            vec dy = vec_load(dp + channels);
            NCA_UNROLL for (int i = column - 1; i <= column + 1; i++)
            {
                if (i >= 0 && i < cells) {
                    const int tap = 3 * row + column - i + 1;
                    sum[i] = vec_fma(filter_x[tap], dx, sum[i]);
                    sum[i] = vec_fma(filter_y[tap], dy, sum[i]);
                }
            }
        }
    }
    store_cells(d, sum, channels, cells);
}

static void spread(const nca__spread *job)
{
    vec filter_x[9];
    vec filter_y[9];
    for (int tap = 0; tap < 9; tap++) {
        filter_x[tap] = vec_set1(job->stencil->x[8 - tap]);
        filter_y[tap] = vec_set1(job->stencil->y[8 - tap]);
    }
    for (size_t c = 0; c < job->channels; c += LANES) {
        size_t i = 0;
        for (; i + SPREAD_CELLS <= job->count; i += SPREAD_CELLS) {
            spread_cells(job, filter_x, filter_y, i, c, SPREAD_CELLS);
        }
        for (; i < job->count; i++) {
            spread_cells(job, filter_x, filter_y, i, c, 1);
        }
    }
}

/* Cells first..first + cells - 1 of the row, as in spread_cells. */
NCA_INLINE void spread_filters(const nca__spread *job, size_t first, size_t c, const int cells,
                               const size_t filtered)
{
    const size_t channels = job->channels;
    const size_t cell_stride = filtered * channels;
    float *d = job->d + first * channels + c;
    vec sum[SPREAD_CELLS];
    load_cells(sum, d, channels, cells);
    NCA_UNROLL for (int row = 0; row < 3; row++)
    {
        const float *line =
            job->dp + first * cell_stride + (row - 1) * (ptrdiff_t)job->dp_row_stride + c;
        NCA_UNROLL for (int column = -1; column <= cells; column++)
        {
            const float *dp = line + column * (ptrdiff_t)cell_stride;
            for (size_t f = 0; f < filtered; f++) {
                vec gradient = vec_load(dp + f * channels);
                const float *taps = job->taps + f * 9 * channels + c;
                NCA_UNROLL for (int i = column - 1; i <= column + 1; i++)
                {
                    if (i >= 0 && i < cells) {
                        const int tap = 3 * row + column - i + 1;
                        vec factor = vec_load(taps + (size_t)(8 - tap) * channels);
                        sum[i] = vec_fma(factor, gradient, sum[i]);
                    }
                }
            }
        }
    }
    store_cells(d, sum, channels, cells);
}

NCA_INLINE void spread_row(const nca__spread *job, const size_t filtered)
{
    for (size_t c = 0; c < job->channels; c += LANES) {
        size_t i = 0;
        for (; i + SPREAD_CELLS <= job->count; i += SPREAD_CELLS) {
            spread_filters(job, i, c, SPREAD_CELLS, filtered);
        }
        for (; i < job->count; i++) {
            spread_filters(job, i, c, 1, filtered);
        }
    }
}

static void spread_learned(const nca__spread *given)
{
    const nca__spread copy = *given;
    if (copy.filtered == 2) {
        spread_row(&copy, 2);
    } else {
        spread_row(&copy, copy.filtered);
    }
}

/* The nine sums of each of some filters stay in registers while the cells go by. */
NCA_INLINE void sum_filters(const nca__perceive *job, size_t f, size_t c, const int filters)
{
    const ptrdiff_t channels = (ptrdiff_t)job->channels;
    float *sums = job->sums + f * 9 * job->channels + c;
    vec sum[9 * LEARNED_FILTERS];
    NCA_UNROLL for (int i = 0; i < 9 * filters; i++)
    {
        sum[i] = vec_load(sums + (size_t)i * job->channels);
    }
    for (size_t i = 0; i < job->count; i++) {
        const float *cell = job->grid + job->cells[i] + c;
        const float *p = job->p + i * job->p_stride + (1 + f) * job->channels + c;
        vec gradient[LEARNED_FILTERS];
        NCA_UNROLL for (int k = 0; k < filters; k++)
        {
            gradient[k] = vec_load(p + (size_t)k * job->channels);
        }
        NCA_UNROLL for (int tap = 0; tap < 9; tap++)
        {
            const ptrdiff_t away =
                (tap / 3 - 1) * (ptrdiff_t)job->row_stride + (tap % 3 - 1) * channels;
            vec neighbour = vec_load(cell + away);
            NCA_UNROLL for (int k = 0; k < filters; k++)
            {
                sum[9 * k + tap] = vec_fma(gradient[k], neighbour, sum[9 * k + tap]);
            }
        }
    }
    NCA_UNROLL for (int i = 0; i < 9 * filters; i++)
    {
        vec_store(sums + (size_t)i * job->channels, sum[i]);
    }
}

static void sum_taps(const nca__perceive *given)
{
    const nca__perceive copy = *given;
    for (size_t c = 0; c < copy.channels; c += LANES) {
        size_t f = 0;
        for (; f + LEARNED_FILTERS <= copy.filtered; f += LEARNED_FILTERS) {
            sum_filters(&copy, f, c, LEARNED_FILTERS);
        }
        for (; f < copy.filtered; f++) {
            sum_filters(&copy, f, c, 1);
        }
    }
}
