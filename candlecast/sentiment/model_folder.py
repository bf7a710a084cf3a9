"""What lies in the folder of a sequence classifier? Which logit means what, and how to judge by it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import structlog

from candlecast.errors import ModelIntegrityError, ModelNotReadyError
from candlecast.sentiment.calibration import Blend
from candlecast.sentiment.engine import NEGATIVE, NEUTRAL, POSITIVE
from candlecast.sentiment.manifest import checked_version

CONFIG, JUDGEMENT = "config.json", "judgement.json"
_FORMAT = 1
_ONNX = ("model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx")
_MEANINGS = {
    **dict.fromkeys(("negative", "neg", "bearish"), NEGATIVE),
    **dict.fromkeys(("neutral", "neu"), NEUTRAL),
    **dict.fromkeys(("positive", "pos", "bullish"), POSITIVE),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the model's figures become a verdict; the defaults serve models that say nothing of it.

    Parameters
    ----------
    max_tokens : int
        Tokens of a text that are looked at, special ones included.
    temperature : float
        Logits are divided by it, above 0.
    longest_fragmentation : float or None
        Word pieces per word above which the engine abstains; None: never for that reason.
    min_words : int
        Words below which the engine abstains.
    ensemble : Blend
        How the ensemble mixes in the lexicon.
    """

    max_tokens: int = 128
    temperature: float = 1.0
    longest_fragmentation: float | None = None
    min_words: int = 2
    ensemble: Blend = field(default_factory=Blend)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that may be loaded.

    Parameters
    ----------
    path : Path
        The folder.
    version : str
        Changes with any file that is read.
    judgement : Judgement
        As the folder says, else the defaults.
    meanings : tuple of int
        For each logit, the place of its class in `candlecast.sentiment.engine.LABELS`.
    onnx : Path or None
        The graph; None: only torch can run this model.
    """

    path: Path
    version: str
    judgement: Judgement
    meanings: tuple[int, ...]
    onnx: Path | None


def open_model_folder(path: Path) -> ModelFolder:
    """Check and read the folder of a sequence classifier.

    Raises
    ------
    ModelIntegrityError
        When a file differs from its recorded digest, is missing or is not recorded.
    ModelNotReadyError
        When this is no classifier of negative, neutral and positive.
    """
    meanings = meanings_of(_read_json(path / CONFIG))
    onnx = next((path / name for name in _ONNX if (path / name).is_file()), None)
    version = checked_version(path, weights=onnx is None)
    return ModelFolder(path, version, _read_judgement(path / JUDGEMENT), meanings, onnx)


def write_judgement(folder: Path, judgement: Judgement) -> None:
    """Write how the model in `folder` shall judge; before its manifest."""
    content = {"format": _FORMAT, **asdict(judgement)}
    (folder / JUDGEMENT).write_text(json.dumps(content, indent=1) + "\n")


def meanings_of(config: Mapping[str, Any]) -> tuple[int, ...]:
    """Return what each logit means, as places in `LABELS`, by the configuration's own names.

    Raises
    ------
    ModelNotReadyError
        When a name is not understood, comes twice or is alone: an order is never assumed.
    """
    names = {int(number): str(name) for number, name in (config.get("id2label") or {}).items()}
    names |= {int(number): str(name) for name, number in (config.get("label2id") or {}).items() if not names}
    ordered = [names[number] for number in sorted(names)]
    meanings = tuple(_MEANINGS.get(name.strip().lower(), -1) for name in ordered)
    if -1 in meanings or len(set(meanings)) < max(2, len(meanings)) or sorted(names) != list(range(len(names))):
        raise ModelNotReadyError(
            f"the model's labels are {ordered}, not some order of negative, neutral and positive; "
            f"name them in id2label of its {CONFIG}, or choose another model"
        )
    return meanings


def _read_judgement(path: Path) -> Judgement:
    if not path.is_file():
        log.warning("model says not how to judge: it is taken as not calibrated", missing=str(path))
        return Judgement()
    content = _read_json(path)
    if (written := content.pop("format", None)) != _FORMAT:
        raise ModelIntegrityError(f"{path} has format {written}, not {_FORMAT}; make the model again")
    try:
        return Judgement(**(content | {"ensemble": Blend(**content.get("ensemble", {}))}))
    except TypeError as error:
        raise ModelIntegrityError(f"{path} holds other fields than it may ({error}); restore it") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = type(error).__name__
        raise ModelNotReadyError(f"{path} cannot be read ({reason}); is its folder a model's?") from error
    return content
