"""What is left in a tab after 200 refreshes, each with a new candle?"""

import pytest

from tests.browser import held

N_WARM, N_REFRESHES = 10, 200
MOST_GROWTH_BYTES = 5_000_000
RANGE = "() => document.querySelector('.cc-plot').layout.xaxis.range.map(String)"
DRAWN = "n => document.querySelector('.cc-plot')?.data?.[0].x.length === n"

pytestmark = pytest.mark.timeout(240)


def zoom(page) -> list[str]:
    before = page.evaluate(RANGE)
    box = page.locator(".cc-plot .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    page.wait_for_function(f"before => JSON.stringify(({RANGE})()) !== JSON.stringify(before)", arg=before)
    page.mouse.move(5, 5)
    return page.evaluate(RANGE)


def test_two_hundred_refreshes_leave_heap_nodes_and_zoom_as_they_were(tab, fake):
    page = tab.open("charts")
    page.wait_for_function(DRAWN, arg=fake.n_candles)
    page.evaluate("() => document.addEventListener('cc:candle', () => { window.ccHeard = (window.ccHeard || 0) + 1; })")
    zoomed = zoom(page)

    def refresh(number: int) -> None:
        # the oldest candle goes and comes back, so that each figure is another one of a size that stays
        fake.n_candles = 301 if fake.n_candles == 300 else 300
        fake.say("candle", symbol="BTC/USDT", timeframe="1h")
        page.wait_for_function("n => window.ccHeard === n", arg=number)
        page.evaluate("() => window.candlecast.refresh('asked')")
        page.wait_for_function(DRAWN, arg=fake.n_candles)

    # what the page makes once, it has made by then
    for number in range(1, N_WARM + 1):
        refresh(number)
    before = held(page)
    for number in range(N_WARM + 1, N_WARM + N_REFRESHES + 1):
        refresh(number)
    after = held(page)

    assert after.heap_bytes - before.heap_bytes <= MOST_GROWTH_BYTES
    assert abs(after.nodes - before.nodes) <= 20
    assert after.listeners <= before.listeners + 5
    # the address holds a zoom to the second
    assert [end[:19] for end in page.evaluate(RANGE)] == [end[:19] for end in zoomed]
    assert tab.errors == []
