"""How does a panel show what it knows, that it knows nothing, that asking failed, or that it is still asking?"""

from collections.abc import Awaitable, Iterable
from html import escape
from typing import TypeVar

import gradio as gr

from candlecast.errors import CandlecastError
from ui.mounting import mounted

Answer = TypeVar("Answer")

_FAILED = '<div data-state="failed"'


def panel(elem_id: str, *, height_px: int, label: str) -> gr.HTML:
    """Return a panel that holds its place while it loads, and keeps its last content when asking fails.

    Its values are those of `filled`, `empty` and `failed`; plain HTML counts as `filled`. After a failure the
    content about the same thing stays, dimmed, with its age and a button to ask again. A click on an element with
    ``data-ask`` is its ``select`` event: see `asked`.

    Parameters
    ----------
    elem_id : str
        Id of the element in the page.
    height_px : int
        Height that is kept free until the first content, so that nothing moves when it comes.
    label : str
        What is loading, in words.
    """
    return gr.HTML(
        "",
        html_template=waiting_html(height_px=height_px, label=label),
        js_on_load=mounted("panel", elem_id),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes=["cc-holder"],
    )


def waiting_html(*, height_px: int, label: str) -> str:
    """Return the inside of a panel that knows nothing yet."""
    waiting = f'<div class="cc-skeleton" style="min-height:{height_px}px"><i></i><i></i><i></i></div>'
    said = f'<p class="cc-unseen" role="status">{escape(label)} is loading</p>'
    return f'<div class="cc-strip" role="status" hidden></div><div class="cc-body">{waiting}{said}</div>'


def filled(html: str, *, about: str = "") -> str:
    """Return the value of a panel that knows what it should; `about` names the thing it is about."""
    return f'<div data-state="filled" data-about="{escape(about)}">{html}</div>'


def empty(title: str, reason: str, *, about: str = "") -> str:
    """Return the value of a panel that has nothing to show, and why."""
    body = f'<p class="cc-empty">{escape(reason)}</p>'
    return f'<div data-state="empty" data-about="{escape(about)}">{card(title, body)}</div>'


def failed(error: CandlecastError, *, title: str = "", about: str = "") -> str:
    """Return the value of a panel whose question failed; content about another thing than `about` goes."""
    body = error_text(error)
    body = card(title, body) if title else f'<section class="cc-panel">{body}</section>'
    return f'{_FAILED} data-about="{escape(about)}">{body}</div>'


def in_turn(turn: int, value: str) -> str:
    """Return the value of a panel as one of its `turn`; the panel shows none of an earlier turn than it has shown.

    So the answer to a click, which begins a turn, is not undone by a refresh that was asked for before it came.
    """
    return value.replace("<div ", f'<div data-turn="{turn:d}" ', 1)


def read_turn(shown: gr.HTML) -> str:
    """Return the script that reads which turn a panel has shown last, 0 before any."""
    return f"(document.getElementById('{shown.elem_id}')?.ccTurn ?? 0)"


def all_known(values: Iterable[str]) -> bool:
    """Tell whether none of some panels' values is one of `failed`."""
    return not any(value.startswith(_FAILED) for value in values)


def card(title: str, body: str, *, aside: str = "") -> str:
    """Return a card; `body` and `aside` are HTML, `title` is text."""
    return f'<section class="cc-panel"><h2>{escape(title)} <span>{aside}</span></h2>{body}</section>'


def row(label: str, value: str, *, kind: str = "") -> str:
    """Return one line of a card; `label` is text, `value` is HTML."""
    return f'<div class="cc-row"><span>{escape(label)}</span><span class="cc-num {kind}">{value}</span></div>'


def error_text(error: CandlecastError) -> str:
    """Return an error in words, with a button to ask again."""
    return (
        f'<div class="cc-error" role="alert"><b>{escape(error.title)}</b><p>{escape(str(error))}</p>'
        '<button type="button" class="cc-button" data-retry>Try again</button></div>'
    )


def asked(event: gr.EventData) -> str:
    """Return the ``data-ask`` of the element that was clicked in a panel."""
    return str(event._data["value"])


async def attempt(call: Awaitable[Answer]) -> Answer | CandlecastError:
    """Return the answer or the error, so that one failing question leaves the others alone."""
    try:
        return await call
    except CandlecastError as error:
        return error
