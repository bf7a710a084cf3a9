"""Is it a script of faults? Read, checked and explained in one line where it is not."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from candlecast.errors import InvalidRequestError
from candlecast.replay.faults.kinds import (
    ANY_VENUE,
    KINDS,
    LENGTH_S,
    START_S,
    TIMED_KIND,
    TIMES,
    WITHOUT_SYMBOLS,
    Parameter,
    venues_of,
)
from candlecast.replay.tape import microseconds

LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    venue : str
        At which venue; ``*`` for all.
    start_s, length_s : float
        When, in wall seconds since the script was loaded.
    symbols : frozenset of str
        For which symbols; empty for all.
    numbers : dict
        The kind's parameters.
    since_us, until_us : int or None
        Market times of an outage; None for those of its wall times.
    """

    kind: str
    venue: str
    start_s: float
    length_s: float
    symbols: frozenset[str]
    numbers: dict[str, float | None]
    since_us: int | None = None
    until_us: int | None = None

    def concerns(self, venue: str, symbol: str | None) -> bool:
        """Tell whether `venue` and `symbol` (None: no symbol in particular) are hit."""
        return self.venue in (ANY_VENUE, venue) and (not self.symbols or symbol in self.symbols)


@dataclass(frozen=True, slots=True)
class FaultScript:
    """Faults and the seed that their chances are drawn from."""

    seed: int = 0
    faults: tuple[Fault, ...] = ()


def read_script(path: Path, *, symbols: Collection[str]) -> FaultScript:
    """Read a script from a JSON file; see `parse_script`.

    Raises
    ------
    InvalidRequestError
        When the file cannot be read or is no script.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidRequestError(f"{path} cannot be read as a script of faults: {error}") from error
    return parse_script(content, symbols=symbols)


def parse_script(content: object, *, symbols: Collection[str]) -> FaultScript:
    """Read a script from decoded JSON.

    Parameters
    ----------
    content : object
        A list of faults, or an object with ``seed`` and ``faults``.
    symbols : collection of str
        The recorded symbols.

    Raises
    ------
    InvalidRequestError
        Naming the fault (counted from 1), what is wrong there and the near names.
    """
    whole = content if isinstance(content, dict) else {"faults": content}
    _refuse_unknown("a script", whole, ("seed", "faults"))
    seed, faults = whole.get("seed", 0), whole.get("faults")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        raise InvalidRequestError(f"seed must be a whole number from 0 to 4294967295, was {_shown(seed)}")
    if not isinstance(faults, list):
        raise InvalidRequestError(f"a script must be a list of faults, was {_shown(faults)}")
    parsed = (_parse_fault(f"fault {place}", fault, symbols) for place, fault in enumerate(faults, start=1))
    return FaultScript(seed, tuple(parsed))


def _parse_fault(where: str, content: object, symbols: Collection[str]) -> Fault:
    if not isinstance(content, dict):
        raise InvalidRequestError(f'{where} must be an object such as {{"kind": "drop"}}, was {_shown(content)}')
    kind = _choice(f"{where}: kind", content.get("kind"), KINDS)
    where = f"{where} ({kind})"
    common = ["kind", "venue", "start_s", "length_s"] + ([] if kind in WITHOUT_SYMBOLS else ["symbols"])
    _refuse_unknown(where, content, [*common, *KINDS[kind], *(TIMES if kind == TIMED_KIND else ())])
    since_us, until_us = (_moment(f"{where}: {name}", content.get(name)) for name in TIMES)
    if since_us is not None and until_us is not None and since_us >= until_us:
        raise InvalidRequestError(f"{where}: since must lie before until, was {content['since']}")
    return Fault(
        kind=kind,
        venue=_choice(f"{where}: venue", content.get("venue", ANY_VENUE), (*venues_of(kind), ANY_VENUE)),
        start_s=_number(f"{where}: start_s", content.get("start_s"), START_S) or 0.0,
        length_s=_number(f"{where}: length_s", content.get("length_s"), LENGTH_S) or 0.0,
        symbols=_symbols(f"{where}: symbols", content.get("symbols"), symbols),
        numbers={
            name: _number(f"{where}: {name}", content.get(name), parameter) for name, parameter in KINDS[kind].items()
        },
        since_us=since_us,
        until_us=until_us,
    )


def _number(where: str, value: Any, parameter: Parameter) -> float | None:
    if value is None:
        return parameter.default
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not parameter.low <= value <= parameter.high or (parameter.whole and value != int(value)):
        kind = "a whole number" if parameter.whole else "a number"
        raise InvalidRequestError(
            f"{where} must be {kind} from {parameter.low:g} to {parameter.high:g}, was {_shown(value)}"
        )
    return float(value)


def _moment(where: str, value: Any) -> int | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise InvalidRequestError(f"{where} must be a time as 2020-03-01T00:00:00Z, was {_shown(value)}") from error
    if moment.tzinfo is None:
        raise InvalidRequestError(f"{where} must name its offset, as in {value}Z, was {_shown(value)}")
    return microseconds(moment)


def _symbols(where: str, value: Any, known: Collection[str]) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not value:
        raise InvalidRequestError(f'{where} must be a list such as ["BTC/USDT"], was {_shown(value)}')
    return frozenset(_choice(where, name.upper() if isinstance(name, str) else name, known) for name in value)


def _choice(where: str, value: Any, known: Iterable[str]) -> str:
    names = list(known)
    if value not in names:
        raise InvalidRequestError(f"{where} {_shown(value)} is not known; {_near(str(value), names)}")
    return str(value)


def _refuse_unknown(where: str, content: dict[str, Any], known: Collection[str]) -> None:
    for name in content:
        if name not in known:
            raise InvalidRequestError(f"{where} takes no {_shown(name)}; {_near(name, known)}")


def _near(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(name, names, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(names[:20])}"


def _shown(value: object) -> str:
    text = json.dumps(value) if not isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
