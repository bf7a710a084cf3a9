"""The news: stories with their scores, narrowed by the address of the page, older ones on demand."""

import gradio as gr

from ui.address import Address
from ui.news.beside import beside_value
from ui.news.filters import filters_text
from ui.news.found import load_news
from ui.news.story_list import list_value
from ui.news.wanted import WantedNews
from ui.panels import panel
from ui.preferences import Preferences
from ui.shell import Shell
from ui.site import Site


def build(site: Site, shell: Shell) -> None:
    """Add the filters, the list and what stands beside it."""
    gr.HTML("<h1>News</h1>", elem_id="cc-news-head", elem_classes=["cc-head"], apply_default_css=False)
    filters = panel("cc-news-filters", height_px=64, label="Filters")
    with gr.Row(elem_classes=["cc-two"]):
        with gr.Column(elem_classes=["cc-wide"]):
            stories = panel("cc-news-list", height_px=640, label="News")
        with gr.Column(elem_classes=["cc-slim"]):
            beside = panel("cc-news-beside", height_px=420, label="Sources")

    async def refresh(address: Address, _: Preferences) -> tuple[str, str, str]:
        found = await load_news(site, WantedNews.of(address))
        return filters_text(found), list_value(found), beside_value(found)

    shell.on_refresh(refresh, outputs=[filters, stories, beside])
