/* The pictures and the summary at the end of a training. */
#include "cli/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/growth.h"
#include "cli/metrics.h"
#include "cli/run_folder.h"
#include "cli/target_names.h"

static run_path animation_path(const nca_settings *settings, const char *folder)
{
    if (settings->ani_path[0] == 0) {
        return run_file(folder, RUN_GROWTH);
    }
    run_path path;
    snprintf(path.text, sizeof path.text, "%s", settings->ani_path);
    return path;
}

/* Whether config.yaml says these settings. */
static bool config_is_current(const nca_settings *settings, const char *folder)
{
    nca_settings written;
    char *texts[2] = {NULL, NULL};
    nca_settings_default(&written);
    const bool same =
        nca_settings_load(&written, run_file(folder, RUN_CONFIG).text, NULL) == NCA_OK &&
        nca_settings_format(&texts[0], settings, NULL) == NCA_OK &&
        nca_settings_format(&texts[1], &written, NULL) == NCA_OK && strcmp(texts[0], texts[1]) == 0;
    free(texts[0]);
    free(texts[1]);
    return same;
}

bool results_are_there(const nca_settings *settings, const char *folder)
{
    static const char *const names[] = {RUN_METRICS, RUN_MODEL,       "loss.png",
                                        "loss.svg",  "filmstrip.png", "comparison.png"};
    bool there = config_is_current(settings, folder) &&
                 access(animation_path(settings, folder).text, F_OK) == 0 &&
                 (settings->model_path[0] == 0 || access(settings->model_path, F_OK) == 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        there = there && access(run_file(folder, names[i]).text, F_OK) == 0;
    }
    return there;
}

static void format_title(char *out, size_t size, const results *r)
{
    run_path name = target_title(r->settings->target_path);
    char recipe[32], experiment[32];
    nca_settings_get(recipe, sizeof recipe, r->settings, nca_setting_named("recipe"));
    nca_settings_get(experiment, sizeof experiment, r->settings, nca_setting_named("experiment"));
    snprintf(out, size, "%.60s, %s, %s", name.text, recipe, experiment);
}

static nca_status draw_losses(const results *r, const char *title, nca_error *error)
{
    const nca_loss_plot plot = {.title = title,
                                .loss_name = nca_loss_name(r->settings->loss),
                                .losses = r->losses,
                                .count = r->count,
                                .first_iteration = (size_t)r->first_iteration};
    static const char *const names[] = {"loss.png", "loss.svg"};
    nca_status status = NCA_OK;
    for (size_t i = 0; r->count > 0 && i < 2 && status == NCA_OK; i++) {
        status = nca_plot_loss(&plot, run_file(r->folder, names[i]).text, error);
    }
    return status;
}

nca_status results_draw(const results *r, nca_error *error)
{
    char title[160];
    format_title(title, sizeof title, r);
    nca_status status = draw_losses(r, title, error);
    if (status != NCA_OK) {
        return status;
    }
    growth g;
    run_path animation = animation_path(r->settings, r->folder),
             strip = run_file(r->folder, "filmstrip.png");
    growth_default(&g, r->model);
    g.options.threads = r->settings->threads;
    g.options.kernels = nca_kernels_named(r->settings->kernels); /* NULL for "auto": the best */
    g.animation = animation.text;
    g.filmstrip = strip.text;
    g.title = title;
    growth_subject subject = {.model = r->model};
    status = growth_run(&g, &subject, 1, NULL, error);
    if (status != NCA_OK || r->model->target == NULL) {
        return status;
    }
    return growth_compare(r->model, &g.options, r->settings->steps_max, g.background,
                          run_file(r->folder, "comparison.png").text, error);
}

void results_print(const results *r)
{
    printf("run         %s\n", shown(r->folder));
    printf("iterations  %llu\n", (unsigned long long)r->model->info.iterations);
    const nca_model_info *info = &r->model->info;
    if (isfinite(info->loss)) {
        printf("loss        %.6g (mean of the last %u)\n", info->loss, losses_behind(info));
        const double median = losses_median(r->losses, r->count);
        if (isfinite(median)) {
            printf("            %.6g (median of the last %u)\n", median, losses_behind(info));
        }
    }
    const nca_stability *test = &r->stability;
    if (test->rollouts > 0) {
        printf("stability   %s: L2 %.3g after %d steps, %zu of %zu rollouts alive\n",
               test->stable ? "passed" : "failed", test->late, NCA_STABILITY_LATE, test->surviving,
               test->rollouts);
    }
    printf("time        %.1f s\n", r->seconds);
    printf("model       %s\n", shown(run_file(r->folder, RUN_MODEL).text));
    if (r->settings->model_path[0] != 0) {
        printf("copy        %s\n", shown(r->settings->model_path));
    }
    printf("animation   %s\n", shown(animation_path(r->settings, r->folder).text));
    printf("pictures    %s\n", shown(run_file(r->folder, "filmstrip.png").text));
    printf("            %s\n", shown(run_file(r->folder, "comparison.png").text));
    if (r->count > 0) {
        printf("            %s\n", shown(run_file(r->folder, "loss.png").text));
        printf("            %s\n", shown(run_file(r->folder, "loss.svg").text));
    }
}
