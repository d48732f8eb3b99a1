/* The oracle itself: a few values computed by hand, and its gradient compared with central
 * differences of a second forward pass in double precision with fixed masks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/noise.h"
#include "core/oracle.h"

enum {
    H = 6,
    W = 5,
    C = 7,
    N = 9,
    T = 6,
    CELLS = H * W,
    VALUES = CELLS * C,
    INPUTS = 3 * C,
    PARAMETERS = N * INPUTS + N + C * N + C,
    MOST_INPUTS = NCA_MAX_MAPS * C,
    MOST_PARAMETERS = N * MOST_INPUTS + N + C * N + C + NCA_MAX_FILTERS * 9 * C,
};

/* Everything of one rollout; `fires` and `live` are the masks of each step. */
typedef struct rollout {
    nca_automaton automaton;
    oracle o;
    float parameters[MOST_PARAMETERS];
    float states[(T + 1) * VALUES];
    float target[CELLS * 4];
    bool fires[T][CELLS], live[T][CELLS];
} rollout;

static void roll(rollout *r, nca_automaton automaton, uint64_t seed)
{
    noise n = {seed};

    automaton.channels = C;
    automaton.hidden = N;
    r->automaton = automaton;
    r->o = (oracle){&r->automaton, r->parameters, H, W, 77, 2, 5};
    const bool learned = automaton.filter == NCA_FILTER_LEARNED;
    noise_fill(r->parameters, learned ? MOST_PARAMETERS : PARAMETERS, &n, -0.35f, 0.35f);
    noise_fill(r->states, VALUES, &n, -0.6f, 0.6f);
    noise_fill(r->target, CELLS * 4, &n, 0.0f, 1.0f);
    for (size_t cell = 0; cell < CELLS && automaton.alive_channel >= 0; cell++) {
        float *alpha = &r->states[cell * C + (size_t)automaton.alive_channel];
        *alpha = noise_below(&n, 6) == 0 ? 0.8f : -0.2f;
    }
    oracle_rollout(r->states, &r->o, 3, T);
    for (uint32_t t = 0; t < T; t++) {
        for (size_t cell = 0; cell < CELLS; cell++) {
            const float *next = r->states + (t + 1) * VALUES + cell * C;
            r->fires[t][cell] = oracle_fires(&r->o, cell, 3 + t);
            /* Here a live cell is never 0 in every channel, because b2 and the initial state are
             * not. */
            r->live[t][cell] = false;
            for (size_t c = 0; c < C; c++) {
                r->live[t][cell] |= next[c] != 0.0f;
            }
        }
    }
}

/* The row or column at -1..size for a boundary that mirrors or repeats a grid of more than one
 * cell. */
static int copied(int at, int size, bool mirrored)
{
    const int edge = mirrored ? 1 : 0;
    return at < 0 ? edge : at >= size ? size - 1 - edge : at;
}

/* The state of a neighbour, in double; 0 outside a zero boundary. */
static double beside(const double *x, const rollout *r, int row, int column, size_t c)
{
    if (r->automaton.boundary == NCA_BOUNDARY_CIRCULAR) {
        row = (row + H) % H;
        column = (column + W) % W;
    } else if (r->automaton.boundary != NCA_BOUNDARY_ZERO) {
        const bool mirrored = r->automaton.boundary == NCA_BOUNDARY_REFLECT;
        row = copied(row, H, mirrored);
        column = copied(column, W, mirrored);
    }
    if (row < 0 || column < 0 || row >= H || column >= W) {
        return 0.0;
    }
    return x[(size_t)(row * W + column) * C + c];
}

/* The tap of a channel in filter f, 0..K-2, in double. */
static double tap_of(const rollout *r, const double *parameters, size_t f, size_t tap, size_t c)
{
    float fixed[2][9];

    if (r->automaton.filter == NCA_FILTER_LEARNED) {
        const double *taps = parameters + nca_tensor_named(&r->automaton, "perception.taps").offset;
        return taps[(9 * f + tap) * C + c];
    }
    nca_automaton_filters(fixed[0], fixed[1], &r->automaton);
    return (double)fixed[f][tap];
}

