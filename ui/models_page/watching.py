"""How does a tab watch a job? Started from a form, named in the address, looked at while it runs."""

import json
import secrets
from pathlib import Path
from typing import Any

import gradio as gr

from candlecast.errors import CandlecastError
from candlecast.schemas import JobAccepted
from ui.address import Address
from ui.admin_key import READ_KEY
from ui.models_page.jobs import is_running, job_panel, read_job_id
from ui.models_page.loading import load_job
from ui.models_page.order_form import OrderForm, order_form
from ui.models_page.orders import start_training, start_tuning
from ui.panels import attempt, panel
from ui.preferences import Preferences
from ui.shell import Shell
from ui.site import Site

LOOK_EVERY_S = 2.0

_SCRIPT = Path(__file__).parents[1] / "assets" / "job_link.js"
_READ_JOB = "(new URLSearchParams(window.location.search).get('job') || sessionStorage.getItem('candlecast.job') || '')"


def build_jobs(site: Site, shell: Shell, key: gr.HTML) -> None:
    """Add the form of orders and the panel of the job that this tab watches.

    Parameters
    ----------
    site, shell : Site, Shell
        As for a page.
    key : gradio.HTML
        The form of the reader's key.
    """
    with gr.Row(elem_classes=["cc-halves"]):
        with gr.Column():
            form = order_form(site)
        with gr.Column():
            shown = panel("cc-job", height_px=180, label="Training job")
    link = gr.HTML(
        "", html_template="<span></span>", js_on_load=_SCRIPT.read_text(encoding="utf-8"), elem_id="cc-job-link"
    )
    timer = gr.Timer(LOOK_EVERY_S, active=False)
    shell.on(
        [form.start.click],
        _starter(site),
        inputs=[form.kind, form.symbols, form.horizon, form.algorithm, form.trials, key],
        read=[None, None, None, None, None, READ_KEY],
        outputs=[form.said, link],
    )
    shell.on_refresh(
        _watcher(site), inputs=[key, link], read=[READ_KEY, _READ_JOB], outputs=[shown, timer, link], also=[timer.tick]
    )
    shell.on_refresh(_filler(site), outputs=[form.symbols])


def _starter(site: Site) -> Any:
    async def start(_: Address, __: Preferences, *values: Any) -> tuple[str, Any]:
        kind, symbols, horizon, algorithm, trials, key = values
        if kind == "tune":
            result = await start_tuning(site, symbols=symbols, horizon=horizon, trials=trials, key=key)
        else:
            result = await start_training(site, symbols=symbols, horizon=horizon, algorithm=algorithm, key=key)
        link = _link(job=result.id) if isinstance(result, JobAccepted) else gr.skip()
        return OrderForm.answer(result), link

    return start


def _watcher(site: Site) -> Any:
    async def watch(_: Address, __: Preferences, key: str, job_id: str) -> tuple[str, Any, Any]:
        known = read_job_id(job_id)
        job = await load_job(site, known, key=key)
        running = is_running(job)
        # said once a job: a value that stays the same is no event
        ended = not running and not isinstance(job, CandlecastError) and job is not None
        link = json.dumps({"ended": known}) if ended else gr.skip()
        return job_panel(known, job), gr.Timer(active=running), link

    return watch


def _filler(site: Site) -> Any:
    async def fill(_: Address, __: Preferences) -> Any:
        symbols = await attempt(site.answers.get("symbols", site.client.symbols))
        if isinstance(symbols, CandlecastError):
            return gr.skip()
        return gr.Dropdown(choices=[status.symbol for status in symbols])

    return fill


def _link(**told: str) -> str:
    # the same job may be started twice: each time is an event
    return json.dumps({**told, "nonce": secrets.token_hex(4)})
