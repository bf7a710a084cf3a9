"""How well did settled forecasts do? What each adds to the sums of the track record, baselines beside it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.evaluation.baselines import gaussian_half_width
from candlecast.evaluation.metrics import Array, winkler_scores
from candlecast.evaluation.paired import log_losses
from candlecast.record.outcomes import N_BINS, SettledForecast, Sums

SERIES_DAY = ("symbol_id", "timeframe", "horizon", "model_id", "day")
_BPS = 1e4
_DAY_COUNTS = (
    *("n", "n_unsettled", "ups", "hits", "calls", "call_hits"),
    *("rises", "ups_after_rise", "falls", "ups_after_fall"),
    *("fills", "call_fills", "last_fills"),
)


def summarise(settled: Sequence[SettledForecast]) -> Sums:
    """Return what forecasts add to the record of their series, model and UTC day of `as_of`.

    Log losses are in nats, probabilities kept 1e-6 from 0 and 1; interval scores are Winkler's, in
    log returns; edges are simple returns in bps, before costs, of positions held from the first open
    that could be acted on to the target's close. Forecasts that cannot be settled count as that alone.

    Parameters
    ----------
    settled : sequence of SettledForecast
        Of any series and models, at least one.
    """
    keys = pd.DataFrame([(*one.forecast.series, one.forecast.as_of.date()) for one in settled], columns=SERIES_DAY)
    known = np.array([one.outcome.realised_close is not None for one in settled])
    graded = [one for one, is_known in zip(settled, known, strict=True) if is_known]
    scores = _scores(graded).set_index(np.flatnonzero(known)).reindex(range(len(settled)), fill_value=0.0)
    days = _added(keys, scores.assign(n_unsettled=(~known).astype(np.float64)), by=SERIES_DAY)
    graded_keys = keys[known].reset_index(drop=True)
    return Sums(
        days=_columns(days, counts=_DAY_COUNTS),
        levels=_columns(_levels(graded, graded_keys), counts=("n", "covered", "histvol_n", "histvol_covered")),
        bins=_columns(_bins(graded, graded_keys), counts=("bin", "n", "ups")),
    )


def _scores(graded: Sequence[SettledForecast]) -> pd.DataFrame:
    p_up, p_always = _array([one.forecast.p_up for one in graded]), _outcomes(graded, "p_always_up")
    p_last, held = _outcomes(graded, "p_last_direction"), _outcomes(graded, "held_log_return")
    up = (_outcomes(graded, "realised_log_return") > 0.0).astype(np.float64)
    rose, fell = (_array([float(one.outcome.last_direction == side) for one in graded]) for side in ("up", "down"))
    call = _array([{"up": 1.0, "down": -1.0, "abstain": 0.0}[one.forecast.direction] for one in graded])
    # one that was made too late for any open before its target earned nothing, and is no trade
    filled = np.isfinite(held)
    earned = np.where(filled, np.expm1(held) * _BPS, 0.0)
    columns = {
        "n": np.ones(len(graded)),
        "ups": up,
        "hits": (p_up > 0.5) == (up > 0.5),
        "calls": np.abs(call),
        "call_hits": call == np.where(up > 0.5, 1.0, -1.0),
        "rises": rose,
        "ups_after_rise": rose * up,
        "falls": fell,
        "ups_after_fall": fell * up,
        "fills": filled,
        "call_fills": filled * np.abs(call),
        "last_fills": filled * (rose + fell),
        "brier": (p_up - up) ** 2,
        "log_loss": log_losses(p_up, up),
        "brier_always_up": (p_always - up) ** 2,
        "log_loss_always_up": log_losses(p_always, up),
        "brier_last_direction": np.nan_to_num((p_last - up) ** 2),
        "log_loss_last_direction": np.where(np.isnan(p_last), 0.0, log_losses(p_last, up)),
        "edge_bps": call * earned,
        "edge_always_up_bps": earned,
        "edge_last_direction_bps": (rose - fell) * earned,
    }
    return pd.DataFrame({name: np.asarray(values, dtype=np.float64) for name, values in columns.items()})


def _levels(graded: Sequence[SettledForecast], keys: pd.DataFrame) -> pd.DataFrame:
    rows = np.array(
        [(place, *band, one.forecast.last_close) for place, one in enumerate(graded) for band in one.forecast.bands]
    ).reshape(-1, 5)
    place, level = rows[:, 0].astype(np.int64), rows[:, 1]
    low, high = (np.log(rows[:, column] / rows[:, 4]) for column in (2, 3))
    # around their own middle, intervals are as wide to either side
    half = 0.5 * (high - low)
    change = _outcomes(graded, "realised_log_return")[place]
    sigma = _outcomes(graded, "histvol")[place]
    naive, score, naive_score = np.full((3, len(rows)), np.nan)
    for one in np.unique(level):
        at = level == one
        naive[at] = gaussian_half_width(sigma[at], level=one)
        score[at] = winkler_scores(change[at] - 0.5 * (low + high)[at], half[at], level=one)
        naive_score[at] = winkler_scores(change[at], naive[at], level=one)
    there = np.isfinite(naive)
    values = pd.DataFrame(
        {
            "n": 1.0,
            "covered": ((low <= change) & (change <= high)).astype(np.float64),
            "width": 2.0 * half,
            "score": score,
            "histvol_n": there.astype(np.float64),
            "histvol_covered": (np.abs(change) <= naive).astype(np.float64),
            "histvol_width": np.where(there, 2.0 * naive, 0.0),
            "histvol_score": np.where(there, naive_score, 0.0),
        },
        index=range(len(rows)),
    )
    return _added(keys.iloc[place].reset_index(drop=True).assign(level=level), values, by=(*SERIES_DAY, "level"))


def _bins(graded: Sequence[SettledForecast], keys: pd.DataFrame) -> pd.DataFrame:
    p_up = _array([one.forecast.p_up for one in graded])
    up = (_outcomes(graded, "realised_log_return") > 0.0).astype(np.float64)
    place = np.minimum((p_up * N_BINS).astype(np.int64), N_BINS - 1)
    values = pd.DataFrame({"n": 1.0, "p_up": p_up, "ups": up}, index=range(len(graded)))
    return _added(keys.assign(bin=place), values, by=(*SERIES_DAY, "bin"))


def _added(keys: pd.DataFrame, values: pd.DataFrame, *, by: Sequence[str]) -> pd.DataFrame:
    return pd.concat([keys, values], axis=1).groupby(list(by), sort=True, as_index=False).sum()


def _columns(frame: pd.DataFrame, *, counts: Sequence[str]) -> dict[str, list[object]]:
    whole = frame.astype(dict.fromkeys(counts, np.int64))
    return {str(name): whole[name].tolist() for name in whole}


def _outcomes(graded: Sequence[SettledForecast], name: str) -> Array:
    return _array([getattr(one.outcome, name) for one in graded])


def _array(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
