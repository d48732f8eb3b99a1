/* See onnx_graph.h. The numbers of the fields are those of onnx/onnx.proto. */
#include "onnx/onnx_graph.h"

#include <stdio.h>

#include "base/protobuf.h"

enum {
    GRAPH_NODE = 1,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_TYPE = 4,
    NODE_ATTRIBUTE = 5,
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_INTEGER = 3,
    ATTRIBUTE_TEXT = 4,
    ATTRIBUTE_GRAPH = 6,
    ATTRIBUTE_INTEGERS = 8,
    ATTRIBUTE_TYPE = 20,
    TENSOR_SIDE = 1,
    TENSOR_TYPE = 2,
    TENSOR_NAME = 8,
    TENSOR_BYTES = 9,
    ROOM = 256 /* bytes of a message at first */
};

/* AttributeProto.AttributeType */
enum {
    IS_INTEGER = 2,
    IS_TEXT = 3,
    IS_GRAPH = 5,
    IS_INTEGERS = 7
};

static nca__onnx_name new_name(nca__onnx *graph, const char *kind)
{
    nca__onnx_name made;
    snprintf(made.text, sizeof made.text, "%s_%zu", kind, graph->count++);
    return made;
}

static void put_attribute(nca__growing_text *node, const nca__onnx_attribute *attribute)
{
    nca__growing_text out = nca__growing_text_make(ROOM);
    nca__protobuf_text(&out, ATTRIBUTE_NAME, attribute->name);
    if (attribute->text != NULL) {
        nca__protobuf_text(&out, ATTRIBUTE_TEXT, attribute->text);
        nca__protobuf_integer(&out, ATTRIBUTE_TYPE, IS_TEXT);
    } else if (attribute->graph != NULL) {
        nca__protobuf_message(&out, ATTRIBUTE_GRAPH, attribute->graph);
        nca__protobuf_integer(&out, ATTRIBUTE_TYPE, IS_GRAPH);
    } else {
        const unsigned field = attribute->is_list ? ATTRIBUTE_INTEGERS : ATTRIBUTE_INTEGER;
        for (size_t i = 0; i < attribute->count; i++) {
            nca__protobuf_integer(&out, field, (uint64_t)attribute->integers[i]);
        }
        nca__protobuf_integer(&out, ATTRIBUTE_TYPE, attribute->is_list ? IS_INTEGERS : IS_INTEGER);
    }
    nca__protobuf_message(node, NODE_ATTRIBUTE, &out);
}

nca__onnx_name nca__onnx_node(nca__onnx *graph, const char *type, const char *output,
                              const char *const inputs[NCA__ONNX_INPUTS],
                              const nca__onnx_attribute *attributes)
{
    nca__onnx_name name = new_name(graph, type);
    nca__growing_text node = nca__growing_text_make(ROOM);
    for (size_t i = 0; i < NCA__ONNX_INPUTS && inputs[i] != NULL; i++) {
        nca__protobuf_text(&node, NODE_INPUT, inputs[i]);
    }
    nca__protobuf_text(&node, NODE_OUTPUT, output != NULL ? output : name.text);
    nca__protobuf_text(&node, NODE_NAME, name.text);
    nca__protobuf_text(&node, NODE_TYPE, type);
    for (; attributes != NULL && attributes->name != NULL; attributes++) {
        put_attribute(&node, attributes);
    }
    nca__protobuf_message(&graph->nodes, GRAPH_NODE, &node);
    if (output != NULL) {
        snprintf(name.text, sizeof name.text, "%s", output);
    }
    return name;
}

void nca__onnx_constant(nca__onnx *graph, const char *name, nca__onnx_type type,
                        const size_t *shape, size_t rank, const void *values, size_t bytes)
{
    nca__growing_text tensor = nca__growing_text_make(bytes + ROOM);
    for (size_t i = 0; i < rank; i++) {
        nca__protobuf_integer(&tensor, TENSOR_SIDE, shape[i]);
    }
    nca__protobuf_integer(&tensor, TENSOR_TYPE, type);
    nca__protobuf_text(&tensor, TENSOR_NAME, name);
    nca__protobuf_bytes(&tensor, TENSOR_BYTES, values, bytes);
    nca__protobuf_message(&graph->constants, GRAPH_INITIALIZER, &tensor);
}

nca__onnx_name nca__onnx_integers(nca__onnx *graph, const int64_t *values, size_t count)
{
    const nca__onnx_name name = new_name(graph, "integers");
    nca__onnx_constant(graph, name.text, NCA__ONNX_INT64, &count, 1, values,
                       count * sizeof *values);
    return name;
}

nca__onnx_name nca__onnx_number(nca__onnx *graph, float value)
{
    const nca__onnx_name name = new_name(graph, "number");
    nca__onnx_constant(graph, name.text, NCA__ONNX_FLOAT, NULL, 0, &value, sizeof value);
    return name;
}

/* ValueInfoProto{name = 1, type = 2: TypeProto{tensor_type = 1: {elem_type = 1, shape = 2:
 * {dim = 1: {dim_value = 1 or dim_param = 2}}}}} */
void nca__onnx_put_value(nca__growing_text *graph, const nca__onnx_value *value)
{
    nca__growing_text shape = nca__growing_text_make(ROOM), tensor = nca__growing_text_make(ROOM),
                      type = nca__growing_text_make(ROOM), info = nca__growing_text_make(ROOM);
    for (size_t i = 0; i < value->rank; i++) {
        nca__growing_text side = nca__growing_text_make(ROOM);
        if (value->side[i].name != NULL) {
            nca__protobuf_text(&side, 2, value->side[i].name);
        } else {
            nca__protobuf_integer(&side, 1, value->side[i].size);
        }
        nca__protobuf_message(&shape, 1, &side);
    }
    nca__protobuf_integer(&tensor, 1, value->type);
    nca__protobuf_message(&tensor, 2, &shape);
    nca__protobuf_message(&type, 1, &tensor);
    nca__protobuf_text(&info, 1, value->name);
    nca__protobuf_message(&info, 2, &type);
    nca__protobuf_message(graph, value->is_output ? GRAPH_OUTPUT : GRAPH_INPUT, &info);
}
