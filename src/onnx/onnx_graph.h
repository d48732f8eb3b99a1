/* Internal: a graph of ONNX (onnx/onnx.proto): nodes, constants, inputs and outputs. Values have
 * names. */
#ifndef NCA_ONNX_ONNX_GRAPH_H
#define NCA_ONNX_ONNX_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/growing_text.h"

enum {
    NCA__ONNX_RANK = 5,  /* of a value, at most */
    NCA__ONNX_INPUTS = 4 /* of a node, at most */
};

typedef enum nca__onnx_type {
    NCA__ONNX_FLOAT = 1,
    NCA__ONNX_INT64 = 7,
    NCA__ONNX_BOOL = 9
} nca__onnx_type; /* TensorProto.DataType */

typedef struct nca__onnx_name {
    char text[48];
} nca__onnx_name;

/* A graph that is written: its parts as encoded fields. */
typedef struct nca__onnx {
    nca__growing_text nodes;
    nca__growing_text constants; /* of the outermost graph; those inside a loop see them */
    size_t count;                /* of names that were made */
} nca__onnx;

/* An attribute of a node: integers, a text, or a graph. A list of them ends without a name. */
typedef struct nca__onnx_attribute {
    const char *name;
    const char *text;
    nca__growing_text *graph;
    int64_t integers[8];
    size_t count; /* of the integers */
    bool is_list; /* several integers, or else the first */
} nca__onnx_attribute;

#define NCA__ONNX_INTEGER(key, value)                  \
    {                                                  \
        .name = (key), .integers = {value}, .count = 1 \
    }

/* Adds a node of one output, and returns the output's name: `output`, or a new one if it is NULL.
 * The inputs are NCA__ONNX_INPUTS names, of which the last ones may be missing (NULL). `attributes`
 * may be NULL. */
nca__onnx_name nca__onnx_node(nca__onnx *graph, const char *type, const char *output,
                              const char *const inputs[NCA__ONNX_INPUTS],
                              const nca__onnx_attribute *attributes);

/* Adds a constant of a name. */
void nca__onnx_constant(nca__onnx *graph, const char *name, nca__onnx_type type,
                        const size_t *shape, size_t rank, const void *values, size_t bytes);
/* A new constant: integers (count), or one number (a scalar). */
nca__onnx_name nca__onnx_integers(nca__onnx *graph, const int64_t *values, size_t count);
nca__onnx_name nca__onnx_number(nca__onnx *graph, float value);

/* Appends an input or output of a graph to the encoded graph. A side is a number (32) or the name
 * of one that is chosen when the graph is run (batch); there are `rank` of them. */
typedef struct nca__onnx_value {
    bool is_output;
    const char *name;
    nca__onnx_type type;
    size_t rank;
    struct {
        const char *name; /* NULL: the number */
        size_t size;
    } side[NCA__ONNX_RANK];
} nca__onnx_value;
void nca__onnx_put_value(nca__growing_text *graph, const nca__onnx_value *value);

#endif
