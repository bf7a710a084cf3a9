import asyncio

import pytest

from candlecast.errors import ModelNotReadyError
from ui import panels

EVIL = '"><img src=x onerror=alert(1)>'


def test_failed_panel_says_why_and_offers_to_ask_again():
    text = panels.failed(ModelNotReadyError("no model for 1h; train one"), title="Forecast", about="BTC/USDT 1h")

    assert 'data-state="failed" data-about="BTC/USDT 1h"' in text
    assert "no model for 1h; train one" in text
    assert "data-retry" in text


@pytest.mark.parametrize(
    "text",
    [
        panels.failed(ModelNotReadyError(EVIL), title=EVIL, about=EVIL),
        panels.empty(EVIL, EVIL, about=EVIL),
        panels.filled("", about=EVIL),
        panels.row(EVIL, ""),
    ],
)
def test_markup_in_any_text_is_inert(text):
    assert "<img" not in text
    assert '=""' not in text


@pytest.mark.parametrize("value", [panels.filled("<div>x</div>", about="m"), panels.empty("a", "b")])
def test_value_in_its_turn_says_which_once_and_nothing_else(value):
    told = panels.in_turn(3, value)

    assert told.startswith('<div data-turn="3" data-state="')
    assert told.replace(' data-turn="3"', "") == value


def test_loading_panel_keeps_its_final_height_free():
    made = panels.panel("cc-x", height_px=321, label="<News>")

    assert "min-height:321px" in made.html_template
    assert "&lt;News&gt; is loading" in made.html_template


def test_attempt_gives_the_answer_or_the_error():
    async def fail():
        raise ModelNotReadyError("none")

    async def answer():
        return 7

    assert asyncio.run(panels.attempt(answer())) == 7
    assert isinstance(asyncio.run(panels.attempt(fail())), ModelNotReadyError)


def test_attempt_leaves_programming_errors_loud():
    async def wrong():
        raise KeyError("bug")

    with pytest.raises(KeyError):
        asyncio.run(panels.attempt(wrong()))
