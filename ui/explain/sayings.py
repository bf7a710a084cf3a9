"""What does each column of the feature table say in plain words?"""

import math
import re
from collections.abc import Callable

from ui import words
from ui.explain.saying import Saying, Span, level, move, sides, usual

TIME_OF_DAY = "Time of day"
_TIME_OF_WEEK = "Time of the week"
_PERCENT = 100.0
_RSI_6 = _STOCHASTIC = (20, 40, 60, 80)
_Family = tuple[re.Pattern[str], Callable[[int], Saying]]


def saying_of(feature: str) -> Saying | None:
    """Return the words of a column of the feature table, None for a name that is no column."""
    if feature in _SINGLE:
        return _SINGLE[feature]
    for pattern, make in _FAMILIES:
        if found := pattern.fullmatch(feature):
            return make(int(found[1]))
    return None


def _above(what: Callable[[Span], str], name: str) -> Saying:
    def say(value: float, span: Span) -> str:
        side = "above" if value >= 0 else "below"
        return f"{abs(_PERCENT * value):.1f} % {side} {what(span)}"

    return Saying(name, say)


def _swing(n: int, kind: str = "Swings") -> Saying:
    def say(value: float, span: Span) -> str:
        when = span.over(n) if n == 1 else f"per {span.of(1)} {span.over(n)}"
        return f"{kind} of {_PERCENT * math.exp(value):.2f} % {when}"

    return Saying(f"{kind} of {n} candles", say)


def _lag(n: int, who: str = "") -> Saying:
    return move(f"Move {n} candles earlier", lambda span: f"{span.of(n)} earlier" if n > 1 else _one(span), who=who)


def _one(span: Span) -> str:
    return f"one {span.of(1)} earlier"


def _same_time(span: Span) -> str:
    return "at this hour a day ago" if span.timeframe == "1h" else f"{span.of(24)} before the coming candle"


def _same_times(span: Span) -> str:
    day = "at this hour on the last 5 days" if span.timeframe == "1h" else f"at 5 steps of {span.of(24)}"
    return f"{day}, on average"


def _place_in_band(value: float, _: Span) -> str:
    if value < 0:
        return "Below the lower Bollinger band"
    return "Above the upper Bollinger band" if value > 1 else f"At {_PERCENT * value:.0f} % of the Bollinger band"


def _market_in_band(value: float, _: Span) -> str:
    return f"The market at {_PERCENT * value:.0f} % of its Bollinger bands"


def _share(text: str) -> Callable[[float, Span], str]:
    return lambda value, _: text.format(words.share_pct(value, digits=0))


