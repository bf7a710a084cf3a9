from datetime import timedelta

import pytest

from candlecast.clock import ReplayClock, wall_s
from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.faults.line import FaultyLine, StreamMessage
from candlecast.replay.faults.script import FaultScript, parse_script
from candlecast.replay.synthetic import FIRST_OPEN

SYMBOLS = ("BTC/USDT", "ETH/USDT")
EVENT = '{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":0,"o":"1","h":"2","l":"1","c":"2","v":"3","x":true}}'


@pytest.fixture
def board():
    return FaultBoard(ReplayClock(wall_s(), FIRST_OPEN, FIRST_OPEN + timedelta(days=9)))


def load(board, *faults):
    board.load(parse_script([{"length_s": 1e4} | fault for fault in faults], symbols=SYMBOLS))
    return FaultyLine(board, "binance")


def messages(*texts):
    return [StreamMessage("BTC/USDT", text) for text in texts]


def test_a_line_without_faults_carries_everything(board):
    line = load(board)

    assert line.carry(messages("a", "b")) == ["a", "b"]
    assert not line.is_cut(SYMBOLS)
    assert line.frozen_s() == 0


def test_a_frozen_line_loses_its_messages(board):
    line = load(board, {"kind": "freeze"})

    assert line.carry(messages("a")) == []
    assert line.frozen_s() > 0


def test_a_line_that_is_frozen_for_a_symbol_carries_the_others(board):
    line = load(board, {"kind": "freeze", "symbols": ["ETH/USDT"]})

    carried = line.carry([*messages("a"), StreamMessage("ETH/USDT", "b")])

    assert carried == ["a"]
    assert line.frozen_s() == 0


@pytest.mark.parametrize(("symbols", "cut"), [(["BTC/USDT"], True), (["ETH/USDT"], False), ([], False)])
def test_a_line_is_cut_when_it_carries_a_symbol_of_the_fault(board, symbols, cut):
    line = load(board, {"kind": "drop", "symbols": ["BTC/USDT"], "share": 0.0})

    assert line.is_cut(symbols) is cut


def test_a_duplicated_message_arrives_twice(board):
    assert load(board, {"kind": "duplicated", "share": 1}).carry(messages("a", "b")) == ["a", "a", "b", "b"]


def test_a_message_out_of_order_arrives_after_the_next_ones(board):
    line = load(board, {"kind": "out_of_order", "share": 1})

    first = line.carry(messages("a", "b"))
    board.load(FaultScript())
    second = line.carry(messages("c"))
    third = line.carry(messages("d"))

    assert (first, second, third) == ([], ["c", "a", "b"], ["d"])


@pytest.mark.parametrize("kind", ["truncated", "malformed"])
def test_a_garbled_message_is_another_one(board, kind):
    [text] = load(board, {"kind": kind}).carry(messages(EVENT))

    assert text != EVENT
