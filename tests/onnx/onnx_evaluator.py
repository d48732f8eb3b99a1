"""A small evaluator of ONNX graphs in NumPy: the operators that `nca export` writes, by the definitions of
opset 13. Any other operator or attribute is an error."""
import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import numpy_helper


def attributes_of(node):
    return {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}


def pad(x, pads, mode=b"constant"):
    half = len(pads) // 2
    width = list(zip(pads[:half].tolist(), pads[half:].tolist()))
    return np.pad(x, width, mode=mode.decode())


def conv(x, weight, bias=None, kernel_shape=None, group=1):
    assert list(weight.shape[2:]) == list(kernel_shape)
    windows = sliding_window_view(x, tuple(kernel_shape), axis=(2, 3)) # (B,C,H,W,kh,kw)
    per_group, out_group = weight.shape[1], weight.shape[0] // group
    parts = [np.einsum("bchwij,ocij->bohw", windows[:, g * per_group:(g + 1) * per_group],
                       weight[g * out_group:(g + 1) * out_group]) for g in range(group)]
    out = np.concatenate(parts, 1).astype(np.float32)
    return out if bias is None else out + bias[None, :, None, None]


def max_pool(x, kernel_shape=None):
    return sliding_window_view(x, tuple(kernel_shape), axis=(2, 3)).max((4, 5))


def slice_of(x, starts, ends, axes):
    index = [slice(None)] * x.ndim
    for start, end, axis in zip(starts, ends, axes):
        index[axis] = slice(int(start), int(min(end, x.shape[axis])))
    return x[tuple(index)]


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def gemm(a, b, c, transB=0):
    return a @ (b.T if transB else b) + c


OPERATORS = {
    "Add": lambda a, b: a + b, "Mul": lambda a, b: a * b, "Div": lambda a, b: a / b,
    "And": np.logical_and, "Greater": np.greater, "Where": np.where,
    "Relu": lambda x: np.maximum(x, 0), "Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Softmax": softmax,
    "Concat": lambda *parts, axis: np.concatenate(parts, axis), "Slice": slice_of, "Pad": pad,
    "Conv": conv, "MaxPool": max_pool, "Gemm": gemm, "Identity": lambda x: x,
    "Gather": lambda x, index, axis=0: np.take(x, index, axis), "Shape": lambda x: np.array(x.shape, np.int64),
    "ReduceMean": lambda x, axes, keepdims: x.mean(tuple(axes), keepdims=bool(keepdims)),
    "ReduceMax": lambda x, axes, keepdims: x.max(tuple(axes), keepdims=bool(keepdims)),
}


def loop(values, node, body):
    """The form without values that are collected."""
    count, condition, state = (values.get(name) for name in node.input)
    assert condition is None and count.shape == () and len(node.output) == 1
    go_on = np.array(True)
    for step in range(int(count)):
        inside = dict(values)
        inside.update(zip([value.name for value in body.input], [np.int64(step), go_on, state]))
        go_on, state = run_nodes(body, inside)
    return state


def run_nodes(graph, values):
    for node in graph.node:
        given = attributes_of(node)
        if node.op_type == "Loop":
            values[node.output[0]] = loop(values, node, given["body"])
        else:
            inputs = [values[name] for name in node.input]
            values[node.output[0]] = OPERATORS[node.op_type](*inputs, **given)
    return [values[value.name] for value in graph.output]


def check_inputs(graph, inputs):
    """The type and the fixed sides of each input, and sides of one name against each other."""
    sides = {}
    assert {value.name for value in graph.input} == set(inputs)
    for value in graph.input:
        tensor = value.type.tensor_type
        given = inputs[value.name]
        assert onnx.mapping.TENSOR_TYPE_TO_NP_TYPE[tensor.elem_type] == given.dtype, value.name
        assert len(tensor.shape.dim) == given.ndim, value.name
        for side, found in zip(tensor.shape.dim, given.shape):
            assert found == (sides.setdefault(side.dim_param, found) if side.dim_param else side.dim_value)


def run(path, **inputs):
    """The outputs of a file by their names. The file must pass onnx's own checker."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    check_inputs(model.graph, inputs)
    values = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    values.update(inputs)
    return dict(zip([value.name for value in model.graph.output], run_nodes(model.graph, values)))
