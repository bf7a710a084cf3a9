"""Which panels does the dashboard have, and where? Known before Gradio has started, and the same for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A panel's id, the height that it holds while it loads, and what is loading, in words."""

    elem_id: str
    height_px: int
    label: str


SIDE = (Place("cc-watchlist", 480, "Watchlist"), Place("cc-data", 190, "Data"))
MIDDLE = "cc-middle"
STAGE = (Place("cc-title", 30, "Price"), Place("cc-tools", 34, "Chart tools"))
CHART = Place("cc-chart", 540, "Chart")
MOOD = (Place("cc-sentiment", 230, "Sentiment"), Place("cc-headlines", 230, "Headlines"))
ASIDE = (Place("cc-forecast", 420, "Forecast"), Place("cc-why", 330, "Reasons"), Place("cc-record", 130, "Record"))
