"""Which figures must be beaten, on which protocol? A plain XGBoost on 38 price features, and the bars set above it.

Hourly candles of 2017 to 2022, five expanding folds, tested 2020-03-01 to 2022-10-11.
"""

REFERENCE_TIMEFRAME, REFERENCE_START = "1h", "2020-03-01"
_COLUMNS = (
    *(("accuracy", 1), ("auc", 1), ("top_decile_accuracy", 1), ("accuracy", 4), ("accuracy", 24)),
    ("volatility_ic", 1),
)
_PLAIN = {
    "BTC/USDT": (0.550, 0.569, 0.613, 0.547, 0.508, 0.575),
    "ETH/USDT": (0.543, 0.560, 0.586, 0.544, 0.522, 0.563),
    "ADA/USDT": (0.536, 0.553, 0.602, 0.532, 0.517, 0.627),
    "LTC/USDT": (0.546, 0.566, 0.604, 0.543, 0.531, 0.595),
}
_VOLATILITY_GAIN = 0.03
_BARS = (
    *(("accuracy", 1, 0.553), ("auc", 1, 0.576), ("top_decile_accuracy", 1, 0.635)),
    *(("interval_score_vs_histvol", horizon, 0.95) for horizon in (1, 4, 24)),
    *(("interval_score_vs_har", horizon, 0.985) for horizon in (1, 4, 24)),
)

Reference = tuple[str, str, int, str, float]


def references_of(timeframe: str, *, test_from: str) -> list[Reference]:
    """Return symbol, metric, horizon, ``reference`` or ``bar``, and value of each; none on another protocol."""
    if (timeframe, test_from) != (REFERENCE_TIMEFRAME, REFERENCE_START):
        return []
    plain = [
        (symbol, metric, horizon, "reference", value)
        for symbol, values in _PLAIN.items()
        for (metric, horizon), value in zip(_COLUMNS, values, strict=True)
    ]
    volatility = [
        (s, "volatility_ic", 1, "bar", round(values[-1] + _VOLATILITY_GAIN, 3)) for s, values in _PLAIN.items()
    ]
    return [*plain, *volatility, *(("pooled", metric, horizon, "bar", value) for metric, horizon, value in _BARS)]
