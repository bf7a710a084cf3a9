"""What is on the screen before Gradio has started? The page as Gradio will lay it out, every panel still waiting."""

from ui.chart.component import chart_html
from ui.dashboard.places import ASIDE, CHART, MIDDLE, MOOD, SIDE, STAGE, Place
from ui.header import FOOT, frame_text
from ui.panels import waiting_html
from ui.site import PAGES, PageSpec


def first_frame(spec: PageSpec) -> str:
    """Return the body of a page that has a first view; `first.js` fills it and hands over to Gradio.

    Parameters
    ----------
    spec : PageSpec
        The page; `ui.first.answer` must know it.
    """
    # the ids are those of the finished page: style and scripts know them, and Gradio's own wait without
    top = _block("cc-top", "header", frame_text(spec, PAGES))
    banner = _block("cc-banner", "html", "")
    page = f'<div id="cc-page" class="column cc-page-{spec.name}"><div id="cc-main" class="row">{_main()}</div></div>'
    foot = f'<div id="cc-foot" class="block">{FOOT}</div>'
    inner = f"<main>{top}{banner}{page}{foot}</main>"
    return f'<div id="cc-first" class="gradio-container" data-page="{spec.name}">{inner}</div>'


def _main() -> str:
    stage = _panels(STAGE) + _block(CHART.elem_id, "chart", chart_html(note="Loading…"))
    middle = f'<div id="cc-stage" class="column">{stage}</div><div id="cc-mood" class="row">{_panels(MOOD)}</div>'
    columns = (("cc-side", _panels(SIDE)), (MIDDLE, middle), ("cc-aside", _panels(ASIDE)))
    return "".join(f'<div id="{elem_id}" class="column">{inner}</div>' for elem_id, inner in columns)


def _panels(places: tuple[Place, ...]) -> str:
    return "".join(
        _block(place.elem_id, "panel", waiting_html(height_px=place.height_px, label=place.label), holds=True)
        for place in places
    )


def _block(elem_id: str, part: str, inner: str, *, holds: bool = False) -> str:
    kind = "block cc-holder" if holds else "block"
    return (
        f'<div id="{elem_id}" class="{kind}"><div class="html-container">'
        f'<div data-part="{part}" data-mount="{elem_id}">{inner}</div></div></div>'
    )
