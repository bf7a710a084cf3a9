"""What does Gradio run when an element of the page is there? One line: the work is in the page's own script."""


def mounted(part: str, elem_id: str) -> str:
    """Return the ``js_on_load`` of an element that ``candlecast.parts`` brings to life.

    Parameters
    ----------
    part : str
        Which of the parts: ``header``, ``panel``, ``chart`` or ``html``.
    elem_id : str
        Id of the element in the page.
    """
    return f"window.candlecast.mount('{part}', '{elem_id}', element, trigger, props, watch)"
