/* Times the six matrix products of the update network, forward and backward, with libnca's kernels,
 * oneDNN and OpenBLAS, one after the other on one core, and prints one JSON object. All three must
 * give the same products, or it fails. Bias, ReLU and gate are left out: libnca's kernel would fuse
 * them, the others would not.
 *
 *     bench_dense_layers [ROUNDS]
 *
 * libnca multiplies as its engine does, a chunk of cells at a time, and adds every sum up in one
 * order; the others get all cells in one call and sum as they like. */
#include <cblas.h>
#include <math.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench/peak.h"
#include "cli/cli.h"
#include "kernels/table.h"
#include "nca/machine.h"
#include "network/network.h"

enum {
    CELLS = 1568, /* half of the cells of four 28x28 grids: those that fire */
    INPUTS = 48,
    HIDDEN = 128,
    CHANNELS = 16,
    MOST_FLOATS = CELLS * HIDDEN,
    MOST_ROUNDS = 101,
    LIBRARIES = 3
};

static const double round_seconds = 0.01;

/* out (rows, columns) = a (rows, depth) * b (depth, columns), all dense. If `turned`, a is stored
 * as its transpose (depth, rows). The cells are the rows, or the depth that is summed over. */
typedef struct product {
    const char *name;
    size_t rows, columns, depth;
    bool turned;
} product;

static const product products[] = {
    {"hidden", CELLS, HIDDEN, INPUTS, false}, {"output", CELLS, CHANNELS, HIDDEN, false},
    {"dh", CELLS, HIDDEN, CHANNELS, false},   {"dp", CELLS, INPUTS, HIDDEN, false},
    {"dW1", INPUTS, HIDDEN, CELLS, true},     {"dW2", CHANNELS, HIDDEN, CELLS, true},
};

typedef struct work {
    const product *what;
    const nca_kernels *kernels;
    float *out, *a, *b;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_t matmul;
    dnnl_exec_arg_t arguments[3];
} work;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench_dense_layers: %s\n", what);
    exit(1);
}

static float *floats(size_t count)
{
    void *memory = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
    if (memory == NULL) {
        fail("out of memory");
    }
    memset(memory, 0, count * sizeof(float));
    return memory;
}

/* ---- The three libraries ----------------------------------------------------------------------*/

/* Multiplies a chunk of `count` cells, starting at cell `first`. */
static void multiply_chunk(const work *w, size_t first, size_t count)
{
    const product *p = w->what;
    const bool sums = p->turned;
    const nca__matmul job = {
        .out = w->out + (sums ? 0 : first * p->columns),
        .out_stride = p->columns,
        .a = w->a + first * (sums ? p->rows : p->depth),
        .a_row = sums ? 1 : p->depth,
        .a_depth = sums ? p->rows : 1,
        .b = w->b + (sums ? first * p->columns : 0),
        .b_stride = p->columns,
        .rows = sums ? p->rows : count,
        .columns = p->columns,
        .depth = sums ? count : p->depth,
        .start = sums && first > 0 ? w->out : NULL,
        .start_stride = p->columns,
    };
    w->kernels->matmul(&job);
}

static void multiply_nca(const work *w)
{
    for (size_t first = 0; first < CELLS; first += NCA__CHUNK) {
        multiply_chunk(w, first, CELLS - first < NCA__CHUNK ? CELLS - first : NCA__CHUNK);
    }
}

static void multiply_onednn(const work *w)
{
    if (dnnl_primitive_execute(w->matmul, w->stream, 3, w->arguments) != dnnl_success ||
        dnnl_stream_wait(w->stream) != dnnl_success) {
        fail("oneDNN: the product failed");
    }
}

static void multiply_openblas(const work *w)
{
    const product *p = w->what;
    cblas_sgemm(CblasRowMajor, p->turned ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)p->rows,
                (int)p->columns, (int)p->depth, 1, w->a, (int)(p->turned ? p->rows : p->depth),
                w->b, (int)p->columns, 0, w->out, (int)p->columns);
}

static const struct library {
    const char *name;
    void (*multiply)(const work *w);
} libraries[LIBRARIES] = {
    {"nca", multiply_nca}, {"onednn", multiply_onednn}, {"openblas", multiply_openblas}};

/* ---- oneDNN's objects -------------------------------------------------------------------------*/

