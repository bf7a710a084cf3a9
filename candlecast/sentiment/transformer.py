"""What does a fine-tuned transformer make of a text? The same engine for the shipped model and any other."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np

from candlecast.errors import ModelNotReadyError
from candlecast.schemas import Engine
from candlecast.sentiment.calibration import Floats, softmax
from candlecast.sentiment.engine import LABELS, Verdicts
from candlecast.sentiment.model_folder import Judgement, ModelFolder, open_model_folder
from candlecast.sentiment.onnx_model import OnnxModel
from candlecast.sentiment.tokens import Batch, Tokenised, Tokeniser, Tokens, batches
from candlecast.sentiment.torch_model import TorchModel

_MOST_UNKNOWN = 0.5


class LogitsModel(Protocol):
    """From tokens to logits."""

    def logits(self, ids: Tokens, mask: Tokens) -> Floats:
        """Return the logits of shape (b, k) of tokens and their mask, both of shape (b, t)."""
        ...


class TransformerEngine:
    """A sequence classifier of three classes, or of two of them; safe to share between threads.

    A graph with dynamic int8 activations scales them over all texts of a batch: the same text then scores
    a little differently in other company. A graph in floats, or with a scale a row, gives it one score.

    Parameters
    ----------
    folder : Path
        Of the model.
    threads : int
        CPU threads of one forward pass.

    Raises
    ------
    ModelIntegrityError
        When a file of the folder is not the recorded one.
    ModelNotReadyError
        When the folder is no model of the three classes.
    SourceNotConfiguredError
        When it needs torch, which is not installed.
    """

    name: Engine = "transformer"

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._folder = open_model_folder(folder)
        judgement = self._folder.judgement
        self._tokeniser = Tokeniser(folder, max_tokens=judgement.max_tokens, threads=threads)
        self._model = _open_model(self._folder, threads=threads)
        self._pool = ThreadPoolExecutor(threads, "batch") if threads > 1 and self._folder.onnx is not None else None
        # a graph whose head is not what the configuration says is found here, not at the first text
        self.logits(["ready"])

    @property
    def version(self) -> str:
        """Return 12 hexadecimal digits that change with any file of the model."""
        return self._folder.version

    @property
    def judgement(self) -> Judgement:
        """Return how the model's figures become a verdict."""
        return self._folder.judgement

    def judge(self, texts: Sequence[str]) -> Verdicts:
        """Return calibrated probabilities of shape (n, 3), and why a text is rather not judged."""
        tokenised = self._tokeniser.tokenise(texts)
        probabilities = softmax(self._forward(tokenised), temperature=self.judgement.temperature)
        return Verdicts(probabilities, abstain_reasons(tokenised, self.judgement))

    def logits(self, texts: Sequence[str]) -> Floats:
        """Return logits of shape (n, 3) in the order of `LABELS`, not calibrated; a class the model lacks is -inf."""
        return self._forward(self._tokeniser.tokenise(texts))

    def fragmentation(self, texts: Sequence[str]) -> Floats:
        """Return the word pieces per word of each text, shape (n,); a text without words counts as one word."""
        tokenised = self._tokeniser.tokenise(texts)
        return np.asarray(tokenised.n_pieces / np.maximum(tokenised.n_words, 1), dtype=np.float64)

    def _forward(self, tokenised: Tokenised) -> Floats:
        meanings = np.array(self._folder.meanings)
        logits = np.full((len(tokenised.ids), len(LABELS)), -np.inf)
        cut = list(batches(tokenised.ids, pad_id=self._tokeniser.pad_id))
        for batch, found in zip(cut, self._run(cut), strict=True):
            if found.shape != (len(batch.rows), len(meanings)):
                raise ModelNotReadyError(
                    f"{self._folder.path} answers {found.shape} for {len(batch.rows)} texts and "
                    f"{len(meanings)} labels; its graph and its config.json are not of one model"
                )
            logits[np.ix_(batch.rows, meanings)] = found
        return logits

    def _run(self, cut: list[Batch]) -> Iterable[Floats]:
        # whole batches side by side: threads inside of one wait for each other at every layer
        run = self._pool.map if self._pool is not None and len(cut) > 1 else map
        return run(lambda batch: self._model.logits(batch.ids, batch.mask), cut)


def abstain_reasons(tokenised: Tokenised, judgement: Judgement) -> tuple[str | None, ...]:
    """Return for each text why it is not judged, None for those that are."""
    counts = zip(
        tokenised.n_words.tolist(), tokenised.n_pieces.tolist(), tokenised.n_unknown.tolist(), strict=True
    )  # fmt: skip
    return tuple(_reason(*count, judgement) for count in counts)


def _reason(n_words: int, n_pieces: int, n_unknown: int, judgement: Judgement) -> str | None:
    if n_words < judgement.min_words:
        return f"too short: {n_words} of at least {judgement.min_words} words"
    if n_unknown > _MOST_UNKNOWN * n_pieces:
        return f"unknown script: {n_unknown} of {n_pieces} word pieces are unknown, at most {_MOST_UNKNOWN:.0%} may be"
    limit = judgement.longest_fragmentation
    if limit is not None and n_pieces > limit * n_words:
        return f"foreign or garbled: {n_pieces / n_words:.1f} pieces a word, at most {limit:.1f} are usual"
    return None


def _open_model(folder: ModelFolder, *, threads: int) -> LogitsModel:
    if folder.onnx is not None:
        return OnnxModel(folder.onnx)
    return TorchModel(folder.path, threads=threads)
