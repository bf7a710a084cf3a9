"""A training that may be killed at any step: what is done lies in a folder and is not done again."""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd

from candlecast.models.artefacts import load_model, save_model
from candlecast.models.direction import DirectionModel
from candlecast.models.fitting import TrainingConfig
from candlecast.models.training import FoldResult
from cluster.code_version import code_version

MAX_AGE = timedelta(days=1)
_RUNS = ".training"


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One training, from its first step to its end.

    Parameters
    ----------
    until : datetime
        Newest close that it may know; the same however often it is taken up again.
    folder : Path or None
        Where its steps are kept; None: it cannot be taken up again.
    """

    until: datetime
    folder: Path | None

    @classmethod
    def take_up(cls, models_folder: Path, config: TrainingConfig, *, scope: str, now: datetime) -> "TrainingRun":
        """Return the run of the same command that did not end, unless it is older than `MAX_AGE`, or a new one.

        Parameters
        ----------
        models_folder : Path
            Seen by all nodes.
        config : TrainingConfig
            How to train; with `scope` and the code it makes the command the same.
        scope : str
            What is trained on.
        now : datetime
            Market time.
        """
        said = repr((config, scope, code_version()))
        folder = models_folder / _RUNS / sha256(said.encode()).hexdigest()[:16]
        note = folder / "run.json"
        if note.is_file():
            until = datetime.fromisoformat(json.loads(note.read_text())["until"])
            if now - MAX_AGE <= until <= now:
                return cls(until, folder)
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(note, json.dumps({"until": now.isoformat()}))
        return cls(now, folder)

    def of_data(self, digest: str) -> "TrainingRun":
        """Return the run with a folder for the steps on the data of `digest`: revised candles begin anew."""
        return self if self.folder is None else TrainingRun(self.until, self.folder / digest[:16])

    def fold(self, number: int) -> FoldResult | None:
        """Return what a fold showed, None when it was not judged yet."""
        if self.folder is None or not (step := self.folder / f"fold-{number}").is_dir():
            return None
        return FoldResult(pd.read_parquet(step / "forecasts.parquet"), np.load(step / "permutation.npy"))

    def keep_fold(self, number: int, result: FoldResult) -> None:
        """Keep what a fold showed, whole or not at all."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=".draft-", dir=self.folder))
        result.forecasts.to_parquet(draft / "forecasts.parquet", index=False)
        np.save(draft / "permutation.npy", result.permutation, allow_pickle=False)
        step = self.folder / f"fold-{number}"
        if not step.exists():
            draft.rename(step)
        shutil.rmtree(draft, ignore_errors=True)

    def model(self) -> DirectionModel | None:
        """Return the final model, None when it was not fitted yet."""
        if self.folder is None or not (note := self.folder / "model.json").is_file():
            return None
        told = json.loads(note.read_text())
        return load_model(self.folder / told["name"], sha256=told["sha256"])

    def keep_model(self, model: DirectionModel) -> None:
        """Keep the final model, whole or not at all."""
        if self.folder is None:
            return
        saved = save_model(model, self.folder)
        _write_whole(self.folder / "model.json", json.dumps({"name": saved.path.name, "sha256": saved.sha256}))

    def end(self) -> None:
        """Forget the run with all of its data: its model is registered."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)
