/* Classification: every image of the training split is a sample. It begins as the image in the
 * input channels and 0 in all others; the objective compares the class scores with its label. */
#include "task/classify_task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/fnv1a.h"
#include "base/utf8.h"
#include "task/augment.h"
#include "task/classify_objective.h"

typedef struct classify {
    const nca_labelled *data;
    nca_readout readout;
    uint32_t steps; /* of the model: the middle of the interval */
    nca__class_loss loss;
    double weights[NCA_MAX_CLASSES];
    nca__input_scale range;
    nca__augmentation augmentation;
    bool augments;
    uint64_t digest;         /* of the training images */
    nca__class_asked *asked; /* one per image of the training split */
    /* With balanced sampling: the images sorted by class, and where each class begins. A sample is
     * then number sample / classes of class sample % classes, again from its first after its last.
     */
    uint32_t *by_class;
    size_t first[NCA_MAX_CLASSES + 1];
} classify;

static const nca_labelled_split *training(const nca_labelled *data)
{
    return &data->split[NCA_SPLIT_TRAIN];
}

static void destroy(void *data)
{
    classify *own = data;
    free(own->asked);
    free(own->by_class);
    free(own);
}

/* ---- From settings ---------------------------------------------------------------------------*/

static bool is_sigmoid(const nca_settings *settings, nca_label_kind kind)
{
    return kind == NCA_LABELS_MULTI_LABEL ||
           settings->class_loss == NCA_CLASS_LOSS_BINARY_CROSS_ENTROPY;
}

/* Class weights: the mean over the training images is 1; for labels, negatives per positive. */
static void set_weights(classify *own)
{
    size_t counts[NCA_MAX_CLASSES];
    const double images = (double)training(own->data)->count;
    nca_labelled_class_counts(counts, own->data, NCA_SPLIT_TRAIN);
    for (size_t k = 0; k < own->data->classes; k++) {
        const double count = counts[k] > 0 ? (double)counts[k] : 1.0;
        own->weights[k] = own->loss.labels ? (images - count) / count
                                           : images / ((double)own->data->classes * count);
    }
    own->loss.weights = own->weights;
}

static void set_range(classify *own, nca_input_range range)
{
    for (size_t k = 0; k < 3; k++) {
        own->range.scale[k] = range == NCA_INPUT_UNIT ? 1.0f : 2.0f;
        own->range.offset[k] = range == NCA_INPUT_UNIT ? 0.0f : -1.0f;
    }
    if (range == NCA_INPUT_STANDARD) {
        nca__input_standard(&own->range, training(own->data)->images,
                            training(own->data)->count * own->data->height * own->data->width,
                            own->data->channels);
    }
}

static void set_augmentation(classify *own, const nca_settings *settings)
{
    own->augmentation = (nca__augmentation){.flip_x = settings->flip_x,
                                            .flip_y = settings->flip_y,
                                            .turns = settings->turns,
                                            .shift = settings->shift,
                                            .brightness = settings->brightness,
                                            .contrast = settings->contrast,
                                            .noise = settings->noise,
                                            .seed = settings->seed};
    own->augments = settings->flip_x || settings->flip_y || settings->turns ||
                    settings->shift > 0 || settings->brightness > 0.0f ||
                    settings->contrast > 0.0f || settings->noise > 0.0f;
}

/* Sorts the images by class, keeping their order. Returns the number of samples of an epoch, in
 * which the largest class occurs once. */
static size_t balance(classify *own)
{
    const nca_labelled_split *split = training(own->data);
    const size_t classes = own->data->classes;
    size_t counts[NCA_MAX_CLASSES], most = 0, next[NCA_MAX_CLASSES];
    nca_labelled_class_counts(counts, own->data, NCA_SPLIT_TRAIN);
    for (size_t k = 0; k < classes; k++) {
        own->first[k + 1] = own->first[k] + counts[k];
        next[k] = own->first[k];
        most = counts[k] > most ? counts[k] : most;
    }
    for (size_t i = 0; i < split->count; i++) {
        own->by_class[next[split->labels[i]]++] = (uint32_t)i;
    }
    return most * classes;
}

