"""Was anything lost? The stored candles beside the recording, the ledger before and after."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO

import pandas as pd

from candlecast.market.candles import PRICE_COLUMNS
from candlecast.replay.recordings import Recording
from tests.compose.stack import CommandFailed, ComposeStack

_CANDLES = """
COPY (SELECT symbol, open_time AT TIME ZONE 'UTC' AS open_time, open, high, low, close, volume
      FROM ohlcv_table JOIN symbols ON id = symbol_id WHERE timeframe = '1h' ORDER BY 1, 2) TO STDOUT CSV HEADER
"""
_LEDGER = "SELECT id, row_hash FROM predictions_table"


@dataclass(frozen=True, slots=True)
class Truth:
    """What a stack should have stored, and what it has.

    Parameters
    ----------
    stack : ComposeStack
        Whose database.
    recording : Recording
        What its replay plays.
    """

    stack: ComposeStack
    recording: Recording

    def ledger(self) -> set[tuple[str, str]]:
        """Return every recorded forecast: its number and its hash."""
        return {(number, digest) for number, digest in self.stack.query(_LEDGER)}

    def stored(self) -> pd.DataFrame:
        """Return every stored candle, its times in UTC."""
        told = self.stack.psql("-qc", _CANDLES)
        frame = pd.read_csv(StringIO(told), parse_dates=["open_time"])
        return frame.assign(open_time=frame["open_time"].dt.tz_localize("UTC"))

    def newest(self) -> datetime:
        """Return the open of the newest candle that every symbol has."""
        newest: pd.Timestamp = self.stored().groupby("symbol")["open_time"].max().min()
        return newest.to_pydatetime()

    def difference(self) -> str:
        """Return in what the stored candles differ from the recording up to the newest, "" when in nothing."""
        stored = self.stored()
        found = [self._difference_of(name, rows) for name, rows in stored.groupby("symbol")]
        missing = set(self.recording.series) - set(stored["symbol"])
        return "; ".join([text for text in found if text] + [f"{name}: nothing" for name in sorted(missing)])

    def wait_until_followed(self, *, since: datetime, n_candles: int, limit_s: float) -> None:
        """Wait until `n_candles` newer candles than `since` of every symbol are stored."""
        deadline_s, wanted = time.monotonic() + limit_s, since + n_candles * timedelta(hours=1)
        while not self._stored_until(wanted):
            assert time.monotonic() < deadline_s, f"no candle of {wanted} after {limit_s:.0f} s"
            time.sleep(1)

    def _stored_until(self, wanted: datetime) -> bool:
        try:
            return self.newest() >= wanted
        except CommandFailed:
            # the database is not back yet
            return False

    def _difference_of(self, name: str, stored: pd.DataFrame) -> str:
        truth = self.recording.series[str(name)].candles
        span = truth["open_time"].between(stored["open_time"].min(), stored["open_time"].max())
        both = truth[span].merge(stored, on="open_time", how="outer", suffixes=("", "_stored"), indicator=True)
        lost, invented = (int((both["_merge"] == side).sum()) for side in ("left_only", "right_only"))
        equal = pd.concat([both[column] == both[f"{column}_stored"] for column in PRICE_COLUMNS], axis=1).all(axis=1)
        wrong = int((~equal & (both["_merge"] == "both")).sum())
        return f"{name}: {lost} lost, {invented} invented, {wrong} wrong" if lost + invented + wrong else ""
