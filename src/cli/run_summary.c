/* The summary of a finished training. */
#include "cli/run_summary.h"

#include <math.h>
#include <stdio.h>

void run_summary_print(const nca_run *run)
{
    const nca_settings *settings = nca_run_settings(run);
    const char *folder = settings->output;
    size_t count;
    uint64_t first;
    const double *losses = nca_run_losses(run, &count, &first);
    const nca_model_info *info = &nca_session_model(nca_run_session(run))->info;
    printf("run         %s\n", shown(folder));
    printf("iterations  %llu\n", (unsigned long long)info->iterations);
    if (isfinite(info->loss)) {
        printf("loss        %.6g (mean of the last %u)\n", info->loss, losses_behind(info));
        const double median = nca_losses_median(losses, count);
        if (isfinite(median)) {
            printf("            %.6g (median of the last %u)\n", median, losses_behind(info));
        }
    }
    const nca_stability *test = nca_run_stability(run);
    if (test->rollouts > 0) {
        printf("stability   %s: L2 %.3g after %d steps, %zu of %zu rollouts alive\n",
               test->stable ? "passed" : "failed", test->late, NCA_STABILITY_LATE, test->surviving,
               test->rollouts);
    }
    printf("time        %.1f s\n", nca_run_seconds_open(run));
    printf("model       %s\n", shown(nca_run_file(folder, NCA_RUN_MODEL).text));
    if (settings->model_path[0] != 0) {
        printf("copy        %s\n", shown(settings->model_path));
    }
    printf("animation   %s\n", shown(nca_run_animation(settings).text));
    printf("pictures    %s\n", shown(nca_run_file(folder, NCA_RUN_FILMSTRIP).text));
    printf("            %s\n", shown(nca_run_file(folder, NCA_RUN_COMPARISON).text));
    if (count > 0) {
        printf("            %s\n", shown(nca_run_file(folder, NCA_RUN_LOSS_PNG).text));
        printf("            %s\n", shown(nca_run_file(folder, NCA_RUN_LOSS_SVG).text));
    }
}
