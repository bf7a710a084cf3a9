"""How are alert rules kept from the page? Listed, made and deleted through the API; what was told beside them."""

import asyncio
from html import escape
from typing import Any

import gradio as gr

from candlecast.errors import CandlecastError
from candlecast.schemas import Alert, AlertDeliveryPage, AlertList, NewAlert
from ui.address import Address
from ui.panels import asked, attempt, panel
from ui.preferences import Preferences
from ui.settings_page.alert_form import NAMES, alert_form
from ui.settings_page.alert_words import deliveries_panel, problem_text, read_rule, rule_words, rules_panel
from ui.shell import Shell
from ui.site import Site

TOLD = 20


def build_alerts(site: Site, shell: Shell) -> None:
    """Add the rules, what they told, and the form of a new one."""
    with gr.Row(elem_classes=["cc-halves"]):
        with gr.Column():
            form = alert_form(horizon=site.horizon)
        with gr.Column():
            rules = panel("cc-rules", height_px=160, label="Alert rules")
            told = panel("cc-told", height_px=160, label="What was told")

    async def refresh(_: Address, __: Preferences) -> tuple[Any, ...]:
        alerts, page = await _both(site)
        symbols = await attempt(site.answers.get("symbols", site.client.symbols))
        names = gr.skip() if isinstance(symbols, CandlecastError) else gr.Dropdown(choices=[s.symbol for s in symbols])
        channels = gr.skip() if isinstance(alerts, CandlecastError) else gr.Dropdown(choices=alerts.channels)
        return rules_panel(alerts, asked_id=None), deliveries_panel(page), names, channels

    async def add(_: Address, __: Preferences, *values: Any) -> tuple[str, Any]:
        wanted = read_rule(**dict(zip(NAMES, values, strict=True)))
        result = wanted if isinstance(wanted, CandlecastError) else await _create(site, wanted)
        if isinstance(result, CandlecastError):
            return problem_text(result), gr.skip()
        said = f'<p class="cc-up" role="status">Kept: {escape(rule_words(result))}</p>'
        return said, rules_panel((await _both(site))[0], asked_id=None)

    async def act(event: gr.EventData) -> str:
        verb, _, number = asked(event).partition(":")
        alert_id = int(number) if number.isdecimal() and len(number) < 19 else None
        said = ""
        if verb == "delete!" and alert_id is not None:
            said = await _delete(site, alert_id)
        return rules_panel((await _both(site))[0], asked_id=alert_id if verb == "delete" else None, said=said)

    shell.on_refresh(refresh, outputs=[rules, told, form.field("symbol"), form.field("channels")])
    shell.on([form.add.click], add, inputs=form.fields, outputs=[form.said, rules])
    rules.select(act, outputs=[rules], show_progress="hidden", api_visibility="private", concurrency_limit=None)


async def _both(site: Site) -> tuple[AlertList | CandlecastError, AlertDeliveryPage | CandlecastError]:
    return await asyncio.gather(
        attempt(site.answers.get("alerts", site.client.alerts)),
        attempt(site.answers.get("deliveries", lambda: site.client.alert_deliveries(limit=TOLD))),
    )


async def _create(site: Site, wanted: NewAlert) -> Alert | CandlecastError:
    result = await attempt(site.client.create_alert(wanted))
    site.answers.renew()
    return result


async def _delete(site: Site, alert_id: int) -> str:
    result = await attempt(site.client.delete_alert(alert_id))
    site.answers.renew()
    return problem_text(result) if isinstance(result, CandlecastError) else '<p role="status">Deleted.</p>'
