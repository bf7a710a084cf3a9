"""The duty of settling forecasts, watching for drift, and judging challengers."""

import os
from typing import Any

from candlecast.settings import Settings
from cluster.actors.duty import Duty
from cluster.duty import start_duty, stop_duty

SCORER = "scorer"
# nothing has settled when a stack starts, and its first forecast needs the CPUs
_DELAY_S = 20.0
_NICENESS = 10


def start_scoring(settings: Settings) -> Any:
    """Return the handle of the actor that scores as `settings` say; see `start_duty`."""
    return start_duty(SCORER, settings, make_duty=open_scoring, delay_s=_DELAY_S)


def stop_scoring() -> None:
    """End the scoring, if it runs; see `stop_duty`."""
    stop_duty(SCORER)


def open_scoring(settings: Settings) -> Duty:
    """Return the scorer of the product; imported here, because who starts the actor does not need what it imports."""
    from candlecast.scoring import open_scorer

    # a forecast must not wait for the grading of earlier ones
    os.nice(_NICENESS)
    return open_scorer(settings)
