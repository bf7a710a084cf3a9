"""How does a reader go back to how it all began? By a button, after a question."""

from typing import Any

import gradio as gr

from ui.panels import asked, attempt, card, filled, panel
from ui.preferences import Preferences
from ui.settings_page.preference_form import PreferenceForm, said_of, shown
from ui.shell import Shell, reading_script
from ui.site import Site

_OFFER = filled(
    card(
        "Reset",
        "<p>Forget watchlist, timeframe, indicators, interval, time zone, colours and theme.</p>"
        '<p class="cc-actions"><button type="button" class="cc-button" data-ask="reset">Reset…</button></p>',
    )
)
_QUESTION = filled(
    card(
        "Reset",
        '<p role="alert">Forget all preferences of this browser and of your other tabs? Alert rules stay.</p>'
        '<p class="cc-actions"><button type="button" class="cc-button cc-strong" data-ask="reset!">Yes, reset</button>'
        '<button type="button" class="cc-button" data-ask="keep">No, keep them</button></p>',
    )
)


def build_reset(site: Site, shell: Shell, form: PreferenceForm) -> None:
    """Add the panel that offers to forget all preferences; `form` shows what is left."""
    offer = panel("cc-reset", height_px=110, label="Reset")

    async def show(_: Any, __: Preferences) -> str:
        return _OFFER

    async def act(_: str, kept: Any, event: gr.EventData) -> list[Any]:
        nothing = [gr.skip()] * (len(shell.keeping) + len(form.parts) + 1)
        if asked(event) != "reset!":
            return [_QUESTION if asked(event) == "reset" else _OFFER, *nothing]
        preferences = await site.preferences.latest(site.read_preferences(kept))
        start = Preferences(session=preferences.session, revision=preferences.revision, refresh_s=site.ui.refresh_s)
        saved = await site.preferences.save(start)
        symbols = await attempt(site.answers.get("symbols", site.client.symbols))
        return [_OFFER, *shell.kept(saved), *shown(saved.preferences, symbols), said_of(saved)]

    shell.on_refresh(show, outputs=[offer])
    offer.select(
        act,
        inputs=[shell.top, shell.preferences],
        outputs=[offer, *shell.keeping, *form.parts, form.said],
        js=reading_script(0, []),
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=None,
    )