static size_t image_of(const classify *own, size_t sample)
{
    if (own->by_class == NULL) {
        return sample;
    }
    const size_t class = sample % own->data->classes;
    const size_t count = own->first[class + 1] - own->first[class];
    return own->by_class[own->first[class] + sample / own->data->classes % count];
}

static void set_asked(classify *own, size_t first, size_t features)
{
    const nca_labelled_split *split = training(own->data);
    for (size_t i = 0; i < split->count; i++) {
        own->asked[i] = (nca__class_asked){.loss = &own->loss,
                                           .first = first,
                                           .features = features,
                                           .answer = split->labels + i * own->data->label_width};
    }
}

/* ---- The problem -----------------------------------------------------------------------------*/

static nca_status check_data(const nca_settings *settings, const nca_labelled *data,
                             nca_error *error)
{
    const size_t features = settings->features > 0 ? settings->features : data->classes;
    if (training(data)->count == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "data: %s has no images to train on (split train); such data can only "
                         "be used to evaluate a model",
                         data->source);
    }
    if (data->height < 1 || data->height > NCA_MAX_SIDE || data->width < 1 ||
        data->width > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "data: expected images of 1 to %d pixels a side in %s, found %zu x %zu",
                         NCA_MAX_SIDE, data->source, data->width, data->height);
    }
    if (settings->readout == NCA_READOUT_CELLS && settings->features > 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "features: expected 0 with readout per-cell, which has no dense layer, "
                         "found %lu; set features to 0 or choose readout mean",
                         (unsigned long)settings->features);
    }
    if (data->channels + features > settings->n_channels) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "n_channels: expected at least %zu, for %zu input channels and %zu "
                         "read-out channels, found %lu; raise n_channels%s",
                         data->channels + features, data->channels, features,
                         (unsigned long)settings->n_channels,
                         settings->features > 0 ? " or lower features"
                                                : " or set features (a dense layer)");
    }
    if (settings->sampling == NCA_SAMPLING_BALANCED && data->kind == NCA_LABELS_MULTI_LABEL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "sampling: expected uniform for images with several labels, found "
                         "balanced; choose class_weights inverse instead");
    }
    if (settings->sampling == NCA_SAMPLING_BALANCED) {
        size_t counts[NCA_MAX_CLASSES];
        nca_labelled_class_counts(counts, data, NCA_SPLIT_TRAIN);
        for (size_t k = 0; k < data->classes; k++) {
            if (counts[k] == 0) {
                return nca__fail(error, NCA_INVALID_ARGUMENT,
                                 "sampling: balanced needs training images of every class, found "
                                 "none of \"%s\" in %s; add some, or set sampling to uniform",
                                 data->class_names[k], data->source);
            }
        }
    }
    if (settings->turns && data->height != data->width) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "turns: expected square images, found %zu x %zu; set turns to false",
                         data->height, data->width);
    }
    return NCA_OK;
}

static uint64_t word_at(const uint8_t *bytes, size_t left)
{
    uint64_t word = 0;
    if (left >= 8) { /* compiles to one load */
        return bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
               (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
               (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
    }
    for (size_t k = 0; k < left; k++) {
        word |= (uint64_t)bytes[k] << (8 * k);
    }
    return word;
}

/* Of the training images and their labels: as 64-bit FNV-1a, but of words of 8 bytes, the first
 * byte lowest and the last word filled with 0. The upper half of a product is mixed into its lower
 * half, as words differ in any of their bits. */
static uint64_t digest_of(const nca_labelled *data)
{
    const nca_labelled_split *split = training(data);
    const uint8_t *parts[] = {split->images, split->labels};
    const size_t sizes[] = {split->count * data->height * data->width * data->channels,
                            split->count * data->label_width};
    uint64_t hash = NCA__FNV1A_START;
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < sizes[p]; i += 8) {
            hash = (hash ^ word_at(parts[p] + i, sizes[p] - i)) * NCA__FNV1A_PRIME;
            hash ^= hash >> 32;
        }
    }
    return hash;
}

