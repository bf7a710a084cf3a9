import json
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from candlecast.replay.recordings import load_recording
from candlecast.replay.remote import fetch_clock, fetch_recording
from candlecast.replay.server import build_replay
from tests.builders import make_frozen_clock, make_small_recording
from tests.loopback import serve_app

N = 1_200
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(["BTC/USDT", "ETH/USDT"], N, gap_share=0.02)


@pytest.fixture(scope="module")
def halfway(recording):
    """Half an hour into the candle number 1,000 of BTC/USDT."""
    opened = recording.series["BTC/USDT"].candles["open_time"][1_000].to_pydatetime()
    return opened + timedelta(minutes=30)


@pytest.fixture(scope="module")
def replay(recording, halfway):
    with (
        serve_app(build_replay(recording, make_frozen_clock(halfway, recording.end))) as url,
        httpx2.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def stocks():
    shipped = load_recording(None, ["AAPL"])
    noon = datetime(2012, 7, 3, 15, 15, tzinfo=UTC)
    with (
        serve_app(build_replay(shipped, make_frozen_clock(noon, shipped.end))) as url,
        httpx2.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


def klines(replay, **query):
    answer = replay.get("/api/v3/klines", params={"symbol": "BTCUSDT", "interval": "1h", **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_klines_have_twelve_fields_and_read_back_as_recorded(replay, recording):
    frame = recording.series["BTC/USDT"].candles

    rows = klines(replay, startTime=0, limit=1_000)

    assert len(rows) == 1_000
    assert {len(row) for row in rows} == {12}
    assert all(isinstance(price, str) for price in rows[0][1:6])
    for row, candle in zip(rows, frame.itertuples(), strict=False):
        assert [float(price) for price in row[1:6]] == [
            candle.open, candle.high, candle.low, candle.close, candle.volume,
        ]  # fmt: skip
        assert (row[0], row[6]) == (candle.open_time.timestamp() * 1_000, candle.close_time.timestamp() * 1_000 - 1)


def test_klines_of_the_future_are_never_served(replay, halfway):
    rows = klines(replay, startTime=0) + klines(replay) + klines(replay, startTime=int(halfway.timestamp() * 1_000))

    assert max(row[0] for row in rows) <= halfway.timestamp() * 1_000


def test_klines_without_a_start_end_with_the_running_candle(replay, recording):
    final = recording.series["BTC/USDT"].candles.loc[1_000]

    rows = klines(replay, limit=2)

    running = rows[-1]
    assert len(rows) == 2
    assert running[0] == final["open_time"].timestamp() * 1_000
    assert float(running[1]) == final["open"]
    assert final["low"] <= float(running[3]) <= float(running[4]) <= float(running[2]) <= final["high"]
    assert float(running[5]) == pytest.approx(final["volume"] / 2, abs=1e-3)


def test_klines_between_two_times_hold_both_ends(replay, recording):
    opens = [moment.timestamp() * 1_000 for moment in recording.series["BTC/USDT"].candles["open_time"]]

    rows = klines(replay, startTime=int(opens[10]), endTime=int(opens[12]))

    assert [row[0] for row in rows] == opens[10:13]


def test_klines_limit_is_500_by_default_and_1000_at_most(replay):
    assert len(klines(replay, startTime=0)) == 500
    assert len(klines(replay, startTime=0, limit=5_000)) == 1_000
    assert klines(replay, startTime=9_999_999_999_999) == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"symbol": "NOPE"}, -1121),
        ({"symbol": ""}, -1102),
        ({"interval": "7h"}, -1120),
        ({"startTime": "soon"}, -1100),
        ({"startTime": "9" * 30}, -1100),
        ({"limit": "0"}, -1100),
    ],
)
def test_klines_of_a_bad_request_answer_400_with_the_code(replay, query, code):
    answer = replay.get("/api/v3/klines", params={"symbol": "BTCUSDT", "interval": "1h", **query})

    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["msg"]


def test_prices_are_the_running_close(replay):
    close = klines(replay, limit=1)[0][4]

    one = replay.get("/api/v3/ticker/price", params={"symbol": "BTCUSDT"}).json()
    every = replay.get("/api/v3/ticker/price").json()
    day = replay.get("/api/v3/ticker/24hr", params={"symbol": "BTCUSDT"}).json()

    assert one == {"symbol": "BTCUSDT", "price": close}
    assert [entry["symbol"] for entry in every] == ["BTCUSDT", "ETHUSDT"]
    assert day["lastPrice"] == close


def test_time_is_the_market_time(replay, halfway):
    assert replay.get("/api/v3/time").json() == {"serverTime": int(halfway.timestamp() * 1_000)}
    assert replay.get("/api/v3/ping").json() == {}


def test_clock_and_recording_are_read_back(replay, recording, halfway):
    url = str(replay.base_url)

    clock, described = fetch_clock(url), fetch_recording(url)

    assert (clock.now(), clock.end, clock.speed) == (halfway, recording.end, 1.0)
    assert described.symbols == ("BTC/USDT", "ETH/USDT")
    assert (described.timeframe, described.start, described.end) == ("1h", recording.start, recording.end)


def test_chart_ends_with_the_day_so_far(stocks):
    answer = stocks.get("/v8/finance/chart/AAPL", params={"range": "5d", "interval": "1d"}).json()

    result = answer["chart"]["result"][0]
    quote = result["indicators"]["quote"][0]
    assert [datetime.fromtimestamp(stamp, UTC).day for stamp in result["timestamp"]] == [27, 28, 29, 2, 3]
    assert result["meta"]["exchangeTimezoneName"] == "America/New_York"
    assert result["meta"]["regularMarketPrice"] == quote["close"][-1]
    assert 0 < quote["volume"][-1] < 8_641_400
    # 2012-07-02 as shipped
    assert quote["close"][-2] == 592.52


def test_chart_of_an_unknown_symbol_is_not_found(stocks):
    answer = stocks.get("/v8/finance/chart/NOPE")

    assert answer.status_code == 404
    assert answer.json()["chart"]["error"]["code"] == "Not Found"


@pytest.mark.parametrize(
    ("query", "status"), [({"interval": "5m"}, 422), ({"period1": "soon"}, 400), ({"range": "eon"}, 400)]
)
def test_chart_of_a_bad_request_is_refused(stocks, query, status):
    answer = stocks.get("/v8/finance/chart/AAPL", params=query)

    assert answer.status_code == status
    assert answer.json()["chart"]["result"] is None


def test_chart_before_the_first_candle_is_empty(stocks):
    answer = stocks.get("/v8/finance/chart/AAPL", params={"period1": 0, "period2": 86_400})

    assert json.loads(answer.text)["chart"]["result"][0]["indicators"]["quote"] == [{}]
