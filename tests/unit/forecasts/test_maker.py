"""Does the batch say what each symbol's history alone says, from candle to candle?"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from candlecast.features.market import MARKET_WINDOW_CANDLES, MarketReturns
from candlecast.forecasts.champions import Champion
from candlecast.forecasts.maker import MAX_STEPS, BatchMaker, Moment
from candlecast.forecasts.path import Context, make_forecast
from candlecast.market.series import arrays_of
from candlecast.market.symbols import Symbol
from candlecast.models.direction import DirectionModel
from tests.trained import small_panel, small_quantile_model, small_result

NAMES = ("BTC/USDT", "ETH/USDT")
N_FIRST = 1_400
LATER = datetime(2030, 1, 1, tzinfo=UTC)


class Past:
    """Windows and histories that end after `n` candles; counts the histories that are read."""

    timeframe = "1h"

    def __init__(self, *, dropped: tuple[int, ...] = ()) -> None:
        self.n = N_FIRST
        self.n_epoch = 1
        self.n_reads = 0
        self.panel = {name: small_panel()[name].drop(index=list(dropped)) for name in NAMES}

    def epoch(self, name):
        return self.n_epoch

    def frame(self, name):
        return self.panel[name].iloc[: self.n]

    def read(self, number, timeframe, *, until, limit):
        self.n_reads += 1
        return self.frame(NAMES[number]).iloc[-limit:]

    def candles(self):
        return {name: arrays_of(self.frame(name)).newest(640) for name in NAMES}


def maker_of(past: Past) -> BatchMaker:
    followed = {name: (Symbol.parse(name), number) for number, name in enumerate(NAMES)}
    return BatchMaker(symbols=followed, windows=past, candles=past, news=None)


def contender(horizon: int, model: DirectionModel | None = None) -> Champion:
    model = model or small_result().model
    facts, volatility = replace(model.facts, horizon=horizon), replace(model.volatility, horizon=horizon)
    return Champion(f"h{horizon}", "xgboost", LATER, replace(model, facts=facts, volatility=volatility))


def made(maker: BatchMaker, past: Past, champion: Champion):
    moment = Moment.of(NAMES, past.candles())
    found = maker.make(moment, NAMES, champion, made_at=LATER, explained=True)
    return {name: one.values for name, one in found.items()}


def single(past: Past, champion: Champion):
    recent = {name: past.frame(name).iloc[-MARKET_WINDOW_CANDLES:] for name in NAMES}
    context = Context(market=MarketReturns.of(recent))
    return {
        name: make_forecast(
            past.frame(name),
            model=champion.model,
            symbol=Symbol.parse(name),
            as_of=LATER,
            made_at=LATER,
            context=context,
        )
        for name in NAMES
    }


def assert_alike(found, reference):
    for name, ours in found.items():
        theirs = reference[name]
        # what is recorded of the features and the call is equal bit for bit
        assert (ours.features_digest, ours.p_up, ours.direction) == (
            theirs.features_digest,
            theirs.p_up,
            theirs.direction,
        )
        assert ours.drivers == theirs.drivers
        assert ours.coverage_recent == pytest.approx(theirs.coverage_recent, abs=1e-9)
        assert ours.expected_volatility == pytest.approx(theirs.expected_volatility, rel=1e-9)
        ends = [[(one.low, one.high) for one in values.intervals] for values in (ours, theirs)]
        np.testing.assert_allclose(*ends, rtol=1e-9)


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("trained", [lambda: small_result().model, small_quantile_model], ids=["scaled", "quantiles"])
def test_batches_candle_by_candle_say_what_the_history_says(horizon, trained):
    past, champion = Past(dropped=(N_FIRST + 2,)), contender(horizon, trained())
    maker = maker_of(past)
    made(maker, past, champion)

    for _ in range(6):
        past.n += 1
        found = made(maker, past, champion)

    assert past.n_reads == len(NAMES)
    assert_alike(found, single(past, champion))


def test_batch_after_candles_that_it_did_not_see_says_what_the_history_says():
    past, champion = Past(), contender(1)
    maker = maker_of(past)
    made(maker, past, champion)

    past.n += 3
    found = made(maker, past, champion)

    assert past.n_reads == len(NAMES)
    assert_alike(found, single(past, champion))


@pytest.mark.parametrize("doubt", ["revised", "far behind"])
def test_batch_in_doubt_goes_through_the_history_again(doubt):
    past, champion = Past(), contender(1)
    maker = maker_of(past)
    made(maker, past, champion)

    past.n += MAX_STEPS + 1 if doubt == "far behind" else 0
    past.n_epoch += doubt == "revised"
    made(maker, past, champion)

    assert past.n_reads == 2 * len(NAMES)


def test_batch_that_nobody_sees_is_not_explained():
    past = Past()

    found = maker_of(past).make(Moment.of(NAMES, past.candles()), NAMES, contender(1), made_at=LATER, explained=False)

    assert all(one.values.drivers == () for one in found.values())
