"""Which indicators say how far the price strays?"""

from candlecast.features.technical.maps import is_positive, root
from candlecast.features.technical.prices import CLOSE, HIGH, LOW, TRUE_RANGE, TYPICAL
from candlecast.features.technical.recursions import wilder_mean
from candlecast.features.technical.series import Series
from candlecast.features.technical.windows import deviation, highest, lowest, mean, total


def volatility_indicators() -> dict[str, Series]:
    """Return the volatility indicators by the names that `ta` gives them; widths in percent."""
    return {
        **_bollinger(),
        **_keltner(),
        **_donchian(),
        "volatility_atr": wilder_mean(TRUE_RANGE, 10),
        "volatility_ui": root(total(_drawdown_pct(14) * _drawdown_pct(14), 14) / 14.0),
    }


def _bollinger() -> dict[str, Series]:
    middle, spread = mean(CLOSE, 20), 2.0 * deviation(CLOSE, 20)
    high, low = middle + spread, middle - spread
    return {
        "volatility_bbm": middle,
        "volatility_bbh": high,
        "volatility_bbl": low,
        "volatility_bbw": 100.0 * ((high - low) / middle),
        "volatility_bbp": (CLOSE - low) / (high - low),
        "volatility_bbhi": is_positive(CLOSE - high),
        "volatility_bbli": is_positive(low - CLOSE),
    }


def _keltner() -> dict[str, Series]:
    middle = mean(TYPICAL, 10)
    high = mean((4.0 * HIGH - 2.0 * LOW + CLOSE) / 3.0, 10)
    low = mean((4.0 * LOW - 2.0 * HIGH + CLOSE) / 3.0, 10)
    return {
        "volatility_kcc": middle,
        "volatility_kch": high,
        "volatility_kcl": low,
        "volatility_kcw": 100.0 * ((high - low) / middle),
        "volatility_kcp": (CLOSE - low) / (high - low),
        "volatility_kchi": is_positive(CLOSE - high),
        "volatility_kcli": is_positive(low - CLOSE),
    }


def _donchian() -> dict[str, Series]:
    high, low = highest(HIGH, 20), lowest(LOW, 20)
    return {
        "volatility_dcl": low,
        "volatility_dch": high,
        "volatility_dcm": (high - low) / 2.0 + low,
        "volatility_dcw": 100.0 * ((high - low) / mean(CLOSE, 20)),
        "volatility_dcp": (CLOSE - low) / (high - low),
    }


def _drawdown_pct(n: int) -> Series:
    top = highest(CLOSE, n)
    return 100.0 * ((CLOSE - top) / top)
