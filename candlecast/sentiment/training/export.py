"""Learned weights -> a folder that the transformer engine loads: ONNX in int8, tokeniser, configuration."""

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from candlecast.sentiment.training.fine_tune import (
    Weights,
    load_weights,
    open_classifier,
    open_tokeniser,
    require_torch,
)
from candlecast.sentiment.training.quantise import quantise

GRAPH = "model.onnx"
_OPSET = 17


def average(members: Sequence[Weights]) -> dict[str, npt.NDArray[np.float32]]:
    """Return the mean of the members' weights, name by name (model soup: Wortsman et al., ICML 2022).

    All must have begun from the same encoder: only then do they lie in one valley of the loss.
    """
    return {
        name: np.mean([member[name] for member in members], axis=0).astype(value.dtype)
        for name, value in members[0].items()
    }


def export_model(weights: Weights, *, base: Path, folder: Path, max_tokens: int) -> None:
    """Write the classifier of `weights` into `folder`, in int8.

    Parameters
    ----------
    weights : mapping
        As `fine_tune` returns them, or their average.
    base : Path
        The encoder that they began from.
    folder : Path
        Exists; files of the same names are replaced.
    max_tokens : int
        Tokens of a text that the model has learned to see.

    Raises
    ------
    SourceNotConfiguredError
        When torch is not installed.
    """
    model, tokeniser = open_classifier(base), open_tokeniser(base)
    load_weights(model, weights)
    with tempfile.TemporaryDirectory() as scratch:
        graph = Path(scratch) / GRAPH
        _trace(model.eval(), graph)
        quantise(graph, folder / GRAPH)
    model.config.save_pretrained(folder)
    tokeniser.model_max_length = max_tokens
    tokeniser.save_pretrained(folder)


def _trace(model: Any, graph: Path) -> None:
    torch = require_torch()
    axes = {0: "batch", 1: "tokens"}
    example = torch.ones(2, 8, dtype=torch.long)
    with warnings.catch_warnings():
        # the tracing exporter needs nothing but onnx; it is old, and says so
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example, torch.ones_like(example)),
            graph,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
            opset_version=_OPSET,
            dynamo=False,
        )
