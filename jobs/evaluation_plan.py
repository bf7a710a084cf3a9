"""What shall an evaluation do? The choices of its command line."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from candlecast.errors import InvalidRequestError


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """How to judge, the same for every horizon.

    Parameters
    ----------
    n_folds : int
        Test blocks.
    train_candles : int or None
        Candles of each rolling training part; None: expanding.
    embargo_candles : int
        Candles left out before each test block, beside a purge of the horizon.
    test_start : datetime or None
        First tested close; None: the last half of the history.
    cost_bps : float
        Cost of buying or selling one unit.
    check_leaks : bool
        Run the leak gates too.
    """

    n_folds: int
    train_candles: int | None
    embargo_candles: int
    test_start: datetime | None
    cost_bps: float
    check_leaks: bool


def read_horizons(text: str) -> list[int]:
    """Read ``1,4,24``.

    Raises
    ------
    InvalidRequestError
        When one is no whole number from 1 to 96.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if not (name.isdecimal() and 1 <= int(name) <= 96)]
    if wrong or not names:
        raise InvalidRequestError(f"horizons must be whole numbers from 1 to 96 as 1,4,24, was {text!r}")
    return sorted({int(name) for name in names})


def read_day(text: str, *, option: str = "test-from") -> datetime | None:
    """Read ``2020-03-01``, given for `option`, as its first moment in UTC; None for "".

    Raises
    ------
    InvalidRequestError
        When it is no day.
    """
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidRequestError(f"{option} must be a day as 2020-03-01, was {text!r}") from error


def read_page(text: str) -> Path | None:
    """Read the name of the page to write; None for "".

    Raises
    ------
    InvalidRequestError
        When its folder is not there: that is better known before the work than after it.
    """
    file = Path(text)
    if text and not file.parent.is_dir():
        raise InvalidRequestError(f"folder {file.parent} of --html is not on the cluster; make it, or name another")
    return file if text else None
