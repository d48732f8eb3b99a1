/* The benchmark's table and JSON. */
#include "cli/bench/bench_report.h"

#include <stdlib.h>
#include <string.h>

#include "cli/profile_table.h"
#include "nca/version.h"

enum {
    PROCESSOR_SIZE = 128
};

/* The first "model name" of /proc/cpuinfo, suitable for a JSON string; "unknown" on other
 * systems. */
static void read_processor(char out[PROCESSOR_SIZE])
{
    char line[512];
    FILE *file = NULL;
    nca_file_open(&file, "/proc/cpuinfo", NULL);
    snprintf(out, PROCESSOR_SIZE, "unknown");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", strlen("model name")) != 0 || colon == NULL) {
            continue;
        }
        size_t length = 0;
        for (const char *at = colon + 1; *at != 0 && length + 1 < PROCESSOR_SIZE; at++) {
            if (*at > ' ' || (*at == ' ' && length > 0)) {
                out[length++] = *at == '"' || *at == '\\' || *at == 127 ? '_' : *at;
            }
        }
        out[length] = 0;
        break;
    }
    if (file != NULL) {
        fclose(file);
    }
}

/* ---- Parts of an iteration (--profile) -------------------------------------------------------*/

/* Useful floating-point operations of a part for one living cell that fires; 0 for parts that are
 * not dense layers. */
static double flop_of_part(nca_part part, const bench_result *result)
{
    const double in = 2 * result->layer_in, out = 2 * result->layer_out;
    switch (part) {
    case NCA_PART_HIDDEN:
    case NCA_PART_HIDDEN_AGAIN:
        return in;
    case NCA_PART_OUTPUT:
        return out;
    case NCA_PART_LAYER_GRADIENTS:
    case NCA_PART_WEIGHT_GRADIENTS:
        return in + out;
    case NCA_PART_PERCEPTION:
    case NCA_PART_FIRE:
    case NCA_PART_MASKS:
    case NCA_PART_COPY:
    case NCA_PART_PACK:
    case NCA_PART_SCATTER:
    case NCA_PART_SPREAD:
    case NCA_PART_LOSS:
    case NCA_PART_REDUCTION:
    case NCA_PART_INITIAL:
    case NCA_PART_POOL:
    case NCA_PART_OPTIMISER:
    case NCA_PART_WAITING:
    case NCA_PART_COUNT:
        break;
    }
    return 0;
}

/* Prints a table of the parts of an iteration. A part that had nothing to do has no rate. */
static void print_profile(const bench_row *row)
{
    const bench_result *result = &row->result;
    const double firing = result->flop / result->flop_of_cell; /* cells, in all repeats */
    const double peak_of_thread = row->peak_flops / row->plan.threads;
    const double total = profile_seconds(&result->profile);
    double of_peak[NCA_PART_COUNT] = {0};
    for (int part = 0; part < NCA_PART_COUNT; part++) {
        const double seconds = result->profile.seconds[part];
        if (seconds > 1e-3 * total && peak_of_thread > 0) {
            of_peak[part] =
                flop_of_part((nca_part)part, result) * firing / seconds / peak_of_thread;
        }
    }
    profile_table_print(&(profile_table){.name = row->plan.what->name,
                                         .kernels = nca_kernels_name(row->plan.kernels),
                                         .threads = row->plan.threads,
                                         .profile = &result->profile,
                                         .iterations = result->repeats,
                                         .of_peak = of_peak});
}

/* The same as a member of the row's JSON object: seconds of all threads per iteration. */
static void print_profile_json(const bench_row *row)
{
    const bench_result *result = &row->result;
    printf(",\n     \"profile\": {");
    for (int part = 0; part < NCA_PART_COUNT; part++) {
        printf("%s\"%s\": %.6g", part > 0 ? ", " : "", nca_part_name((nca_part)part),
               result->profile.seconds[part] / (double)result->repeats);
    }
    printf("}");
}

/* ---- Rates -----------------------------------------------------------------------------------*/

typedef struct spread {
    double median, least, most;
} spread;

