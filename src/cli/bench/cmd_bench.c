/* nca bench: selects cases, kernel sets and threads, and runs each combination in its own
 * process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench/bench_child.h"
#include "cli/bench/bench_report.h"
#include "cli/bench/peak.h"
#include "cli/commands.h"
#include "cli/model/load_model.h"
#include "cli/option_values.h"
#include "cli/scratch.h"
#include "cli/stop.h"

static const option table[] = {
    {"cases", 0, "LIST",
     "Cases to run: infer28, infer28-int8, train28, train28-bf16, train28-bf16-amx, infer72, "
     "train72, infer72-seed, infer72-seed-int8, train72-seed, classify16, classify32, predict32. "
     "Also, only when named: classify32-aug, train28-learned; infer and train followed by 16, 32, "
     "64, 128, 256, 512 or 1024. [all of the first list]"},
    {"kernels", 0, "LIST",
     "Kernel sets: scalar, avx2, avx512 or neon. [all that this CPU supports]"},
    {"device", 0, "NAME",
     "Measure this device instead of the CPU: gpu, gpu:N, opencl or opencl:N (nca info --devices). "
     "[cpu]"},
    {"threads", 0, "LIST", "Numbers of threads. [1 and the number of cores]"},
    {"runs", 0, "N", "Timed runs of each case, from 1 to 100. [7; with --quick 3]"},
    {"model", 0, "FILE",
     "Trained model for the -seed cases. [a model trained for a few seconds first]"},
    LOAD_MODEL_OPTIONS,
    FIRE_RATE_OPTION,
    {"profile", 0, NULL,
     "Also print how the time of a training iteration is divided among its parts "
     "(docs/performance.md). The default cases are then train28, train72-seed and classify32-aug, "
     "with the best kernel set."},
    {"quick", 0, NULL, "Short runs; less than 20 seconds in total on 2 cores."},
    JSON_OPTION,
    {"list", 0, NULL, "Print the names of all cases, one per line, and exit."},
    {NULL, 0, NULL, NULL},
};

const help_page bench_help = {
    .usage = "nca bench [--cases LIST] [--kernels LIST] [--threads LIST] [--quick] [--json]\n"
             "       nca bench --list",
    .purpose =
        "Benchmarks this machine: cell updates per second for inference and training, on grids\n"
        "of 28x28 and 72x72 cells, with all cells alive or growing from a seed; images per\n"
        "second for training a classifier and for its predictions; the arithmetic throughput and\n"
        "its percentage of the fp32 multiply-add peak measured in the same run; and the peak\n"
        "memory.",
    .table = table,
    .examples = "  nca bench\n"
                "  nca bench --quick\n"
                "  nca bench --profile --threads 2\n"
                "  nca bench --cases train512,train1024 --threads 2 --runs 1\n"
                "  nca bench --cases train28 --kernels avx2 --threads 1,2,4 --json\n",
};

enum {
    MOST_LISTED = BENCH_MOST_CASES,
    MOST_THREADS = 1024
};

typedef struct bench {
    option_values given;
    nca_model *given_model; /* of --model, or NULL */
    nca_device device;
    const bench_case *cases[MOST_LISTED];
    const nca_kernels *kernels[MOST_LISTED];
    unsigned threads[MOST_LISTED];
    size_t case_count, kernels_count, threads_count;
    size_t runs;
    bench_report report;
    scratch place; /* folder of a model trained for the benchmark */
    char model[NCA_RUN_PATH_SIZE], scratch[NCA_RUN_PATH_SIZE];
    nca_error error;
} bench;

/* ---- Lists -----------------------------------------------------------------------------------*/

static bool add_case(bench *b, const char *name)
{
    const bench_case *found;
    const char *names[MOST_LISTED] = {NULL};
    for (size_t i = 0; (found = bench_case_at(i)) != NULL; i++) {
        if (strcmp(found->name, name) == 0) {
            b->cases[b->case_count++] = found;
            return true;
        }
        names[i] = found->name;
    }
    const char *nearest = nca_nearest_name(name, names, MOST_LISTED);
    if (nearest != NULL) {
        complain_usage("--cases: unknown case \"%s\"; did you mean \"%s\"?", name, nearest);
    } else {
        complain_usage("--cases: unknown case \"%s\"; see `nca bench --help`", name);
    }
    return false;
}

static bool add_kernels(bench *b, const char *name)
{
    const nca_kernels *found = nca_kernels_named(name);
    if (found == NULL) {
        complain_usage("--kernels: this build has no kernel set \"%s\"; see `nca bench --help`",
                       name);
        return false;
    }
    if (nca_kernels_missing(found) != NULL) {
        complain_usage("--kernels: kernel set %s needs %s, which this CPU does not have", name,
                       nca_kernels_missing(found));
        return false;
    }
    b->kernels[b->kernels_count++] = found;
    return true;
}

