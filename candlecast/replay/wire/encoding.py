"""How do candles become JSON? Encoded once as one run of bytes that pages are cut from."""

from string import Formatter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candlecast.market.candles import PRICE_COLUMNS
from candlecast.replay.tape import Known, Tape, decimal_text

TEXT = pa.large_string()


class RowFormat:
    """A venue's JSON of one candle.

    Parameters
    ----------
    template : str
        As of ``str.format``, with the fields ``open_s``, ``open_ms``, ``close_ms`` (the last
        millisecond of the candle) and the names of `PRICE_COLUMNS`.
    newest_first : bool
        Whether a page begins with the newest candle.
    """

    def __init__(self, template: str, *, newest_first: bool = False) -> None:
        self.template = template
        self.pieces = [(literal, field or "") for literal, field, _, _ in Formatter().parse(template)]
        self.newest_first = newest_first

    def one(self, tape: Tape, index: int, values: NDArray[np.float64]) -> bytes:
        """Return the row of candle number `index` of `tape` with the figures `values`, shape (5,)."""
        figures = dict(zip(PRICE_COLUMNS, map(decimal_text, np.nan_to_num(values).tolist()), strict=True))
        open_ms, close_ms = int(tape.opens_us[index]) // 1_000, int(tape.closes_us[index]) // 1_000 - 1
        return self.template.format(open_s=open_ms // 1_000, open_ms=open_ms, close_ms=close_ms, **figures).encode()

    def all(self, tape: Tape) -> tuple[bytes, NDArray[np.int64]]:
        """Return all rows of `tape`, each ended by a comma, and where they begin, shape (n + 1,)."""
        columns = {
            "open_s": tape.opens_us // 1_000_000,
            "open_ms": tape.opens_us // 1_000,
            "close_ms": tape.closes_us // 1_000 - 1,
        }
        texts = {name: pa.array(stamps).cast(TEXT) for name, stamps in columns.items()}
        texts |= {name: _decimals(tape.values[:, place]) for place, name in enumerate(PRICE_COLUMNS)}
        parts: list[pa.Array | pa.Scalar] = []
        for literal, field in self.pieces:
            parts += [pa.scalar(literal, TEXT)] + ([texts[field]] if field else [])
        rows = pc.binary_join_element_wise(*parts, pa.scalar(",", TEXT), pa.scalar("", TEXT))
        if self.newest_first:
            rows = rows.take(pa.array(np.arange(len(rows) - 1, -1, -1)))
        _, offsets, data = rows.buffers()
        return data.to_pybytes(), np.frombuffer(offsets, dtype=np.int64)[: len(rows) + 1].copy()


class EncodedTape:
    """A tape whose recorded candles are encoded when they are first asked for."""

    def __init__(self, tape: Tape, row_format: RowFormat) -> None:
        self.tape = tape
        self._format = row_format
        self._rows = b""
        self._offsets = np.zeros(1, dtype=np.int64)

    def page(self, first: int, last: int, known: Known) -> bytes:
        """Return candles ``first`` to ``last`` (excluded), at most those that are `known`, as a JSON array."""
        if not self._rows:
            self._rows, self._offsets = self._format.all(self.tape)
        last = min(last, known.n_visible)
        unsettled = {
            int(self.tape.revisions.index[place]) for place in self.tape.revisions.pending(first, last, known.now_us)
        }
        if known.running is not None and first <= known.n_closed < last:
            unsettled.add(known.n_closed)
        parts, start = [], first
        for index in sorted(unsettled):
            values = self.tape.rows(index, index + 1, known)[0]
            parts += [self._cut(start, index), self._format.one(self.tape, index, values) + b","]
            start = index + 1
        parts.append(self._cut(start, last))
        return b"[" + b"".join(reversed(parts) if self._format.newest_first else parts)[:-1] + b"]"

    def _cut(self, first: int, last: int) -> bytes:
        if last <= first:
            return b""
        if self._format.newest_first:
            first, last = len(self.tape.opens_us) - last, len(self.tape.opens_us) - first
        return self._rows[self._offsets[first] : self._offsets[last]]


def _decimals(values: NDArray[np.float64]) -> pa.Array:
    texts = pa.array(np.nan_to_num(values)).cast(TEXT)
    exponents = pc.match_substring(texts, "e").to_numpy(zero_copy_only=False)
    if not exponents.any():
        return texts
    written = [decimal_text(values[place]) for place in np.flatnonzero(exponents)]
    return pc.replace_with_mask(texts, pa.array(exponents), pa.array(written, TEXT))
