/* The pictures at the end of a training. */
#include "runs/run_pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nca/growth.h"
#include "nca/plot.h"
#include "nca/run.h"
#include "nca/run_rows.h"

const char *nca_run_animation(nca_run_path *out, const nca_settings *settings)
{
    if (settings->ani_path[0] == 0) {
        return nca_run_file(out, settings->output, NCA_RUN_GROWTH);
    }
    snprintf(out->text, sizeof out->text, "%s", settings->ani_path);
    return out->text;
}

static void format_title(char *out, size_t size, const nca__run_pictures *r)
{
    nca_run_path name;
    char recipe[32], experiment[32];
    nca_settings_get(recipe, sizeof recipe, r->settings, nca_setting_named("recipe"));
    if (r->settings->task == NCA_TASK_CLASSIFY) {
        nca_run_title(&name, r->settings->data);
        snprintf(out, size, "%.60s, %s", name.text, recipe);
        return;
    }
    nca_run_title(&name, r->settings->target_path);
    nca_settings_get(experiment, sizeof experiment, r->settings, nca_setting_named("experiment"));
    snprintf(out, size, "%.60s, %s, %s", name.text, recipe, experiment);
}

static nca_status draw_losses(const nca__run_pictures *r, const char *title, nca_error *error)
{
    nca_loss_plot plot;
    nca_loss_plot_default(&plot);
    plot.title = title;
    plot.loss_name = r->settings->task == NCA_TASK_CLASSIFY
                         ? nca_class_loss_name(r->settings->class_loss)
                         : nca_loss_name(r->settings->loss);
    plot.losses = r->losses;
    plot.count = r->count;
    plot.first_iteration = (size_t)r->first_iteration;
    static const char *const names[] = {NCA_RUN_LOSS_PNG, NCA_RUN_LOSS_SVG};
    nca_status status = NCA_OK;
    for (size_t i = 0; r->count > 0 && i < 2 && status == NCA_OK; i++) {
        status = nca_plot_loss(
            &plot, nca_run_file(&(nca_run_path){0}, r->settings->output, names[i]), error);
    }
    return status;
}

/* Nothing without validation images. */
static nca_status draw_validations(const nca__run_pictures *r, const char *title, nca_error *error)
{
    static const char *const names[] = {NCA_RUN_VALIDATION_PNG, NCA_RUN_VALIDATION_SVG};
    const char *folder = r->settings->output;
    nca_validation_row *rows = NULL;
    size_t count = 0;
    nca_status status = nca_validations_read(&rows, &count, folder, error);
    for (size_t i = 0; count > 0 && i < 2 && status == NCA_OK; i++) {
        nca_run_path path;
        status =
            nca_validations_plot(rows, count, title, nca_run_file(&path, folder, names[i]), error);
    }
    free(rows);
    return status;
}

nca_status nca__run_draw(const nca__run_pictures *r, nca_error *error)
{
    char title[160];
    format_title(title, sizeof title, r);
    nca_status status = draw_losses(r, title, error);
    if (status == NCA_OK && r->settings->task == NCA_TASK_CLASSIFY) {
        return draw_validations(r, title, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    nca_growth g;
    nca_run_path animation, strip;
    nca_run_animation(&animation, r->settings);
    nca_run_file(&strip, r->settings->output, NCA_RUN_FILMSTRIP);
    nca_growth_default(&g, r->model);
    g.options.threads = r->settings->threads;
    g.options.kernels = nca_kernels_named(r->settings->kernels); /* NULL for "auto": the best */
    g.options.device = r->settings->device;
    g.animation = animation.text;
    g.filmstrip = strip.text;
    g.title = title;
    g.keep_going = r->keep_going;
    g.user = r->user;
    nca_growth_subject subject = {.model = r->model};
    status = nca_growth_run(&g, &subject, 1, NULL, error);
    if (status != NCA_OK || r->model->target == NULL) {
        return status;
    }
    return nca_growth_compare(
        r->model, &g.options, r->settings->steps_max, g.background,
        nca_run_file(&(nca_run_path){0}, r->settings->output, NCA_RUN_COMPARISON), error);
}