/* p (K*C) of a cell. */
static void perceive(double *p, const double *x, const rollout *r, const double *taps, int cell)
{
    const size_t maps = nca_perception_maps(&r->automaton);

    for (size_t c = 0; c < C; c++) {
        p[c] = x[(size_t)cell * C + c];
        for (size_t f = 0; f + 1 < maps; f++) {
            p[(1 + f) * C + c] = 0.0;
            for (int tap = 0; tap < 9; tap++) {
                double v = beside(x, r, cell / W + tap / 3 - 1, cell % W + tap % 3 - 1, c);
                p[(1 + f) * C + c] += taps[(9 * f + (size_t)tap) * C + c] * v;
            }
        }
    }
}

/* The last state's loss, in double, with the masks of `r`. */
static double loss_of(const rollout *r, nca_loss loss, const double *parameters,
                      const double *initial, float *out_final)
{
    const size_t inputs = nca_perception_maps(&r->automaton) * C;
    const double *w1 = parameters, *b1 = w1 + N * inputs, *w2 = b1 + N, *b2 = w2 + C * N;
    double x[VALUES], y[VALUES], p[MOST_INPUTS], h[N];
    double taps[MOST_INPUTS * 9];
    double sum = 0.0;

    for (size_t i = 0; i < (inputs - C) * 9; i++) {
        taps[i] = tap_of(r, parameters, i / C / 9, i / C % 9, i % C);
    }
    memcpy(x, initial, sizeof x);
    for (int t = 0; t < T; t++) {
        for (int cell = 0; cell < CELLS; cell++) {
            perceive(p, x, r, taps, cell);
            for (size_t n = 0; n < N; n++) {
                h[n] = b1[n];
                for (size_t i = 0; i < inputs; i++) {
                    h[n] += w1[n * inputs + i] * p[i];
                }
                h[n] = fmax(h[n], 0.0);
            }
            for (int c = 0; c < C; c++) {
                double dx = r->automaton.output_bias ? b2[c] : 0.0;
                for (int n = 0; n < N; n++) {
                    dx += w2[c * N + n] * h[n];
                }
                dx *= r->fires[t][cell] ? (double)r->automaton.step_size : 0.0;
                y[cell * C + c] = r->live[t][cell] ? x[cell * C + c] + dx : 0.0;
            }
        }
        memcpy(x, y, sizeof x);
    }
    for (int i = 0; i < CELLS * 4; i++) {
        double d = fabs(x[i / 4 * C + i % 4] - (double)r->target[i]);
        sum += loss == NCA_LOSS_L2 ? d * d : loss == NCA_LOSS_HINGE ? fmax(d - 0.5, 0.0) : d;
    }
    for (int i = 0; out_final && i < VALUES; i++) {
        out_final[i] = (float)x[i];
    }
    return loss == NCA_LOSS_MANHATTAN ? sum : sum / (CELLS * 4);
}

/* The derivative along one random direction of `count` values at `values` (in the parameters or the
 * initial state), by the oracle and by central differences. The relative tolerance is 1e-4, because
 * the oracle starts from single-precision states with errors of about 1e-6. */
static void check_direction(const rollout *r, nca_loss loss, double *parameters, double *initial,
                            double *values, const double *gradient, size_t count, noise *n)
{
    const double epsilon = 1e-6;
    double expected = 0.0, scale = 0.0, ends[2];
    double kept[MOST_PARAMETERS + VALUES], direction[MOST_PARAMETERS + VALUES];

    memcpy(kept, values, count * sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        direction[i] = (double)noise_between(n, -1.0f, 1.0f);
        expected += direction[i] * gradient[i];
        scale += fabs(direction[i] * gradient[i]);
    }
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < count; i++) {
            values[i] = kept[i] + (side ? epsilon : -epsilon) * direction[i];
        }
        ends[side] = loss_of(r, loss, parameters, initial, NULL);
    }
    memcpy(values, kept, count * sizeof *kept);
    double found = (ends[1] - ends[0]) / (2.0 * epsilon);
    assert_true(scale > 0.0);
    if (!(fabs(found - expected) <= 1e-4 * scale)) {
        fail_msg("derivative of %s: oracle %.9g, differences %.9g", nca_loss_name(loss), expected,
                 found);
    }
}

