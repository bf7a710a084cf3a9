"""Where does a model come from? The digest of its data and the commit of the code that made it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pandas as pd

from candlecast.market.calendars import to_microseconds

UNKNOWN = "unknown"
_TIMES, _NUMBERS = ("open_time", "close_time"), ("open", "high", "low", "close", "volume")
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model was made from.

    Parameters
    ----------
    data_digest : str
        SHA-256 over all candles that were given, see `panel_digest`.
    n_candles : int
        How many they were.
    code_commit : str
        Full name of the commit, or ``unknown``.
    """

    data_digest: str
    n_candles: int
    code_commit: str

    @classmethod
    def of(cls, panel: Mapping[str, pd.DataFrame]) -> "Origin":
        """Return the origin of a model that this code trains on `panel`."""
        digests = {name: candles_digest(candles) for name, candles in panel.items()}
        return cls(panel_digest(digests), sum(len(candles) for candles in panel.values()), code_commit())


def candles_digest(candles: pd.DataFrame) -> str:
    """Return the SHA-256 of times (microseconds) and prices of a candles frame, little-endian, in hexadecimal."""
    digest = sha256()
    for name in _TIMES:
        digest.update(to_microseconds(pd.DatetimeIndex(candles[name])).astype("<i8").tobytes())
    for name in _NUMBERS:
        digest.update(np.ascontiguousarray(candles[name].to_numpy(dtype="<f8")).tobytes())
    return digest.hexdigest()


def panel_digest(digests: Mapping[str, str]) -> str:
    """Return one digest of the candles of several symbols, whatever their order."""
    return sha256("\n".join(f"{name} {digests[name]}" for name in sorted(digests)).encode()).hexdigest()


@cache
def code_commit() -> str:
    """Return the commit of the running code: what the installed package says, else the checkout around it."""
    return _installed_commit() or _checked_out_commit(_ROOT / ".git") or UNKNOWN


def _installed_commit() -> str | None:
    try:
        told = distribution("candlecast").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    found = json.loads(told or "{}").get("vcs_info", {}).get("commit_id")
    return None if found is None else str(found)


def _checked_out_commit(folder: Path) -> str | None:
    head = _text(folder / "HEAD")
    if not head.startswith("ref: "):
        return head or None
    name = head.removeprefix("ref: ")
    return _text(folder / name) or _packed(_text(folder / "packed-refs").splitlines(), name)


def _packed(lines: Iterable[str], name: str) -> str | None:
    return next((line.split(" ")[0] for line in lines if line.endswith(f" {name}")), None)


def _text(path: Path) -> str:
    return path.read_text().strip() if path.is_file() else ""
