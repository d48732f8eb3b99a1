/* Writing a model as an ONNX file: the graph of one step, or of a loop of steps. */
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/protobuf.h"
#include "model/model_metadata.h"
#include "nca/onnx.h"
#include "nca/version.h"
#include "onnx/onnx_step.h"

enum {
    IR_VERSION = 7,
    OPSET = 13,
    MODEL_IR_VERSION = 1, /* the numbers of the fields of a ModelProto */
    MODEL_PRODUCER = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_GRAPH = 7,
    MODEL_OPSET = 8,
    MODEL_METADATA = 14,
    GRAPH_NAME = 2,
    ROOM = 4096 /* bytes at first */
};

static const char state_name[] = "state", image_name[] = "image", fire_name[] = "fire",
                  next_name[] = "next_state", final_name[] = "final_state";

/* ---- The nodes -------------------------------------------------------------------------------*/

static void put_value(nca__growing_text *graph, bool is_output, const char *name,
                      nca__onnx_type type, size_t channels)
{
    nca__onnx_put_value(
        graph, &(nca__onnx_value){is_output,
                                  name,
                                  type,
                                  4,
                                  {{"batch", 0}, {NULL, channels}, {"height", 0}, {"width", 0}}});
}

/* The inputs and the output of the body of a loop: iteration and condition; the condition is passed
 * through. */
static void put_scalar(nca__growing_text *graph, bool is_output, const char *name,
                       nca__onnx_type type)
{
    nca__onnx_put_value(graph, &(nca__onnx_value){is_output, name, type, 0, {{NULL, 0}}});
}

/* The graph of one pass of the loop, which takes the mask of its step from all masks. */
static nca__growing_text loop_body(nca__onnx *graph, const nca_model *model)
{
    static const char iteration[] = "step", go_on[] = "go_on", went_on[] = "went_on",
                      before[] = "state_before", after[] = "state_after";
    const nca__growing_text outer = graph->nodes;
    graph->nodes = nca__growing_text_make(ROOM);
    const nca__onnx_name mask =
        nca__onnx_node(graph, "Gather", NULL, (const char *[4]){fire_name, iteration},
                       (nca__onnx_attribute[]){NCA__ONNX_INTEGER("axis", 0), {.name = NULL}});
    nca__onnx_step(graph, model, before, mask.text, after);
    nca__onnx_node(graph, "Identity", went_on, (const char *[4]){go_on}, NULL);
    nca__growing_text body = graph->nodes;
    graph->nodes = outer;
    nca__protobuf_text(&body, GRAPH_NAME, iteration);
    put_scalar(&body, false, iteration, NCA__ONNX_INT64);
    put_scalar(&body, false, go_on, NCA__ONNX_BOOL);
    put_value(&body, false, before, NCA__ONNX_FLOAT, model->automaton.channels);
    put_scalar(&body, true, went_on, NCA__ONNX_BOOL);
    put_value(&body, true, after, NCA__ONNX_FLOAT, model->automaton.channels);
    return body;
}

/* As many steps as there are masks. */
static void put_loop(nca__onnx *graph, const nca_model *model, const char *initial)
{
    const nca__onnx_name shape =
        nca__onnx_node(graph, "Shape", NULL, (const char *[4]){fire_name}, NULL);
    static const char first[] = "first_side";
    nca__onnx_constant(graph, first, NCA__ONNX_INT64, NULL, 0, &(int64_t){0}, sizeof(int64_t));
    const nca__onnx_name steps =
        nca__onnx_node(graph, "Gather", NULL, (const char *[4]){shape.text, first}, NULL);
    nca__growing_text body = loop_body(graph, model);
    nca__onnx_node(graph, "Loop", final_name, (const char *[4]){steps.text, "", initial},
                   (nca__onnx_attribute[]){{.name = "body", .graph = &body}, {.name = NULL}});
}

