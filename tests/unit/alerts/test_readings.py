"""Is each figure the right one of its time? Fakes behind it."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest

from candlecast.alerts.readings import Readings, ReadingSources
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.closes import StoredClose
from tests.alert_builders import make_alert
from tests.builders import make_frozen_clock
from tests.fakes import make_forecast
from tests.storage_builders import START

HOUR = timedelta(hours=1)
SYMBOLS = {name: Symbol.parse(name) for name in ("BTC/USDT", "ETH/USDT")}


class World:
    """The sources of the figures, each settable; `at` is the market time."""

    def __init__(self):
        self.at = START + 30 * HOUR + timedelta(minutes=10)
        self.closes_at = {}
        self.live = {}
        self.forecast = None
        self.score = 0.4
        self.n_scored = 0
        self.newest_close = START + 30 * HOUR

    def readings(self):
        sources = ReadingSources(
            cache=SimpleNamespace(get_prices=self._live),
            closes=SimpleNamespace(newest=self._closes),
            reader=SimpleNamespace(timeframe="1h", newest=self._newest, late=self._late),
            forecasts=lambda symbols, _horizon: dict.fromkeys(symbols, self.forecast),
            sentiment=self._sentiment,
        )
        return Readings(symbols=SYMBOLS, clock=make_frozen_clock(self.at, self.at + 100 * HOUR), sources=sources)

    async def _live(self, names):
        return {name: self.live[name] for name in names if name in self.live}

    def _closes(self, names, timeframe, *, until):
        by = {time: close for time, close in self.closes_at.items() if time <= until}
        return {name: StoredClose(max(by), by[max(by)], "fake") for name in names} if by else {}

    async def _sentiment(self, symbol, window):
        self.n_scored += 1
        return self.score

    async def _newest(self):
        return {"BTC/USDT": SimpleNamespace(close_time=self.newest_close)}

    def _late(self, newest, now):
        return [name for name, candle in newest.items() if now - candle.close_time > HOUR * 1.1]


@pytest.fixture
def world():
    return World()


def figure(world, **rule):
    return asyncio.run(world.readings().values([make_alert(**rule)])).get(1)


def test_price_is_the_live_one_where_it_is_newer_than_the_close(world):
    world.closes_at = {START + 30 * HOUR: 100.0}
    world.live = {"BTC/USDT": {"price": 101.0, "at": (world.at - timedelta(seconds=1)).isoformat()}}

    assert figure(world) == 101.0


@pytest.mark.parametrize("offset", [HOUR, -HOUR])
def test_price_of_another_time_gives_way_to_the_close(world, offset):
    world.closes_at = {START + 30 * HOUR: 100.0}
    world.live = {"BTC/USDT": {"price": 101.0, "at": (world.at + offset).isoformat()}}

    assert figure(world) == 100.0


def test_move_is_against_the_close_a_window_before(world):
    world.closes_at = {START + 26 * HOUR: 80.0, START + 30 * HOUR: 100.0}

    assert figure(world, metric="move_pct", window="4h", threshold=5.0) == pytest.approx(25.0)


def test_move_over_a_hole_is_not_known(world):
    # four hours before there was no candle: the one before it closed too early
    world.closes_at = {START + 20 * HOUR: 80.0, START + 30 * HOUR: 100.0}

    assert figure(world, metric="move_pct", window="4h", threshold=5.0) is None


def test_forecast_gives_probability_and_coverage_until_its_target(world):
    world.forecast = make_forecast(as_of=START, target_time=world.at + HOUR)
    assert figure(world, metric="p_up", threshold=0.6) == 0.541
    assert figure(world, metric="coverage", threshold=0.6) == 0.804

    world.forecast = make_forecast(as_of=START, target_time=world.at - HOUR)
    assert figure(world, metric="p_up", threshold=0.6) is None


def test_forecast_of_another_replay_is_not_known(world):
    later = world.at + HOUR
    world.forecast = make_forecast(as_of=later, made_at=later, target_time=later + HOUR)

    assert figure(world, metric="p_up", threshold=0.6) is None


def test_sentiment_is_read_once_for_many_rules(world):
    readings = world.readings()
    rules = [make_alert(id=number, metric="sentiment", threshold=0.3) for number in (1, 2)]

    assert asyncio.run(readings.values(rules)) == {1: 0.4, 2: 0.4}
    assert asyncio.run(readings.values(rules)) == {1: 0.4, 2: 0.4}
    assert world.n_scored == 1


def test_news_that_say_nothing_are_no_figure(world):
    world.score = None

    assert figure(world, metric="sentiment", threshold=0.3) is None


def test_data_age_counts_only_while_a_candle_is_late(world):
    assert figure(world, metric="data_age_s", threshold=60) == 0.0

    world.newest_close = START + 28 * HOUR
    assert figure(world, metric="data_age_s", threshold=60) == 2 * 3_600 + 600


def test_rule_of_a_symbol_that_is_not_followed_has_no_figure(world):
    world.closes_at = {START: 100.0}

    assert figure(world, symbol="LTC/USDT") is None
    assert figure(world, timeframe="1d") is None
