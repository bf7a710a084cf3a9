import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.storage.postgres.candle_batch import VALUE_COLUMNS, Batch, lay_out
from tests.storage_builders import START, make_rows


def make_batch(*frames: pd.DataFrame, **overrides: object) -> Batch:
    """Return one frame a symbol as a batch, the symbols numbered from 1."""
    candles = pd.concat([frame.assign(symbol_id=number) for number, frame in enumerate(frames, 1)], ignore_index=True)
    return lay_out(candles, **{"source": "binance", "quality": "ok", "known_at": candles["close_time"], **overrides})


def _stored(batch: Batch) -> np.ndarray:
    names = ["symbol_id", "open_time", *VALUE_COLUMNS]
    return np.rec.fromarrays([batch.columns[name] for name in names], names=names)


def test_batch_compared_with_nothing_is_new():
    new, revised = make_batch(make_rows(3)).compare(_stored(make_batch(make_rows(1)))[:0])

    assert new.tolist() == [True] * 3
    assert revised.tolist() == [False] * 3


def test_batch_compared_with_itself_in_any_order_is_unchanged():
    batch = make_batch(make_rows(3, volume=[1.0, np.nan, 2.0]), make_rows(2))

    new, revised = batch.compare(_stored(batch)[::-1])

    assert not (new | revised).any()


@pytest.mark.parametrize("column", VALUE_COLUMNS)
def test_batch_with_another_value_is_revised_in_that_row(column):
    candles = make_rows(3)
    candles.loc[1, column] += candles[column].iloc[1] - candles[column].iloc[0]

    new, revised = make_batch(candles).compare(_stored(make_batch(make_rows(3))))

    assert revised.tolist() == [False, True, False]
    assert not new.any()


def test_batch_with_a_volume_that_was_unknown_is_revised():
    unknown = make_batch(make_rows(1, volume=np.nan))
    known = make_batch(make_rows(1))

    assert known.compare(_stored(unknown))[1].all()
    assert unknown.compare(_stored(known))[1].all()


def test_batch_of_two_series_takes_neither_for_the_other():
    stored = _stored(make_batch(make_rows(2), make_rows(4)))

    new, revised = make_batch(make_rows(4), make_rows(4)).compare(stored)

    assert new.tolist() == [False, False, True, True, False, False, False, False]
    assert not revised.any()


def test_blocks_of_one_source_are_one_block():
    (block,) = make_batch(make_rows(3)).blocks(timeframe="1h")

    assert (block["source"], block["quality"], block["timeframe"]) == ("binance", "ok", "1h")


def test_blocks_of_mixed_rows_hold_each_row_once():
    sources = pd.Series(["kraken", "binance", "kraken", "kraken"])
    qualities = pd.Series(["ok", "ok", "late", "ok"])
    batch = make_batch(make_rows(4, volume=[1.0, 2.0, 3.0, np.nan]), source=sources, quality=qualities)

    found = {(b["source"], b["quality"], b["volume"] is None): len(b["close"]) for b in batch.blocks()}

    assert found == {("kraken", "ok", False): 1, ("kraken", "ok", True): 1, ("binance", "ok", False): 1,
                     ("kraken", "late", False): 1}  # fmt: skip
    assert len({tuple(block) for block in batch.blocks()}) == 1


def test_rows_known_with_the_newest_take_that_of_their_symbol():
    batch = make_batch(make_rows(3), make_rows(2))

    known = batch.known_with_newest().columns["known_at"]

    closes = batch.columns["close_time"]
    assert known.tolist() == [closes[2]] * 3 + [closes[4]] * 2


def test_one_moment_for_all_rows_is_kept():
    batch = make_batch(make_rows(3), known_at=START)

    assert len(set(batch.columns["known_at"].tolist())) == 1


def test_two_rows_of_one_open_time_and_symbol_are_refused():
    with pytest.raises(InvalidRequestError, match="one row an open time of each symbol"):
        make_batch(pd.concat([make_rows(2), make_rows(2)]))


@pytest.mark.parametrize("missing", ["source", "quality"])
def test_row_without_a_text_is_refused(missing):
    with pytest.raises(InvalidRequestError, match="one of them is missing"):
        make_batch(make_rows(2), **{missing: pd.Series(["binance", None])})
