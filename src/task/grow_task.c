/* Growth: one sample, which starts as the seed and should become the target. */
#include "task/grow_task.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/finite.h"
#include "base/utf8.h"
#include "core/loss_terms.h"
#include "task/grow_objective.h"

/* Names in checkpoint files (docs/file-formats.md). */
static const char tensor_target[] = "target";
static const char key_source[] = "target_source";
static const char key_padding[] = "target_padding";

/* Colours are in 0 to 1; a state with this mean distance from them will not recover. */
static const double far = 10.0;

typedef struct growth {
    nca_target target;
    nca__grow_asked asked;
} growth;

/* ---- The data --------------------------------------------------------------------------------*/

static nca_status check_target(const nca_target *target, nca_error *error)
{
    if (target == NULL || target->rgba == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "the target has no image");
    }
    if (target->height < 1 || target->height > NCA_MAX_SIDE || target->width < 1 ||
        target->width > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "target: expected sides of 1 to %d cells, found %zu x %zu", NCA_MAX_SIDE,
                         target->height, target->width);
    }
    if (!nca__all_finite(target->rgba, target->height * target->width * 4)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "target: expected finite values, found a NaN or an infinity");
    }
    return NCA_OK;
}

static void destroy(void *data)
{
    growth *own = data;
    free(own->target.rgba);
    free(own->target.source);
    free(own);
}

/* The source is a path, which may contain any bytes, but checkpoints and models contain text:
 * invalid bytes are replaced by '?' here, once. */
static growth *copy(const nca_target *target, nca_loss loss)
{
    growth *own = calloc(1, sizeof *own);
    if (own == NULL) {
        return NULL;
    }
    const size_t rgba_bytes = target->height * target->width * 4 * sizeof(float);
    own->target = (nca_target){.height = target->height,
                               .width = target->width,
                               .padding = target->padding,
                               .rgba = malloc(rgba_bytes),
                               .source = strdup(target->source != NULL ? target->source : "")};
    if (own->target.rgba == NULL || own->target.source == NULL) {
        destroy(own);
        return NULL;
    }
    memcpy(own->target.rgba, target->rgba, rgba_bytes);
    nca__clean_text(own->target.source);
    own->asked = (nca__grow_asked){.loss = loss, .target = own->target.rgba};
    return own;
}

/* The target here, and its copy in the model. */
static size_t bytes(const nca__problem *problem)
{
    return problem->height * problem->width * 2 * 4 * sizeof(float);
}

nca__problem nca__grow_shape(const nca_settings *settings, size_t height, size_t width)
{
    return (nca__problem){
        .task = &nca__growth,
        .objective = &nca__grow_objective,
        .height = height,
        .width = width,
        .samples = 1,
        .pool = settings->experiment != NCA_EXPERIMENT_GROWING,
        .damage = nca_settings_can_damage(settings),
        .damage_area = settings->damage_area,
    };
}