_SINGLE: dict[str, Saying] = {
    "return_1": Saying("Last move", lambda value, span: f"Last {span.of(1)}: {words.move_pct(value)}"),
    "rsi_6": level("RSI of 6", _RSI_6),
    "rsi_14": level("RSI", (30, 45, 55, 70)),
    "stoch_k_14": level("Stochastic", _STOCHASTIC),
    "stoch_d_14": level("Smoothed stochastic", (20, 40, 60, 80)),
    "willr_28": level("Williams %R", (-80, -60, -40, -20)),
    "cci_20": level("CCI", (-100, -50, 50, 100)),
    "adx_14": level("Trend strength (ADX)", (15, 20, 30, 40)),
    "di_balance_14": sides(
        "Up and down moves", "Up moves ahead of down moves", "Down moves ahead of up moves", digits=0
    ),
    "aroon_25": sides("Aroon", "Highs are newer than lows", "Lows are newer than highs", digits=0),
    "cmo_14": level("Chande momentum", (-50, -15, 15, 50)),
    "ultosc": level("Ultimate oscillator", (30, 45, 55, 70)),
    "ppo_12_26": sides(
        "Short and long mean", "Short mean above the long one", "Short mean below the long one", unit=" %"
    ),
    "macd_hist": sides("MACD", "MACD above its signal", "MACD below its signal", unit=" %", scale=_PERCENT),
    "trix_15": sides("Smoothed trend", "Smoothed trend rises", "Smoothed trend falls", digits=3, unit=" %"),
    "slope_14": Saying("Trend", lambda value, span: f"Trend of {span.of(14)} {'rises' if value > 0 else 'falls'}"),
    "natr_14": Saying("Usual range", lambda value, span: f"Usual range of {value:.2f} % per {span.of(1)}"),
    "bb_percent_20": Saying("Place in the Bollinger band", _place_in_band),
    "bb_width_20": Saying("Bollinger band", lambda value, _: f"Bollinger band {_PERCENT * value:.1f} % wide"),
    "bop": sides("Balance of the last candle", "Buyers had the last candle", "Sellers had the last candle"),
    "upper_wick": Saying("Upper wick", _share("Upper wick {} of the last candle")),
    "lower_wick": Saying("Lower wick", _share("Lower wick {} of the last candle")),
    "volume_surprise_24": usual("Volume", "Volume"),
    "volume_surprise_168": usual("Volume beside a long mean", "Volume", "its long mean"),
    "obv_change_14": sides("Volume by side", "Volume came with rises", "Volume came with falls"),
    "cmf_20": sides("Money flow", "Closes high in their range, by volume", "Closes low in their range, by volume"),
    "mfi_14": level("Money flow index", (20, 40, 60, 80)),
    "still_share_168": Saying("Candles without a move", _share("No move in {} of the last candles")),
    "cycle_return_1": move("Move a day ago", _same_time),
    "cycle_return_5": move("Move on the days before", _same_times),
    "market_cycle_1": move("Market a day ago", _same_time, who="the market"),
    "market_spread_1": Saying(
        "Spread of the market", lambda value, _: f"Market moved apart by {value:.1f} of a usual move"
    ),
    "market_breadth_1": Saying("Breadth of the market", _share("{} of the market rose")),
    "market_volume_surprise": usual("Volume of the market", "Market volume"),
    "market_unrest": usual("Unrest of the market", "Market swings", "those of the day"),
    "market_rsi_6": level("RSI of 6 of the market", _RSI_6),
    "market_stoch_k_14": level("Stochastic of the market", _STOCHASTIC),
    "market_bb_percent_20": Saying("The market in its Bollinger bands", _market_in_band),
    "btc_rsi_6": level("RSI of 6 of Bitcoin", _RSI_6),
    "btc_stoch_k_14": level("Stochastic of Bitcoin", _STOCHASTIC),
    "gap_rsi_6": sides("RSI beside the market", "RSI above the market's", "RSI below the market's", digits=0),
    "gap_stoch_k_14": sides(
        "Stochastic beside the market", "Stochastic above the market's", "Stochastic below the market's", digits=0
    ),
    "gap_bb_percent_20": sides(
        "Bollinger band beside the market", "Higher in its band than the market", "Lower in its band than the market"
    ),
    "gap_volume_surprise": usual("Volume beside the market", "Volume", "the market's"),
    "week_sin": Saying(_TIME_OF_WEEK, lambda *_: _TIME_OF_WEEK),
    "week_cos": Saying(_TIME_OF_WEEK, lambda *_: _TIME_OF_WEEK),
    **{
        name: Saying(TIME_OF_DAY, lambda *_: TIME_OF_DAY)
        for name in ("hour_sin", "hour_cos", "hour_sin_2", "hour_cos_2")
    },
    "news_score": Saying("News", lambda value, _: f"News {words.signed(value)}"),
    "news_count": Saying("Number of stories", lambda value, _: f"{math.expm1(value):.0f} stories in 24 h"),
    "news_dispersion": Saying(
        "Agreement of the news", lambda value, _: f"News {'disagree' if value > 0.5 else 'agree'}"
    ),
    "news_negative_share": Saying("Bearish news", _share("{} of the news bearish")),
    "news_surprise": sides("News beside usual", "News better than usual", "News worse than usual"),
    "news_known": Saying("News", lambda value, _: "News is followed" if value else "No news is followed"),
}

_FAMILIES: tuple[_Family, ...] = (
    (re.compile(r"scaled_return_(\d+)"), lambda n: move(f"Move of {n} candles", lambda span: span.over(n))),
    (re.compile(r"lagged_return_(\d+)"), _lag),
    (re.compile(r"gk_vol_(\d+)"), _swing),
    (re.compile(r"typical_vol_(\d+)"), lambda n: _swing(n, "Typical swings")),
    (
        re.compile(r"ema_gap_(\d+)"),
        lambda n: _above(lambda span: f"its mean of {span.of(n)}", f"Distance to mean of {n}"),
    ),
    (
        re.compile(r"high_gap_(\d+)"),
        lambda n: _above(lambda span: f"the high of {span.of(n)}", f"Distance to high of {n}"),
    ),
    (
        re.compile(r"low_gap_(\d+)"),
        lambda n: _above(lambda span: f"the low of {span.of(n)}", f"Distance to low of {n}"),
    ),
    (
        re.compile(r"market_high_gap_(\d+)"),
        lambda n: _above(lambda span: f"the highs of {span.of(n)} in the market", f"Market's distance to highs of {n}"),
    ),
    (
        re.compile(r"market_low_gap_(\d+)"),
        lambda n: _above(lambda span: f"the lows of {span.of(n)} in the market", f"Market's distance to lows of {n}"),
    ),
    (
        re.compile(r"gap_high_gap_(\d+)"),
        lambda n: sides(
            f"Distance to high of {n} beside the market",
            "Nearer to its high than the market",
            "Further from its high than the market",
            unit=" %",
            scale=_PERCENT,
        ),
    ),
    (re.compile(r"market_return_(\d+)"), lambda n: move("Market", lambda span: span.over(n), who="the market")),
    (re.compile(r"market_lag_(\d+)"), lambda n: _lag(n, "the market")),
    (re.compile(r"btc_return_(\d+)"), lambda n: move("Bitcoin", lambda span: span.over(n), who="Bitcoin")),
    (re.compile(r"eth_return_(\d+)"), lambda n: move("Ether", lambda span: span.over(n), who="Ether")),
    (re.compile(r"gap_return_(\d+)"), lambda n: _beside_market(n)),
)


def _beside_market(n: int) -> Saying:
    def say(value: float, span: Span) -> str:
        return f"{'Did better' if value > 0 else 'Did worse'} than the market {span.over(n)}"

    return Saying("Beside the market", say)