static void check_gradient(nca_automaton automaton, nca_loss loss, uint64_t seed)
{
    static rollout r;
    static double parameters[MOST_PARAMETERS], initial[VALUES], gradient[MOST_PARAMETERS];
    static double state[VALUES];
    static float final[VALUES];
    noise n = {seed + 1};

    roll(&r, automaton, seed);
    for (size_t i = 0; i < MOST_PARAMETERS; i++) {
        parameters[i] = (double)r.parameters[i];
    }
    for (size_t i = 0; i < VALUES; i++) {
        initial[i] = (double)r.states[i];
    }
    const float *last = r.states + T * VALUES;
    double value = loss_of(&r, loss, parameters, initial, final);
    assert_true(fabs(value - oracle_loss(loss, last, r.target, H, W, C)) <= 1e-5 * value);
    for (size_t i = 0; i < VALUES; i++) {
        assert_true(fabsf(final[i] - last[i]) <= 1e-5f);
    }

    memset(gradient, 0, sizeof gradient);
    oracle_loss_backward(state, loss, last, r.target, H, W, C, 1.0);
    oracle_backward(state, gradient, &r.o, r.states, 3, T);
    for (size_t tensor = 0; tensor < nca_tensor_count(&r.automaton); tensor++) {
        const nca_tensor own = nca_tensor_at(&r.automaton, tensor);
        const size_t rows = own.rows, columns = own.columns, at = own.offset;
        for (int i = 0; i < 3 && rows > 0; i++) {
            check_direction(&r, loss, parameters, initial, parameters + at, gradient + at,
                            rows * columns, &n);
        }
    }
    for (int i = 0; i < 3; i++) {
        check_direction(&r, loss, parameters, initial, initial, state, VALUES, &n);
    }
}

static void the_gradient_is_that_of_finite_differences(void **context)
{
    (void)context;
    for (int filter = 0; filter < NCA_FILTER_COUNT; filter++) {
        for (int boundary = 0; boundary < NCA_BOUNDARY_COUNT; boundary++) {
            for (int loss = 0; loss < NCA_LOSS_COUNT; loss++) {
                nca_automaton a;
                nca_automaton_default(&a);
                a.filter = (nca_filter)filter;
                a.boundary = (nca_boundary)boundary;
                a.filter_count = 1 + (uint32_t)loss;
                a.angle_radians = loss == NCA_LOSS_L1 && filter != NCA_FILTER_LEARNED ? 0.7f : 0.0f;
                a.step_size = loss == NCA_LOSS_HINGE ? 0.6f : 1.0f;
                a.output_bias = loss != NCA_LOSS_L2;
                a.alive_channel = loss == NCA_LOSS_MANHATTAN ? -1 : 3;
                /* Random seeds for which the states are alive and not near the kinks of the
                 * ReLU. */
                const int seed = 100 + 80 * (boundary / 2) + 8 * filter + 4 * (boundary % 2) + loss;
                check_gradient(a, (nca_loss)loss, (uint64_t)seed);
            }
        }
    }
}