static classify *make(const nca_settings *settings, const nca_labelled *data, size_t *out_samples)
{
    const size_t count = training(data)->count;
    classify *own = calloc(1, sizeof *own);
    if (own == NULL) {
        return NULL;
    }
    own->data = data;
    own->asked = calloc(count, sizeof *own->asked);
    const bool balanced = settings->sampling == NCA_SAMPLING_BALANCED;
    own->by_class = balanced ? calloc(count, sizeof *own->by_class) : NULL;
    if (own->asked == NULL || (balanced && own->by_class == NULL)) {
        destroy(own);
        return NULL;
    }
    own->loss = (nca__class_loss){
        .kind = settings->class_loss,
        .sigmoid = is_sigmoid(settings, data->kind),
        .labels = data->kind == NCA_LABELS_MULTI_LABEL,
        .classes = data->classes,
        .gamma = settings->class_loss == NCA_CLASS_LOSS_FOCAL ? (double)settings->focal_gamma : 0.0,
        .smoothing = (double)settings->label_smoothing};
    if (settings->class_weights == NCA_CLASS_WEIGHTS_INVERSE) {
        set_weights(own);
    }
    set_range(own, settings->input_range);
    set_augmentation(own, settings);
    set_asked(own, data->channels, settings->features > 0 ? settings->features : data->classes);
    own->readout = settings->readout;
    own->steps = (settings->steps_min + settings->steps_max + 1) / 2;
    own->digest = digest_of(data);
    *out_samples = balanced ? balance(own) : count;
    return own;
}

nca_status nca__classify_create(nca__problem *out, const nca_settings *settings,
                                const nca_labelled *data, nca_error *error)
{
    nca_status status = check_data(settings, data, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t samples;
    classify *own = make(settings, data, &samples);
    if (own == NULL) {
        return nca__fail_memory(error, "labels", training(data)->count * sizeof *own->asked);
    }
    *out = (nca__problem){
        .task = &nca__classification,
        .objective = nca__class_objective(settings->readout),
        .data = own,
        .height = data->height,
        .width = data->width,
        .samples = samples,
        .input_channels = (uint32_t)data->channels,
        .head_inputs = settings->features,
        .head_outputs = settings->features > 0 ? (uint32_t)data->classes : 0,
        .damage = nca_settings_can_damage(settings),
        .damage_area = NCA_DAMAGE_AREA_GRID, /* all cells of an image live */
    };
    return NCA_OK;
}

/* ---- A sample --------------------------------------------------------------------------------*/

static void begin(float *out_state, const nca__problem *problem, size_t sample, size_t channels,
                  uint32_t epoch)
{
    const classify *own = problem->data;
    const nca_labelled *data = own->data;
    const size_t pixels = data->height * data->width, image = image_of(own, sample);
    memset(out_state, 0, pixels * channels * sizeof *out_state);
    nca__image_to_state(out_state, channels,
                        training(data)->images + image * pixels * data->channels, data->height,
                        data->width, data->channels, &own->range,
                        own->augments ? &own->augmentation : NULL, (uint32_t)sample, epoch);
}

static const void *asked(const void *data, size_t sample)
{
    const classify *own = data;
    return &own->asked[image_of(own, sample)];
}

/* Far above the loss of a guess, log(classes); a training that gets worse has failed. */
static double hopeless(const void *data)
{
    const classify *own = data;
    return 100.0 + (double)own->loss.classes;
}

/* The images belong to the caller. */
static size_t bytes(const nca__problem *problem)
{
    return problem->samples * (sizeof(nca__class_asked) + sizeof(uint32_t));
}

static nca_status check(const nca__problem *problem, const nca_settings *settings, nca_error *error)
{
    (void)problem;
    if (settings->alive_channel >= 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "alive_channel: expected -1, as all cells of an image are alive, found "
                         "%ld; set it to -1",
                         (long)settings->alive_channel);
    }
    if (settings->seed_survival > 0.0f) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "seed_survival: expected 0, as classification has no seed, found %g; set "
                         "it to 0",
                         (double)settings->seed_survival);
    }
    return NCA_OK;
}

