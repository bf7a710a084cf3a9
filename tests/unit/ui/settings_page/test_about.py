from candlecast.errors import SourceUnavailableError
from tests.fakes.service import make_readiness
from ui.palettes import PALETTES
from ui.settings_page.about import about_panel
from ui.settings_page.swatches import swatches


def test_about_panel_names_versions_licence_and_method():
    text = about_panel(make_readiness(), api_url="http://127.0.0.1:8000")

    for said in (
        "Gradio",
        "plotly.js",
        "4.1.0",
        "recorded",
        "Apache License 2.0",
        "track-record",
        "http://127.0.0.1:8000",
    ):
        assert said in text


def test_about_panel_without_the_api_says_why():
    assert "no API &lt;" in about_panel(SourceUnavailableError("no API <"), api_url="http://x")


def test_swatches_draw_every_palette_and_mark_the_chosen_one():
    text = swatches("blue-orange")

    assert text.count("<figure") == len(PALETTES)
    assert text.count('data-chosen="true"') == 1
    assert PALETTES["blue-orange"].up in text
    assert PALETTES["blue-orange"].up_light in text
