"""Are the figures of the record those of its sums, with intervals where enough days are known?"""

from datetime import date, timedelta

import pandas as pd
import pytest

from candlecast.record.track_record import track_records
from candlecast.storage.postgres.track_record import Summary

GROUP = {"symbol": None, "timeframe": "1h", "horizon": 1, "model_id": "m1"}
DAY = {
    "n": 24,
    "n_unsettled": 1,
    "ups": 12,
    "hits": 13,
    "calls": 20,
    "call_hits": 12,
    "rises": 14,
    "ups_after_rise": 8,
    "falls": 10,
    "ups_after_fall": 4,
    "fills": 24,
    "call_fills": 15,
    "last_fills": 20,
    "brier": 5.9,
    "log_loss": 16.5,
    "brier_always_up": 6.0,
    "log_loss_always_up": 16.7,
    "brier_last_direction": 6.1,
    "log_loss_last_direction": 16.8,
    "edge_bps": 60.0,
    "edge_always_up_bps": 24.0,
    "edge_last_direction_bps": -12.0,
}
LEVEL = {
    "level": 0.8,
    "n": 24,
    "covered": 19,
    "width": 0.24,
    "score": 0.36,
    "histvol_n": 24,
    "histvol_covered": 17,
    "histvol_width": 0.2,
    "histvol_score": 0.4,
}


def make_summary(n_days: int, **misses: int) -> Summary:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(n_days)]
    shaken = [DAY | {"brier": DAY["brier"] + 0.1 * (number % 3)} for number in range(n_days)]
    return Summary(
        days=pd.DataFrame([GROUP | {"day": day} | sums for day, sums in zip(days, shaken, strict=True)]),
        levels=pd.DataFrame([GROUP | {"day": day} | LEVEL for day in days]),
        bins=pd.DataFrame([GROUP | {"bin": 5, "n": 24.0, "p_up": 13.2, "ups": 12.0}]),
        misses={(None, "1h", 1, name): n for name, n in misses.items()},
    )


def test_figures_are_ratios_of_the_sums_beside_their_baselines():
    [found] = track_records(make_summary(30, m1=3), champions=frozenset({"m1"}), cost_bps=5.0)
    figures = {one.metric: one for one in found.figures}

    assert (found.champion, found.n, found.n_unsettled, found.n_missed) == (True, 720, 30, 3)
    assert figures["accuracy"].value == pytest.approx(13 / 24)
    assert figures["accuracy"].beside == pytest.approx({"always_up": 0.5, "last_direction": (8 + 6) / 24})
    assert figures["accuracy_of_calls"].n == 600
    assert figures["log_loss"].beside == pytest.approx({"always_up": 16.7 / 24, "last_direction": 16.8 / 24})
    assert (figures["edge_bps"].value, figures["edge_bps"].n) == (pytest.approx(4.0), 15 * 30)
    assert figures["edge_after_costs_bps"].value == pytest.approx(-6.0)
    assert figures["edge_after_costs_bps"].beside == pytest.approx({"always_up": -9.0, "last_direction": -10.6})
    assert figures["coverage_80"].beside == pytest.approx({"level": 0.8, "histvol": 17 / 24})
    assert figures["interval_score_80"].value == pytest.approx(0.015)
    assert found.reliability[0].promised == pytest.approx(0.55)


def test_interval_is_given_from_ten_days_on():
    few, many = (
        {one.metric: one for one in track_records(make_summary(n), champions=frozenset())[0].figures} for n in (9, 30)
    )

    assert few["brier"].low is None
    assert many["brier"].low < many["brier"].value < many["brier"].high
    assert few["accuracy"].low < few["accuracy"].value < few["accuracy"].high


def test_model_that_only_missed_has_a_record_of_nothing():
    found = track_records(make_summary(2, m2=4), champions=frozenset({"m2"}))

    assert [(one.model_id, one.n, one.n_missed) for one in found] == [("m2", 0, 4), ("m1", 48, 0)]


def test_days_where_asked_for_add_up_to_the_whole():
    [found] = track_records(make_summary(12), champions=frozenset(), days=True)
    whole = {one.metric: one.value for one in found.figures}

    assert [one.day for one in found.days] == [date(2024, 1, 1) + timedelta(days=number) for number in range(12)]
    assert found.days[0].figures.keys() == {"accuracy", "brier", "log_loss", "coverage_80"}
    for metric in found.days[0].figures:
        mean = sum(one.n * one.figures[metric] for one in found.days) / sum(one.n for one in found.days)
        assert mean == pytest.approx(whole[metric])
    assert track_records(make_summary(12), champions=frozenset())[0].days == []


def test_day_whose_forecasts_never_settled_has_no_figures():
    summary = make_summary(2)
    summary.days.loc[1, list(DAY)] = 0

    [found] = track_records(summary, champions=frozenset(), days=True)

    assert found.days[1].n == 0
    assert found.days[1].figures["brier"] is None
