import pytest

from candlecast.schemas import RecordFigure, TrackRecords
from tests.fakes.record import make_record
from ui.record.found import FoundRecord
from ui.record.headline import headline_value
from ui.record.judge import KINDS, figure_of, verdict
from ui.record.scoreboard import scoreboard_value
from ui.record.wanted import WantedRecord

KIND = {kind.metric: kind for kind in KINDS}


def said(metric: str, value, low, high, *, n=500, n_days=30, **beside) -> str:
    figure = RecordFigure(metric=metric, value=value, low=low, high=high, n=n, beside=beside)
    return verdict(KIND[metric], figure, n_days=n_days)[0]


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (("accuracy", 0.56, 0.53, 0.59), "beyond chance"),
        (("accuracy", 0.52, 0.49, 0.55), "may be chance"),
        (("accuracy", 0.50, 0.47, 0.53), "not better"),
        (("brier", 0.240, 0.235, 0.245), "beyond chance"),
        (("brier", 0.249, 0.244, 0.254), "may be chance"),
        (("brier", 0.252, 0.250, 0.254), "not better"),
        (("brier", 0.240, None, None), "too few days"),
    ],
)
def test_verdict_on_skill_goes_as_far_as_the_interval_bears_it(figure, words):
    assert words in said(*figure, always_up=0.51 if figure[0] == "accuracy" else 0.251)


def test_brier_score_worse_than_a_coin_is_not_better_whatever_the_baselines():
    assert "not better" in said("brier", 0.2505, 0.2502, 0.2508, always_up=0.26)


def test_many_forecasts_of_few_days_prove_nothing():
    assert "too few days" in said("accuracy", 0.6, 0.57, 0.63, n_days=2, always_up=0.5)
    assert "too few settled" in said("accuracy", 0.6, 0.4, 0.8, n=49, always_up=0.5)


@pytest.mark.parametrize(
    ("low", "high", "words"), [(0.78, 0.82, "as promised"), (0.70, 0.75, "narrower"), (0.85, 0.9, "wider")]
)
def test_verdict_on_intervals_compares_with_what_was_promised(low, high, words):
    assert words in said("coverage_80", (low + high) / 2, low, high, level=0.8)


@pytest.mark.parametrize(("low", "high", "words"), [(1, 3, "a gain"), (-3, -1, "a loss"), (-1, 1, "not told apart")])
def test_verdict_on_the_edge_needs_an_interval_off_zero(low, high, words):
    assert words in said("edge_after_costs_bps", (low + high) / 2, low, high)
    assert "too few days" in said("edge_after_costs_bps", 5.0, None, None)


def found_record(**parts) -> FoundRecord:
    own, each = make_record(), [make_record("BTC/USDT"), make_record("ETH/USDT", n=7)]
    records, apart = (TrackRecords(window="30d", cost_bps=10.0, items=items) for items in ([own], each))
    values = {"wanted": WantedRecord("30d", 1), "all": records, "choice": own, "own": own, "by_symbol": apart}
    return FoundRecord(**(values | {"rows": None, "symbols": []} | parts))


def test_tiles_show_the_figures_of_the_api():
    html = headline_value(found_record())

    for kind in KINDS:
        figure = figure_of(make_record(), kind.metric)
        assert f'data-figure="{kind.metric}">{kind.text(figure.value)}<' in html
    assert '<b data-count="settled">500</b>' in html
    assert '<b data-count="missed">1</b>' in html


def test_scoreboard_has_a_line_a_symbol_and_dims_those_with_few_forecasts():
    html = scoreboard_value(found_record(wanted=WantedRecord("30d", 1, symbol="BTC/USDT")))

    assert html.count("<tr") == 1 + 3
    assert 'aria-current="true" data-record="BTC/USDT"' in html
    assert 'class="cc-few" data-record="ETH/USDT"' in html


def test_record_without_settled_forecasts_says_what_is_missing():
    html = headline_value(found_record(own=make_record(n=0, figures=[])))

    assert 'data-state="empty"' in html
    assert "1 were made too late, 2 will never have an outcome" in html
