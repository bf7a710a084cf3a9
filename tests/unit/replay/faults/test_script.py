import json
from datetime import UTC, datetime

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.replay.faults.kinds import KINDS
from candlecast.replay.faults.script import FaultScript, parse_script, read_script
from candlecast.replay.tape import microseconds

SYMBOLS = ("BTC/USDT", "ETH/USDT")


def parse(*faults):
    return parse_script(list(faults), symbols=SYMBOLS)


def test_a_fault_of_a_kind_alone_has_the_defaults():
    [fault] = parse({"kind": "error"}).faults

    assert (fault.venue, fault.start_s, fault.length_s, fault.symbols) == ("*", 0, 10, frozenset())
    assert fault.numbers == {"share": 1.0, "status": 503.0}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_read_with_its_own_parameters(kind):
    numbers = {name: parameter.high for name, parameter in KINDS[kind].items()}

    [fault] = parse({"kind": kind} | numbers).faults

    assert fault.numbers == numbers


def test_an_object_with_a_seed_is_a_script_too():
    script = parse_script({"seed": 7, "faults": [{"kind": "drop", "symbols": ["btc/usdt"]}]}, symbols=SYMBOLS)

    assert script.seed == 7
    assert script.faults[0].symbols == {"BTC/USDT"}


def test_an_outage_may_name_its_market_times():
    [fault] = parse({"kind": "outage", "since": "2021-01-05T00:00:00Z", "until": "2021-01-05T02:00:00+01:00"}).faults

    assert fault.since_us == microseconds(datetime(2021, 1, 5, tzinfo=UTC))
    assert fault.until_us == microseconds(datetime(2021, 1, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("drop", "a script must be a list of faults, was 'drop'"),
        ({"fault": []}, "a script takes no 'fault'; did you mean faults?"),
        ({"seed": -1, "faults": []}, "seed must be a whole number from 0"),
        ([7], 'fault 1 must be an object such as {"kind": "drop"}, was 7'),
        ([{}], "fault 1: kind null is not known; known are blocked, drop"),
        ([{"kind": "drop"}, {"kind": "freez"}], "fault 2: kind 'freez' is not known; did you mean freeze?"),
        ([{"kind": "drop", "venue": "binanse"}], "fault 1 (drop): venue 'binanse' is not known; did you mean binance"),
        ([{"kind": "drop", "lenght_s": 3}], "fault 1 (drop) takes no 'lenght_s'; did you mean length_s?"),
        ([{"kind": "drop", "length_s": 0}], "length_s must be a number from 0.001 to 3.1536e+07, was 0"),
        ([{"kind": "drop", "start_s": True}], "start_s must be a number from 0 to 3.1536e+07, was true"),
        ([{"kind": "error", "status": 503.5}], "status must be a whole number from 500 to 599, was 503.5"),
        ([{"kind": "drop", "symbols": ["BTC/USDC"]}], "symbols 'BTC/USDC' is not known; did you mean BTC/USDT"),
        ([{"kind": "drop", "symbols": []}], 'symbols must be a list such as ["BTC/USDT"], was []'),
        ([{"kind": "skew", "symbols": ["BTC/USDT"]}], "fault 1 (skew) takes no 'symbols'"),
        (
            [{"kind": "empty", "venue": "kraken"}],
            "fault 1 (empty): venue 'kraken' is not known; known are *",
        ),
        ([{"kind": "late", "venue": "rss"}], "fault 1 (late): venue 'rss' is not known; known are *, binance"),
        ([{"kind": "future", "symbols": ["BTC/USDT"]}], "fault 1 (future) takes no 'symbols'"),
        ([{"kind": "late", "since": "2021-01-05"}], "fault 1 (late) takes no 'since'"),
        ([{"kind": "outage", "since": "soon"}], "since must be a time as 2020-03-01T00:00:00Z, was 'soon'"),
        (
            [{"kind": "outage", "since": "2021-01-05T00:00:00"}],
            "since must name its offset, as in 2021-01-05T00:00:00Z",
        ),
        (
            [{"kind": "outage", "since": "2021-01-05T00:00:00Z", "until": "2021-01-05T00:00:00Z"}],
            "since must lie before until",
        ),
    ],
)
def test_a_wrong_script_is_explained_in_one_line(content, message):
    with pytest.raises(InvalidRequestError) as raised:
        parse_script(content, symbols=SYMBOLS)

    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_script_is_read_from_a_file(tmp_path):
    path = tmp_path / "faults.json"
    path.write_text(json.dumps([{"kind": "blocked", "venue": "kraken"}]))

    script = read_script(path, symbols=SYMBOLS)

    assert script == FaultScript(0, parse({"kind": "blocked", "venue": "kraken"}).faults)


@pytest.mark.parametrize("text", ["[{", "[" * 100_000, None], ids=["cut", "deep", "absent"])
def test_a_file_that_is_no_json_or_absent_is_named(tmp_path, text):
    path = tmp_path / "faults.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(InvalidRequestError, match=r"faults\.json cannot be read as a script of faults"):
        read_script(path, symbols=SYMBOLS)
