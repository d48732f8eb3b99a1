/* See onnx_step.h. The comments give the lines of the definition (nca/automaton.h). */
#include "onnx/onnx_step.h"

#include <stdlib.h>

#include "base/error.h"
#include "model/torch_tensors.h"

/* ---- Weights: as in a PyTorch module (torch_tensors.h) ---------------------------------------*/

static nca_status add_weights(nca__onnx *graph, const nca_model *model,
                              const nca__torch_entry *entry, nca_error *error)
{
    const size_t bytes = entry->count * sizeof(float);
    float *values = malloc(bytes);
    if (values == NULL) {
        return nca__fail_memory(error, entry->name, bytes);
    }
    nca__torch_get(values, model, entry);
    nca__onnx_constant(graph, entry->name, NCA__ONNX_FLOAT, entry->shape, entry->rank, values,
                       bytes);
    free(values);
    return NCA_OK;
}

nca_status nca__onnx_weights(nca__onnx *graph, const nca_model *model, nca_error *error)
{
    nca__torch_entry entries[NCA__TORCH_ENTRIES];
    const size_t count = nca__torch_entries(entries, model);
    nca_status status = NCA_OK;
    if (entries[0].form != NCA__TORCH_KERNELS) { /* the list has no fixed filters of growth */
        const nca__torch_entry kernels = nca__torch_kernels(model);
        status = add_weights(graph, model, &kernels, error);
    }
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        status = add_weights(graph, model, &entries[i], error);
    }
    return status;
}

/* ---- Parts of nodes --------------------------------------------------------------------------*/

enum {
    CHANNELS = 1, /* the axes of a grid (B,C,H,W) */
    ROWS = 2,
    COLUMNS = 3
};

static const int64_t the_end = INT64_MAX;

static nca__onnx_name unary(nca__onnx *graph, const char *type, const char *value)
{
    return nca__onnx_node(graph, type, NULL, (const char *[4]){value}, NULL);
}

static nca__onnx_name binary(nca__onnx *graph, const char *type, const char *a, const char *b)
{
    return nca__onnx_node(graph, type, NULL, (const char *[4]){a, b}, NULL);
}

/* value[begin:end] along an axis */
static nca__onnx_name slice(nca__onnx *graph, const char *value, int64_t axis, int64_t begin,
                            int64_t end)
{
    const nca__onnx_name from = nca__onnx_integers(graph, &begin, 1);
    const nca__onnx_name to = nca__onnx_integers(graph, &end, 1);
    const nca__onnx_name axes = nca__onnx_integers(graph, &axis, 1);
    return nca__onnx_node(graph, "Slice", NULL,
                          (const char *[4]){value, from.text, to.text, axes.text}, NULL);
}

static nca__onnx_name join(nca__onnx *graph, const char *output, const char *const parts[4],
                           int64_t axis)
{
    return nca__onnx_node(graph, "Concat", output, parts,
                          (nca__onnx_attribute[]){NCA__ONNX_INTEGER("axis", axis), {.name = NULL}});
}

/* The last row (column) in front of the first, and the first behind the last. */
static nca__onnx_name wrap(nca__onnx *graph, const char *value, int64_t axis)
{
    const nca__onnx_name last = slice(graph, value, axis, -1, the_end);
    const nca__onnx_name first = slice(graph, value, axis, 0, 1);
    return join(graph, NULL, (const char *[4]){last.text, value, first.text}, axis);
}

/* A grid with what stands outside: one more cell on each side. */
static nca__onnx_name with_outside(nca__onnx *graph, const char *value, nca_boundary boundary)
{
    static const char *const modes[] = {[NCA_BOUNDARY_ZERO] = "constant",
                                        [NCA_BOUNDARY_REFLECT] = "reflect",
                                        [NCA_BOUNDARY_REPLICATE] = "edge"};
    _Static_assert(NCA_BOUNDARY_COUNT == 4, "each boundary has a mode, or is wrapped");
    if (boundary == NCA_BOUNDARY_CIRCULAR) {
        const nca__onnx_name rows = wrap(graph, value, ROWS);
        return wrap(graph, rows.text, COLUMNS);
    }
    const int64_t sides[8] = {0, 0, 1, 1, 0, 0, 1, 1}; /* before each axis, then behind */
    const nca__onnx_name pads = nca__onnx_integers(graph, sides, 8);
    return nca__onnx_node(
        graph, "Pad", NULL, (const char *[4]){value, pads.text},
        (nca__onnx_attribute[]){{.name = "mode", .text = modes[boundary]}, {.name = NULL}});
}

