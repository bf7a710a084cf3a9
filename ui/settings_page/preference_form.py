"""How does a reader change what is preferred? One field at a time, kept at once."""

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from candlecast.errors import CandlecastError
from candlecast.schemas import SymbolStatus
from ui.address import Address
from ui.panels import attempt
from ui.preference_store import Saved
from ui.preferences import Preferences
from ui.settings_page import choices
from ui.settings_page.swatches import swatches
from ui.shell import Shell
from ui.site import Site

KEPT = "Kept in this browser, and for your other tabs."


@dataclass(frozen=True, slots=True)
class PreferenceForm:
    """The fields, in the order of `Preferences`' names in `fields`, and what is said below them.

    Parameters
    ----------
    fields : dict of str to gradio component
        By the name of the preference.
    swatch : gradio.HTML
        Candles in each palette.
    said : gradio.HTML
        What became of the last change.
    """

    fields: dict[str, Any]
    swatch: gr.HTML
    said: gr.HTML

    @property
    def parts(self) -> list[Any]:
        """The outputs of an event that shows preferences."""
        return [*self.fields.values(), self.swatch]


def build_preferences(site: Site, shell: Shell) -> PreferenceForm:
    """Add the form, filled at every refresh, and keep each change."""
    with gr.Column(elem_id="cc-preferences", elem_classes=["cc-panel", "cc-form"]):
        gr.HTML("<h2>Preferences</h2>", apply_default_css=False)
        form = _form(site)

    async def fill(_: Address, preferences: Preferences) -> list[Any]:
        symbols = await attempt(site.answers.get("symbols", site.client.symbols))
        return shown(preferences, symbols)

    shell.on_refresh(fill, outputs=form.parts)
    for name, field in form.fields.items():
        keep = _keeper(site, shell, name)
        shell.on([field.input], keep, inputs=[field], outputs=[*shell.keeping, form.swatch, form.said])
    return form


def shown(preferences: Preferences, symbols: list[SymbolStatus] | CandlecastError) -> list[Any]:
    """Return the values of `PreferenceForm.parts`."""
    return [
        gr.Dropdown(choices=choices.symbol_choices(symbols, preferences), value=list(preferences.watchlist)),
        gr.Dropdown(choices=choices.timeframe_choices(symbols, preferences), value=preferences.timeframe),
        gr.Dropdown(choices=choices.refresh_choices(preferences.refresh_s), value=preferences.refresh_s),
        preferences.time_zone,
        preferences.colours,
        preferences.theme,
        swatches(preferences.colours),
    ]


def said_of(saved: Saved) -> str:
    """Return what became of a change, as HTML."""
    if saved.problem is None:
        return f'<p class="cc-fine" role="status">{KEPT}</p>'
    why = escape(str(saved.problem))
    return f'<p class="cc-fine cc-warn" role="status">Kept in this browser; other tabs learn of it later: {why}</p>'


def _keeper(site: Site, shell: Shell, name: str) -> Any:
    async def keep(_: Address, preferences: Preferences, value: Any) -> tuple[Any, ...]:
        saved = await site.preferences.save(preferences.with_(**{name: value}))
        return *shell.kept(saved), swatches(saved.preferences.colours), said_of(saved)

    return keep


def _form(site: Site) -> PreferenceForm:
    start = Preferences(refresh_s=site.ui.refresh_s)
    watchlist = gr.Dropdown([], multiselect=True, label="Watchlist (none: all symbols)", elem_id="cc-watchlist-setting")
    with gr.Row():
        timeframe = gr.Dropdown(
            [choices.FOLLOWED], value="", label="Timeframe of charts", elem_id="cc-timeframe-setting"
        )
        refresh = gr.Dropdown(
            choices.refresh_choices(start.refresh_s),
            value=start.refresh_s,
            label="Refresh every",
            elem_id="cc-refresh-setting",
        )
        zone = gr.Dropdown(choices.zone_choices(), value="UTC", label="Time zone", elem_id="cc-zone-setting")
    theme = gr.Radio(choices.THEMES, value=start.theme, label="Theme", elem_id="cc-theme-setting")
    colours = gr.Radio(choices.colour_choices(), value=start.colours, label="Candles", elem_id="cc-colours-setting")
    swatch = gr.HTML(swatches(start.colours), elem_id="cc-swatches", apply_default_css=False)
    said = gr.HTML("", elem_id="cc-kept", apply_default_css=False)
    fields = {
        "watchlist": watchlist,
        "timeframe": timeframe,
        "refresh_s": refresh,
        "time_zone": zone,
        "colours": colours,
        "theme": theme,
    }
    return PreferenceForm(fields, swatch, said)
