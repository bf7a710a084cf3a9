"""Matrix products in int8, each token with a scale of its own: a text's score is the same in whatever company.

Dynamic quantisation as the runtime brings it takes one scale from all tokens of a batch, so that a
text would be judged otherwise beside others, by up to a quarter of a probability.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# 7 bits: processors without VNNI add two products in 16 bits, which 8 bits would overflow
WEIGHT_LEVELS = 63
ACTIVATION_LEVELS = 127

Floats = npt.NDArray[np.float32]
_ZERO, _SHAPE = "int8_zero", "int8_batch_and_tokens"


def quantise(graph: Path, target: Path) -> None:
    """Write the graph of a classifier with int8 embeddings and matrix products.

    Parameters
    ----------
    graph : Path
        In float32, with an input ``input_ids`` of shape (b, t).
    target : Path
        Where the new one goes.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # a look-up table has no activations, so that nothing in it depends on the batch
    quantize_dynamic(graph, target, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather"])
    model = onnx.load(str(target))
    _Rewriting(model).run()
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def weight_scales(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return weights of shape (k, m) as signed figures, and the scale of each of the m columns."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-8) / WEIGHT_LEVELS
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


class _Rewriting:
    """Replaces each product of activations and a held matrix by one of integers."""

    def __init__(self, model: Any) -> None:
        from onnx import helper, numpy_helper

        self._graph, self._node, self._to_tensor = model.graph, helper.make_node, numpy_helper.from_array
        self._held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self._constants: dict[str, Any] = {
            _ZERO: np.uint8(128),
            "int8_one_level": np.float32(1 / ACTIVATION_LEVELS),
            "int8_least": np.float32(1e-9),
        }
        self._levels: dict[str, str] = {}
        self._shapes: set[int] = set()

    def run(self) -> None:
        nodes = [self._node("Shape", ["input_ids"], [_SHAPE])]
        gone = set()
        for node in self._graph.node:
            # what comes after the layers sees one row a text, and costs nothing
            inside = node.op_type == "MatMul" and "layer." in node.name
            matrix = self._held.get(node.input[1]) if inside else None
            if matrix is None or matrix.ndim != 2:
                nodes.append(node)
                continue
            gone.add(node.input[1])
            nodes += [*self._rows(node.input[0], matrix.shape[0]), *self._product(node, matrix)]
        kept = [tensor for tensor in self._graph.initializer if tensor.name not in gone]
        kept += [self._to_tensor(np.asarray(value), name) for name, value in self._constants.items()]
        for field, values in ((self._graph.node, nodes), (self._graph.initializer, kept)):
            del field[:]
            field.extend(values)

    def _rows(self, source: str, width: int) -> list[Any]:
        # activations of shape (b, t, k) as levels of shape (b t, k), and the scale of each row
        if source in self._levels:
            return []
        self._levels[source] = name = f"{source}_int8"
        self._constants[f"int8_flat_{width}"] = np.array([-1, width], np.int64)
        return [
            self._node("Reshape", [source, f"int8_flat_{width}"], [f"{name}_rows"]),
            self._node("Abs", [f"{name}_rows"], [f"{name}_sizes"]),
            self._node("ReduceMax", [f"{name}_sizes"], [f"{name}_largest"], axes=[-1], keepdims=0),
            self._node("Mul", [f"{name}_largest", "int8_one_level"], [f"{name}_raw_scale"]),
            self._node("Max", [f"{name}_raw_scale", "int8_least"], [f"{name}_scale"]),
            self._node("Shape", [f"{name}_scale"], [f"{name}_n_rows"]),
            self._node("Expand", [_ZERO, f"{name}_n_rows"], [f"{name}_zeros"]),
            self._node("QuantizeLinear", [f"{name}_rows", f"{name}_scale", f"{name}_zeros"], [name], axis=0),
        ]

    def _product(self, node: Any, matrix: Floats) -> list[Any]:
        width, name, out = matrix.shape[1], self._levels[node.input[0]], node.output[0]
        stem = node.input[1].replace("::", "_")
        self._constants[f"{stem}_quantized"], self._constants[f"{stem}_scale"] = weight_scales(matrix)
        return [
            *self._shape(width),
            self._node("MatMulInteger", [name, f"{stem}_quantized", _ZERO], [f"{out}_sums"]),
            self._node("DequantizeLinear", [f"{out}_sums", f"{name}_scale"], [f"{out}_rows"], axis=0),
            self._node("Mul", [f"{out}_rows", f"{stem}_scale"], [f"{out}_scaled"]),
            self._node("Reshape", [f"{out}_scaled", f"int8_shape_{width}"], [out]),
        ]

    def _shape(self, width: int) -> list[Any]:
        if width in self._shapes:
            return []
        self._shapes.add(width)
        self._constants[f"int8_width_{width}"] = np.array([width], np.int64)
        return [self._node("Concat", [_SHAPE, f"int8_width_{width}"], [f"int8_shape_{width}"], axis=0)]
