"""Which indicators say what the volume did?"""

from candlecast.features.technical.maps import exp, is_positive, known
from candlecast.features.technical.prices import CLOSE, HEIGHT, HIGH, LOG_RETURN, LOW, SIMPLE_RETURN, TYPICAL, VOLUME
from candlecast.features.technical.recursions import exponential_mean, running_total
from candlecast.features.technical.series import Series, ratio
from candlecast.features.technical.windows import change, mean, total

EASE_SCALE = 100_000_000.0
NVI_START = 1_000.0


def volume_indicators() -> dict[str, Series]:
    """Return the volume indicators by the names that `ta` gives them.

    `volume_adi`, `volume_obv`, `volume_vpt` and `volume_nvi` add up from the first candle on.
    """
    location = ratio((CLOSE - LOW) - (HIGH - CLOSE), HEIGHT, at_zero=0.0)
    ease = EASE_SCALE * ((change(HIGH) + change(LOW)) * HEIGHT / (2.0 * VOLUME))
    return {
        "volume_adi": running_total(location * VOLUME),
        "volume_obv": running_total((1.0 - 2.0 * _falls(CLOSE)) * VOLUME),
        "volume_cmf": total(location * VOLUME, 20) / total(VOLUME, 20),
        "volume_fi": exponential_mean(change(CLOSE) * VOLUME, 13),
        "volume_em": ease,
        "volume_sma_em": mean(ease, 14),
        "volume_vpt": running_total(SIMPLE_RETURN * VOLUME),
        "volume_vwap": total(TYPICAL * VOLUME, 14) / total(VOLUME, 14),
        "volume_mfi": _money_flow_index(),
        "volume_nvi": NVI_START * exp(running_total(known(LOG_RETURN, otherwise=0.0) * _falls(VOLUME))),
    }


def _falls(of: Series) -> Series:
    return known(is_positive(-change(of)), otherwise=0.0)


def _money_flow_index() -> Series:
    step, flow = change(TYPICAL), TYPICAL * VOLUME
    gained, lost = total(is_positive(step) * flow, 14), total(is_positive(-step) * flow, 14)
    return 100.0 * (gained / (gained + lost))
