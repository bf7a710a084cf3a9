"""Weights and activations as int8, with scales fixed beforehand: a text's score is the same in whatever company.

Dynamic quantisation takes its scales from the batch, so that a text would be judged otherwise beside
others. Here each matrix product has one activation scale, from the range that real texts give it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from candlecast.sentiment.tokens import Tokens

# 7 bits: processors without VNNI add two products in 16 bits, which 8 bits would overflow
WEIGHT_LEVELS = 63
ACTIVATION_LEVELS = 255

Ranges = Mapping[str, tuple[float, float]]


def quantise(graph: Path, target: Path, *, texts: Sequence[Tokens]) -> None:
    """Write the graph of a classifier with int8 embeddings and matrix products.

    Parameters
    ----------
    graph : Path
        In float32, with inputs ``input_ids`` and ``attention_mask``.
    target : Path
        Where the new one goes.
    texts : sequence of ndarray of shape (t,)
        Tokens of texts whose activations give the scales; some hundreds are enough.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # a look-up table has no activations, so that nothing in it depends on the batch
    quantize_dynamic(graph, target, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather"])
    model = onnx.load(str(target))
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    products = [
        node
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] in held and held[node.input[1]].ndim == 2
    ]
    ranges = _ranges(model, sorted({node.input[0] for node in products}), texts)
    _replace(model, products, held, ranges)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def activation_scale(low: float, high: float) -> tuple[np.float32, np.uint8]:
    """Return scale and zero point of unsigned 8-bit figures that cover 0 and ``[low, high]``."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32(max(high - low, 1e-8) / ACTIVATION_LEVELS)
    return scale, np.uint8(np.clip(round(-low / float(scale)), 0, ACTIVATION_LEVELS))


def weight_scales(weights: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return weights of shape (k, m) as signed figures, and the scale of each of the m columns."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-8) / WEIGHT_LEVELS
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


def _ranges(model: Any, names: Sequence[str], texts: Sequence[Tokens]) -> Ranges:
    import onnx
    from onnxruntime import InferenceSession

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
    )
    session = InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    seen: dict[str, tuple[float, float]] = dict.fromkeys(names, (0.0, 0.0))
    for text in texts:
        ids = text[np.newaxis]
        for name, values in zip(
            names, session.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)}), strict=True
        ):
            seen[name] = min(seen[name][0], float(values.min())), max(seen[name][1], float(values.max()))
    return seen


def _replace(model: Any, products: Sequence[Any], held: Mapping[str, Any], ranges: Ranges) -> None:
    # each product reads its input and its weights through a pair of quantise and dequantise: the
    # runtime then multiplies in integers
    from onnx import helper, numpy_helper

    nodes: list[Any] = []
    constants: dict[str, Any] = {}
    taken = {node.name for node in products}
    for node in model.graph.node:
        if node.name not in taken:
            nodes.append(node)
            continue
        source, weights = node.input
        name, table = f"{source}_int8", f"{weights}_int8"
        if name not in constants:
            scale, zero = activation_scale(*ranges[source])
            constants |= {name: None, f"{name}_scale": scale, f"{name}_zero": zero}
            scales = [f"{name}_scale", f"{name}_zero"]
            nodes.append(helper.make_node("QuantizeLinear", [source, *scales], [f"{name}_levels"]))
            nodes.append(helper.make_node("DequantizeLinear", [f"{name}_levels", *scales], [name]))
        levels, column_scales = weight_scales(held[weights])
        zeros = np.zeros(levels.shape[1], np.int8)
        constants |= {f"{table}_levels": levels, f"{table}_scale": column_scales, f"{table}_zero": zeros}
        parts = [f"{table}_levels", f"{table}_scale", f"{table}_zero"]
        nodes.append(helper.make_node("DequantizeLinear", parts, [table], axis=1))
        nodes.append(helper.make_node("MatMul", [name, table], node.output, name=node.name))
    gone = {node.input[1] for node in products}
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in gone]
    kept += [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items() if value is not None]
    for field, values in ((model.graph.node, nodes), (model.graph.initializer, kept)):
        del field[:]
        field.extend(values)
