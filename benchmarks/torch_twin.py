"""A folder's model as transformers would run it: in torch and fp32, its weights made from those of the ONNX graph.

Quantised weights are multiplied out, so that both sides have the same figures. A matrix has no name
of its own in the graph; it is known by the bias that is added to its product.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

_PRODUCTS = {"MatMul", "MatMulInteger", "Gemm"}
_ON_THE_WAY = {"Cast", "DequantizeLinear", "Mul", "Reshape"}


def make_twin(folder: Path) -> Any:
    """Return a `BertForSequenceClassification` in evaluation mode with the weights of ``model.onnx``.

    Raises
    ------
    SystemExit
        When the graph holds other weights than the model of its configuration has.
    """
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(folder))
    weights = read_weights(onnx.load(str(folder / "model.onnx")).graph)
    own = model.state_dict()
    state = {name: torch.tensor(weights[name]) for name in own if name in weights}
    unlike = [name for name in own if name not in state or state[name].shape != own[name].shape]
    if unlike:
        raise SystemExit(f"{folder}/model.onnx has no weights like {', '.join(unlike[:3])}; is it a plain export?")
    model.load_state_dict(state)
    return model.eval()


def read_weights(graph: Any) -> dict[str, np.ndarray]:
    """Return the weights of a graph in fp32, by the names that torch has for them."""
    held = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights = {name: _multiplied_out(name, held) for name in held}
    found = {name: values for name, values in weights.items() if name.endswith((".weight", ".bias"))}
    found |= {
        name.removesuffix("_quantized"): values
        for name, values in weights.items()
        if name.endswith(".weight_quantized")
    }
    users = {name: [node for node in graph.node if name in node.input] for node in graph.node for name in node.output}
    for node in graph.node:
        if node.op_type in _PRODUCTS and (matrix := next((name for name in node.input if name in weights), None)):
            bias = _bias_after(node, users, held)
            if bias is not None:
                turned = any(one.name == "transB" and one.i for one in node.attribute)
                found[bias.removesuffix(".bias") + ".weight"] = weights[matrix] if turned else weights[matrix].T.copy()
    return found


def _multiplied_out(name: str, held: dict[str, np.ndarray]) -> np.ndarray:
    values = held[name]
    stem = name.removesuffix("_quantized")
    if stem == name or f"{stem}_scale" not in held:
        return values
    zero = held.get(f"{stem}_zero_point", np.zeros((), np.int8)).astype(np.float32)
    # one scale for all, or one a column
    return (values.astype(np.float32) - zero) * held[f"{stem}_scale"]


def _bias_after(node: Any, users: dict[str, list[Any]], held: dict[str, np.ndarray]) -> str | None:
    if node.op_type == "Gemm":
        return str(node.input[2])
    for user in users.get(node.output[0], ()):
        if user.op_type == "Add":
            return next((name for name in user.input if name in held and name.endswith(".bias")), None)
        if user.op_type in _ON_THE_WAY:
            return _bias_after(user, users, held)
    return None
