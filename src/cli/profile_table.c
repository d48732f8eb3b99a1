/* The table of --profile, of nca bench and nca train. */
#include "cli/profile_table.h"

#include <stdio.h>

#include "cli/cli.h"

double profile_seconds(const nca_profile *profile)
{
    double total = 0;
    for (int part = 0; part < NCA_PART_COUNT; part++) {
        total += profile->seconds[part];
    }
    return total;
}

static void print_row(const profile_table *t, const char *name, double seconds, double total)
{
    printf("%-26s %6.1f%% %12.3f", name, total > 0 ? 100 * seconds / total : 0,
           1e3 * seconds / (double)t->iterations);
}

void profile_table_print(const profile_table *t)
{
    const double total = profile_seconds(t->profile);
    printf("\nparts of an iteration of %s, %s, threads: %u\n", shown(t->name), t->kernels,
           t->threads);
    printf("%-26s %7s %12s%s\n", "part", "share", "ms, threads",
           t->of_peak != NULL ? "  of peak" : "");
    for (int part = 0; part < NCA_PART_COUNT; part++) {
        print_row(t, nca_part_name((nca_part)part), t->profile->seconds[part], total);
        if (t->of_peak != NULL && t->of_peak[part] > 0) {
            printf(" %7.0f%%", 100 * t->of_peak[part]);
        }
        printf("\n");
    }
    print_row(t, "all", total, total);
    printf("\n");
    fflush(stdout);
}
