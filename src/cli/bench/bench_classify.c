/* The benchmark's classification: images are read from memory, as in a training on MedMNIST. The
 * settings are those that matter for the speed, whatever the recipe has. */
#include "cli/bench/bench_classify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 28,
    COLOURS = 3,
    IMAGES = 1024,
    CLASSES = 8,
    VALUES = IMAGES * SIDE * SIDE * COLOURS
};

static nca_status fail_memory(nca_error *error)
{
    error->status = NCA_OUT_OF_MEMORY;
    snprintf(error->message, sizeof error->message, "benchmark: out of memory for images");
    return error->status;
}

/* ---- Images ----------------------------------------------------------------------------------*/

/* The data set with its arrays. */
typedef struct images {
    nca_labelled data; /* first */
    char names[CLASSES][NCA_CLASS_NAME];
    char source[16], notices[1];
    uint8_t labels[IMAGES];
    uint8_t values[VALUES];
} images;

nca_labelled *bench_images(void)
{
    images *own = calloc(1, sizeof *own);
    if (own == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < VALUES; i++) {
        own->values[i] = (uint8_t)(256.0f * bench_noise(i));
    }
    for (size_t i = 0; i < IMAGES; i++) {
        own->labels[i] = (uint8_t)(i % CLASSES);
    }
    for (int k = 0; k < CLASSES; k++) {
        snprintf(own->names[k], sizeof own->names[k], "%d", k);
    }
    snprintf(own->source, sizeof own->source, "made-up images");
    own->data = (nca_labelled){.height = SIDE,
                               .width = SIDE,
                               .channels = COLOURS,
                               .kind = NCA_LABELS_MULTI_CLASS,
                               .classes = CLASSES,
                               .label_width = 1,
                               .class_names = own->names,
                               .source = own->source,
                               .notices = own->notices};
    own->data.split[NCA_SPLIT_TRAIN] =
        (nca_labelled_split){.count = IMAGES, .images = own->values, .labels = own->labels};
    return &own->data;
}

void bench_images_free(nca_labelled *data)
{
    free(data);
}

/* ---- Training --------------------------------------------------------------------------------*/

static nca_settings settings_of(const bench_plan *plan)
{
    nca_settings settings = bench_settings(plan, NCA_RECIPE_CLASSIFY);
    settings.n_channels = plan->what->channels;
    settings.hidden = 128;
    settings.filter = NCA_FILTER_LEARNED;
    settings.filter_count = 2;
    settings.boundary = NCA_BOUNDARY_ZERO;
    settings.fire_rate = 0.5f;
    settings.alive_channel = -1;
    settings.readout = NCA_READOUT_MEAN;
    settings.features = 0;
    settings.class_loss = NCA_CLASS_LOSS_CROSS_ENTROPY;
    settings.label_smoothing = 0.0f;
    settings.optimiser = NCA_OPTIMISER_ADAM;
    settings.average_decay = 0.0f;
    settings.flip_x = settings.flip_y = settings.turns = plan->what->augmented;
    settings.shift = plan->what->augmented ? 2 : 0;
    settings.brightness = settings.contrast = settings.noise = plan->what->augmented ? 0.1f : 0.0f;
    return settings;
}

nca_status bench_classify_session(nca_session **out_session, const bench_plan *plan,
                                  const nca_labelled *data, nca_error *error)
{
    const nca_settings settings = settings_of(plan);
    return data != NULL ? nca_session_create_classify(out_session, &settings, data, error)
                        : fail_memory(error);
}

/* ---- Prediction ------------------------------------------------------------------------------*/

static nca_status make_model(nca_model **out_model, const bench_plan *plan,
                             const nca_labelled *data, nca_error *error)
{
    const nca_settings settings = settings_of(plan);
    nca_automaton automaton = nca_settings_automaton(&settings);
    automaton.input_channels = COLOURS;
    const nca_classifier classifier = {.kind = data->kind,
                                       .classes = CLASSES,
                                       .class_names = data->class_names,
                                       .readout = settings.readout,
                                       .scale = {2, 2, 2},
                                       .offset = {-1, -1, -1},
                                       .height = SIDE,
                                       .width = SIDE,
                                       .steps = settings.steps_max,
                                       .temperature = 1};
    nca_status status = nca_model_create(out_model, &automaton, error);
    if (status == NCA_OK) {
        nca_parameters_init((*out_model)->parameters, &automaton, settings.initialisation, 1);
        bench_fill_output(*out_model);
        status = nca_model_set_classifier(*out_model, &classifier, error);
    }
    return status;
}

nca_status bench_measure_prediction(bench_result *out, const bench_plan *plan)
{
    nca_labelled *data = bench_images();
    nca_model *model = NULL;
    double *probabilities = NULL;
    double once = 0;
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    out->batch = bench_batch(plan);
    out->steps = bench_steps(plan);
    options.steps = out->steps;
    options.threads = plan->threads;
    options.kernels = plan->kernels;
    options.precision = plan->what->precision;
    options.device = plan->device;
    nca_status status =
        data != NULL ? make_model(&model, plan, data, &out->error) : fail_memory(&out->error);
    if (status == NCA_OK) {
        probabilities = calloc(out->batch, CLASSES * sizeof *probabilities);
        status = probabilities != NULL ? NCA_OK : fail_memory(&out->error);
    }
    /* Runs 0 and 1 are the warm-up. */
    for (size_t run = 0; status == NCA_OK && run < plan->runs + 2; run++) {
        out->repeats = run < 2 ? 1 : bench_repeats(plan, once);
        const double began = nca_seconds();
        for (size_t i = 0; status == NCA_OK && i < out->repeats; i++) {
            status =
                nca_predict(probabilities, NULL, NULL, model, data->split[NCA_SPLIT_TRAIN].images,
                            out->batch, SIDE, SIDE, &options, &out->error);
        }
        const double seconds = nca_seconds() - began;
        *(run < 2 ? &once : &out->seconds[run - 2]) = seconds;
    }
    if (status == NCA_OK) {
        bench_finish(out, plan, &model->automaton, 1);
    }
    free(probabilities);
    nca_model_destroy(model);
    bench_images_free(data);
    return status;
}
