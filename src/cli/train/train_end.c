/* The end of a training: its pictures, its summary, and advice if it has not succeeded. */
#include "cli/train/train_end.h"

#include <math.h>
#include <stdio.h>

#include "cli/model/load_model.h"
#include "cli/stop.h"

static void print_growth(const nca_settings *settings)
{
    const char *folder = settings->output;
    nca_run_path path;
    printf("animation   %s\n", shown(nca_run_animation(&path, settings)));
    printf("pictures    %s\n", shown(nca_run_file(&path, folder, NCA_RUN_FILMSTRIP)));
    printf("            %s\n", shown(nca_run_file(&path, folder, NCA_RUN_COMPARISON)));
}

/* The validation of the model that was kept. */
static void print_validation(const nca_run *run)
{
    size_t count, best;
    const nca_validation_row *rows = nca_run_validations(run, &count, &best);
    if (best < count) {
        printf("validation  AUC %.3f, ACC %.3f, log loss %.3g%s (the best of %zu, after iteration "
               "%llu)\n",
               rows[best].auc, rows[best].accuracy, rows[best].log_loss,
               nca_run_settings(run)->carry > 0.0f ? " after four times the steps" : "", count,
               (unsigned long long)rows[best].iteration);
    } else if (nca_run_images(run) != NULL) {
        printf("validation  none: %s\n", count > 0 ? "no validation has a score that is a number"
                                                   : "the data has no validation images");
    }
}

/* The plots of the validations, and what to do with the model. */
static void print_classification(const nca_run *run)
{
    const char *folder = nca_run_settings(run)->output;
    nca_run_path path;
    size_t count, best;
    nca_run_validations(run, &count, &best);
    if (count > 0) {
        printf("            %s\n", shown(nca_run_file(&path, folder, NCA_RUN_VALIDATION_PNG)));
        printf("            %s\n", shown(nca_run_file(&path, folder, NCA_RUN_VALIDATION_SVG)));
    }
    const nca_labelled *images = nca_run_images(run);
    const bool tested = images == NULL || images->split[NCA_SPLIT_TEST].count > 0;
    printf("next        nca evaluate %s%s\n", shown(folder), tested ? "" : " --data SOURCE");
    printf("            nca predict %s IMAGE\n", shown(folder));
}

static void print_summary(const nca_run *run)
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
    if (test->cuts > 0) {
        printf("restored    %s: at least %zu of %zu cuts of each shape\n",
               test->passed ? "passed" : "failed", test->restored, test->cuts);
    }
    print_validation(run);
    printf("time        %.1f s in the iterations\n", nca_run_seconds(run));
    printf("model       %s\n", shown(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_MODEL)));
    if (settings->model_path[0] != 0) {
        printf("copy        %s\n", shown(settings->model_path));
    }
    if (settings->task == NCA_TASK_GROW) {
        print_growth(settings);
    }
    if (count > 0) {
        printf("%-11s %s\n", settings->task == NCA_TASK_GROW ? "" : "pictures",
               shown(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_LOSS_PNG)));
        printf("            %s\n",
               shown(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_LOSS_SVG)));
    }
    if (settings->task == NCA_TASK_CLASSIFY) {
        print_classification(run);
    }
}

void note_failed_test(const nca_stability *test)
{
    if (test->surviving < test->rollouts) {
        note("stability test: %zu of %zu rollouts died within %d steps",
             test->rollouts - test->surviving, test->rollouts, NCA_STABILITY_LATE);
    } else if (test->drifts) {
        note("stability test: the L2 loss rises from %.3g after %d steps to %.3g after %d steps",
             test->early, NCA_STABILITY_EARLY, test->late, NCA_STABILITY_LATE);
    } else if (test->stable) {
        note("stability test: the model does not regenerate well enough yet: expected at least %d "
             "of "
             "%zu cuts of shape %s to be restored within %d steps, found %zu",
             NCA_REGENERATION_LEAST, test->cuts, nca_damage_name(test->worst),
             NCA_REGENERATION_STEPS, test->restored);
    } else {
        note("stability test: the image is not learned well enough yet: expected an L2 loss of at "
             "most %g after %d steps, found %.3g",
             NCA_STABILITY_MOST, NCA_STABILITY_LATE, test->late);
    }
}

bool run_has_failed(const nca_run *run)
{
    const nca_stability *test = nca_run_stability(run);
    return test->rollouts > 0 && !test->passed;
}

void note_finished(const nca_settings *settings, uint64_t done)
{
    const char *folder = settings->output;
    const unsigned long long iterations = done, more = 2 * done;
    nca_settings longer = *settings;
    longer.iterations = more;
    if (nca_session_refused(settings, &longer, done) != NULL) {
        note("%s: this run is finished after %llu iterations, where its schedule (%s) ends; to "
             "train longer, start a new run: nca train --config %s --iterations %llu -o DIR",
             folder, iterations, nca_schedule_name(settings->schedule),
             nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CONFIG), more);
    } else {
        note("%s: this run is finished after %llu iterations; to train it further: nca train "
             "--resume %s --iterations %llu",
             folder, iterations, folder, more);
    }
}

int train_end(nca_run *run)
{
    nca_error error;
    const nca_settings *settings = nca_run_settings(run);
    const nca_session *session = nca_run_session(run);
    nca_status status = nca_run_draw(run, &error);
    int signal_number = stop_signal();
    stop_unwatch();
    if (status != NCA_OK && signal_number != 0) {
        note("the model is trained and saved; to draw its pictures: nca train --resume %s",
             settings->output);
        return EXIT_SIGNALLED + signal_number;
    }
    if (status != NCA_OK) {
        note("the model is trained and saved, but a picture could not be written:");
        complain(&error);
        return EXIT_FAILED;
    }
    print_summary(run);
    const nca_iteration *last = nca_run_last(run);
    if (last->iteration > 0 && last->alive_cells == 0) {
        note("all cells have died in every sample; try another --seed, a lower --learning-rate, or "
             "--normalise-gradient");
    }
    if (run_has_failed(run)) {
        note_failed_test(nca_run_stability(run));
        note("train it for longer (--resume %s --iterations %llu), or try another --seed or "
             "--retry",
             settings->output, (unsigned long long)nca_session_total(session) * 3 / 2);
    } else if (last->iteration == 0 && nca_session_iteration(session) >= settings->iterations) {
        note_finished(settings, nca_session_iteration(session)); /* resumed for its files alone */
    }
    if (nca_torch_has_ending(settings->model_path)) {
        note_lost(nca_session_model(session), settings->model_path);
    }
    return EXIT_OK;
}
