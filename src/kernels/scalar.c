/* The scalar kernels: plain loops that define the results of all other sets, bit for bit. */
#include "kernels/multiply_add.h"
#include "kernels/table.h"
#include "nca/philox.h"

static const char *nothing_missing(void)
{
    return NULL;
}

static void matmul(const nca__matmul *job)
{
    for (size_t r = 0; r < job->rows; r++) {
        for (size_t j = 0; j < job->columns; j++) {
            float sum = job->start != NULL ? job->start[r * job->start_stride + j] : 0.0f;
            for (size_t d = 0; d < job->depth; d++) {
                sum = nca__multiply_add(job->a[r * job->a_row + d * job->a_depth],
                                        job->b[d * job->b_stride + j], sum);
            }
            if (job->relu) {
                sum = sum > 0.0f ? sum : 0.0f;
            }
            if (job->gate != NULL) {
                sum = job->gate[r * job->gate_stride + j] > 0.0f ? sum : 0.0f;
            }
            job->out[r * job->out_stride + j] = sum;
        }
    }
}

/* Offset of tap 0..8 from the centre. */
static ptrdiff_t tap_offset(int tap, size_t row_stride, size_t cell_stride)
{
    return (tap / 3 - 1) * (ptrdiff_t)row_stride + (tap % 3 - 1) * (ptrdiff_t)cell_stride;
}

static void perceive(const nca__perceive *job)
{
    size_t channels = job->channels;
    for (size_t i = 0; i < job->count; i++) {
        const float *cell = job->grid + job->cells[i];
        float *p = job->p + i * job->p_stride;
        for (size_t c = 0; c < channels; c++) {
            float x = 0.0f;
            float y = 0.0f;
            for (int tap = 0; tap < 9; tap++) {
                float neighbour = cell[tap_offset(tap, job->row_stride, channels) + (ptrdiff_t)c];
                x = nca__multiply_add(job->stencil->x[tap], neighbour, x);
                y = nca__multiply_add(job->stencil->y[tap], neighbour, y);
            }
            p[c] = cell[c];
            p[channels + c] = x;
            p[2 * channels + c] = y;
        }
    }
}

static void perceive_learned(const nca__perceive *job)
{
    size_t channels = job->channels;
    for (size_t i = 0; i < job->count; i++) {
        const float *cell = job->grid + job->cells[i];
        float *p = job->p + i * job->p_stride;
        for (size_t c = 0; c < channels; c++) {
            p[c] = cell[c];
            for (size_t f = 0; f < job->filtered; f++) {
                float sum = 0.0f;
                for (int tap = 0; tap < 9; tap++) {
                    sum = nca__multiply_add(
                        job->taps[(f * 9 + (size_t)tap) * channels + c],
                        cell[tap_offset(tap, job->row_stride, channels) + (ptrdiff_t)c], sum);
                }
                p[(1 + f) * channels + c] = sum;
            }
        }
    }
}

static void advance(const nca__advance *job)
{
    for (size_t i = 0; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c++) {
            size_t at = job->cells[i] + c;
            job->y[at] = nca__multiply_add(job->step, job->dx[i * job->channels + c], job->x[at]);
        }
    }
}

static void collect(const nca__collect *job)
{
    for (size_t i = 0; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c++) {
            job->dx[i * job->channels + c] = job->step * job->d[job->cells[i] + c];
        }
    }
}

static void deliver(const nca__deliver *job)
{
    size_t channels = job->channels;
    for (size_t i = 0; i < job->count; i++) {
        const float *p = job->p + i * job->p_stride;
        for (size_t c = 0; c < channels; c++) {
            job->d[job->cells[i] + c] += p[c];
        }
        for (size_t c = 0; c < job->filtered * channels; c++) {
            job->dp[job->filtered * job->cells[i] + c] = p[channels + c];
        }
    }
}

static void spread(const nca__spread *job)
{
    size_t channels = job->channels;
    for (size_t i = 0; i < job->count; i++) {
        const float *centre = job->dp + i * 2 * channels;
        for (size_t c = 0; c < channels; c++) {
            float sum = job->d[i * channels + c];
            for (int tap = 0; tap < 9; tap++) {
                const float *dp = centre + tap_offset(tap, job->dp_row_stride, 2 * channels);
                sum = nca__multiply_add(job->stencil->x[8 - tap], dp[c], sum);
                sum = nca__multiply_add(job->stencil->y[8 - tap], dp[channels + c], sum);
            }
            job->d[i * channels + c] = sum;
        }
    }
}

static void spread_learned(const nca__spread *job)
{
    size_t channels = job->channels;
    size_t cell_stride = job->filtered * channels;
    for (size_t i = 0; i < job->count; i++) {
        const float *centre = job->dp + i * cell_stride;
        for (size_t c = 0; c < channels; c++) {
            float sum = job->d[i * channels + c];
            for (int tap = 0; tap < 9; tap++) {
                const float *dp = centre + tap_offset(tap, job->dp_row_stride, cell_stride);
                for (size_t f = 0; f < job->filtered; f++) {
                    sum = nca__multiply_add(job->taps[(f * 9 + 8 - (size_t)tap) * channels + c],
                                            dp[f * channels + c], sum);
                }
            }
            job->d[i * channels + c] = sum;
        }
    }
}

static void sum_taps(const nca__perceive *job)
{
    size_t channels = job->channels;
    for (size_t row = 0; row < job->filtered * 9; row++) {
        const ptrdiff_t away = tap_offset((int)(row % 9), job->row_stride, channels);
        for (size_t c = 0; c < channels; c++) {
            float sum = job->sums[row * channels + c];
            for (size_t i = 0; i < job->count; i++) {
                const float *cell = job->grid + job->cells[i] + c;
                sum = nca__multiply_add(job->p[i * job->p_stride + (1 + row / 9) * channels + c],
                                        cell[away], sum);
            }
            job->sums[row * channels + c] = sum;
        }
    }
}

static void fire(const nca__fire *job)
{
    for (size_t i = 0; i < job->blocks; i++) {
        const uint32_t counter[4] = {job->counter[0] + (uint32_t)i, job->counter[1],
                                     job->counter[2], job->counter[3]};
        uint32_t words[4];
        nca_philox4x32(words, counter, job->key);
        for (size_t lane = 0; lane < 4; lane++) {
            job->fired[4 * i + lane] = (words[lane] >> 8) < job->threshold;
        }
    }
}

const nca_kernels nca__kernels_scalar = {
    .name = "scalar",
    .missing = nothing_missing,
    .matmul = matmul,
    .perceive = perceive,
    .perceive_learned = perceive_learned,
    .advance = advance,
#ifndef NCA_FORWARD_ONLY /* the engine of the page never trains */
    .collect = collect,
    .deliver = deliver,
    .spread = spread,
    .spread_learned = spread_learned,
    .sum_taps = sum_taps,
#endif
    .fire = fire,
#ifndef NCA_TWO_ROUNDINGS /* bf16 is defined with one rounding */
    .bf16 = &nca__bf16_scalar,
    .bf16_pieces = &nca__bf16_pieces_scalar,
#endif
};