static bool add_threads(bench *b, const char *text)
{
    uint64_t value = 0;
    const char *end = parse_digits(&value, text);
    if (end == NULL || *end != 0 || value < 1 || value > MOST_THREADS) {
        complain_usage("--threads: expected integers from 1 to %d, found \"%s\"", MOST_THREADS,
                       text);
        return false;
    }
    b->threads[b->threads_count++] = (unsigned)value;
    return true;
}

/* Calls `add` for each of the comma-separated names; false after a message. */
static bool read_list(bench *b, const char *option_name, bool (*add)(bench *, const char *))
{
    const char *at = options_value(&b->given, option_name);
    for (size_t count = 0; at != NULL; count++) {
        char item[64];
        const size_t length = strcspn(at, ",");
        if (length >= sizeof item || count == MOST_LISTED) {
            complain_usage("--%s: the list is too long", option_name);
            return false;
        }
        memcpy(item, at, length);
        item[length] = 0;
        if (!add(b, item)) {
            return false;
        }
        at = at[length] == ',' ? at + length + 1 : NULL;
    }
    return true;
}

/* A device that is named is measured or refused. The children find out which it is: drivers do not
 * survive a fork, so this process never uses one. Kernel sets and threads are those of the CPU. */
static bool read_device(bench *b)
{
    const char *text = options_value(&b->given, "device");
    if (text == NULL) {
        return true;
    }
    if (!nca_device_parse(&b->device, text) || nca_device_kind(b->device) == NCA_DEVICE_AUTO) {
        complain_usage("--device: expected cpu, gpu, gpu:N, opencl or opencl:N, found \"%s\"",
                       shown(text));
        return false;
    }
    if (nca_device_kind(b->device) != NCA_DEVICE_CPU) {
        if (options_has(&b->given, "kernels") || options_has(&b->given, "threads")) {
            complain_usage("--device: --kernels and --threads are for the CPU; remove them");
            return false;
        }
        b->device = (nca_device)((unsigned)b->device | NCA_DEVICE_STRICT);
        b->kernels[b->kernels_count++] = nca_kernels_best();
        b->threads[b->threads_count++] = 1;
    }
    return true;
}

/* The defaults of --profile. */
static void take_profile_defaults(bench *b)
{
    if (b->case_count == 0) {
        add_case(b, "train28");
        add_case(b, "train72-seed");
        add_case(b, "classify32-aug");
    }
    if (b->kernels_count == 0) {
        b->kernels[b->kernels_count++] = nca_kernels_best();
    }
}

static int read_options(bench *b)
{
    b->report.json = options_has(&b->given, "json");
    b->report.quick = options_has(&b->given, "quick");
    b->report.cores = nca_core_count();
    b->runs = b->report.quick ? 3 : 7;
    if (!read_list(b, "cases", add_case) || !read_list(b, "kernels", add_kernels) ||
        !read_list(b, "threads", add_threads) || !read_device(b) ||
        !options_count(&b->runs, &b->given, "runs", 1, BENCH_MOST_RUNS)) {
        return EXIT_USAGE;
    }
    if (options_has(&b->given, "profile")) {
        take_profile_defaults(b);
    }
    const bench_case *next;
    const bool all_cases = b->case_count == 0;
    for (size_t i = 0; all_cases && (next = bench_case_at(i)) != NULL; i++) {
        if (!next->when_named) {
            b->cases[b->case_count++] = next;
        }
    }
    const nca_kernels *set;
    const bool all_sets = b->kernels_count == 0;
    for (size_t i = 0; all_sets && (set = nca_kernels_at(i)) != NULL; i++) {
        if (nca_kernels_missing(set) == NULL) {
            b->kernels[b->kernels_count++] = set;
        }
    }
    if (b->threads_count == 0) {
        b->threads[b->threads_count++] = 1;
        if (b->report.cores > 1) {
            b->threads[b->threads_count++] = b->report.cores;
        }
    }
    return EXIT_OK;
}

/* ---- The model of the cases that start from a seed --------------------------------------------
 */

static bool needs_model(const bench *b)
{
    for (size_t i = 0; i < b->case_count; i++) {
        if (b->cases[i]->growing) {
            return true;
        }
    }
    return false;
}

/* Creates the temporary folder, and in it the model: a copy of the given one, or a new one. */
static nca_status prepare_model(bench *b)
{
    if (!needs_model(b)) {
        return NCA_OK;
    }
    if (scratch_open(&b->place, "bench", &b->error) != NCA_OK) {
        return b->error.status;
    }
    snprintf(b->scratch, sizeof b->scratch, "%.*s/checkpoint.safetensors",
             (int)sizeof b->scratch - 64, b->place.folder);
    snprintf(b->model, sizeof b->model, "%.*s/model.safetensors", (int)sizeof b->model - 64,
             b->place.folder);
    if (b->given_model != NULL) {
        return nca_model_save(b->given_model, b->model, &b->error);
    }
    b->report.own_model = true;
    const bench_training training = {.model = b->model, .iterations = b->report.quick ? 60 : 400};
    nca_error result;
    nca_status status =
        child_run(&result, sizeof result, NULL, bench_train_model, &training, &b->error);
    if (status == NCA_OK && result.status != NCA_OK) {
        b->error = result;
    }
    return status == NCA_OK ? result.status : status;
}

