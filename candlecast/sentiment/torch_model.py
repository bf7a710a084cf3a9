"""Runs a classifier that came without ONNX in torch, where that is installed."""

from pathlib import Path
from typing import cast

import numpy as np

from candlecast.errors import ModelNotReadyError, SourceNotConfiguredError
from candlecast.sentiment.calibration import Floats
from candlecast.sentiment.tokens import Tokens

INSTALL = "pip install 'candlecast[torch]'"


class TorchModel:
    """A classifier of transformers, from tokens to logits; safe to share between threads.

    Parameters
    ----------
    folder : Path
        With the weights.
    threads : int
        Threads of torch in this process, of all its models.

    Raises
    ------
    SourceNotConfiguredError
        When torch is not installed.
    ModelNotReadyError
        When the folder holds no classifier that transformers can load.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        try:
            import torch
        except ImportError as error:
            raise SourceNotConfiguredError(f"{folder} has no ONNX graph, and torch is missing: {INSTALL}") from error
        from transformers import AutoModelForSequenceClassification

        try:
            # weights in pickles are read as data only, code of a repository is never run
            self._model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0][:200]
            raise ModelNotReadyError(f"{folder} holds no classifier that can be loaded ({reason})") from error
        torch.set_num_threads(threads)
        self._torch = torch

    def logits(self, ids: Tokens, mask: Tokens) -> Floats:
        """Return the logits of shape (b, k) of tokens and their mask, both of shape (b, t)."""
        with self._torch.inference_mode():
            answer = self._model(input_ids=self._torch.from_numpy(ids), attention_mask=self._torch.from_numpy(mask))
        return cast("Floats", answer.logits.double().numpy().astype(np.float64))