static int compare_doubles(const void *a, const void *b)
{
    const double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

/* Median and range of the seconds per run. */
static spread spread_of(const bench_result *result)
{
    double sorted[BENCH_MOST_RUNS];
    const size_t count = result->runs;
    memcpy(sorted, result->seconds, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    return (spread){.median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2,
                    .least = sorted[0],
                    .most = sorted[count - 1]};
}

/* Images per run of a classification. */
static double images_of(const bench_result *result)
{
    return (double)(result->batch * result->repeats);
}

/* ---- The table -------------------------------------------------------------------------------*/

static void print_heading(const bench_report *report)
{
    char processor[PROCESSOR_SIZE];
    read_processor(processor);
    printf("nca %s on %s, %u core%s, best kernel set %s\n", nca_version(), processor, report->cores,
           report->cores == 1 ? "" : "s", nca_kernels_name(nca_kernels_best()));
    printf(
        "C 16, N 128, batch %d, %d steps (grids from 256 on: batch 1, %d steps; scalar: batch 1, 2 "
        "steps\nwhere every cell is alive)\n",
        report->quick ? BENCH_QUICK_BATCH : BENCH_BATCH, BENCH_STEPS, BENCH_LARGE_STEPS);
    printf("classify, predict: RGB images of 28x28 in 8 classes, C 16 or 32, 2 learned filters, "
           "%d steps\n",
           BENCH_CLASSIFY_STEPS);
    printf(
        "infer: rollouts; train, classify: whole iterations; predict: one rollout of each image; "
        "-seed:\na trained model grows from its seed; otherwise every cell is alive. Every cell of "
        "every step counts\nas an update, computed or skipped. GFLOP/s counts only living cells "
        "that fire. The peak is that of\nfp32 multiply-adds, measured in the same run.\n\n");
    printf("%-17s %-8s %7s   %10s %19s %9s %6s %7s %9s %9s\n", "", "", "", "10^6 cell", "", "",
           "of", "cells", "memory", "");
    printf("%-17s %-8s %7s   %10s %19s %9s %6s %7s %9s %9s\n", "case", "kernels", "threads",
           "updates/s", "min..max", "GFLOP/s", "peak", "alive", "MB", "images/s");
}

/* What computed: a kernel set of the CPU, or a device. */
static const char *computed_by(char text[NCA_DEVICE_TEXT], const bench_plan *plan)
{
    if (nca_device_kind(plan->device) == NCA_DEVICE_CPU) {
        return nca_kernels_name(plan->kernels);
    }
    nca_device_text(text, (nca_device)((unsigned)plan->device & ~(unsigned)NCA_DEVICE_STRICT));
    return text;
}

static void print_row(const bench_row *row)
{
    char device[NCA_DEVICE_TEXT];
    const spread seconds = spread_of(&row->result);
    const double updates = row->result.updates * 1e-6;
    const double rate = row->result.flop / seconds.median;
    char between[40], share[16] = "-", images[16] = "-";
    snprintf(between, sizeof between, "%.4g..%.4g", updates / seconds.most,
             updates / seconds.least);
    if (row->peak_flops > 0) {
        snprintf(share, sizeof share, "%.0f%%", 100 * rate / row->peak_flops);
    }
    if (row->plan.what->classifying) {
        snprintf(images, sizeof images, "%.0f", images_of(&row->result) / seconds.median);
    }
    printf("%-17s %-8s %7u   %10.4g %19s %9.1f %6s %6.0f%% %9.1f %9s\n", row->plan.what->name,
           computed_by(device, &row->plan), row->plan.threads, updates / seconds.median, between,
           rate * 1e-9, share, 100 * row->result.alive, (double)row->peak_bytes * 1e-6, images);
    fflush(stdout);
}

/* ---- JSON ------------------------------------------------------------------------------------*/

static void print_json_begin(const bench_report *report)
{
    char processor[PROCESSOR_SIZE];
    read_processor(processor);
    printf("{\n  \"program\": \"nca\",\n  \"version\": \"%s\",\n  \"compiler\": \"%s\",\n",
           nca_version(),
#if defined(__clang__)
           "clang " __clang_version__
#elif defined(__GNUC__)
           "gcc " __VERSION__
#else
           "unknown"
#endif
    );
    printf("  \"processor\": \"%s\",\n  \"cores\": %u,\n  \"best_kernels\": \"%s\",\n", processor,
           report->cores, nca_kernels_name(nca_kernels_best()));
    printf("  \"quick\": %s,\n  \"results\": [", report->quick ? "true" : "false");
}

static void print_json_row(const bench_report *report, const bench_row *row)
{
    char device[NCA_DEVICE_TEXT];
    const bench_result *result = &row->result;
    const spread seconds = spread_of(result);
    const double once = (double)result->repeats;
    printf("%s\n    {\"case\": \"%s\", \"kernels\": \"%s\", \"threads\": %u,\n",
           report->rows > 0 ? "," : "", row->plan.what->name, computed_by(device, &row->plan),
           row->plan.threads);
    printf("     \"side\": %zu, \"batch\": %zu, \"steps\": %zu, \"runs\": %zu, \"repeats\": %zu,\n",
           row->plan.what->side, result->batch, result->steps, result->runs, result->repeats);
    printf("     \"seconds\": %.6g, \"seconds_min\": %.6g, \"seconds_max\": %.6g,\n",
           seconds.median / once, seconds.least / once, seconds.most / once);
    printf("     \"cell_updates_per_second\": %.6g, \"cell_updates_per_second_min\": %.6g, "
           "\"cell_updates_per_second_max\": %.6g,\n",
           result->updates / seconds.median, result->updates / seconds.most,
           result->updates / seconds.least);
    printf("     \"gflop_per_second\": %.6g, \"peak_gflop_per_second\": %.6g,\n",
           result->flop / seconds.median * 1e-9, row->peak_flops * 1e-9);
    if (row->peak_flops > 0) {
        printf("     \"share_of_peak\": %.4g,", result->flop / seconds.median / row->peak_flops);
    } else {
        printf("     \"share_of_peak\": null,");
    }
    printf(" \"alive_share\": %.4g, \"peak_bytes\": %zu", result->alive, row->peak_bytes);
    if (row->plan.what->classifying) {
        printf(", \"images_per_second\": %.6g", images_of(result) / seconds.median);
    }
    if (row->plan.profile && row->plan.what->training) {
        print_profile_json(row);
    }
    printf("}");
}

static void print_json_end(const bench_report *report)
{
    printf("\n  ],\n  \"skipped\": [");
    for (size_t i = 0; i < report->skips; i++) {
        const bench_skip *skip = &report->skipped[i];
        printf("%s\n    {\"case\": \"%s\", \"kernels\": \"%s\", \"missing\": \"%s\"}",
               i > 0 ? "," : "", skip->what->name, nca_kernels_name(skip->kernels), skip->missing);
    }
    printf("%s]\n}\n", report->skips > 0 ? "\n  " : "");
}

/* ----------------------------------------------------------------------------------------------*/

void bench_report_begin(const bench_report *report)
{
    if (report->json) {
        print_json_begin(report);
    } else {
        print_heading(report);
    }
    fflush(stdout);
}

void bench_report_row(bench_report *report, const bench_row *row)
{
    if (report->json) {
        print_json_row(report, row);
    } else {
        print_row(row);
        if (row->plan.profile && row->plan.what->training) {
            print_profile(row);
        }
    }
    report->rows++;
}

void bench_report_skip(bench_report *report, const bench_skip *skip)
{
    if (report->skips == BENCH_MOST_SKIPPED) {
        return;
    }
    report->skipped[report->skips++] = *skip;
    if (!report->json) {
        printf("%-13s %-8s skipped: missing %s\n", skip->what->name,
               nca_kernels_name(skip->kernels), skip->missing);
        fflush(stdout);
    }
}

void bench_report_end(const bench_report *report)
{
    if (report->json) {
        print_json_end(report);
    } else if (report->own_model) {
        printf("\nThe -seed cases grow a model trained for a few seconds; --model FILE takes a "
               "better one.\n");
    }
}
