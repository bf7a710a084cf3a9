"""What do the figures mean, and what do they not? The method in plain words, at the foot of the page."""

_POINTS = (
    (
        "Frozen before the outcome",
        "A forecast is written down before its target time, with the hash of the row before it. It is never changed; "
        "one that was made too late is not recorded, but counted as missed. One whose closing candle never came has no "
        "outcome and counts nowhere else.",
    ),
    (
        "Beside forecasters that know nothing",
        "“Always up” and “last direction” say what their own past here gives them. A model that is not better than "
        "both has shown no skill in the direction, however it looks. “Past volatility” draws its interval from the "
        "last 24 candles.",
    ),
    (
        "How surely",
        "Small numbers are 95 % intervals: Wilson's for shares of calls, else whole days drawn again, from ten days "
        "on. Symbols move together, so Wilson's is too narrow where many are counted.",
    ),
    (
        "Brier score and log loss",
        "Both ask how well P(up) fits what came; lower is better, and always saying 50 % gives 0.250 and 0.693. Hourly "
        "prices are close to a coin: a Brier score of 0.248 is already something.",
    ),
    (
        "Intervals",
        "An 80 % interval should hold 80 % of the closes, not more. The interval score adds its width to fines for "
        "closes outside, so that wide ones do not win.",
    ),
    (
        "Edge after costs",
        "Each call is bought at the first open after the forecast and sold at the target's close, paying {cost} bp "
        "each time. It is not a strategy: no size, no slippage, no taxes. What was, need not be again.",
    ),
)


def meaning_text(*, cost_bps: float) -> str:
    """Return the method as HTML."""
    points = "".join(f"<dt>{name}</dt><dd>{text.format(cost=f'{cost_bps:g}')}</dd>" for name, text in _POINTS)
    return (
        '<section class="cc-panel cc-method" id="method"><h2>What these figures mean <span>method</span></h2>'
        f"<dl>{points}</dl><p>More in <code>docs/ledger.md</code> and <code>docs/evaluation.md</code>; every row of "
        "the ledger can be downloaded above and checked with <code>candlecast score --verify</code>.</p></section>"
    )
