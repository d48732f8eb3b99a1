/* Measures a finished classifier on the images of test, once. */
#include "cli/runs/medmnist_scores.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char heading[] =
    "seed,auc,accuracy,mean_auc,mean_accuracy,rollouts,images,"
    "milliseconds,seconds,image_seconds,memory,parameters,bytes,model,digest\n";

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
        sscanf(line, "%" SCNu64 ",%lf,%lf,%lf,%lf,%zu,%zu,%lf,%lf,%lf,%lf,%zu,%zu,%16[^,],%" SCNx64,
               &out->seed, &out->auc, &out->accuracy, &out->mean_auc, &out->mean_accuracy,
               &out->rollouts, &out->images, &out->milliseconds, &out->seconds, &out->image_seconds,
               &out->memory, &out->parameters, &out->bytes, out->model, &out->digest) == 15;
    fclose(file);
    return is_read;
}

static nca_status save_scores(const test_scores *scores, const char *path, nca_error *error)
{
    char text[1024];
    const int size = snprintf(
        text, sizeof text,
        "%s%" PRIu64
        ",%.17g,%.17g,%.17g,%.17g,%zu,%zu,%.17g,%.17g,%.17g,%.17g,%zu,%zu,%s,%016" PRIx64 "\n",
        heading, scores->seed, scores->auc, scores->accuracy, scores->mean_auc,
        scores->mean_accuracy, scores->rollouts, scores->images, scores->milliseconds,
        scores->seconds, scores->image_seconds, scores->memory, scores->parameters, scores->bytes,
        scores->model, scores->digest);
    return nca_file_write(path, text, (size_t)size, error);
}

/* 64-bit FNV-1a of the images of test and their labels. */
static uint64_t digest_of(const nca_labelled *data)
{
    const nca_labelled_split *split = &data->split[NCA_SPLIT_TEST];
    const size_t images = split->count * data->height * data->width * data->channels;
    const size_t labels = split->count * data->label_width;
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < images + labels; i++) {
        const uint8_t byte = i < images ? split->images[i] : split->labels[i - images];
        hash = (hash ^ byte) * UINT64_C(1099511628211);
    }
    return hash;
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

static void note_run(test_scores *scores, const nca_sweep_run *run, const nca_settings *settings,
                     const nca_model *model, const char *model_path)
{
    struct stat about;
    const double seen = (double)run->done * (double)settings->batch_size;
    scores->seed = settings->seed;
    scores->parameters = nca_parameter_count(&model->automaton);
    scores->bytes = stat(model_path, &about) == 0 ? (size_t)about.st_size : 0;
    scores->seconds = run->result.seconds;
    scores->image_seconds = seen > 0.0 ? run->result.seconds / seen : 0.0;
    scores->memory = (double)run->result.peak_memory;
    nca_model_digest(scores->model, model);
}

nca_status test_scores_of(test_scores *out, const nca_sweep_run *run, const nca_settings *settings,
                          const char *root, size_t rollouts,
                          bool (*progress)(size_t done, void *user), nca_error *error)
{
    nca_run_path path, model_path;
    nca_run_file(&path, run->folder.text, TEST_SCORES_FILE);
    nca_run_file(&model_path, run->folder.text, NCA_RUN_MODEL);
    nca_model *model = NULL;
    nca_status status = nca_model_load(&model, model_path.text, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_labelled *data = NULL;
    status = nca_run_data(&data, settings, root, error);
    if (status != NCA_OK) {
        nca_model_destroy(model);
        return status;
    }
    test_scores scores = {0}, kept = {0};
    note_run(&scores, run, settings, model, model_path.text);
    scores.images = data->split[NCA_SPLIT_TEST].count;
    scores.digest = digest_of(data);
    if (read_scores(&kept, path.text) && kept.rollouts == rollouts &&
        strcmp(kept.model, scores.model) == 0 && kept.images == scores.images &&
        kept.digest == scores.digest) {
        nca_labelled_close(data);
        nca_model_destroy(model);
        *out = kept;
        return NCA_OK;
    }
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    options.threads = settings->threads;
    options.kernels = nca_kernels_named(settings->kernels); /* NULL for "auto": the fastest */
    options.progress = progress;
    status = measure(&scores, model, data, &options, rollouts, error);
    if (status == NCA_OK) {
        status = save_scores(&scores, path.text, error);
    }
    if (status == NCA_OK) {
        *out = scores;
    }
    nca_labelled_close(data);
    nca_model_destroy(model);
    return status;
}