/* The nodes of the form, and its inputs and outputs in `ends`. */
static void put_form(nca__onnx *graph, nca__growing_text *ends, const nca_model *model,
                     nca_onnx_form form)
{
    const size_t channels = model->automaton.channels;
    const bool is_step = form == NCA_ONNX_STEP;
    const char *result = is_step ? next_name : final_name;
    if (model->classifier != NULL && !is_step) {
        put_value(ends, false, image_name, NCA__ONNX_FLOAT, model->automaton.input_channels);
        const nca__onnx_name initial = nca__onnx_initial(graph, model, image_name);
        put_loop(graph, model, initial.text);
    } else {
        put_value(ends, false, state_name, NCA__ONNX_FLOAT, channels);
        if (is_step) {
            nca__onnx_step(graph, model, state_name, fire_name, next_name);
        } else {
            put_loop(graph, model, state_name);
        }
    }
    if (is_step) {
        put_value(ends, false, fire_name, NCA__ONNX_BOOL, 1);
    } else {
        nca__onnx_put_value(
            ends, &(nca__onnx_value){
                      false,
                      fire_name,
                      NCA__ONNX_BOOL,
                      5,
                      {{"steps", 0}, {"batch", 0}, {NULL, 1}, {"height", 0}, {"width", 0}}});
    }
    put_value(ends, true, result, NCA__ONNX_FLOAT, channels);
    if (model->classifier != NULL) {
        nca__onnx_readout(graph, model, result);
        for (int i = 0; i < 2; i++) {
            nca__onnx_put_value(
                ends, &(nca__onnx_value){true,
                                         i == 0 ? NCA__ONNX_SCORES : NCA__ONNX_PROBABILITIES,
                                         NCA__ONNX_FLOAT,
                                         2,
                                         {{"batch", 0}, {NULL, model->classifier->classes}}});
        }
    }
}

/* ---- The file --------------------------------------------------------------------------------*/

static nca_status put_text(void *file, const char *key, const char *value, nca_error *error)
{
    (void)error;
    nca__growing_text pair = nca__growing_text_make(ROOM);
    nca__protobuf_text(&pair, 1, key);
    nca__protobuf_text(&pair, 2, value);
    nca__protobuf_message(file, MODEL_METADATA, &pair);
    return NCA_OK;
}

static void put_graph(nca__growing_text *file, nca__onnx *graph, nca__growing_text *ends,
                      const char *name)
{
    nca__protobuf_text(&graph->nodes, GRAPH_NAME, name);
    if (graph->nodes.text != NULL && graph->constants.text != NULL && ends->text != NULL) {
        nca__grow(&graph->nodes, graph->constants.text, graph->constants.length);
        nca__grow(&graph->nodes, ends->text, ends->length);
    } else {
        free(graph->nodes.text);
        graph->nodes.text = NULL;
    }
    nca__protobuf_message(file, MODEL_GRAPH, &graph->nodes);
}

/* The whole file. */
static nca_status encode(nca__growing_text *out, const nca_model *model, nca_onnx_form form,
                         const char *path, nca_error *error)
{
    nca__growing_text ends = nca__growing_text_make(ROOM), opset = nca__growing_text_make(ROOM);
    nca__onnx graph = {.nodes = nca__growing_text_make(ROOM),
                       .constants = nca__growing_text_make(ROOM)};
    nca_status status = nca__onnx_weights(&graph, model, error);
    put_form(&graph, &ends, model, form);
    nca__protobuf_integer(out, MODEL_IR_VERSION, IR_VERSION);
    nca__protobuf_text(out, MODEL_PRODUCER, "nca");
    nca__protobuf_text(out, MODEL_PRODUCER_VERSION, nca_version());
    nca__protobuf_integer(&opset, 2, OPSET);
    nca__protobuf_message(out, MODEL_OPSET, &opset);
    put_graph(out, &graph, &ends, form == NCA_ONNX_STEP ? "step" : "rollout");
    free(ends.text);
    free(graph.constants.text);
    if (status == NCA_OK) {
        status = nca__model_metadata_write(&(nca__texts_out){put_text, out}, model, error);
    }
    if (status == NCA_OK && out->text == NULL) {
        status =
            nca__fail_memory(error, path, nca_parameter_count(&model->automaton) * sizeof(float));
    }
    return status;
}

nca_status nca_onnx_save(const nca_model *model, const char *path, nca_onnx_form form,
                         nca_error *error)
{
    if ((unsigned)form >= NCA_ONNX_FORM_COUNT) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: unknown form %d of an ONNX graph", path,
                         (int)form);
    }
    nca_status status = nca__model_check(model, path, error);
    nca__growing_text file = nca__growing_text_make(ROOM);
    if (status == NCA_OK) {
        status = encode(&file, model, form, path, error);
    }
    if (status == NCA_OK) {
        status = nca__file_write(path, file.text, file.length, error);
    }
    free(file.text);
    return status;
}

bool nca_onnx_has_ending(const char *path)
{
    return nca__path_ends_with(path, ".onnx");
}
