"""How fast are the indicators, over a whole history and for one candle more?

``python benchmarks/features_speed.py [--quick] [--data DIR] [--symbol BTC/USDT] [--candles 100000] [--json]``

Batch: ours computes every column of `ta.add_all_ta_features`; the peer is that function, called as its
documentation says, without ``fillna``. Before, the columns of both are compared on the very candles that
are timed: after the warm-up they may differ by 1e-6 of the value or of the column's deviation, else the
run fails. An infinity of `ta`, a division by no volume, counts as not known, and a crossing does not count
where the price is within 1e-9 of its band. The peer runs once, for it takes
minutes; ours runs five times right after it.

One candle more: ours pushes it into a stream that knows 500 candles; the peer is our own batch path over
those 501, and over all candles of the first part. What the push says is compared with the batch's last row.
Without ``--data`` the candles are generated.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import ta
from pairs import make_row, show
from report import Bar, finish

from candlecast.features.technical.columns import WARM_UP_CANDLES, IndicatorStream, technical_indicators
from candlecast.replay.recordings import load_recording
from candlecast.replay.synthetic import make_recording

QUICK_CANDLES = 10_000
CONTEXT_CANDLES = 500
PUSHES_A_ROUND = 100
OUR_ROUNDS = 5
TOLERANCE = 1e-6
ON_THE_BAND = 1e-9
# where the price is just on the band, rounding decides whether it crossed
BANDS = {f"volatility_{band}{side}i": f"volatility_{band}{side}" for band in ("bb", "kc") for side in "hl"}
PRICES = ("open", "high", "low", "close", "volume")
# against ta on many rows; against our own table for a candle more
BARS = (Bar("batch_rows_per_s", "ratio", least=50.0), Bar("incremental_s", "ratio", least=20.0))


def main() -> None:
    options = _options()
    candles = _candles(options)
    rows = [
        _batch_row(candles),
        _one_more_row(candles, over=CONTEXT_CANDLES, rounds=5 if options.quick else 30),
        _one_more_row(candles, over=len(candles) - PUSHES_A_ROUND, rounds=3),
    ]
    show([] if options.json else rows)
    finish("features_speed", rows, as_json=options.json, bars=BARS)


def _candles(options: argparse.Namespace) -> pd.DataFrame:
    n = QUICK_CANDLES if options.quick else options.candles
    if options.data is None:
        recording = make_recording([options.symbol], timeframe="1h", n_candles=n, seed=5)
    else:
        recording = load_recording(options.data, [options.symbol])
    candles = recording.series[options.symbol].candles
    return candles.tail(n).reset_index(drop=True)


def _batch_row(candles: pd.DataFrame) -> dict[str, Any]:
    few = candles.head(WARM_UP_CANDLES)
    technical_indicators(few), _peer(few)
    peer_s, theirs = _timed(_peer, candles)
    timed = [_timed(technical_indicators, candles) for _ in range(OUR_ROUNDS)]
    _compare(timed[0][1], theirs, close=candles["close"].to_numpy())
    pairs = [(len(candles) / ours_s, len(candles) / peer_s) for ours_s, _ in timed]
    return make_row("batch_rows_per_s", pairs, unit="rows/s", n=len(candles), peer_is="ta.add_all_ta_features")


def _peer(candles: pd.DataFrame) -> pd.DataFrame:
    given = candles[list(PRICES)].copy()
    return ta.add_all_ta_features(given, *PRICES, fillna=False).drop(columns=list(PRICES))


def _compare(ours: pd.DataFrame, theirs: pd.DataFrame, *, close: np.ndarray) -> None:
    if set(ours) != set(theirs):
        raise SystemExit(f"features_speed: columns of one side only: {sorted(set(ours) ^ set(theirs))}")
    wrong = {}
    for name in ours:
        found = ours[name].to_numpy()[WARM_UP_CANDLES:]
        expected = theirs[name].replace([np.inf, -np.inf], np.nan).to_numpy()[WARM_UP_CANDLES:]
        near = np.isclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE * np.nanstd(expected), equal_nan=True)
        if name in BANDS:
            gap = (close - ours[BANDS[name]].to_numpy())[WARM_UP_CANDLES:]
            near |= np.abs(gap) < ON_THE_BAND * close[WARM_UP_CANDLES:]
        if not near.all():
            wrong[name] = int((~near).sum())
    if wrong:
        raise SystemExit(f"features_speed: rows that differ from ta: {wrong}")
    print(f"{len(ours.columns)} columns agree on {len(ours) - WARM_UP_CANDLES:,} rows", flush=True)


def _one_more_row(candles: pd.DataFrame, *, over: int, rounds: int) -> dict[str, Any]:
    known, following = candles.iloc[:over], candles.iloc[over : over + PUSHES_A_ROUND].to_dict("records")
    pairs = []
    for _ in range(rounds):
        stream = IndicatorStream(known)
        started_s = time.perf_counter()
        pushed = [stream.push(candle, open_time=candle["open_time"]) for candle in following]
        ours_s = (time.perf_counter() - started_s) / len(following)
        peer_s, batch = _timed(technical_indicators, candles.iloc[: over + 1])
        _compare_newest(pushed[0], batch.iloc[-1])
        pairs.append((ours_s, peer_s))
    ratios = [peer_s / ours_s for ours_s, peer_s in pairs]
    return {
        "metric": "incremental_s", "ours": median(ours for ours, _ in pairs), "peer": median(peer for _, peer in pairs),
        "ratio": median(ratios), "low": min(ratios), "high": max(ratios), "interval_of": "ratio",
        "unit": "s", "n": rounds * PUSHES_A_ROUND, "higher_is_better": False,
        "peer_is": f"our batch path over {over + 1:,} candles",
    }  # fmt: skip


def _compare_newest(pushed: dict[str, float], row: pd.Series) -> None:
    found = pd.Series(pushed)[row.index]
    near = np.isclose(found, row, rtol=TOLERANCE, atol=1e-9, equal_nan=True)
    if not near.all():
        raise SystemExit(f"features_speed: one candle more differs from the batch in {list(row.index[~near])}")


def _timed(work: Callable[[pd.DataFrame], pd.DataFrame], candles: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    started_s = time.perf_counter()
    found = work(candles)
    return time.perf_counter() - started_s, found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_CANDLES:,} candles, few rounds")
    parser.add_argument("--data", type=Path, help="folder of candle files; generated candles without")
    parser.add_argument("--symbol", default="BTC/USDT", help="whose candles")
    parser.add_argument("--candles", type=int, default=100_000, help="at most so many, the newest")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
