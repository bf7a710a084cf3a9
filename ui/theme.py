"""How does the page look? A Gradio theme made of the page's own variables, and the head of every document."""

from functools import lru_cache

from gradio.themes import Base

from ui.asset_files import PLOTLY, SCRIPT, asset_text, asset_url, script_tag
from ui.header import LOGO
from ui.site import PageSpec

# all colours are variables of style.css, which knows day and night
_COLOURS = {
    "body_background_fill": "var(--cc-bg)",
    "body_text_color": "var(--cc-ink)",
    "body_text_color_subdued": "var(--cc-dim)",
    "background_fill_primary": "var(--cc-solid)",
    "background_fill_secondary": "var(--cc-solid)",
    "block_background_fill": "transparent",
    "block_border_color": "var(--cc-line)",
    "block_label_text_color": "var(--cc-dim)",
    "block_label_background_fill": "transparent",
    "block_title_text_color": "var(--cc-dim)",
    "block_info_text_color": "var(--cc-dim)",
    "border_color_primary": "var(--cc-line)",
    "border_color_accent": "var(--cc-accent)",
    "color_accent": "var(--cc-accent)",
    "color_accent_soft": "var(--cc-hover)",
    "link_text_color": "var(--cc-accent)",
    "link_text_color_hover": "var(--cc-ink)",
    "link_text_color_visited": "var(--cc-accent)",
    "link_text_color_active": "var(--cc-accent)",
    "input_background_fill": "var(--cc-field)",
    "input_background_fill_focus": "var(--cc-field)",
    "input_border_color": "var(--cc-edge)",
    "input_border_color_focus": "var(--cc-accent)",
    "input_placeholder_color": "var(--cc-dim)",
    "button_primary_background_fill": "var(--cc-press)",
    "button_primary_background_fill_hover": "var(--cc-hover)",
    "button_primary_border_color": "var(--cc-accent)",
    "button_primary_text_color": "var(--cc-ink)",
    "button_secondary_background_fill": "var(--cc-glass)",
    "button_secondary_background_fill_hover": "var(--cc-hover)",
    "button_secondary_border_color": "var(--cc-line)",
    "button_secondary_text_color": "var(--cc-ink)",
    "checkbox_background_color": "var(--cc-field)",
    "checkbox_background_color_selected": "var(--cc-accent)",
    "checkbox_border_color": "var(--cc-edge)",
    "checkbox_label_background_fill": "transparent",
    "checkbox_label_background_fill_hover": "var(--cc-hover)",
    "checkbox_label_background_fill_selected": "var(--cc-press)",
    "checkbox_label_text_color": "var(--cc-dim)",
    "checkbox_label_text_color_selected": "var(--cc-ink)",
    "checkbox_label_border_color": "var(--cc-line)",
    "table_border_color": "var(--cc-line)",
    "table_even_background_fill": "transparent",
    "table_odd_background_fill": "transparent",
    "table_text_color": "var(--cc-ink)",
    "slider_color": "var(--cc-accent)",
    "error_background_fill": "var(--cc-solid)",
}


@lru_cache(maxsize=1)
def build_theme() -> Base:
    """Return the theme, with fonts of the reader's machine only."""
    theme = Base(font=["Inter", "system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    by_night = {f"{name}_dark": value for name, value in _COLOURS.items() if name != "color_accent"}
    shape = {"block_border_width": "0px", "block_border_width_dark": "0px", "block_radius": "12px"}
    return theme.set(**_COLOURS, **by_night, **shape, block_shadow="none", block_shadow_dark="none")


def early_head(spec: PageSpec) -> str:
    """Return what stands at the very beginning of a document: the reader's look, the first question, the scripts.

    Parameters
    ----------
    spec : PageSpec
        The page; one with a chart loads what draws it, one with a first view asks for it.
    """
    look = asset_text("look.js")
    if spec.first:
        look += asset_text("first_question.js") + f"window.candlecast.ask('{spec.name}');"
    # before the body is painted and before Gradio's own, hence in the document itself
    scripts = script_tag(SCRIPT) + (script_tag(PLOTLY) if spec.draws else "")
    return f"<title>Candlecast</title><script>{look}</script>{scripts}"


def document_head() -> str:
    """Return what stands at the end of the head of a document: icon and styles, which win over Gradio's."""
    icon = LOGO.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ').replace('"', "'")
    for mark, code in (("#", "%23"), ("<", "%3C"), (">", "%3E")):
        icon = icon.replace(mark, code)
    return f'<link rel="icon" href="data:image/svg+xml,{icon}"><link rel="stylesheet" href="{asset_url("style.css")}">'