static void require(dnnl_status_t status)
{
    if (status != dnnl_success) {
        fail("oneDNN: a product cannot be set up");
    }
}

static dnnl_memory_t onednn_memory(const work *w, const dnnl_memory_desc_t *shape, void *floats_)
{
    dnnl_memory_t memory;
    require(dnnl_memory_create(&memory, shape, w->engine, floats_));
    return memory;
}

/* Reorders b into the layout `liked`: the one that oneDNN prefers where b holds weights, the plain
 * one where b holds cells. */
static dnnl_memory_t onednn_weights(const work *w, const dnnl_memory_desc_t *plain,
                                    const dnnl_memory_desc_t *liked)
{
    dnnl_memory_t from = onednn_memory(w, plain, w->b), to;
    if (dnnl_memory_desc_equal(plain, liked)) {
        return from;
    }
    dnnl_primitive_desc_t reorder_shape;
    dnnl_primitive_t reorder;
    to = onednn_memory(w, liked, DNNL_MEMORY_ALLOCATE);
    require(dnnl_reorder_primitive_desc_create(&reorder_shape, plain, w->engine, liked, w->engine,
                                               NULL));
    require(dnnl_primitive_create(&reorder, reorder_shape));
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    require(dnnl_primitive_execute(reorder, w->stream, 2, arguments));
    require(dnnl_stream_wait(w->stream));
    dnnl_primitive_destroy(reorder);
    dnnl_primitive_desc_destroy(reorder_shape);
    dnnl_memory_destroy(from);
    return to;
}

static void onednn_create(work *w)
{
    const product *p = w->what;
    const dnnl_dim_t rows = (dnnl_dim_t)p->rows, columns = (dnnl_dim_t)p->columns;
    const dnnl_dim_t depth = (dnnl_dim_t)p->depth;
    const dnnl_dims_t a_size = {rows, depth}, b_size = {depth, columns}, out_size = {rows, columns};
    const dnnl_dims_t a_stride = {p->turned ? 1 : depth, p->turned ? rows : 1};
    dnnl_memory_desc_t a, b, liked, out;
    require(dnnl_memory_desc_init_by_strides(&a, 2, a_size, dnnl_f32, a_stride));
    require(dnnl_memory_desc_init_by_tag(&b, 2, b_size, dnnl_f32, dnnl_ab));
    require(dnnl_memory_desc_init_by_tag(&liked, 2, b_size, dnnl_f32,
                                         p->turned ? dnnl_ab : dnnl_format_tag_any));
    require(dnnl_memory_desc_init_by_tag(&out, 2, out_size, dnnl_f32, dnnl_ab));
    dnnl_matmul_desc_t operation;
    dnnl_primitive_desc_t shape;
    require(dnnl_matmul_desc_init(&operation, &a, &liked, NULL, &out));
    require(dnnl_primitive_desc_create(&shape, &operation, NULL, w->engine, NULL));
    require(dnnl_primitive_create(&w->matmul, shape));
    const dnnl_memory_desc_t *weights =
        dnnl_primitive_desc_query_md(shape, dnnl_query_weights_md, 0);
    w->arguments[0] = (dnnl_exec_arg_t){DNNL_ARG_SRC, onednn_memory(w, &a, w->a)};
    w->arguments[1] = (dnnl_exec_arg_t){DNNL_ARG_WEIGHTS, onednn_weights(w, &b, weights)};
    w->arguments[2] = (dnnl_exec_arg_t){DNNL_ARG_DST, onednn_memory(w, &out, w->out)};
    dnnl_primitive_desc_destroy(shape);
}

static void onednn_destroy(work *w)
{
    dnnl_primitive_destroy(w->matmul);
    for (int i = 0; i < 3; i++) {
        dnnl_memory_destroy(w->arguments[i].memory);
    }
}

/* ---- Measuring --------------------------------------------------------------------------------*/

/* The products of all libraries must agree with the first, except for rounding differences due to
 * another order of summation. */
static void check(const work *w)
{
    const size_t count = w->what->rows * w->what->columns;
    float *expected = floats(count);
    for (size_t i = 0; i < LIBRARIES; i++) {
        memset(w->out, 0, count * sizeof(float));
        libraries[i].multiply(w);
        for (size_t k = 0; i > 0 && k < count; k++) {
            if (!(fabsf(w->out[k] - expected[k]) <= 1e-4f * sqrtf((float)w->what->depth))) {
                fail("the libraries disagree about a product");
            }
        }
        if (i == 0) {
            memcpy(expected, w->out, count * sizeof(float));
        }
    }
    free(expected);
}