static bool made(const nca_model *model)
{
    return model->classifier != NULL;
}

/* ---- Files -----------------------------------------------------------------------------------*/

/* Names in checkpoint files (docs/file-formats.md). The images are not stored, but a resumed run
 * must have the same: their number and a digest of their pixels and labels are compared. */
static const char key_images[] = "data_images";
static const char key_digest[] = "data_digest";

static nca_status describe(nca_model *model, const nca__problem *problem, nca_error *error)
{
    const classify *own = problem->data;
    const nca_labelled *data = own->data;
    nca_classifier c = {.kind = data->kind,
                        .classes = (uint32_t)data->classes,
                        .class_names = data->class_names,
                        .readout = own->readout,
                        .sigmoid = own->loss.sigmoid,
                        .height = (uint32_t)data->height,
                        .width = (uint32_t)data->width,
                        .steps = own->steps,
                        .temperature = 1.0};
    memcpy(c.scale, own->range.scale, sizeof c.scale);
    memcpy(c.offset, own->range.offset, sizeof c.offset);
    snprintf(model->info.target, sizeof model->info.target, "%s", data->source);
    nca__clean_text(model->info.target);
    snprintf(model->info.loss_name, sizeof model->info.loss_name, "%s",
             nca_class_loss_name(own->loss.kind));
    return nca_model_set_classifier(model, &c, error);
}

static size_t tensors(nca_tensor_view *out, const nca__problem *problem)
{
    (void)out;
    (void)problem;
    return 0;
}

static nca_status metadata(nca_safetensors_writer *writer, const nca__problem *problem,
                           nca_error *error)
{
    const classify *own = problem->data;
    nca_status status = nca__save_number(writer, key_images, training(own->data)->count, error);
    return status == NCA_OK ? nca__save_number(writer, key_digest, own->digest, error) : status;
}

/* `source` is the nca_labelled. */
static nca_status restore(nca__problem *out, const nca__saved *saved, const nca_settings *settings,
                          const void *source, nca_error *error)
{
    uint64_t images, digest;
    nca_status status = nca__saved_number(&images, saved, key_images, error);
    status = status == NCA_OK ? nca__saved_number(&digest, saved, key_digest, error) : status;
    if (status == NCA_OK && source == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: a checkpoint of a classification does not contain its images; "
                         "resume it with nca_session_resume_classify",
                         saved->path);
    }
    status = status == NCA_OK ? nca__classify_create(out, settings, source, error) : status;
    if (status != NCA_OK) {
        return status;
    }
    const classify *own = out->data;
    const size_t found = training(own->data)->count;
    if (found == images && own->digest == digest) {
        return NCA_OK;
    }
    nca__problem_free(out);
    return nca__fail(error, NCA_MISMATCH,
                     "%s: the run was trained on other images (%llu of them; %s has %zu%s); resume "
                     "it with the same data",
                     saved->path, (unsigned long long)images,
                     ((const nca_labelled *)source)->source, found,
                     found == images ? ", but not the same" : "");
}

const nca__task nca__classification = {
    .name = "classify",
    .does = "classifies images",
    .destroy = destroy,
    .made = made,
    .bytes = bytes,
    .check = check,
    .begin = begin,
    .asked = asked,
    .hopeless = hopeless,
    .describe = describe,
    .tensors = tensors,
    .metadata = metadata,
    .restore = restore,
};
