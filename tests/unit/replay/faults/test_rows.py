from random import Random

import pytest

from candlecast.replay.faults.bodies import spoil
from candlecast.replay.faults.rows import put_rows, take_rows

YAHOO = {
    "chart": {
        "result": [
            {
                "meta": {"symbol": "BTC-USD"},
                "timestamp": [0, 60],
                "indicators": {
                    "quote": [{"open": [1, 2], "close": [3, 4], "volume": [5, None]}],
                    "adjclose": [{"adjclose": [3, 4]}],
                },
            }
        ],
        "error": None,
    }
}
ANSWERS = {
    "binance": [[0, "1", "2", "3"], [60, "2", "3", "4"]],
    "kraken": {"error": [], "result": {"XBTUSDT": [[0, "1", "2", "3"], [60, "2", "3", "4"]], "last": 0}},
    "coinbase": {"candles": [{"start": "60", "open": "1"}, {"start": "0", "open": "2"}]},
    "yahoo": YAHOO,
    "newsapi": {"status": "ok", "totalResults": 2, "articles": [{"title": "a"}, {"title": "b"}]},
    "cryptopanic": {"count": 2, "results": [{"title": "a"}, {"title": "b"}]},
}


@pytest.mark.parametrize("venue", sorted(ANSWERS))
def test_rows_that_are_put_back_give_the_same_answer(venue):
    payload = ANSWERS[venue]

    rows = take_rows(venue, payload)

    assert len(rows) == 2
    assert put_rows(venue, payload, rows) == payload


@pytest.mark.parametrize("venue", sorted(ANSWERS))
def test_rows_that_are_repeated_are_found_again(venue):
    rows = take_rows(venue, ANSWERS[venue])

    changed = put_rows(venue, ANSWERS[venue], [*rows, rows[0]])

    assert take_rows(venue, changed) == [*rows, rows[0]]


@pytest.mark.parametrize(
    ("venue", "payload"),
    [
        ("binance", {"symbols": []}),
        ("binance", []),
        ("binance", [{"symbol": "BTCUSDT", "price": "1"}]),
        ("kraken", {"error": [], "result": {"XBTUSDT": {"altname": "XBTUSDT"}}}),
        ("coinbase", {"products": []}),
        ("yahoo", {"chart": {"result": [{"meta": {}, "indicators": {"quote": [{}]}}], "error": None}}),
        ("yahoo", {"chart": {"result": None, "error": {}}}),
    ],
)
def test_other_answers_hold_no_rows(venue, payload):
    assert take_rows(venue, payload) is None


@pytest.mark.parametrize("venue", ["binance", "coinbase", "kraken", "yahoo"])
def test_a_spoilt_row_keeps_its_time(venue):
    rows = take_rows(venue, ANSWERS[venue])
    stamp = {"coinbase": "start", "yahoo": "timestamp"}.get(venue, 0)

    spoilt = [spoil(rows, Random(seed)) for seed in range(20)]

    assert all(changed != rows for changed in spoilt)
    assert all([row[stamp] for row in changed] == [row[stamp] for row in rows] for changed in spoilt)
