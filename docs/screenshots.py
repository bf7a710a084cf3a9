"""Take the pictures of all pages: ``python docs/screenshots.py [--page http://127.0.0.1:7860] [--folder docs/images]``.

Each page of a running stack, dark, light and on a phone; with fewer colours where it would take over `MOST_BYTES`.
"""

import argparse
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

PAGES = {
    "dashboard": "",
    "charts": "charts",
    "news": "news",
    "track-record": "track-record",
    "models": "models",
    "settings": "settings",
}
LOOKS = {"dark": ("dark", 1440, 980), "light": ("light", 1440, 980), "phone": ("dark", 390, 844)}
MOST_BYTES = 250_000
PATIENCE_MS = 60_000
_SETTLED = """() => document.querySelector('h1') && !document.querySelector('.cc-skeleton')
  && document.documentElement.dataset.link === 'up'
  && [...document.querySelectorAll('.cc-plot')].every((plot) => plot.dataset.drawn)"""


def main() -> None:
    """Write one picture a page and look."""
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("screenshots: no chromium on this machine; install one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for look in LOOKS:
            _take_all(browser, options.page.rstrip("/"), look, options.folder)
        browser.close()


def _take_all(browser: Browser, address: str, look: str, folder: Path) -> None:
    scheme, width, height = LOOKS[look]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="light" if scheme == "light" else "dark",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    for name, path in PAGES.items():
        page.goto(f"{address}/{path}")
        (folder / f"{name}-{look}.png").write_bytes(_picture(page))
    context.close()


def _picture(page: Page) -> bytes:
    page.wait_for_function(_SETTLED)
    # what was drawn last has found its colours and its fonts
    page.wait_for_timeout(500)
    taken = page.screenshot()
    if len(taken) <= MOST_BYTES:
        return taken
    out = io.BytesIO()
    # refined, or rare colours would be given away
    few = Image.open(io.BytesIO(taken)).convert("RGB").quantize(256, kmeans=2, dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--page", default="http://127.0.0.1:7860", help="address of the page of a running stack")
    parser.add_argument("--folder", type=Path, default=Path("docs/images"), help="where the pictures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
