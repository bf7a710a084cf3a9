"""What is this, in which version, and where is it explained? The box at the end of the settings."""

from functools import lru_cache
from html import escape
from importlib.metadata import PackageNotFoundError, version

from candlecast.errors import CandlecastError
from candlecast.schemas import Readiness
from ui import live
from ui.asset_files import plotly_version
from ui.panels import card, filled, row

_PARTS = (("Page", "candlecast"), ("Gradio", "gradio"))


def about_panel(readiness: Readiness | CandlecastError, *, api_url: str) -> str:
    """Return the value of the panel that says what runs here."""
    rows = [row(name, escape(found)) for name, found in versions()]
    rows.append(row("API", f"<code>{escape(api_url)}</code>"))
    if isinstance(readiness, CandlecastError):
        rows.append(row("Market data", escape(str(readiness)), kind="cc-warn"))
    else:
        rows.append(row("Market data", "live" if readiness.source == "live" else "recorded"))
        rows.append(row("Market time", live.moment(readiness.market_time)))
    said = (
        "<p>How forecasts are made and judged: <a data-carry href='track-record'>track record and method</a>. "
        "Every forecast is stored before its outcome is known.</p>"
        "<p class='cc-fine'>Apache License 2.0. Not financial advice.</p>"
    )
    return filled(card("About Candlecast", "".join(rows) + said))


@lru_cache(maxsize=1)
def versions() -> tuple[tuple[str, str], ...]:
    """Return the parts of the page and the version of each."""
    return *((name, _version(package)) for name, package in _PARTS), ("plotly.js", plotly_version())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "run from source"
