"""How does the page look? Dark glass: a Gradio theme, a style sheet and the script that every page carries."""

from functools import lru_cache
from pathlib import Path

from gradio.themes import Base

_ASSETS = Path(__file__).with_name("assets")
_CLEAR = "rgba(255,255,255,.055)"
_LINE = "rgba(255,255,255,.12)"
_INK, _DIM, _ACCENT = "#e8ecf8", "#9aa6c4", "#7aa2ff"
_NIGHT = (
    "radial-gradient(900px 600px at 12% -8%,#27408f66,transparent 60%),"
    "radial-gradient(900px 700px at 95% 8%,#5b2a8a55,transparent 60%),"
    "radial-gradient(700px 500px at 60% 110%,#0f6d6a55,transparent 60%),#0b1020"
)
_COLOURS = {
    "body_background_fill": _NIGHT,
    "body_text_color": _INK,
    "body_text_color_subdued": _DIM,
    "background_fill_primary": "#131a30",
    "background_fill_secondary": "#161d33",
    "block_background_fill": "transparent",
    "block_border_color": _LINE,
    "border_color_primary": _LINE,
    "border_color_accent": _ACCENT,
    "input_background_fill": _CLEAR,
    "input_background_fill_focus": _CLEAR,
    "input_border_color": _LINE,
    "input_border_color_focus": _ACCENT,
    "button_secondary_background_fill": _CLEAR,
    "button_secondary_background_fill_hover": "rgba(122,162,255,.16)",
    "button_secondary_border_color": _LINE,
    "button_secondary_text_color": _DIM,
    "checkbox_label_background_fill": "transparent",
    "checkbox_label_background_fill_hover": "rgba(122,162,255,.10)",
    "checkbox_label_background_fill_selected": "rgba(122,162,255,.16)",
    "checkbox_label_text_color": _DIM,
    "checkbox_label_text_color_selected": _INK,
    "checkbox_label_border_color": _LINE,
}


@lru_cache(maxsize=1)
def build_theme() -> Base:
    """Return the theme, the same by day and by night, with fonts of the reader's machine only."""
    theme = Base(font=["Inter", "system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    by_night = {f"{name}_dark": value for name, value in _COLOURS.items()}
    return theme.set(
        **_COLOURS, **by_night, block_border_width="0px", block_border_width_dark="0px", block_shadow="none"
    )


def style_sheet() -> str:
    """Return the style sheet of all pages."""
    return (_ASSETS / "style.css").read_text(encoding="utf-8")


def page_head() -> str:
    """Return what every page adds to its head: the script that keeps ages and clocks counting."""
    return f"<script>{(_ASSETS / 'page.js').read_text(encoding='utf-8')}</script>"
