"""Which indicators say how fast the price moves?"""

from candlecast.features.technical.maps import magnitude, rise
from candlecast.features.technical.prices import (
    CLOSE,
    HIGH,
    LAST_CLOSE,
    LOG_RETURN,
    LOW,
    SIMPLE_RETURN,
    TRUE_RANGE,
    VOLUME,
    place_in_range,
)
from candlecast.features.technical.recursions import adaptive_mean, exponential_mean, first, wilder_mean
from candlecast.features.technical.series import Series, larger, ratio
from candlecast.features.technical.windows import change, earlier, highest, lowest, mean, total

KAMA_FAST, KAMA_SLOW = 2.0 / (2.0 + 1.0), 2.0 / (30.0 + 1.0)


def momentum_indicators() -> dict[str, Series]:
    """Return the momentum indicators by the names that `ta` gives them."""
    strength = _relative_strength(14)
    place = place_in_range(strength, 14)
    top, bottom = highest(HIGH, 14), lowest(LOW, 14)
    stochastic = 100.0 * ((CLOSE - bottom) / (top - bottom))
    median = 0.5 * (HIGH + LOW)
    return {
        "momentum_rsi": strength,
        "momentum_stoch_rsi": place,
        "momentum_stoch_rsi_k": mean(place, 3),
        "momentum_stoch_rsi_d": mean(mean(place, 3), 3),
        "momentum_tsi": 100.0 * (_twice(change(CLOSE)) / _twice(magnitude(change(CLOSE)))),
        "momentum_uo": (100.0 / 7.0) * (4.0 * _pressure(7) + 2.0 * _pressure(14) + _pressure(28)),
        "momentum_stoch": stochastic,
        "momentum_stoch_signal": mean(stochastic, 3),
        "momentum_wr": -100.0 * ((top - CLOSE) / (top - bottom)),
        "momentum_ao": mean(median, 5) - mean(median, 34),
        "momentum_roc": 100.0 * (change(CLOSE, 12) / earlier(CLOSE, 12)),
        **_percentage("momentum_ppo", CLOSE),
        **_percentage("momentum_pvo", VOLUME),
        "momentum_kama": _kama(10),
    }


def return_indicators() -> dict[str, Series]:
    """Return the returns of `ta` in percent; `others_cr` counts from the first candle on."""
    return {
        "others_dr": 100.0 * SIMPLE_RETURN,
        "others_dlr": 100.0 * LOG_RETURN,
        "others_cr": 100.0 * (CLOSE / first(CLOSE) - 1.0),
    }


def _relative_strength(n: int) -> Series:
    up, down = wilder_mean(rise(change(CLOSE)), n), wilder_mean(rise(-change(CLOSE)), n)
    return 100.0 * (up / (up + down))


def _twice(of: Series) -> Series:
    return exponential_mean(exponential_mean(of, 25), 13)


def _pressure(n: int) -> Series:
    bought = CLOSE + larger(-LOW, -LAST_CLOSE)
    return total(bought, n) / total(TRUE_RANGE, n)


def _percentage(name: str, of: Series) -> dict[str, Series]:
    slow = exponential_mean(of, 26)
    gap = 100.0 * ((exponential_mean(of, 12) - slow) / slow)
    signal = exponential_mean(gap, 9)
    return {name: gap, f"{name}_signal": signal, f"{name}_hist": gap - signal}


def _kama(n: int) -> Series:
    efficiency = ratio(magnitude(change(CLOSE, n)), total(magnitude(change(CLOSE)), n), at_zero=0.0)
    speed = efficiency * (KAMA_FAST - KAMA_SLOW) + KAMA_SLOW
    return adaptive_mean(CLOSE, speed * speed)
