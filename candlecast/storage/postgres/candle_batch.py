"""How is a frame of candles laid out for writing? As arrays that COPY takes, of any number of series."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.errors import InvalidRequestError
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.storage.postgres.binary_copy import Array, Block, Records, times_from_wire, times_to_wire

Text = str | pd.Series
Times = datetime | pd.Series | pd.DatetimeIndex
Mask = npt.NDArray[np.bool_]

VALUE_COLUMNS = ("close_time", *PRICE_COLUMNS)


@dataclass(frozen=True, slots=True)
class Span:
    """The series and the stretch of time that a batch lies in.

    Parameters
    ----------
    symbol_ids : array of shape (k,)
        Numbers of the symbols, ascending.
    first, last : int
        First and last open time, as PostgreSQL stores them.
    """

    symbol_ids: npt.NDArray[np.int64]
    first: int
    last: int

    @property
    def opens(self) -> tuple[datetime, datetime]:
        """The first and the last open time."""
        first, last = times_from_wire(np.array([self.first, self.last]))
        return first.to_pydatetime(), last.to_pydatetime()

    def owners(self, symbol_ids: Array) -> npt.NDArray[np.intp]:
        """Return the place of each number among `symbol_ids`."""
        return np.searchsorted(self.symbol_ids, symbol_ids.astype("int64"))

    def keys(self, symbol_ids: Array, open_times: Array) -> npt.NDArray[np.int64]:
        """Return one number for each symbol and open time in the span."""
        offsets = open_times.astype("int64") - self.first
        return np.asarray(self.owners(symbol_ids) * (self.last - self.first + 1) + offsets, "int64")


@dataclass(frozen=True, slots=True)
class Batch:
    """Candles of one timeframe on their way into the table, one row a symbol and open time.

    Parameters
    ----------
    columns : dict of str to array of shape (n,)
        ``symbol_id``, ``open_time``, `VALUE_COLUMNS`, ``known_at`` as PostgreSQL stores them; an
        unknown volume is NaN.
    texts : dict of str to (list of str, array of shape (n,))
        The different texts of ``source`` and ``quality``, and which of them each row has.
    span : Span
        What the rows lie in.
    revises : array of bool of shape (n,)
        Whether a row may replace another one.
    """

    columns: dict[str, Array]
    texts: dict[str, tuple[list[str], npt.NDArray[np.intp]]]
    span: Span
    revises: Mask

    def __len__(self) -> int:
        return len(self.columns["open_time"])

    @property
    def keys(self) -> npt.NDArray[np.int64]:
        """One number for each row's symbol and open time."""
        return self.span.keys(self.columns["symbol_id"], self.columns["open_time"])

    def take(self, rows: Mask) -> "Batch":
        """Return the rows that are True in `rows`."""
        if rows.all():
            return self
        columns = {name: values[rows] for name, values in self.columns.items()}
        texts = {name: (words, codes[rows]) for name, (words, codes) in self.texts.items()}
        return replace(self, columns=columns, texts=texts, revises=self.revises[rows])

    def known_with_newest(self) -> "Batch":
        """Return the same rows, each known since the newest of its symbol is."""
        owners = self.span.owners(self.columns["symbol_id"])
        newest = np.full(len(self.span.symbol_ids), np.iinfo("int64").min)
        np.maximum.at(newest, owners, self.columns["known_at"].astype("int64"))
        return replace(self, columns=self.columns | {"known_at": newest[owners]})

    def compare(self, stored: Records) -> tuple[Mask, Mask]:
        """Tell which rows have no row in `stored`, and which have one with other values.

        Parameters
        ----------
        stored : structured array of shape (m,)
            With ``symbol_id``, ``open_time`` and `VALUE_COLUMNS`.

        Returns
        -------
        tuple of two arrays of shape (n,)
            New ones, revised ones.
        """
        if len(stored) == 0:
            return np.ones(len(self), "bool"), np.zeros(len(self), "bool")
        there_keys, keys = self.span.keys(stored["symbol_id"], stored["open_time"]), self.keys
        order = np.argsort(there_keys, kind="stable")
        place = order[np.searchsorted(there_keys, keys, sorter=order).clip(max=len(order) - 1)]
        known = there_keys[place] == keys
        differs = np.zeros(len(self), "bool")
        for name in VALUE_COLUMNS:
            ours, theirs = self.columns[name], stored[name][place]
            differs |= (ours != theirs) & ~((ours != ours) & (theirs != theirs))
        return ~known, known & differs

    def blocks(self, **constants: str) -> list[Block]:
        """Return the rows as blocks for `copy_in`, each with one source and quality and no or only NULL volumes."""
        unknown = np.isnan(self.columns["volume"].astype("float64"))
        (sources, source_codes), (qualities, quality_codes) = self.texts["source"], self.texts["quality"]
        kinds = (source_codes * len(qualities) + quality_codes) * 2 + unknown
        blocks: list[Block] = []
        for kind in np.unique(kinds):
            rows = self.take(kinds == kind).columns
            words = {"source": sources[kind // 2 // len(qualities)], "quality": qualities[kind // 2 % len(qualities)]}
            blocks.append(rows | ({"volume": None} if kind % 2 else {}) | constants | words)
        return blocks


def lay_out(candles: pd.DataFrame, *, source: Text, quality: Text, known_at: Times) -> Batch:
    """Return candles as a batch, see `CandleStore.upsert_many` for the parameters.

    Raises
    ------
    InvalidRequestError
        When two rows have one symbol and open time, or a text is missing.
    """
    known = pd.DatetimeIndex([known_at]) if isinstance(known_at, datetime) else known_at
    columns: dict[str, Array] = {
        "symbol_id": candles["symbol_id"].to_numpy("int32"),
        "open_time": times_to_wire(candles["open_time"]),
        "close_time": times_to_wire(candles["close_time"]),
        **{name: candles[name].to_numpy("float64") for name in PRICE_COLUMNS},
        "known_at": np.broadcast_to(times_to_wire(known), len(candles)),
    }
    revises = np.asarray(candles.get("revises", np.ones(len(candles))), "bool")
    opens = columns["open_time"].astype("int64")
    span = Span(np.unique(columns["symbol_id"].astype("int64")), int(opens.min()), int(opens.max()))
    texts = {"source": _words(source, len(candles)), "quality": _words(quality, len(candles))}
    batch = Batch(columns, texts, span, revises)
    if len(np.unique(batch.keys)) < len(batch):
        raise InvalidRequestError("candles must have one row an open time of each symbol; drop the duplicates")
    return batch


def _words(text: Text, n_rows: int) -> tuple[list[str], npt.NDArray[np.intp]]:
    if isinstance(text, str):
        return [text], np.zeros(n_rows, "intp")
    codes, names = pd.factorize(text)
    if (codes < 0).any():
        raise InvalidRequestError("source and quality of a candle must be texts; one of them is missing")
    return [str(name) for name in names], codes
