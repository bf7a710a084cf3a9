"""What was searched, and what did each trial give? The tables ``model_studies`` and ``model_trials``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.json_column import json_value

_STUDY = "id, symbols, timeframe, horizon, method, as_of, data_digest, started_at"
_OPEN = f"""
SELECT {_STUDY} FROM model_studies
WHERE finished_at IS NULL AND symbols = %s AND timeframe = %s AND horizon = %s AND method = %s
ORDER BY ordinal DESC LIMIT 1
"""
_BEGIN = f"INSERT INTO model_studies ({_STUDY}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
_FINISH = "UPDATE model_studies SET finished_at = %s, outcome = %s, model_id = %s WHERE id = %s"
_ADD = """
INSERT INTO model_trials (study, number, params, score, rounds, state, finished_at)
SELECT %s, coalesce(max(number), 0) + 1, %s, %s, %s, %s, %s FROM model_trials WHERE study = %s
"""
_TRIALS = "SELECT params, score, rounds, finished_at FROM model_trials WHERE study = %s ORDER BY number"
# by the order of writing: market time starts again with every replay
_LAST_WINNER = """
SELECT trial.params FROM model_trials AS trial
JOIN (
    SELECT id FROM model_studies
    WHERE timeframe = %s AND horizon = %s AND model_id IS NOT NULL
    ORDER BY symbols = %s DESC, ordinal DESC LIMIT 1
) AS study ON trial.study = study.id
WHERE trial.state = 'done' ORDER BY trial.score, trial.number LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class StudyScope:
    """What a study searches: a command that is repeated has the scope that it had before.

    Parameters
    ----------
    symbols : list of str
        Ascending.
    timeframe : str
        Length of a candle.
    horizon : int
        Candles ahead.
    method : str
        ``optuna`` or ``grid``.
    """

    symbols: list[str]
    timeframe: str
    horizon: int
    method: str


@dataclass(frozen=True, slots=True)
class Study:
    """One search.

    Parameters
    ----------
    id : str
        Its name.
    scope : StudyScope
        What it searches.
    as_of : datetime
        Newest close that its trials know, aware UTC.
    data_digest : str
        SHA-256 of the rows that its trials share, in hexadecimal.
    started_at : datetime
        Market time.
    """

    id: str
    scope: StudyScope
    as_of: datetime
    data_digest: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """One set of parameters that was tried.

    `params` hold the rounds that did best; `score` is the mean validation log loss in nats, None
    when the trial failed; `rounds` is how many it ran.
    """

    params: dict[str, float]
    score: float | None
    rounds: int
    finished_at: datetime


class TrialStore:
    """Rows of ``model_studies`` and ``model_trials``; every method raises `StorageError` when the database is down.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_study(self, scope: StudyScope) -> Study | None:
        """Return the newest study of `scope` that has not ended, or None."""
        with self._database.transaction() as cursor:
            cursor.execute(_OPEN, (scope.symbols, scope.timeframe, scope.horizon, scope.method))
            row = cursor.fetchone()
        if row is None:
            return None
        name, *said, as_of, digest, started_at = row
        return Study(name, StudyScope(*said), as_of, digest, started_at)

    def begin(self, study: Study) -> None:
        """Store a new study."""
        scope = study.scope
        with self._database.transaction() as cursor:
            cursor.execute(
                _BEGIN,
                (
                    *(study.id, scope.symbols, scope.timeframe, scope.horizon, scope.method),
                    *(study.as_of, study.data_digest, study.started_at),
                ),
            )

    def finish(self, study_id: str, *, outcome: dict[str, Any], model_id: str | None, finished_at: datetime) -> None:
        """Mark a study as ended; without a model it was given up, and no later study starts from it."""
        with self._database.transaction() as cursor:
            cursor.execute(_FINISH, (finished_at, json_value(outcome), model_id, study_id))

    def add(self, study_id: str, trial: StoredTrial) -> None:
        """Store a trial under the next free number of its study."""
        state = "failed" if trial.score is None else "done"
        with self._database.transaction() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('study ' || %s))", (study_id,))
            values = (study_id, json_value(trial.params), trial.score, trial.rounds, state, trial.finished_at, study_id)
            cursor.execute(_ADD, values)

    def trials(self, study_id: str) -> list[StoredTrial]:
        """Return all trials of a study in the order of their ends."""
        with self._database.transaction() as cursor:
            cursor.execute(_TRIALS, (study_id,))
            return [StoredTrial(*row) for row in cursor.fetchall()]

    def last_winner(self, scope: StudyScope) -> dict[str, float] | None:
        """Return the best parameters of the newest study that led to a model of this timeframe and horizon.

        One of the same symbols goes before one of others.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_LAST_WINNER, (scope.timeframe, scope.horizon, scope.symbols))
            row = cursor.fetchone()
        return None if row is None else row[0]
