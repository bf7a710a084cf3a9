from random import Random

import orjson
import pytest

from candlecast.replay.faults.bodies import BODY_KINDS, garble, malform, malform_event, repeat, shuffle, truncate
from candlecast.replay.faults.rows import take_rows

ROWS = [[hour * 3_600_000, "1", "2", "0.5", "1.5", "7", 0, "0", 0, "0", "0", "0"] for hour in range(20)]
KLINES = orjson.dumps(ROWS)
INFO = b'{"symbols":[{"symbol":"BTCUSDT"}]}'


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_garbling_is_the_same_for_the_same_seed(kind):
    first, again, *others = (
        garble(KLINES, kind=kind, share=0.5, venue="binance", chance=Random(seed)) for seed in (1, 1, 2, 3, 4, 5)
    )

    assert first == again != KLINES
    assert len({first, *others}) > 1


@pytest.mark.parametrize("size", [1, 2, 1_000])
def test_a_truncated_body_is_a_proper_beginning(size):
    body = bytes(range(256)) * 4

    cuts = {truncate(body[:size], Random(seed)) for seed in range(50)}

    assert all(body.startswith(cut) and len(cut) < size for cut in cuts)


def test_a_malformed_answer_is_no_json_or_holds_broken_candles():
    bodies = {malform(KLINES, venue="binance", chance=Random(seed)) for seed in range(60)}

    broken = [orjson.loads(body) for body in bodies if body.startswith(b"[")]
    assert b"" in bodies
    assert any(body.startswith(b"<html>") for body in bodies)
    assert len(broken) > 3
    for rows in broken:
        assert sum(row != whole for row, whole in zip(rows, ROWS, strict=True)) == 1


def test_a_malformed_answer_without_candles_is_never_well():
    assert INFO not in {malform(INFO, venue="binance", chance=Random(seed)) for seed in range(30)}


def test_a_malformed_feed_is_no_feed_at_all():
    feed = b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>'

    bodies = {malform(feed, venue="rss", chance=Random(seed)) for seed in range(30)}

    assert len(bodies) == 3
    assert not any(body.startswith(b"<?xml") for body in bodies)
    assert garble(feed, kind="duplicated", share=1.0, venue="rss", chance=Random(1)) == feed


def test_a_malformed_event_has_no_figures():
    event = '{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":0,"o":"1","h":"2","l":"1","c":"2","v":"3","x":true}}'

    texts = {malform_event(event, Random(seed)) for seed in range(40)}

    assert len(texts) == 4
    for text in texts - {"not JSON"}:
        assert orjson.loads(text).get("k", {}).get("c") in (None, "n/a")


@pytest.mark.parametrize(("share", "expected"), [(0.0, [1, 2]), (1.0, [1, 1, 2, 2])])
def test_repeated_items_follow_each_other(share, expected):
    assert repeat([1, 2], share, Random(1)) == expected


def test_shuffled_items_are_all_there_and_the_rest_keep_their_places():
    items = list(range(100))

    none, some, every = (shuffle(items, share, Random(3)) for share in (0.0, 0.3, 1.0))

    assert none == items
    assert sorted(some) == sorted(every) == items
    assert 0 < sum(a != b for a, b in zip(some, items, strict=True)) < 50
    assert sum(a != b for a, b in zip(every, items, strict=True)) > 80


def test_answers_without_candles_are_neither_repeated_nor_moved():
    assert garble(INFO, kind="duplicated", share=1.0, venue="binance", chance=Random(1)) == INFO


def test_duplicated_candles_are_all_there_twice():
    body = garble(KLINES, kind="duplicated", share=1.0, venue="binance", chance=Random(1))

    assert take_rows("binance", orjson.loads(body)) == [row for row in ROWS for _ in range(2)]
