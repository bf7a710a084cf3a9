"""What stands around every page? Header, banner and foot, and the events at which a page refreshes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from candlecast.errors import CandlecastError
from candlecast.schemas import Readiness, SymbolStatus
from ui import header
from ui.address import Address
from ui.mounting import mounted
from ui.panels import attempt
from ui.preference_store import Saved
from ui.preferences import Preferences
from ui.site import PAGES, PageSpec, Site

Handler = Callable[..., Awaitable[Any]]

# fixed, so that all pages share them and a restart of the server loses nothing; the browser keeps them, not a secret
STORAGE_KEY, STORAGE_SECRET = "candlecast.preferences", "candlecast"

_QUIET: Any = {"show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of one page.

    Parameters
    ----------
    site : Site
        What all pages share.
    spec : PageSpec
        Which page it is.
    top : gradio.HTML
        The header; its ``select`` event is the pulse at which the page refreshes.
    preferences : gradio.BrowserState
        What the reader prefers, as JSON values.
    triggers : tuple
        The pulse: the start, the timer, the button, the key, live events, changed addresses and preferences.
    """

    site: Site
    spec: PageSpec
    top: gr.HTML
    preferences: gr.BrowserState
    triggers: tuple[Any, ...]

    def on_refresh(
        self,
        handler: Handler,
        *,
        outputs: Sequence[Any],
        inputs: Sequence[Any] = (),
        read: Sequence[str | None] = (),
        also: Sequence[Any] = (),
    ) -> None:
        """Call `handler` whenever the page refreshes, and at the events `also`.

        Parameters
        ----------
        handler : callable
            ``async (address, preferences, *inputs)``; returns a value for each of `outputs`.
        outputs, inputs : sequence of gradio components
            As for any event of Gradio.
        read : sequence of str or None
            Per input the JavaScript expression that stands for it; None: the component's value.
        also : sequence
            More events.
        """
        self.on([*self.triggers, *also], handler, outputs=outputs, inputs=inputs, read=read)

    def on(
        self,
        events: Sequence[Any],
        handler: Handler,
        *,
        outputs: Sequence[Any],
        inputs: Sequence[Any] = (),
        read: Sequence[str | None] = (),
    ) -> None:
        """Call `handler` as `on_refresh` does, but only at `events`."""

        async def answer(query: str | None, kept: Any, *values: Any) -> Any:
            preferences = await self.site.preferences.latest(self.site.read_preferences(kept))
            return await handler(Address.parse(query), preferences, *values)

        gr.on(
            list(events),
            answer,
            inputs=[self.top, self.preferences, *inputs],
            outputs=list(outputs),
            js=reading_script(len(inputs), read),
            trigger_mode="always_last",
            **_QUIET,
        )

    @property
    def keeping(self) -> list[Any]:
        """The outputs of an event that changes preferences."""
        return [self.preferences, self.top]

    def kept(self, saved: Saved) -> tuple[Any, Any]:
        """Return the values of `keeping`: what the browser keeps, and the look that the page takes on at once."""
        return saved.preferences.as_dict(), header.look_value(saved.preferences)


def reading_script(n_inputs: int, read: Sequence[str | None]) -> str:
    """Return the script that reads the page's address, and what `read` says, when an event fires."""
    names = [f"x{i}" for i in range(n_inputs)]
    values = [(read[i] if i < len(read) else None) or name for i, name in enumerate(names)]
    return f"({', '.join(['query', 'kept', *names])}) => [{', '.join(['window.location.search', 'kept', *values])}]"


def build_shell(site: Site, spec: PageSpec, page: gr.Blocks) -> Shell:
    """Add the header and the banner to `page` and return the frame; call `build_foot` behind the page's own parts."""
    top = gr.HTML(
        "{}",
        html_template=header.frame_text(spec, PAGES),
        js_on_load=mounted("header", "cc-top"),
        apply_default_css=False,
        elem_id="cc-top",
    )
    # a blank is no answer: an empty banner is one
    banner = gr.HTML(
        " ",
        html_template="<span></span>",
        js_on_load=mounted("html", "cc-banner"),
        apply_default_css=False,
        elem_id="cc-banner",
    )
    kept = gr.BrowserState(None, storage_key=STORAGE_KEY, secret=STORAGE_SECRET)
    shell = Shell(site, spec, top, kept, (top.select,))
    shell.on_refresh(frame_round(site), outputs=[top, banner])
    # a page that was filled before need not ask again
    page.load(None, js="() => window.candlecast.started()", **_QUIET)
    return shell


def build_foot() -> None:
    """Add what stands below every page."""
    gr.HTML(header.FOOT, elem_id="cc-foot", apply_default_css=False)


def frame_round(site: Site) -> Handler:
    """Return what fills header and banner."""

    async def one_round(address: Address, preferences: Preferences) -> tuple[str, str]:
        standing = await site.standing()
        symbols: list[SymbolStatus] | CandlecastError = []
        if isinstance(standing.shown, Readiness):
            symbols = await attempt(site.answers.get("symbols", site.client.symbols))
        return (
            header.top_value(standing, address.text("symbol"), symbols=symbols, preferences=preferences),
            header.banner_text(standing.shown),
        )

    return one_round
