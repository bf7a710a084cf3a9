"""Does the benchmark's peer have the weights of the graph? A model is exported, quantised and made again."""

import sys
from pathlib import Path

import numpy as np
import pytest

from candlecast.sentiment.engine import LABELS

torch = pytest.importorskip("torch", reason="needs pip install 'candlecast[torch]'")
pytest.importorskip("onnx", reason="needs pip install 'candlecast[torch]'")

INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@pytest.fixture
def make_twin(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[2] / "benchmarks"), *sys.path])
    from torch_twin import make_twin

    return make_twin


def export(folder, *, quantised):
    """Write the graph of the model in `folder` and return the model."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS}
    plain = folder / ("plain.onnx" if quantised else "model.onnx")
    example = torch.ones((2, 5), dtype=torch.long)
    torch.onnx.export(
        model, (example, example, 0 * example), str(plain), input_names=list(INPUTS), output_names=["logits"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    if quantised:
        quantize_dynamic(str(plain), str(folder / "model.onnx"), weight_type=QuantType.QInt8)
    return model


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("quantised", "tolerance"), [(False, 1e-5), (True, 0.5)])
def test_twin_of_an_exported_model_has_its_logits(make_model, make_twin, quantised, tolerance):
    model = export(folder := make_model(LABELS), quantised=quantised)
    ids = torch.tensor([[2, 4, 5, 3], [2, 7, 8, 3]])

    with torch.inference_mode():
        own, twin = model(input_ids=ids).logits, make_twin(folder)(input_ids=ids).logits

    np.testing.assert_allclose(twin.numpy(), own.numpy(), atol=tolerance)
    assert abs(own).max() > 2 * tolerance
