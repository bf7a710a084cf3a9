import numpy as np
import pandas as pd

from candlecast.storage.postgres.candle_rows import Window, stage
from tests.storage_builders import START, make_rows


def test_stage_with_one_source_numbers_it_from_one():
    staged = stage(make_rows(3), source="binance", quality="ok", known_at=START)

    assert staged.sources == ["binance"]
    assert staged.columns["source"].tolist() == [1, 1, 1]


def test_stage_with_source_per_row_keeps_their_order():
    sources = pd.Series(["kraken", "binance", "kraken"])

    staged = stage(make_rows(3), source=sources, quality="ok", known_at=START)

    assert [staged.sources[code - 1] for code in staged.columns["source"]] == sources.tolist()


def test_stage_with_known_at_per_row_names_the_newest():
    candles = make_rows(3)

    staged = stage(candles, source="binance", quality="ok", known_at=candles["close_time"])

    assert staged.known_last == candles["close_time"].iloc[-1]
    np.testing.assert_array_equal(staged.columns["known_at"], staged.columns["close_time"])


def test_window_starting_elsewhere_keeps_the_rest():
    window = Window(1, "1h", until=START, limit=5).starting(START)

    assert window == Window(1, "1h", start=START, until=START, limit=5)
