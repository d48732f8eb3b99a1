/* Measures a finished classifier on the images of test, once. */
#include "cli/runs/medmnist_scores.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char heading[] = "seed,auc,accuracy,mean_auc,mean_accuracy,rollouts,images,"
                              "milliseconds,seconds,parameters,bytes\n";

static bool read_scores(test_scores *out, const char *path)
{
    FILE *file;
    char line[512];
    if (nca_file_open(&file, path, NULL) != NCA_OK) {
        return false;
    }
    const bool is_read =
        fgets(line, sizeof line, file) != NULL && strcmp(line, heading) == 0 &&
        fgets(line, sizeof line, file) != NULL &&
        sscanf(line, "%" SCNu64 ",%lf,%lf,%lf,%lf,%zu,%zu,%lf,%lf,%zu,%zu", &out->seed, &out->auc,
               &out->accuracy, &out->mean_auc, &out->mean_accuracy, &out->rollouts, &out->images,
               &out->milliseconds, &out->seconds, &out->parameters, &out->bytes) == 11;
    fclose(file);
    return is_read;
}

static nca_status save_scores(const test_scores *scores, const char *path, nca_error *error)
{
    char text[1024];
    const int size = snprintf(
        text, sizeof text, "%s%" PRIu64 ",%.17g,%.17g,%.17g,%.17g,%zu,%zu,%.6g,%.6g,%zu,%zu\n",
        heading, scores->seed, scores->auc, scores->accuracy, scores->mean_auc,
        scores->mean_accuracy, scores->rollouts, scores->images, scores->milliseconds,
        scores->seconds, scores->parameters, scores->bytes);
    return nca_file_write(path, text, (size_t)size, error);
}

static nca_status measure(test_scores *out, const nca_model *model, const nca_labelled *data,
                          nca_prediction_options *options, size_t rollouts, nca_error *error)
{
    nca_class_evaluation *evaluation = NULL;
    options->rollouts = 1;
    const double start = nca_seconds();
    nca_status status =
        nca_evaluate_classes(&evaluation, model, data, NCA_SPLIT_TEST, options, error);
    if (status != NCA_OK) {
        return status;
    }
    out->milliseconds = 1000.0 * (nca_seconds() - start) / (double)evaluation->count;
    out->images = evaluation->count;
    out->auc = evaluation->scores.auc;
    out->accuracy = evaluation->scores.accuracy;
    nca_class_evaluation_destroy(evaluation);
    options->rollouts = rollouts;
    status = nca_evaluate_classes(&evaluation, model, data, NCA_SPLIT_TEST, options, error);
    if (status == NCA_OK) {
        out->rollouts = rollouts;
        out->mean_auc = evaluation->scores.auc;
        out->mean_accuracy = evaluation->scores.accuracy;
        nca_class_evaluation_destroy(evaluation);
    }
    return status;
}

nca_status test_scores_of(test_scores *out, const char *run_folder, const nca_settings *settings,
                          const char *root, size_t rollouts, double seconds,
                          bool (*progress)(size_t done, void *user), nca_error *error)
{
    nca_run_path path, model_path;
    nca_run_file(&path, run_folder, TEST_SCORES_FILE);
    nca_run_file(&model_path, run_folder, NCA_RUN_MODEL);
    test_scores scores = {0};
    if (read_scores(&scores, path.text) && scores.rollouts == rollouts) {
        *out = scores;
        return NCA_OK;
    }
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    options.threads = settings->threads;
    options.kernels = nca_kernels_named(settings->kernels); /* NULL for "auto": the fastest */
    options.progress = progress;
    nca_model *model = NULL;
    nca_labelled *data = NULL;
    nca_status status = nca_model_load(&model, model_path.text, error);
    if (status == NCA_OK) {
        status = nca_run_data(&data, settings, root, error);
    }
    if (status == NCA_OK) {
        status = measure(&scores, model, data, &options, rollouts, error);
    }
    if (status == NCA_OK) {
        struct stat about;
        scores.seed = settings->seed;
        scores.parameters = nca_parameter_count(&model->automaton);
        scores.bytes = stat(model_path.text, &about) == 0 ? (size_t)about.st_size : 0;
        scores.seconds = seconds;
        status = save_scores(&scores, path.text, error);
    }
    nca_labelled_close(data);
    nca_model_destroy(model);
    if (status == NCA_OK) {
        *out = scores;
    }
    return status;
}
