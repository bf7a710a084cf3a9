from datetime import timedelta

import pytest

from candlecast.clock import ReplayClock, wall_s
from candlecast.replay.faults import board as board_module
from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.faults.script import parse_script
from candlecast.replay.synthetic import FIRST_OPEN
from candlecast.replay.tape import microseconds

SYMBOLS = ("BTC/USDT", "ETH/USDT")
SPEED = 60.0


@pytest.fixture
def wall(monkeypatch):
    now = [wall_s()]
    monkeypatch.setattr(board_module, "wall_s", lambda: now[0])
    return now


def make_board(wall, *faults, seed=0):
    clock = ReplayClock(wall[0], FIRST_OPEN, FIRST_OPEN + timedelta(days=9), SPEED)
    board = FaultBoard(clock)
    board.load(parse_script({"seed": seed, "faults": list(faults)}, symbols=SYMBOLS))
    return board


def test_a_fault_strikes_between_its_start_and_its_end(wall):
    board = make_board(wall, {"kind": "drop", "start_s": 5, "length_s": 10})
    started = wall[0]

    struck = {}
    for elapsed_s in (4.9, 5.1, 14.9, 15.1):
        wall[0] = started + elapsed_s
        struck[elapsed_s] = board.strike("drop", "kraken")

    assert [elapsed_s for elapsed_s, strike in struck.items() if strike] == [5.1, 14.9]
    assert struck[5.1].left_s == pytest.approx(9.9)


def test_a_fault_strikes_its_venue_and_symbols_alone(wall):
    board = make_board(wall, {"kind": "error", "venue": "kraken", "symbols": ["BTC/USDT"]})

    assert board.strike("error", "kraken", "BTC/USDT")
    assert board.strike("error", "kraken", "ETH/USDT") is None
    assert board.strike("error", "kraken") is None
    assert board.strike("error", "binance", "BTC/USDT") is None
    assert board.strike("blocked", "kraken", "BTC/USDT") is None


def test_a_share_is_drawn_the_same_way_for_the_same_seed(wall):
    fault = {"kind": "error", "share": 0.3}

    first, second, other = (
        [make.strike("error", "binance") is not None for _ in range(400)]
        for make in (make_board(wall, fault, seed=1), make_board(wall, fault, seed=1), make_board(wall, fault, seed=2))
    )

    assert first == second
    assert first != other
    assert 80 < sum(first) < 160


def test_loading_another_script_starts_its_times_anew(wall):
    board = make_board(wall, {"kind": "drop", "length_s": 10})
    before = board.version
    wall[0] += 100

    board.load(board.script)

    assert board.strike("drop", "yahoo")
    assert board.version == before + 1


def test_candle_faults_span_the_market_time_of_their_wall_time(wall):
    board = make_board(wall, {"kind": "late", "start_s": 60, "length_s": 60}, {"kind": "drop"})

    [fault] = board.candle_faults("binance", "BTC/USDT")

    assert fault.since_us == microseconds(FIRST_OPEN + timedelta(hours=1))
    assert fault.until_us == microseconds(FIRST_OPEN + timedelta(hours=2))


def test_candle_faults_never_reach_beyond_the_recording(wall):
    board = make_board(wall, {"kind": "outage", "length_s": 31_536_000})

    [fault] = board.candle_faults("binance", "BTC/USDT")

    assert fault.until_us == microseconds(FIRST_OPEN + timedelta(days=9))


def test_skew_is_that_of_the_venue_while_it_lasts(wall):
    board = make_board(wall, {"kind": "skew", "venue": "kraken", "skew_s": -2.5, "length_s": 10})

    during = board.skew_us("kraken"), board.skew_us("binance")
    wall[0] += 11

    assert during == (-2_500_000, 0)
    assert board.skew_us("kraken") == 0
