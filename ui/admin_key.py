"""Where is a reader's own key kept? In this tab, or in the browser if the reader asks; sent with the call it is for."""

from pathlib import Path

import gradio as gr

STORAGE = "candlecast.admin-key"
# what an event reads in place of a component's value: the key leaves the browser only with the calls that need it
READ_KEY = f"(sessionStorage.getItem('{STORAGE}') || localStorage.getItem('{STORAGE}') || '')"

_SCRIPT = Path(__file__).with_name("assets") / "admin_key.js"
_FORM = f"""<section class="cc-panel cc-key" data-storage="{STORAGE}">
<h2>Admin key <span class="cc-key-state"></span></h2>
<label class="cc-field">Key of scope admin
<input type="password" class="cc-input" autocomplete="off" spellcheck="false" maxlength="200" /></label>
<label class="cc-check"><input type="checkbox" /> keep it in this browser, not only in this tab</label>
<p class="cc-actions"><button type="button" class="cc-button" data-forget-key>Forget it</button></p>
<p class="cc-fine">Needed to train, promote and roll back where the API asks for keys. It is sent with those calls only,
and kept neither by this server nor in the address.</p></section>"""


def key_form(*, elem_id: str) -> gr.HTML:
    """Return the form for a reader's own key; its value is always "", so no event sends the key unasked.

    Use it as an input with `READ_KEY` as what is read for it.

    Parameters
    ----------
    elem_id : str
        Id of the element in the page.
    """
    return gr.HTML(
        "",
        html_template=_FORM,
        js_on_load=_SCRIPT.read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
    )
