import asyncio

from hypothesis import given
from hypothesis import strategies as st

from candlecast.market.symbols import Symbol
from candlecast.market.venues.protocol import CandleUpdate
from candlecast.market.venues.update_buffer import UpdateBuffer

BTC, ETH = Symbol.parse("BTC/USDT"), Symbol.parse("ETH/USDT")


def update(symbol=BTC, open_us=0, *, closed=False, close=1.0):
    return CandleUpdate(symbol, open_us, (1.0, 1.0, 1.0, close, 1.0), closed)


def drain(buffer):
    taken = []
    while buffer:
        taken.append(buffer.pop())
    return taken


def push_all(updates):
    buffer = UpdateBuffer()
    for one in updates:
        buffer.push(one)
    return buffer


def test_buffer_keeps_only_the_newest_word_on_a_running_candle():
    buffer = push_all([update(close=1.0), update(close=2.0), update(close=3.0)])

    assert drain(buffer) == [update(close=3.0)]


def test_buffer_keeps_every_closing_message_in_order():
    closings = [update(open_us=number, closed=True) for number in (1, 2, 2, 1)]

    assert drain(push_all(closings)) == closings


def test_buffer_drops_the_running_word_on_a_candle_that_closed():
    closing = update(open_us=1, closed=True)

    assert drain(push_all([update(open_us=1), closing])) == [closing]


def test_buffer_gives_the_next_running_candle_after_the_closing_message():
    closing, running = update(open_us=1, closed=True), update(open_us=2)

    assert drain(push_all([running, closing])) == [closing, running]


def test_buffer_lets_no_symbol_overtake_one_that_waits():
    buffer = push_all([update(ETH), update(BTC), update(ETH, close=2.0)])

    assert [one.symbol for one in drain(buffer)] == [ETH, BTC]


@given(
    st.lists(
        st.builds(
            update,
            symbol=st.sampled_from([BTC, ETH]),
            open_us=st.integers(0, 3),
            closed=st.booleans(),
            close=st.floats(1, 9),
        )
    )
)
def test_buffer_of_any_messages_loses_no_closing_one_and_ends_with_the_newest(pushed):
    taken = drain(push_all(pushed))

    assert [one for one in taken if one.closed] == [one for one in pushed if one.closed]
    for symbol in (BTC, ETH):
        mine = [one for one in taken if one.symbol == symbol]
        last = next((one for one in reversed(pushed) if one.symbol == symbol), None)
        assert sum(not one.closed for one in mine) <= 1
        assert mine[-1:] == ([] if last is None else [last]) or last.closed


def test_buffer_wakes_who_waits_for_a_push_and_for_the_end():
    async def run():
        buffer = UpdateBuffer()
        waiting = asyncio.create_task(buffer.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        buffer.push(update())
        await waiting
        buffer.end()
        await buffer.wait()
        return buffer.ended

    assert asyncio.run(run())