nca_status nca__grow_create(nca__problem *out, const nca_settings *settings,
                            const nca_target *target, nca_error *error)
{
    nca_status status = check_target(target, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__problem problem = nca__grow_shape(settings, target->height, target->width);
    problem.data = copy(target, settings->loss);
    if (problem.data == NULL) {
        return nca__fail_memory(error, "target",
                                target->height * target->width * 4 * sizeof(float));
    }
    *out = problem;
    return NCA_OK;
}

const nca_target *nca__grow_target(const nca__problem *problem)
{
    const growth *own = problem->data;
    return problem->task == &nca__growth ? &own->target : NULL;
}

/* ---- A sample --------------------------------------------------------------------------------*/

static void begin(float *out_state, const nca__problem *problem, size_t sample, size_t channels,
                  uint32_t epoch)
{
    (void)sample;
    (void)epoch;
    nca_seed(out_state, problem->height, problem->width, channels);
}

static const void *asked(const void *data, size_t sample)
{
    (void)sample;
    const growth *own = data;
    return &own->asked;
}

static double loss_of(const float *state, const nca__problem *problem, nca_loss loss,
                      size_t channels)
{
    const growth *own = problem->data;
    return nca_loss_value(loss, state, own->target.rgba, problem->height, problem->width, channels);
}

static double loss(const float *state, const nca__problem *problem, size_t sample, size_t channels)
{
    (void)sample;
    const growth *own = problem->data;
    return loss_of(state, problem, own->asked.loss, channels);
}

/* L2, whatever the loss of the training, because the limits of the stability test are for L2. */
static double distance(const float *state, const nca__problem *problem, size_t channels)
{
    return loss_of(state, problem, NCA_LOSS_L2, channels);
}

/* The loss of a state whose every RGBA value differs from the target by `far`. */
static double hopeless(const void *data)
{
    const growth *own = data;
    return nca__loss_of_difference(own->asked.loss, far, own->target.height * own->target.width);
}

/* ---- Files -----------------------------------------------------------------------------------*/

/* Truncates to the available space, never inside a UTF-8 sequence. */
static void copy_text(char out[NCA_MODEL_TEXT], const char *text)
{
    size_t length = strnlen(text, NCA_MODEL_TEXT);
    if (length == NCA_MODEL_TEXT) {
        length = nca__utf8_cut(text, length - 1);
    }
    memcpy(out, text, length);
    out[length] = 0;
}

static nca_status describe(nca_model *model, const nca__problem *problem, nca_error *error)
{
    const growth *own = problem->data;
    model->info.padding = (uint32_t)own->target.padding;
    copy_text(model->info.target, own->target.source);
    copy_text(model->info.loss_name, nca_loss_name(own->asked.loss));
    return nca_model_set_target(model, own->target.rgba, (uint32_t)problem->height,
                                (uint32_t)problem->width, error);
}

static size_t tensors(nca_tensor_view *out, const nca__problem *problem)
{
    const growth *own = problem->data;
    out[0] = nca__view_floats(tensor_target, own->target.rgba, 3,
                              (size_t[]){problem->height, problem->width, 4});
    return 1;
}

static bool made(const nca_model *model)
{
    return model->classifier == NULL;
}

static nca_status metadata(nca_safetensors_writer *writer, const nca__problem *problem,
                           nca_error *error)
{
    const growth *own = problem->data;
    nca_status status = nca__save_number(writer, key_padding, own->target.padding, error);
    return status == NCA_OK
               ? nca_safetensors_writer_metadata(writer, key_source, own->target.source, error)
               : status;
}

static nca_status restore(nca__problem *out, const nca__saved *saved, const nca_settings *settings,
                          const void *source_of_caller, nca_error *error)
{
    (void)source_of_caller; /* not needed: the checkpoint contains everything */
    const size_t shape[3] = {SIZE_MAX, SIZE_MAX, 4};
    const nca_tensor_view *view;
    const char *source;
    uint64_t padding;
    nca_status status =
        nca__saved_tensor(&view, saved, tensor_target, NCA_DTYPE_F32, 3, shape, error);
    status = status == NCA_OK ? nca__saved_text(&source, saved, key_source, error) : status;
    status = status == NCA_OK ? nca__saved_number(&padding, saved, key_padding, error) : status;
    if (status != NCA_OK) {
        return status;
    }
    const size_t height = view->shape[0], width = view->shape[1];
    const size_t shorter = height < width ? height : width;
    if (padding > (shorter - (shorter > 0)) / 2) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: padding %" PRIu64 " does not fit a target of %zu x %zu cells",
                         saved->path, padding, height, width);
    }
    /* The view points into the open file; the problem makes its own copy. */
    const nca_target target = {.height = height,
                               .width = width,
                               .padding = (size_t)padding,
                               .rgba = (float *)(uintptr_t)view->data,
                               .source = (char *)(uintptr_t)source};
    status = nca__grow_create(out, settings, &target, error);
    return status == NCA_OK ? status : nca__fail_in(error, status, "%s", saved->path);
}

const nca__task nca__growth = {
    .name = "grow",
    .does = "grows an image",
    .destroy = destroy,
    .made = made,
    .bytes = bytes,
    .begin = begin,
    .asked = asked,
    .loss = loss,
    .hopeless = hopeless,
    .distance = distance,
    .describe = describe,
    .tensors = tensors,
    .metadata = metadata,
    .restore = restore,
};
