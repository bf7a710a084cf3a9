"""How is a model kept? A manifest, a file for each part that is not a number, and digests that must match."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256 as digest_of
from importlib.metadata import version
from pathlib import Path
from typing import Any

from candlecast.errors import ModelIntegrityError
from candlecast.features.sentiment import NEWS_FEATURE_NAMES
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.algorithms import algorithm_of
from candlecast.models.calibration import Calibration
from candlecast.models.digests import FORMAT, MANIFEST, read_artefact
from candlecast.models.direction import DirectionModel, ModelFacts
from candlecast.models.estimators import BoostedTrees
from candlecast.models.interval_choice import IntervalChoice
from candlecast.models.intervals import Reach
from candlecast.models.novelty import Novelty
from candlecast.models.origin import Origin
from candlecast.models.quantiles import Quantiles
from candlecast.models.volatility import Volatility

_VOLATILITY_TREES = "volatility.ubj"
_QUANTILE_TREES = "quantiles.ubj"
_LIBRARIES = ("xgboost-cpu", "scikit-learn", "numpy", "pandas", "TA-Lib")
# what joblib wrote can be read by the same version only
_BOUND_TO_VERSION = {"model.joblib": "scikit-learn"}


@dataclass(frozen=True, slots=True)
class ArtefactInfo:
    """Where a saved model lies: its folder and the SHA-256 of its manifest."""

    path: Path
    sha256: str


def save_model(
    model: DirectionModel, folder: Path, *, metrics: Mapping[str, Any] | None = None, origin: Origin | None = None
) -> ArtefactInfo:
    """Write `model` into a new folder under `folder`, whole or not at all.

    Parameters
    ----------
    model : DirectionModel
        What to keep.
    folder : Path
        Made when it is missing.
    metrics : mapping or None
        What the walk-forward measured; kept for people, not read back.
    origin : Origin or None
        What it was made from; kept for people, not read back.

    Returns
    -------
    ArtefactInfo
        The same model, metrics and origin give the same digest and folder.

    Raises
    ------
    ModelIntegrityError
        When that folder is there already and was damaged.
    """
    files = {algorithm_of(model.facts.algorithm).file: model.estimator.dump()}
    files |= {_VOLATILITY_TREES: model.volatility.trees.dump()}
    if model.quantiles is not None:
        files[_QUANTILE_TREES] = model.quantiles.trees.dump()
    content = _manifest(model, files) | {"metrics": dict(metrics or {}), "origin": origin and asdict(origin)}
    manifest = json.dumps(content, indent=1, sort_keys=True).encode()
    digest = digest_of(manifest).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{model.facts.timeframe}-h{model.facts.horizon}-{digest[:16]}"
    if path.exists():
        read_artefact(path, digest=digest)
        return ArtefactInfo(path, digest)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    try:
        for name, part in (files | {MANIFEST: manifest}).items():
            _write(draft / name, part)
        draft.chmod(0o755)
        _sync(draft)
        _publish(draft, path)
        _sync(folder)
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
    content, files = read_artefact(path, digest=sha256)
    facts = _facts(content["facts"])
    if facts.feature_names != FEATURE_NAMES + NEWS_FEATURE_NAMES * facts.takes_news:
        raise ModelIntegrityError(f"{path / MANIFEST} takes features that this version does not build; train again")
    algorithm = algorithm_of(facts.algorithm)
    _check_version(algorithm.file, content["libraries"], path=path)
    return DirectionModel(
        facts=facts,
        estimator=algorithm.load(files[algorithm.file]),
        calibration=Calibration(**content["calibration"]),
        volatility=Volatility.load(content["volatility"], files[_VOLATILITY_TREES]),
        reach=Reach(**_tuples(content["reach"])),
        novelty=Novelty(**_tuples(content["novelty"])),
        quantiles=_quantiles(files),
        interval_choice=IntervalChoice(**content.get("interval_choice", {})),
    )


def _manifest(model: DirectionModel, files: Mapping[str, bytes]) -> dict[str, Any]:
    facts = asdict(model.facts)
    facts |= {name: facts[name].isoformat() for name in ("data_start", "data_end")}
    return {
        "format": FORMAT,
        "facts": facts,
        "calibration": asdict(model.calibration),
        "volatility": model.volatility.numbers(),
        "reach": asdict(model.reach),
        "novelty": asdict(model.novelty),
        "interval_choice": asdict(model.interval_choice),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "files": {name: digest_of(content).hexdigest() for name, content in files.items()},
    }


def _quantiles(files: Mapping[str, bytes]) -> Quantiles | None:
    return Quantiles(BoostedTrees.load(files[_QUANTILE_TREES])) if _QUANTILE_TREES in files else None


def _check_version(file: str, libraries: Mapping[str, str], *, path: Path) -> None:
    library = _BOUND_TO_VERSION.get(file)
    if library is not None and libraries[library] != version(library):
        raise ModelIntegrityError(
            f"{path} was written with {library} {libraries[library]}, here is {version(library)}; train again"
        )


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


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
