"""How is a model kept? Two files that carry no code, and a digest that must match."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xgboost as xgb

from candlecast.errors import ModelIntegrityError
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.calibration import Calibration
from candlecast.models.direction import ALGORITHM, DirectionModel, ModelFacts
from candlecast.models.intervals import Reach, Volatility

MANIFEST, TREES = "model.json", "model.ubj"
_FORMAT = 1
_LIBRARIES = ("xgboost-cpu", "numpy", "pandas", "TA-Lib")


@dataclass(frozen=True, slots=True)
class ArtefactInfo:
    """Where a saved model lies: its folder and the SHA-256 of its manifest."""

    path: Path
    sha256: str


def save_model(model: DirectionModel, folder: Path, *, metrics: Mapping[str, Any] | None = None) -> ArtefactInfo:
    """Write `model` into a new folder under `folder`, whole or not at all.

    Parameters
    ----------
    model : DirectionModel
        What to keep.
    folder : Path
        Made when it is missing.
    metrics : mapping or None
        What the walk-forward measured; kept for people, not read back.

    Returns
    -------
    ArtefactInfo
        The same model and metrics give the same digest and folder.
    """
    trees = bytes(model.booster.save_raw("ubj"))
    manifest = json.dumps(_manifest(model, trees, metrics=metrics), indent=1, sort_keys=True).encode()
    digest = sha256(manifest).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{model.facts.timeframe}-h{model.facts.horizon}-{digest[:16]}"
    if path.exists():
        return ArtefactInfo(path, digest)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    try:
        for name, content in ((TREES, trees), (MANIFEST, manifest)):
            _write(draft / name, content)
        draft.chmod(0o755)
        _publish(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return ArtefactInfo(path, digest)


def load_model(path: Path, *, sha256: str) -> DirectionModel:
    """Read a model whose manifest has the digest `sha256`.

    Raises
    ------
    ModelIntegrityError
        When a file is missing, differs from its digest, or was written in another format, or when
        the model takes features that are not built any more.
    """
    manifest = _read(path / MANIFEST, digest=sha256)
    content = json.loads(manifest)
    if content["format"] != _FORMAT:
        raise ModelIntegrityError(f"{path / MANIFEST} has format {content['format']}, not {_FORMAT}; train again")
    facts = _facts(content["facts"])
    if facts.feature_names != FEATURE_NAMES + NEWS_FEATURE_NAMES * facts.takes_news:
        raise ModelIntegrityError(f"{path / MANIFEST} takes features that this version does not build; train again")
    trees = _read(path / TREES, digest=content["files"][TREES])
    booster = xgb.Booster({"nthread": 1})
    booster.load_model(bytearray(trees))
    booster.set_param({"nthread": 1})
    return DirectionModel(
        facts=facts,
        booster=booster,
        calibration=Calibration(**content["calibration"]),
        volatility=Volatility(**_tuples(content["volatility"])),
        reach=Reach(**_tuples(content["reach"])),
    )


def _manifest(model: DirectionModel, trees: bytes, *, metrics: Mapping[str, Any] | None) -> dict[str, Any]:
    facts = asdict(model.facts)
    facts |= {name: facts[name].isoformat() for name in ("data_start", "data_end")}
    return {
        "format": _FORMAT,
        "algorithm": ALGORITHM,
        "facts": facts,
        "calibration": asdict(model.calibration),
        "volatility": asdict(model.volatility),
        "reach": asdict(model.reach),
        "metrics": dict(metrics or {}),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "files": {TREES: sha256(trees).hexdigest()},
    }


def _facts(content: dict[str, Any]) -> ModelFacts:
    times = {name: datetime.fromisoformat(content[name]) for name in ("data_start", "data_end")}
    return ModelFacts(**(_tuples(content) | times))


def _tuples(content: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}


def _publish(draft: Path, path: Path) -> None:
    try:
        draft.rename(path)
    except OSError:
        # Another process saved the same model first: the name holds the digest, so it is this one.
        if not path.exists():
            raise


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path, *, digest: str) -> bytes:
    if not path.is_file():
        raise ModelIntegrityError(f"{path} is missing; train again or restore the artefact")
    content = path.read_bytes()
    found = sha256(content).hexdigest()
    if found != digest:
        raise ModelIntegrityError(
            f"{path} has SHA-256 {found[:16]}…, recorded was {digest[:16]}…; refuse to load: train again or restore it"
        )
    return content
