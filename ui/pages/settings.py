"""The settings: what a reader prefers, the reader's own key, alerts, and what runs here."""

import gradio as gr

from ui.address import Address
from ui.admin_key import key_form
from ui.panels import attempt, panel
from ui.preferences import Preferences
from ui.settings_page.about import about_panel
from ui.settings_page.alert_desk import build_alerts
from ui.settings_page.preference_form import build_preferences
from ui.settings_page.resetting import build_reset
from ui.shell import Shell
from ui.site import Site

_HEAD = "<h1>Settings</h1><p>Kept for you alone, in this browser; changed at once on all your open tabs.</p>"


def build(site: Site, shell: Shell) -> None:
    """Add the form of preferences, the key, the alerts and the box about the service."""
    gr.HTML(_HEAD, elem_id="cc-settings-head", elem_classes=["cc-head"], apply_default_css=False)
    with gr.Row(elem_classes=["cc-halves"]):
        with gr.Column():
            form = build_preferences(site, shell)
        with gr.Column():
            key_form(elem_id="cc-key")
            about = panel("cc-about", height_px=230, label="About")
            build_reset(site, shell, form)
    build_alerts(site, shell)

    async def tell(_: Address, __: Preferences) -> str:
        readiness = await attempt(site.answers.get("readiness", site.client.readiness))
        return about_panel(readiness, api_url=site.api_url)

    shell.on_refresh(tell, outputs=[about])
