import pytest

from tests.fakes.forecasts import make_forecast
from tests.fakes.record import make_day, make_ledger_item, make_outcome, make_record
from ui.record.charts import coverage_figure, reliability_figure, score_figure
from ui.record.rows import call_came_true
from ui.record.timeline import coverage_line, score_line

ROWS = [make_ledger_item(number) for number in range(60)]


def test_score_over_days_is_averaged_by_their_forecasts():
    days = [make_day(back) for back in range(9, -1, -1)]
    days[0] = days[0].model_copy(update={"n": 0})

    line = score_line(days, ROWS)

    assert line.when[0] == "2022-10-02"
    assert line.values == tuple(day.figures["brier"] for day in days)
    assert line.averages[1] == pytest.approx(line.values[1])
    assert line.averages[9] == pytest.approx(sum(line.values[3:10]) / 7)


def test_score_of_few_days_is_that_of_single_forecasts_oldest_first():
    line = score_line([make_day(1), make_day(0)], ROWS)

    assert len(line.when) == 59
    assert line.when[0] < line.when[-1] == "2022-10-11 12:00:00"
    rises = [(row.forecast.p_up - 1.0) ** 2 for row in reversed(ROWS[1:])]
    assert line.values == pytest.approx(rises)
    assert line.averages[-1] == pytest.approx(sum(rises[-50:]) / 50)


def test_coverage_counts_closes_inside_the_interval():
    line = coverage_line([], ROWS, level=0.8)

    assert set(line.values) == {1.0}
    assert coverage_line([], ROWS, level=0.77).when == ()


def test_call_is_right_when_the_close_went_its_way():
    forecast = make_forecast()
    fallen = make_outcome(forecast, realised_log_return=-0.001)

    assert call_came_true(make_ledger_item(3)) is True
    assert call_came_true(make_ledger_item(3, outcome=fallen)) is False
    assert call_came_true(make_ledger_item(2)) is None
    assert call_came_true(make_ledger_item(0)) is None


def test_charts_name_colours_of_the_theme_and_draw_nothing_from_nothing():
    days = [make_day(back) for back in range(9, -1, -1)]
    score, coverage = score_line(days, []), coverage_line(days, [], level=0.8)
    figures = [
        reliability_figure(make_record(), key="k"),
        score_figure(score, key="k"),
        coverage_figure(coverage, coverage_line(days, [], level=0.95), key="k"),
    ]

    assert "#" not in str(figures)
    assert figures[0]["data"][1]["error_y"]["array"] == pytest.approx([0.08, 0.08, 0.08])
    assert figures[1]["layout"]["shapes"][0]["y0"] == 0.25
    assert reliability_figure(make_record(reliability=[]), key="k") is None
    assert score_figure(score_line([], []), key="k") is None