static void a_lone_cell_sees_its_neighbours_row_by_row(void **context)
{
    /* One hidden unit reads filter x of channel 0 and writes it to channel 0. */
    nca_automaton a;
    nca_automaton_default(&a);
    float parameters[1 * 12 + 1 + 4] = {0}, x[9 * 4] = {0}, out[9 * 4];

    (void)context;
    a.channels = 4;
    a.hidden = 1;
    a.output_bias = false;
    a.alive_channel = -1;
    a.fire_rate = 1.0f;
    parameters[4] = 8.0f;      /* w1, index k*C + c with k 1, c 0 */
    parameters[12 + 1] = 1.0f; /* w2 */
    oracle o = {&a, parameters, 3, 3, 1, 0, 0};
    x[5 * 4] = 1.0f; /* right of the centre */
    oracle_step(out, &o, x, 0);
    /* Sobel x gives +2 at the centre, +1 at the cells above and below it, and negative sums
     * elsewhere. */
    const float expected[9] = {0, 1, 0, 0, 2, 1, 0, 1, 0};
    for (size_t cell = 0; cell < 9; cell++) {
        assert_true(out[cell * 4] == expected[cell]);
    }
    a.boundary = NCA_BOUNDARY_CIRCULAR; /* right of the last column is the first: -1, -2, -1 */
    parameters[4] = -8.0f;
    oracle_step(out, &o, x, 0);
    const float wrapped[9] = {1, 0, 0, 2, 0, 1, 1, 0, 0};
    for (size_t cell = 0; cell < 9; cell++) {
        assert_true(out[cell * 4] == wrapped[cell]);
    }
    parameters[4] = 8.0f;
    a.boundary = NCA_BOUNDARY_REFLECT; /* beyond the first row is the second, and so on */
    oracle_step(out, &o, x, 0);
    const float mirrored[9] = {0, 2, 0, 0, 2, 1, 0, 2, 0};
    for (size_t cell = 0; cell < 9; cell++) {
        assert_true(out[cell * 4] == mirrored[cell]);
    }
    a.boundary = NCA_BOUNDARY_REPLICATE; /* right of the last column is the last column */
    oracle_step(out, &o, x, 0);
    const float repeated[9] = {0, 1, 1, 0, 2, 3, 0, 1, 1};
    for (size_t cell = 0; cell < 9; cell++) {
        assert_true(out[cell * 4] == repeated[cell]);
    }
}

static void a_cell_lives_only_when_it_was_and_stays_alive(void **context)
{
    /* Only b2 changes alpha, so each mask can be set by hand. */
    nca_automaton a;
    nca_automaton_default(&a);
    float parameters[1 * 12 + 1 + 4 + 4] = {0}, x[7 * 4] = {0}, out[7 * 4];

    (void)context;
    a.channels = 4;
    a.hidden = 1;
    a.fire_rate = 1.0f;
    oracle o = {&a, parameters, 1, 7, 1, 0, 0};
    for (size_t cell = 0; cell < 7; cell++) {
        x[cell * 4] = 1.0f;
    }
    x[3 * 4 + 3] = 0.5f;
    parameters[17 + 3] = 0.25f; /* alpha rises everywhere, but only cells 2..4 were alive */
    oracle_step(out, &o, x, 0);
    for (size_t cell = 0; cell < 7; cell++) {
        assert_true(out[cell * 4] == (cell >= 2 && cell <= 4 ? 1.0f : 0.0f));
    }
    assert_int_equal(oracle_alive_count(&o, x), 3);
    assert_int_equal(oracle_alive_count(&o, out), 5);
    parameters[17 + 3] = -0.5f; /* alpha falls to 0: nothing stays alive */
    oracle_step(out, &o, x, 0);
    for (size_t i = 0; i < 7 * 4; i++) {
        assert_true(out[i] == 0.0f);
    }
}

static void about_the_fire_rate_of_all_cells_fires(void **context)
{
    const float rates[] = {0.01f, 0.25f, 0.5f, 0.9f, 1.0f};
    nca_automaton a;
    nca_automaton_default(&a);
    oracle o = {&a, NULL, 100, 100, 12345, 3, 9};

    (void)context;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double fired = 0.0, cells = 40000.0, rate = (double)rates[i];
        a.fire_rate = rates[i];
        for (uint32_t step = 0; step < 4; step++) {
            for (size_t cell = 0; cell < 10000; cell++) {
                fired += oracle_fires(&o, cell, step);
            }
        }
        /* Five standard deviations. */
        assert_true(fabs(fired - rate * cells) <= 5.0 * sqrt(cells * rate * (1.0 - rate)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_that_of_finite_differences),
        cmocka_unit_test(a_lone_cell_sees_its_neighbours_row_by_row),
        cmocka_unit_test(a_cell_lives_only_when_it_was_and_stays_alive),
        cmocka_unit_test(about_the_fire_rate_of_all_cells_fires),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
