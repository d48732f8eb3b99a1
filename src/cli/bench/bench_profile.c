/* Where an iteration's time goes, as a table and as JSON. Knows nothing of how it is measured. */
#include "cli/bench/bench_profile.h"

#include <string.h>

/* Useful arithmetic of a part for one living cell that fires; 0 for what is no dense layer. */
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
    case NCA_PART_POOL:
    case NCA_PART_OPTIMISER:
    case NCA_PART_WAITING:
    case NCA_PART_COUNT:
        break;
    }
    return 0;
}

static double total_seconds(const nca_profile *profile)
{
    double total = 0;
    for (int part = 0; part < NCA_PART_COUNT; part++) {
        total += profile->seconds[part];
    }
    return total;
}

void bench_profile_table(const bench_row *row)
{
    const bench_result *result = &row->result;
    const nca_profile *profile = &result->profile;
    const double total = total_seconds(profile);
    const double once = (double)result->repeats;
    const double firing = result->flop / result->flop_of_cell; /* cells, in all repeats */
    printf("\nparts of an iteration of %s, %s, threads: %u\n", row->plan.what->name,
           nca_kernels_name(row->plan.kernels), row->plan.threads);
    printf("%-26s %7s %12s %8s\n", "part", "share", "ms, threads", "of peak");
    for (int part = 0; part < NCA_PART_COUNT; part++) {
        const double seconds = profile->seconds[part];
        const double flop = flop_of_part((nca_part)part, result) * firing;
        char of_peak[16] = "";
        if (flop > 0 && seconds > 0 && row->peak_flops > 0) {
            const double peak_of_thread = row->peak_flops / row->plan.threads;
            snprintf(of_peak, sizeof of_peak, "%.0f%%", 100 * flop / seconds / peak_of_thread);
        }
        printf("%-26s %6.1f%% %12.3f %8s\n", nca_part_name((nca_part)part),
               total > 0 ? 100 * seconds / total : 0, 1e3 * seconds / once, of_peak);
    }
    printf("%-26s %6.1f%% %12.3f\n", "all", 100.0, 1e3 * total / once);
    fflush(stdout);
}

void bench_profile_json(const bench_row *row)
{
    const bench_result *result = &row->result;
    printf(",\n     \"profile\": {");
    for (int part = 0; part < NCA_PART_COUNT; part++) {
        printf("%s\"%s\": %.6g", part > 0 ? ", " : "", nca_part_name((nca_part)part),
               result->profile.seconds[part] / (double)result->repeats);
    }
    printf("}");
}
