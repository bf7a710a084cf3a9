"""What ``--symbols`` may say: names with commas between, or ``@FILE``."""

import csv
from difflib import get_close_matches
from pathlib import Path

from candlecast.errors import InvalidRequestError
from candlecast.market.symbols import Symbol

COLUMN = "symbol"
_SHOWN_COLUMNS = 6


def read_symbols(option: str) -> str:
    """Return the comma-separated names that `option` means, each once; "" for "".

    ``@FILE`` reads a file: one symbol a line, or CSV with a header and a column `COLUMN`. Empty
    lines and lines that begin with ``#`` are skipped.

    Raises
    ------
    InvalidRequestError
        When the file cannot be read, has no such column or no symbol, or a name is no symbol; names
        the file and the line.
    """
    if not option.startswith("@"):
        return option
    path = Path(option[1:])
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequestError(f"symbols file {path} cannot be read: {error}") from error
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not rows:
        raise InvalidRequestError(f"symbols file {path} holds no symbol; write one a line, as BTC/USDT")
    return ",".join(dict.fromkeys(_checked(name, path, number) for number, name in _names(rows, path)))


def _names(rows: list[tuple[int, str]], path: Path) -> list[tuple[int, str]]:
    header, *table = [(number, [cell.strip() for cell in next(csv.reader([line]))]) for number, line in rows]
    columns = [cell.lower() for cell in header[1]]
    if COLUMN in columns:
        place = columns.index(COLUMN)
        return [(number, cells[place] if place < len(cells) else "") for number, cells in table]
    if len(columns) > 1 or get_close_matches(columns[0], [COLUMN], cutoff=0.8):
        raise InvalidRequestError(_wrong_columns(header[1], path))
    return [(number, cells[0]) for number, cells in [header, *table]]


def _wrong_columns(header: list[str], path: Path) -> str:
    near = next((cell for cell in header if get_close_matches(cell.lower(), [COLUMN, f"{COLUMN}s"], cutoff=0.6)), None)
    hint = f"; rename {near!r} to {COLUMN!r}" if near is not None else ""
    shown = ", ".join(repr(cell[:20]) for cell in header[:_SHOWN_COLUMNS])
    return f"symbols file {path} must have a column {COLUMN!r}, or one symbol a line; its columns are {shown}{hint}"


def _checked(name: str, path: Path, number: int) -> str:
    try:
        return Symbol.parse(name).name
    except InvalidRequestError as error:
        raise InvalidRequestError(f"symbols file {path}, line {number}: {error}") from error
