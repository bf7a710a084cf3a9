"""Can the texts be read on every ground, by day and by night? Contrast as WCAG counts it."""

import re
from pathlib import Path

import pytest

import ui
from ui.palettes import PALETTES

STYLE = (Path(ui.__file__).parent / "assets" / "style.css").read_text(encoding="utf-8")
TEXTS = ("--cc-ink", "--cc-dim", "--cc-accent", "--cc-warn", "--cc-up", "--cc-down", "--cc-violet")


def variables(selector):
    block = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", STYLE, re.DOTALL | re.MULTILINE).group(1)
    return dict(re.findall(r"(--cc-[a-z-]+): (.+?);(?= |\n|$)", block))


THEMES = {"light": variables(":root"), "dark": variables(":root") | variables(":root.dark")}


def rgba(text):
    if text.startswith("#"):
        parts = [int(text[i : i + 2], 16) for i in range(1, len(text), 2)]
        return (*parts[:3], parts[3] / 255 if len(parts) == 4 else 1.0)
    red, green, blue, alpha = (float(part) for part in re.findall(r"[\d.]+", text))
    return red, green, blue, alpha


def over(top, ground):
    alpha = top[3]
    return (*(alpha * a + (1 - alpha) * b for a, b in zip(top[:3], ground[:3], strict=True)), 1.0)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour[:3])]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text, ground):
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def grounds(theme):
    """Return every colour that text may stand on: the gradients' brightest points, under glass, and pressed."""
    colours = THEMES[theme]
    found = [rgba(colour) for colour in re.findall(r"#[0-9a-f]{6,8}", colours["--cc-bg"])]
    plain = found[-1]
    washed = [over(colour, plain) for colour in found]
    glass = [over(rgba(colours["--cc-glass"]), colour) for colour in washed]
    return [*glass, *(over(rgba(colours["--cc-press"]), colour) for colour in glass), rgba(colours["--cc-solid"])]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", TEXTS)
def test_text_stands_out_from_every_ground(theme, name):
    assert min(contrast(rgba(THEMES[theme][name]), ground) for ground in grounds(theme)) >= 4.5


@pytest.mark.parametrize("name", list(PALETTES))
def test_candle_colours_can_be_read_as_text(name):
    palette = PALETTES[name]

    for colour in (palette.up, palette.down):
        assert min(contrast(rgba(colour), ground) for ground in grounds("dark")) >= 4.5
    for colour in (palette.up_light, palette.down_light):
        assert min(contrast(rgba(colour), ground) for ground in grounds("light")) >= 4.5


def test_both_themes_define_the_same_colours():
    assert set(THEMES["dark"]) == set(THEMES["light"])


def test_style_sheet_uses_no_colour_beside_the_variables_in_its_rules():
    rules = STYLE.split("Gradio's own boxes step back")[1]

    assert re.findall(r"#[0-9a-fA-F]{6}\b", rules) == []
