/* Models for a page, and the effect of rounding their weights. */
#include "cli/page/page_of_models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COMPARED_STEPS = 200,
    COMPARED_SAMPLES = 8
};

/* RGBA of all samples after the steps, and their mean loss (NaN without a target). */
static nca_status grow(float **out_rgba, double *out_loss, const nca_model *model, nca_error *error)
{
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.batch = COMPARED_SAMPLES;
    nca_rollout *rollout = NULL;
    nca_status status = nca_rollout_create(&rollout, model, &options, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t floats = options.height * options.width * 4;
    float *rgba = malloc(COMPARED_SAMPLES * floats * sizeof *rgba);
    if (rgba == NULL) {
        nca_rollout_destroy(rollout);
        snprintf(error->message, sizeof error->message, "out of memory for %zu states",
                 (size_t)COMPARED_SAMPLES);
        return NCA_OUT_OF_MEMORY;
    }
    status = nca_rollout_run(rollout, COMPARED_STEPS, error);
    if (status != NCA_OK) {
        free(rgba);
        nca_rollout_destroy(rollout);
        return status;
    }
    *out_loss = model->target != NULL ? 0 : NAN;
    for (size_t i = 0; i < COMPARED_SAMPLES; i++) {
        nca_rollout_rgba(rgba + i * floats, rollout, i);
        if (model->target != NULL) {
            *out_loss +=
                nca_rollout_loss(rollout, i, NCA_LOSS_L2, model->target) / COMPARED_SAMPLES;
        }
    }
    nca_rollout_destroy(rollout);
    *out_rgba = rgba;
    return NCA_OK;
}

/* The probabilities (count,classes) of the examples. */
static nca_status predict(double *out, const nca_model *model, const nca_page_examples *examples,
                          nca_error *error)
{
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    return nca_predict(out, NULL, NULL, model, examples->images, examples->count, examples->height,
                       examples->width, &options, error);
}

/* The same for a classifier, whose predictions are compared. */
static nca_status quantise_classifier(nca_model *model, const char *name,
                                      const nca_page_examples *examples, nca_error *error)
{
    const size_t count = examples->count * model->classifier->classes;
    double *before = calloc(count + 1, sizeof *before), *after = calloc(count + 1, sizeof *after);
    nca_status status = NCA_OK;
    if (before == NULL || after == NULL) {
        snprintf(error->message, sizeof error->message, "out of memory for predictions");
        error->status = status = NCA_OUT_OF_MEMORY;
    }
    if (status == NCA_OK) {
        status = predict(before, model, examples, error);
    }
    if (status == NCA_OK) {
        nca_model_quantise(model);
        status = predict(after, model, examples, error);
    }
    if (status == NCA_OK && count == 0) {
        printf("%s: int8 weights\n", shown(name));
    } else if (status == NCA_OK) {
        double sum = 0;
        for (size_t i = 0; i < count; i++) {
            sum += fabs(after[i] - before[i]);
        }
        printf("%s: int8 weights; the probabilities of %zu examples differ by %.2g on average\n",
               shown(name), examples->count, sum / (double)count);
    }
    free(before);
    free(after);
    return status;
}

/* Rounds the model's weights and prints the resulting difference. */
static nca_status quantise(nca_model *model, const char *name, const nca_page_examples *examples,
                           nca_error *error)
{
    if (model->classifier != NULL) {
        return quantise_classifier(model, name, examples, error);
    }
    float *before = NULL;
    float *after = NULL;
    double loss_before;
    double loss_after;
    nca_status status = grow(&before, &loss_before, model, error);
    if (status == NCA_OK) {
        nca_model_quantise(model);
        status = grow(&after, &loss_after, model, error);
    }
    if (status == NCA_OK) {
        nca_rollout_options options;
        nca_rollout_options_default(&options, model);
        const size_t count = COMPARED_SAMPLES * options.height * options.width * 4;
        double sum = 0;
        for (size_t i = 0; i < count; i++) {
            sum += fabs((double)after[i] - (double)before[i]);
        }
        printf("%s: int8 weights; after %d steps colours differ by %.2g on average", shown(name),
               COMPARED_STEPS, sum / (double)count);
        if (model->target != NULL) {
            printf(", L2 loss %.3g instead of %.3g", loss_after, loss_before);
        }
        printf("\n");
    }
    free(before);
    free(after);
    return status;
}

static int load(page_of_models *out, const option_values *given)
{
    const char *precision = options_value(given, "quantise");
    out->list.count = 0;
    if (precision != NULL && strcmp(precision, "int8") != 0) {
        return complain_usage("--quantise: expected int8, found \"%s\"", precision);
    }
    nca_page_options_default(&out->options);
    out->options.title = options_value(given, "title");
    int code = model_list_load(&out->list, given);
    nca_error error;
    if (code == EXIT_OK && out->list.models[0]->classifier != NULL) {
        code = page_examples_load(&out->examples, out->list.models[0], out->list.first.text, given);
        out->options.examples = out->examples.of.count > 0 ? &out->examples.of : NULL;
    } else if (code == EXIT_OK) {
        code = page_examples_refuse(given);
    }
    for (size_t i = 0; i < out->list.count && code == EXIT_OK; i++) {
        if (precision != NULL && quantise(out->list.models[i], out->list.names[i],
                                          &out->examples.of, &error) != NCA_OK) {
            return complain(&error);
        }
        out->models[i] =
            (nca_page_model){out->list.models[i], out->list.names[i], precision != NULL};
    }
    return code;
}

int with_page_of_models(const option_values *given,
                        int (*use)(const page_of_models *page, const option_values *given))
{
    page_of_models *page = calloc(1, sizeof *page);
    if (page == NULL) {
        note("out of memory for the list of models");
        return EXIT_FAILED;
    }
    int code = load(page, given);
    if (code == EXIT_OK) {
        code = use(page, given);
    }
    page_examples_free(&page->examples);
    model_list_free(&page->list);
    free(page);
    return code;
}