/* ---- Measuring -------------------------------------------------------------------------------*/

static void work_peak(void *out, const void *context)
{
    const bench_plan *plan = context;
    *(double *)out = peak_measure(nca_kernels_name(plan->kernels), plan->threads);
}

static nca_status measure_case(bench *b, bench_row *row)
{
    nca_status status = child_run(&row->result, sizeof row->result, &row->peak_bytes, bench_measure,
                                  &row->plan, &b->error);
    if (status == NCA_OK && row->result.error.status != NCA_OK) {
        b->error = row->result.error;
        status = b->error.status;
    }
    return status;
}

/* Measures all cases with one kernel set and number of threads. */
static nca_status measure_cases(bench *b, const nca_kernels *kernels, unsigned threads)
{
    bench_row row = {.plan = {.kernels = kernels,
                              .device = b->device,
                              .threads = threads,
                              .batch = b->report.quick ? BENCH_QUICK_BATCH : BENCH_BATCH,
                              .runs = b->runs,
                              .run_seconds = b->report.quick ? 0.03 : 0.2,
                              .model = b->model,
                              .scratch = b->scratch,
                              .profile = options_has(&b->given, "profile")}};
    const bool scalar = strcmp(nca_kernels_name(kernels), "scalar") == 0;
    const bool on_cpu = nca_device_kind(b->device) == NCA_DEVICE_CPU;
    nca_status status = NCA_OK;
    if (on_cpu) { /* the peak of another device is not known */
        status = child_run(&row.peak_flops, sizeof row.peak_flops, NULL, work_peak, &row.plan,
                           &b->error);
    }
    for (size_t i = 0; status == NCA_OK && i < b->case_count && stop_signal() == 0; i++) {
        row.plan.what = b->cases[i];
        const bool fp32 = b->cases[i]->precision == NCA_PRECISION_FP32;
        const bench_skip skip = {row.plan.what, kernels,
                                 on_cpu || fp32 ? bench_case_missing(b->cases[i], kernels)
                                                : "OpenCL kernels"};
        if (skip.missing != NULL) {
            if (threads == b->threads[0]) {
                bench_report_skip(&b->report, &skip);
            }
            continue;
        }
        /* The scalar set takes seconds for a large grid, so one run is enough. */
        const bool slow =
            scalar && (row.plan.what->side > 28 ||
                       (row.plan.what->training && row.plan.what->precision != NCA_PRECISION_FP32));
        if (slow && b->report.quick) {
            continue;
        }
        row.plan.runs = slow ? 1 : b->runs;
        status = measure_case(b, &row);
        if (status == NCA_OK) {
            bench_report_row(&b->report, &row);
        }
    }
    return status;
}

static int measure(bench *b)
{
    stop_watch();
    nca_status status = prepare_model(b);
    if (status == NCA_OK && stop_signal() == 0) {
        bench_report_begin(&b->report);
    }
    for (size_t i = 0; i < b->kernels_count; i++) {
        for (size_t j = 0; status == NCA_OK && stop_signal() == 0 && j < b->threads_count; j++) {
            status = measure_cases(b, b->kernels[i], b->threads[j]);
        }
    }
    scratch_close(&b->place);
    if (stop_signal() != 0) {
        note("stopped");
        return EXIT_SIGNALLED + stop_signal();
    }
    if (status != NCA_OK) {
        complain(&b->error);
        return EXIT_FAILED;
    }
    bench_report_end(&b->report);
    return EXIT_OK;
}

static void print_names(void)
{
    const bench_case *next;
    for (size_t i = 0; (next = bench_case_at(i)) != NULL; i++) {
        puts(next->name);
    }
}

int command_bench(int count, char **arguments)
{
    bench *b = calloc(1, sizeof *b);
    if (b == NULL) {
        note("out of memory");
        return EXIT_FAILED;
    }
    int code = options_parse(&b->given, "bench", table, false, 0, count, arguments);
    if (code == EXIT_OK && b->given.help) {
        help_print(&bench_help);
    } else if (code == EXIT_OK && options_has(&b->given, "list")) {
        print_names();
    } else if (code == EXIT_OK) {
        code = read_options(b);
        const char *model = options_value(&b->given, "model");
        if (code == EXIT_OK && model != NULL && needs_model(b)) {
            code = load_model(&b->given_model, NULL, model, &b->given);
        }
        if (code == EXIT_OK) {
            code = measure(b);
        }
    }
    nca_model_destroy(b->given_model);
    free(b);
    return code;
}
