"""Which challenger did surely better than the model that serves, on forecasts that both made before the outcome?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from candlecast.evaluation.paired import PairedTest, log_losses, paired_test
from candlecast.promotion import Verdict, judge_by_ledger
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.storage.postgres.record import CommonForecasts, RecordStore

LOOKED_AT_DAYS = 90
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenger held against the champion of its timeframe and horizon.

    Parameters
    ----------
    champion, challenger : ModelRecord
        Who serves, and who might.
    test : PairedTest
        On the settled forecasts that both made of the same targets.
    verdict : Verdict
        Whether the challenger takes over, and why or why not.
    """

    champion: ModelRecord
    challenger: ModelRecord
    test: PairedTest
    verdict: Verdict


def find_challenges(database: Database, timeframe: str, *, now: datetime) -> list[Challenge]:
    """Hold every challenger of a timeframe against its champion, the surest gain first in each horizon.

    Challengers are candidates that were trained after the champion and whose files are kept.

    Parameters
    ----------
    database : Database
        Models and record.
    timeframe : str
        Of the models.
    now : datetime
        Market time; the newest `LOOKED_AT_DAYS` days count.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    models, record = ModelStore(database).list(timeframe), RecordStore(database)
    found = [
        _hold(champion, challenger, record, now=now, n_rivals=len(rivals))
        for champion in models
        if champion.status == "champion"
        for rivals in [challengers_of(champion, models)]
        for challenger in rivals
    ]
    return sorted(found, key=_surest_first)


def challengers_of(champion: ModelRecord, models: Sequence[ModelRecord]) -> list[ModelRecord]:
    """Return the candidates of the champion's horizon that are newer and whose files are kept."""
    return [
        one
        for one in models
        if one.status == "candidate"
        and one.horizon == champion.horizon
        and one.trained_at > champion.trained_at
        and not one.pruned
    ]


def compare_forecasts(common: CommonForecasts) -> PairedTest:
    """Test whether the second of two models loses less than the first, in log loss on the same targets.

    Outcomes overlap for as long as nine of ten targets reach at most: over nights, where markets close.

    Parameters
    ----------
    common : CommonForecasts
        Of both.
    """
    if not len(common.closes):
        return PairedTest(0.0, math.nan, 0, 0)
    reach_s = (common.targets - common.closes).total_seconds()
    lag_days = max(1, math.ceil(float(np.quantile(reach_s, 0.9)) / _DAY_S))
    up = (common.log_return > 0.0).astype(np.float64)
    first, second = log_losses(common.p_up, up), log_losses(common.p_up_other, up)
    return paired_test(second, first, common.closes, lag_days=lag_days)


def _surest_first(one: Challenge) -> tuple[int, bool, float, float]:
    unsure = math.inf if math.isnan(one.test.p_value) else one.test.p_value
    return one.champion.horizon, not one.verdict.promote, unsure, -one.test.gain


def _hold(
    champion: ModelRecord, challenger: ModelRecord, record: RecordStore, *, now: datetime, n_rivals: int
) -> Challenge:
    # before it was trained, the challenger forecast nothing
    since = max(challenger.trained_at, now - timedelta(days=LOOKED_AT_DAYS))
    test = compare_forecasts(record.common(champion.id, challenger.id, since=since))
    unknown = sorted(set(champion.symbols) - set(challenger.symbols))
    verdict, alarm = judge_by_ledger(test, n_rivals=n_rivals), challenger.metrics.get("leak_alarm")
    if alarm:
        verdict = Verdict(False, alarm)
    elif unknown:
        verdict = Verdict(False, f"it never saw {', '.join(unknown)}, which the promoted model knows")
    return Challenge(champion, challenger, test, verdict)
