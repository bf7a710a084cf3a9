"""Runs a classifier's ONNX graph on the CPU."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from candlecast.errors import ModelNotReadyError
from candlecast.sentiment.calibration import Floats
from candlecast.sentiment.tokens import Tokens

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_KNOWN_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


class OnnxModel:
    """A graph from tokens to logits; safe to share between threads.

    Parameters
    ----------
    path : Path
        The graph.

    Raises
    ------
    ModelNotReadyError
        When the graph cannot be loaded, or asks for inputs that a text classifier has not.
    """

    def __init__(self, path: Path) -> None:
        self._session = _open_session(path)
        inputs = {one.name: np.int32 if one.type == "tensor(int32)" else np.int64 for one in self._session.get_inputs()}
        if "input_ids" not in inputs or (unknown := inputs.keys() - _KNOWN_INPUTS):
            asked = ", ".join(sorted(unknown if "input_ids" in inputs else inputs))
            raise ModelNotReadyError(f"{path} asks for {asked}; a classifier of texts takes input_ids and a mask")
        self._inputs = inputs
        outputs = [one.name for one in self._session.get_outputs()]
        self._output = "logits" if "logits" in outputs else outputs[0]

    def logits(self, ids: Tokens, mask: Tokens) -> Floats:
        """Return the logits of shape (b, k) of tokens and their mask, both of shape (b, t)."""
        values = {"input_ids": ids, "attention_mask": mask}
        fed = {name: values.get(name, np.zeros_like(ids)).astype(kind) for name, kind in self._inputs.items()}
        [logits] = self._session.run([self._output], fed)
        return cast("Floats", np.asarray(logits, dtype=np.float64))


def _open_session(path: Path) -> "InferenceSession":
    from onnxruntime import InferenceSession, SessionOptions
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    options = SessionOptions()
    # one thread a pass: who has more of them runs batches side by side
    options.intra_op_num_threads, options.inter_op_num_threads = 1, 1
    # its warnings are about graphs of others, which nobody here can mend
    options.log_severity_level = 3
    try:
        return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (runtime.Fail, runtime.InvalidProtobuf, runtime.InvalidGraph, runtime.NotImplemented,
            runtime.RuntimeException, runtime.NoSuchFile, runtime.InvalidArgument) as error:  # fmt: skip
        reason = str(error).splitlines()[0][:200]
        raise ModelNotReadyError(f"{path} is no graph that onnxruntime can run ({reason}); restore it") from error
