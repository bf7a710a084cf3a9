"""Shall a new model take the place of the one that serves? Only if it is surely better, or that one is too old."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from candlecast.evaluation.paired import MIN_DAYS, PairedTest
from candlecast.storage.postgres.models import ModelRecord

MAX_AGE_DAYS = 30
LEVEL = 0.05
LEDGER_LEVEL = 0.01


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a challenger is promoted, and why or why not, in one clause."""

    promote: bool
    why: str


@dataclass(frozen=True, slots=True)
class Challenger:
    """What is known of a trained model before it is compared.

    Parameters
    ----------
    symbols, features : sequence of str
        What it learned from.
    algorithm : str
        Its estimator.
    params : mapping
        All parameters of the estimator.
    alarm : str or None
        Why its figures are too good to be true.
    """

    symbols: Sequence[str]
    features: Sequence[str]
    algorithm: str
    params: dict[str, Any]
    alarm: str | None


def judge_alone(
    challenger: Challenger, champion: ModelRecord | None, *, now: datetime, fault: str | None
) -> Verdict | None:
    """Decide what needs no comparison; None: compare both on the same folds.

    Parameters
    ----------
    challenger : Challenger
        The new model.
    champion : ModelRecord or None
        The model that serves.
    now : datetime
        Market time.
    fault : str or None
        Why the champion cannot be loaded by this version.
    """
    if challenger.alarm is not None:
        return Verdict(False, challenger.alarm)
    if champion is None:
        return Verdict(True, "the first of its kind")
    if unknown := sorted(set(champion.symbols) - set(challenger.symbols)):
        return Verdict(False, f"it never saw {', '.join(unknown)}, which the promoted model knows")
    if fault is not None:
        return Verdict(True, f"the promoted model cannot serve: {fault}")
    expires = champion.data_end + timedelta(days=MAX_AGE_DAYS)
    if now >= expires:
        return Verdict(True, f"the promoted model learned up to {champion.data_end:%Y-%m-%d} and expired")
    until = f"until {champion.id} expires on {expires:%Y-%m-%d}"
    if _recipe(challenger) == _recipe(champion):
        return Verdict(False, f"the promoted model was made in the same way and serves {until}")
    if missing := sorted(set(champion.features) - set(challenger.features)):
        return Verdict(False, f"it goes without {missing[0]} and {len(missing) - 1} more, not comparable {until}")
    return None


def judge_together(test: PairedTest) -> Verdict:
    """Decide by a paired test on the same folds: promote when p is below `LEVEL`."""
    found = f"log loss {-test.gain:+.5f} nats against the promoted model on {test.n_days:,} days"
    if math.isnan(test.p_value):
        return Verdict(False, f"{found}, too few or too equal to decide")
    return Verdict(test.p_value < LEVEL, f"{found}, p = {test.p_value:.3f}, promoted below {LEVEL}")


def judge_by_ledger(test: PairedTest, *, n_rivals: int = 1) -> Verdict:
    """Decide by a paired test on settled forecasts of the same targets.

    The level, `LEDGER_LEVEL`, is stricter than for folds, because the ledger is looked at again and
    again; those who are tried at once share it (Bonferroni), as of many the best is lucky.

    Parameters
    ----------
    test : PairedTest
        The challenger against the champion.
    n_rivals : int
        Challengers that are tried at once, this one among them, at least 1.
    """
    level = LEDGER_LEVEL / n_rivals
    found = f"log loss {-test.gain:+.5f} nats against the promoted model on {test.n:,} settled forecasts"
    if test.n_days < MIN_DAYS:
        return Verdict(False, f"{test.n_days} days of common settled forecasts, {MIN_DAYS} are needed")
    if math.isnan(test.p_value):
        return Verdict(False, f"{found}, too equal to decide")
    return Verdict(
        test.p_value < level,
        f"{found} of {test.n_days:,} days, p = {test.p_value:.4f}, promoted below {level:.2g}",
    )


def _recipe(model: Challenger | ModelRecord) -> tuple[Any, ...]:
    return sorted(model.symbols), list(model.features), model.algorithm, model.params
