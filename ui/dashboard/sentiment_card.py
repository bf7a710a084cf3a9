"""What is the mood? A gauge from -1 to +1 of the news of a window, and how it went lately."""

from html import escape

from candlecast.schemas import SentimentSummary
from ui import words
from ui.dashboard.sparkline import sparkline
from ui.panels import card, row

MIN_STORIES = 3
_WORDS = ((0.1, "neutral"), (0.3, "slightly {}"), (0.6, "{}"), (2.0, "very {}"))
_WIDTH, _HEIGHT = 260, 44


def sentiment_card(summary: SentimentSummary) -> str:
    """Return the gauge; with fewer than `MIN_STORIES` stories it takes no side and says so."""
    if summary.score is None or summary.n < MIN_STORIES:
        told = f"{summary.n} {'story' if summary.n == 1 else 'stories'} in {escape(summary.window)}"
        body = f'<p class="cc-reason">Not enough news: {told}, {MIN_STORIES} make a figure.</p>'
    else:
        body = _gauge(summary.score, summary) + _rows(summary)
    return card("Sentiment", body + _history(summary), aside=escape(summary.window))


def mood(score: float) -> str:
    """Return a score in words, from "very bearish" to "very bullish"."""
    side = "bullish" if score > 0 else "bearish"
    return next(text for bound, text in _WORDS if abs(score) < bound).format(side)


def _gauge(score: float, summary: SentimentSummary) -> str:
    return (
        f'<p class="cc-call"><b>{words.signed(score)}</b> <span>{mood(score)} · n {summary.n}</span></p>'
        f'<div class="cc-gauge" role="meter" aria-label="Sentiment" aria-valuemin="-1" aria-valuemax="1" '
        f'aria-valuenow="{score:.2f}" aria-valuetext="{words.signed(score)}, {mood(score)}">'
        f'<i style="left:{50 + 50 * score:.1f}%"></i></div>'
        '<div class="cc-ends"><span>−1 bearish</span><span>bullish +1</span></div>'
    )


def _rows(summary: SentimentSummary) -> str:
    found = []
    if summary.trend is not None:
        found.append(row(f"Against the {summary.window} before", words.signed(summary.trend)))
    if summary.surprise is not None:
        found.append(row("Against its 30 days", words.signed(summary.surprise)))
    return "".join(found)


def _history(summary: SentimentSummary) -> str:
    drawn = sparkline([point.score for point in summary.history], width=_WIDTH, height=_HEIGHT, symmetric=True)
    if not drawn:
        return ""
    first, last = summary.history[0], summary.history[-1]
    days = (last.at - first.at).total_seconds() / 86_400
    return f'<figure class="cc-past">{drawn}<figcaption>the score over the last {days:.0f} days</figcaption></figure>'