static double seconds_once(const work *w, const struct library *library)
{
    double passed = 0, began = nca_seconds();
    size_t times = 0;
    while (passed < round_seconds) {
        library->multiply(w);
        times++;
        passed = nca_seconds() - began;
    }
    return passed / (double)times;
}

static int compare_doubles(const void *a, const void *b)
{
    const double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static void measure(const work *w, size_t rounds, bool last)
{
    const product *p = w->what;
    double rates[LIBRARIES][MOST_ROUNDS];
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < LIBRARIES; i++) {
            const double flop = 2.0 * (double)(p->rows * p->columns * p->depth);
            rates[i][round] = 1e-9 * flop / seconds_once(w, &libraries[i]);
        }
    }
    printf("  {\"name\": \"%s\", \"rows\": %zu, \"columns\": %zu, \"depth\": %zu", p->name, p->rows,
           p->columns, p->depth);
    for (size_t i = 0; i < LIBRARIES; i++) {
        qsort(rates[i], rounds, sizeof rates[i][0], compare_doubles);
        printf(", \"%s\": [%.5g, %.5g, %.5g]", libraries[i].name, rates[i][rounds / 2], rates[i][0],
               rates[i][rounds - 1]);
    }
    printf("}%s\n", last ? "" : ",");
}

/* OpenBLAS and OpenMP read these variables when they are loaded, so the program restarts itself.
 * Debian's OpenBLAS does not recognise every processor with AVX-512 and would choose a slow kernel.
 * The measurement does not depend on the previous environment. */
static void settle_environment(char **arguments)
{
    if (getenv("NCA_BENCH_SETTLED") != NULL) {
        return;
    }
    setenv("NCA_BENCH_SETTLED", "1", 1);
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    unsetenv("OPENBLAS_L2_SIZE");
    unsetenv("OPENBLAS_CORETYPE");
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
        setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
    }
#endif
    execv("/proc/self/exe", arguments);
    fail("cannot start itself again");
}

/* "0.3.21 SkylakeX": the version, and the processor whose kernels are used. */
static const char *openblas_version(void)
{
    static char text[96];
    char number[32] = "?";
    sscanf(openblas_get_config(), "OpenBLAS %31s", number);
    snprintf(text, sizeof text, "%s %s", number, openblas_get_corename());
    return text;
}

int main(int count, char **arguments)
{
    settle_environment(arguments);
    const int rounds = count > 1 ? atoi(arguments[1]) : 21;
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fail("expected a number of rounds from 1 to 101");
    }
    work w = {.kernels = nca_kernels_best(),
              .out = floats(MOST_FLOATS),
              .a = floats(MOST_FLOATS),
              .b = floats(MOST_FLOATS)};
    for (size_t i = 0; i < MOST_FLOATS; i++) {
        w.a[i] = (float)((i * 7919) % 1009) / 1009 - 0.5f;
        w.b[i] = (float)((i * 6007) % 1013) / 1013 - 0.5f;
    }
    require(dnnl_engine_create(&w.engine, dnnl_cpu, 0));
    require(dnnl_stream_create(&w.stream, w.engine, dnnl_stream_default_flags));
    const dnnl_version_t *version = dnnl_version();
    const char *kernels = nca_kernels_name(w.kernels);
    printf("{\"cells\": %d, \"chunk\": %d, \"kernels\": \"%s\", \"onednn\": \"%d.%d.%d\", "
           "\"openblas\": \"%s\",\n",
           CELLS, NCA__CHUNK, kernels, version->major, version->minor, version->patch,
           openblas_version());
    printf(" \"peak\": %.5g, \"products\": [\n", 1e-9 * peak_measure(kernels, 1));
    const size_t last = sizeof products / sizeof *products - 1;
    for (size_t i = 0; i <= last; i++) {
        w.what = &products[i];
        onednn_create(&w);
        check(&w);
        measure(&w, (size_t)rounds, i == last);
        onednn_destroy(&w);
    }
    printf("]}\n");
    dnnl_stream_destroy(w.stream);
    dnnl_engine_destroy(w.engine);
    free(w.out);
    free(w.a);
    free(w.b);
    return 0;
}
