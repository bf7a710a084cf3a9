"""Is a record shown beside its baselines, and no figure made of too few?"""

import pytest

from tests.fakes import make_record
from ui.dashboard.facts import Judged
from ui.dashboard.record_card import MIN_SETTLED, record_card


def test_record_stands_beside_what_naive_forecasters_did():
    text = record_card(Judged(make_record("BTC/USDT"), 10.0))

    for term in ("500 settled", "53.8 %", "49.4 – 58.1", "50.4 % · 48.9 %", "80.4 %", "0.247", "1 · 2"):
        assert term in text


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (None, "0 forecasts of this model settled here"),
        (make_record(n=1), "1 forecast of this model settled here"),
        (make_record(n=MIN_SETTLED - 1), "49 forecasts of this model settled here"),
    ],
)
def test_too_few_settled_forecasts_give_no_figure(record, says):
    text = record_card(Judged(record, 10.0))

    assert f"Too few settled yet: {says}, {MIN_SETTLED} make a figure." in text
    assert "Direction right" not in text


def test_figures_that_the_api_lacks_are_not_known():
    text = record_card(Judged(make_record(figures=[]), 10.0))

    assert text.count("not known") == 3