/* A layer: a convolution with a kernel of side^2 in groups of channels. */
static nca__onnx_name layer(nca__onnx *graph, const char *value, const char *weight,
                            const char *bias, int64_t side, int64_t groups)
{
    return nca__onnx_node(
        graph, "Conv", NULL, (const char *[4]){value, weight, bias},
        (nca__onnx_attribute[]){
            {.name = "kernel_shape", .integers = {side, side}, .count = 2, .is_list = true},
            NCA__ONNX_INTEGER("group", groups),
            {.name = NULL}});
}

/* Whether any of the 3x3 neighbourhood exceeds the threshold; of a grid with its outside. */
static nca__onnx_name any_alive(nca__onnx *graph, const char *outside, const char *threshold)
{
    const nca__onnx_name most = nca__onnx_node(
        graph, "MaxPool", NULL, (const char *[4]){outside},
        (nca__onnx_attribute[]){
            {.name = "kernel_shape", .integers = {3, 3}, .count = 2, .is_list = true},
            {.name = NULL}});
    return binary(graph, "Greater", most.text, threshold);
}

/* ---- A step ----------------------------------------------------------------------------------*/

/* dx = W2 relu(W1 p + b1) + b2, times the step size */
static nca__onnx_name update(nca__onnx *graph, const nca_automaton *a, const char *outside)
{
    const nca__onnx_name p = layer(graph, outside, NCA__TORCH_KERNEL_WEIGHT, NULL, 3, a->channels);
    const nca__onnx_name z =
        layer(graph, p.text, NCA__TORCH_FIRST_WEIGHT, NCA__TORCH_FIRST_BIAS, 1, 1);
    const nca__onnx_name h = unary(graph, "Relu", z.text);
    const nca__onnx_name dx = layer(graph, h.text, NCA__TORCH_SECOND_WEIGHT,
                                    a->output_bias ? NCA__TORCH_SECOND_BIAS : NULL, 1, 1);
    if (a->step_size == 1.0f) {
        return dx;
    }
    const nca__onnx_name size = nca__onnx_number(graph, a->step_size);
    return binary(graph, "Mul", dx.text, size.text);
}

/* pre and post; `moved` are the channels from the first that is written. */
static nca__onnx_name alive(nca__onnx *graph, const nca_automaton *a, const char *outside,
                            const char *state, const char *moved)
{
    const int64_t channel = a->alive_channel, frozen = a->input_channels;
    const nca__onnx_name threshold = nca__onnx_number(graph, a->alive_threshold);
    const nca__onnx_name before = slice(graph, outside, CHANNELS, channel, channel + 1);
    const nca__onnx_name pre = any_alive(graph, before.text, threshold.text);
    const nca__onnx_name now =
        channel < frozen ? slice(graph, state, CHANNELS, channel, channel + 1)
                         : slice(graph, moved, CHANNELS, channel - frozen, channel - frozen + 1);
    const nca__onnx_name after = with_outside(graph, now.text, a->boundary);
    const nca__onnx_name post = any_alive(graph, after.text, threshold.text);
    return binary(graph, "And", pre.text, post.text);
}

void nca__onnx_step(nca__onnx *graph, const nca_model *model, const char *state, const char *fire,
                    const char *output)
{
    const nca_automaton *a = &model->automaton;
    const int64_t frozen = a->input_channels;
    const char *last = frozen == 0 ? output : NULL; /* without a Concat behind */
    const nca__onnx_name outside = with_outside(graph, state, a->boundary);
    const nca__onnx_name dx = update(graph, a, outside.text);
    nca__onnx_name own = {.text = ""};
    if (frozen > 0) {
        own = slice(graph, state, CHANNELS, frozen, the_end);
    }
    const char *before = frozen > 0 ? own.text : state;
    const nca__onnx_name sum = binary(graph, "Add", before, dx.text);
    nca__onnx_name y = nca__onnx_node(graph, "Where", a->alive_channel < 0 ? last : NULL,
                                      (const char *[4]){fire, sum.text, before}, NULL);
    if (a->alive_channel >= 0) {
        const nca__onnx_name living = alive(graph, a, outside.text, state, y.text);
        const nca__onnx_name zero = nca__onnx_number(graph, 0);
        y = nca__onnx_node(graph, "Where", last, (const char *[4]){living.text, y.text, zero.text},
                           NULL);
    }
    if (frozen > 0) {
        const nca__onnx_name inputs = slice(graph, state, CHANNELS, 0, frozen);
        join(graph, output, (const char *[4]){inputs.text, y.text}, CHANNELS);
    }
}

