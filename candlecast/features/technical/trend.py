"""Which indicators say where the price is heading?"""

from candlecast.features.technical.maps import is_positive, magnitude, only_positive
from candlecast.features.technical.parabolic import parabolic_stop
from candlecast.features.technical.prices import CLOSE, HEIGHT, HIGH, LOW, TRUE_RANGE, TYPICAL, place_in_range
from candlecast.features.technical.recursions import bridged_mean, exponential_mean, wilder_mean
from candlecast.features.technical.series import Series, ratio
from candlecast.features.technical.windows import (
    change,
    earlier,
    highest,
    lowest,
    mean,
    mean_deviation,
    place_of_highest,
    total,
)

CCI_SCALE = 0.015


def trend_indicators() -> dict[str, Series]:
    """Return the trend indicators by the names that `ta` gives them, each as of its own candle."""
    return {
        **_averages(),
        **_vortex(),
        **_oscillators(),
        **_ichimoku(),
        **_directional(),
        **_aroon(),
        **_parabolic(),
    }


def _averages() -> dict[str, Series]:
    fast, slow = exponential_mean(CLOSE, 12), exponential_mean(CLOSE, 26)
    signal = exponential_mean(fast - slow, 9)
    return {
        "trend_macd": fast - slow,
        "trend_macd_signal": signal,
        "trend_macd_diff": fast - slow - signal,
        "trend_sma_fast": mean(CLOSE, 12),
        "trend_sma_slow": mean(CLOSE, 26),
        "trend_ema_fast": fast,
        "trend_ema_slow": slow,
    }


def _vortex() -> dict[str, Series]:
    moved = total(TRUE_RANGE, 14)
    up = total(magnitude(HIGH - earlier(LOW)), 14) / moved
    down = total(magnitude(LOW - earlier(HIGH)), 14) / moved
    return {
        "trend_vortex_ind_pos": up,
        "trend_vortex_ind_neg": down,
        "trend_vortex_ind_diff": up - down,
    }


def _oscillators() -> dict[str, Series]:
    thrice = exponential_mean(exponential_mean(exponential_mean(CLOSE, 15), 15), 15)
    height = exponential_mean(HEIGHT, 9)
    know_sure = 100.0 * (_pace(10, 10) + 2.0 * _pace(15, 10) + 3.0 * _pace(20, 10) + 4.0 * _pace(30, 15))
    cycle = exponential_mean(CLOSE, 23) - exponential_mean(CLOSE, 50)
    return {
        "trend_trix": 100.0 * (change(thrice) / earlier(thrice)),
        "trend_mass_index": total(height / exponential_mean(height, 9), 25),
        "trend_dpo": earlier(CLOSE, 11) - mean(CLOSE, 20),
        "trend_kst": know_sure,
        "trend_kst_sig": mean(know_sure, 9),
        "trend_kst_diff": know_sure - mean(know_sure, 9),
        "trend_stc": _smooth_place(_smooth_place(cycle)),
        "trend_cci": (TYPICAL - mean(TYPICAL, 20)) / (CCI_SCALE * mean_deviation(TYPICAL, 20)),
    }


def _pace(n: int, smooth: int) -> Series:
    return mean(change(CLOSE, n) / earlier(CLOSE, n), smooth)


def _smooth_place(of: Series) -> Series:
    # in a range without width the last mean goes on
    return bridged_mean(100.0 * place_in_range(of, 10), 3)


def _ichimoku() -> dict[str, Series]:
    conversion, base, slow = (0.5 * (highest(HIGH, n) + lowest(LOW, n)) for n in (9, 26, 52))
    lead = 0.5 * (conversion + base)
    return {
        "trend_ichimoku_conv": conversion,
        "trend_ichimoku_base": base,
        "trend_ichimoku_a": lead,
        "trend_ichimoku_b": slow,
        "trend_visual_ichimoku_a": earlier(lead, 26),
        "trend_visual_ichimoku_b": earlier(slow, 26),
    }


def _directional() -> dict[str, Series]:
    up, down = change(HIGH), -change(LOW)
    moved = wilder_mean(TRUE_RANGE, 14)
    plus = 100.0 * ratio(wilder_mean(_leading(up, down), 14), moved, at_zero=0.0)
    minus = 100.0 * ratio(wilder_mean(_leading(down, up), 14), moved, at_zero=0.0)
    apart = 100.0 * ratio(magnitude(plus - minus), plus + minus, at_zero=0.0)
    return {
        "trend_adx": wilder_mean(apart, 14),
        "trend_adx_pos": plus,
        "trend_adx_neg": minus,
    }


def _leading(step: Series, other: Series) -> Series:
    return step * is_positive(step) * is_positive(step - other)


def _aroon() -> dict[str, Series]:
    up, down = (4.0 * place_of_highest(of, 26) for of in (HIGH, -LOW))
    return {
        "trend_aroon_up": up,
        "trend_aroon_down": down,
        "trend_aroon_ind": up - down,
    }


def _parabolic() -> dict[str, Series]:
    stop = parabolic_stop(HIGH, LOW, CLOSE)
    return {
        "trend_psar_up": only_positive(stop),
        "trend_psar_down": only_positive(-stop),
        "trend_psar_up_indicator": is_positive(stop) * is_positive(-earlier(stop)),
        "trend_psar_down_indicator": is_positive(-stop) * is_positive(earlier(stop)),
    }