/* ---- A classifier ----------------------------------------------------------------------------*/

/* A constant (1,I,1,1) */
static void per_channel(nca__onnx *graph, const char *name, const float *values, size_t count)
{
    const size_t shape[4] = {1, count, 1, 1};
    nca__onnx_constant(graph, name, NCA__ONNX_FLOAT, shape, 4, values, count * sizeof *values);
}

nca__onnx_name nca__onnx_initial(nca__onnx *graph, const nca_model *model, const char *image)
{
    static const char scale[] = "image.scale", offset[] = "image.offset";
    const nca_automaton *a = &model->automaton;
    const nca_classifier *c = model->classifier;
    per_channel(graph, scale, c->scale, a->input_channels);
    per_channel(graph, offset, c->offset, a->input_channels);
    const nca__onnx_name scaled = binary(graph, "Mul", image, scale);
    const nca__onnx_name values = binary(graph, "Add", scaled.text, offset);
    const int64_t sides[8] = {0, 0, 0, 0, 0, (int64_t)a->channels - a->input_channels, 0, 0};
    const nca__onnx_name pads = nca__onnx_integers(graph, sides, 8);
    return binary(graph, "Pad", values.text, pads.text); /* zeros in the other channels */
}

/* The mean or largest value (B,R) of each read-out channel. */
static nca__onnx_name reduced(nca__onnx *graph, const nca_model *model, const char *state,
                              const char *output)
{
    _Static_assert(NCA_READOUT_COUNT == 3, "two of the three read-outs are means");
    const nca_classifier *c = model->classifier;
    const int64_t first = model->automaton.input_channels;
    const int64_t count =
        model->automaton.head_inputs > 0 ? model->automaton.head_inputs : c->classes;
    const nca__onnx_name channels = slice(graph, state, CHANNELS, first, first + count);
    return nca__onnx_node(
        graph, c->readout == NCA_READOUT_MAX ? "ReduceMax" : "ReduceMean", output,
        (const char *[4]){channels.text},
        (nca__onnx_attribute[]){
            {.name = "axes", .integers = {ROWS, COLUMNS}, .count = 2, .is_list = true},
            NCA__ONNX_INTEGER("keepdims", 0),
            {.name = NULL}});
}

void nca__onnx_readout(nca__onnx *graph, const nca_model *model, const char *state)
{
    const nca_classifier *c = model->classifier;
    const bool has_head = model->automaton.head_inputs > 0;
    nca__onnx_name scores = reduced(graph, model, state, has_head ? NULL : NCA__ONNX_SCORES);
    if (has_head) {
        scores = nca__onnx_node(
            graph, "Gemm", NCA__ONNX_SCORES,
            (const char *[4]){scores.text, NCA__TORCH_HEAD_WEIGHT, NCA__TORCH_HEAD_BIAS},
            (nca__onnx_attribute[]){NCA__ONNX_INTEGER("transB", 1), {.name = NULL}});
    }
    if (c->temperature != 1.0) {
        const nca__onnx_name temperature = nca__onnx_number(graph, (float)c->temperature);
        scores = binary(graph, "Div", scores.text, temperature.text);
    }
    const nca__onnx_attribute axis[] = {NCA__ONNX_INTEGER("axis", 1), {.name = NULL}};
    nca__onnx_node(graph, c->sigmoid ? "Sigmoid" : "Softmax", NCA__ONNX_PROBABILITIES,
                   (const char *[4]){scores.text}, c->sigmoid ? NULL : axis);
}
