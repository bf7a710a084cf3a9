"""How soon does the dashboard show chart and forecast, and how soon those of another symbol?

``python benchmarks/ui.py [--quick] [--page URL] [--data DIR] [--tabs N] [--json]``

A real browser (Chromium of this machine) opens the page of a running stack: the one at `--page`, or one that is
started here on recorded candles, of `--data` or generated. Each first paint is that of a browser that never was
here before. A paint counts when both the chart and the forecast card of the series are on the screen, a switch
from the click in the watchlist on.

At last 20 readers have the page open at once and each changes symbol in turn, while all of them go on hearing live
events and refresh at them. Readers sit at 20 machines, and 20 software-rendered tabs on the cores of the stack
would measure the browser. So one reader is the real browser, from the click to the paint; the other 19 send what a
tab sends, at the same moments (document, first view, live stream, Gradio's queue at each live event and switch), and
their switches count from the request to the complete answer of title, chart and forecast card. All switches are in
the p95; those of the browser alone are printed too. ``--tabs N`` makes N of the 20 real tabs.
"""

import argparse
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import stand
from local_stack import LocalStack
from page_readers import light_readers
from playwright.sync_api import Browser, Page, sync_playwright
from report import Bar, finish

from candlecast.replay.headlines import make_headlines
from candlecast.replay.synthetic import FIRST_OPEN, make_recording, write_recording
from cluster.ports import Ports

# what a reader may be asked to wait, in wall seconds
LIMITS_S = {"first_paint_s": 2.0, "symbol_switch_s": 1.0, "symbol_switch_20_sessions_p95_s": 2.0}
NAMES = ("BTC/USDT", "ETH/USDT", "LTC/USDT", "XRP/USDT", "ADA/USDT", "DOT/USDT", "LINK/USDT", "BNB/USDT")
N_CANDLES = 2_600
PORTS = Ports(700)
N_READERS = 20
PATIENCE_MS = 120_000
WATCHED = "#cc-watchlist [data-symbol]"
# notes, frame by frame, when chart and card of the wanted series are both on the screen
WATCHER = """(() => {
  const marks = { wanted: '', askedAt: 0, shownAt: null };
  window.ccMarks = marks;
  document.addEventListener('click', () => { marks.askedAt = performance.now(); }, true);
  const look = () => {
    const drawn = document.querySelector('#cc-chart .cc-plot')?.dataset.drawn || '';
    const told = document.querySelector('#cc-forecast [data-about]')?.dataset.about || '';
    const title = document.querySelector('h1')?.textContent || '';
    const fits = drawn.startsWith(marks.wanted) && told.startsWith(marks.wanted) && title.includes(marks.wanted);
    if (drawn && told && fits) marks.shownAt = performance.now();
    // a loop that never ends would make a browser paint for ever
    else requestAnimationFrame(look);
  };
  marks.want = (symbol) => {
    Object.assign(marks, { wanted: symbol, shownAt: null });
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();"""
_WANT = "(symbol) => window.ccMarks.want(symbol)"
_SHOWN = "() => window.ccMarks.shownAt !== null"


def main() -> None:
    options = _options()
    with _page_address(options) as address, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if chromium is None:
            raise SystemExit("ui: no chromium on this machine; install one")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        rows = []
        for row in _measure(browser, address, quick=options.quick, n_tabs=options.tabs):
            rows.append(row)
            spread = f"{row['low']:.2f} to {row['high']:.2f}, n {row['n']}"
            print(f"{row['metric']:34} {row['ours']:.2f} s ({spread}); it may take {row['peer']:.0f} s", flush=True)
        browser.close()
    bars = [Bar(metric, "ours", most=limit_s) for metric, limit_s in LIMITS_S.items()]
    finish("ui", rows, as_json=options.json, bars=bars)


def _measure(browser: Browser, address: str, *, quick: bool, n_tabs: int) -> Iterator[dict[str, Any]]:
    _first_paint_s(browser, address)
    yield _row("first_paint_s", [_first_paint_s(browser, address) for _ in range(3 if quick else 10)], percent=50)
    page = _opened(browser, address)
    names = _names(page)
    switches = [_switch_s(page, names[place % len(names)]) for place in range(1, 11)]
    page.context.close()
    yield _row("symbol_switch_s", switches, percent=50)
    tabs = [_opened(browser, address) for _ in range(n_tabs)]
    with light_readers(address, N_READERS - n_tabs) as switch_light:
        seen, light = [], []
        for turn in range(1, 2 if quick else 4):
            wanted = names[turn % len(names)]
            light += switch_light(wanted)
            seen += [_switch_s(tab, wanted) for tab in tabs]
    if seen:
        print(f"{'of these in the browser':34} {max(seen):.2f} s at most, n {len(seen)}", flush=True)
    yield _row("symbol_switch_20_sessions_p95_s", [*light, *seen], percent=95)


def _row(metric: str, found: Sequence[float], *, percent: float) -> dict[str, Any]:
    limit, ours = LIMITS_S[metric], float(np.percentile(found, percent))
    return {
        "metric": metric, "ours": ours, "peer": limit, "ratio": limit / ours, "low": min(found), "high": max(found),
        "unit": "s", "n": len(found), "higher_is_better": False, "peer_is": "what it may take",
    }  # fmt: skip


def _first_paint_s(browser: Browser, address: str) -> float:
    page = _opened(browser, address)
    seconds = float(page.evaluate("() => window.ccMarks.shownAt")) / 1_000
    page.context.close()
    return seconds


def _opened(browser: Browser, address: str) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 980})
    context.add_init_script(WATCHER)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(_SHOWN, timeout=PATIENCE_MS)
    return page


def _names(page: Page) -> list[str]:
    # one without candles has neither chart nor forecast to wait for
    found = (
        page.locator(WATCHED)
        .filter(has_not_text="no forecast")
        .evaluate_all("(all) => all.map((button) => button.dataset.symbol)")
    )
    if len(found) < 2:
        raise SystemExit(f"ui: the watchlist names {found}; two symbols are needed to switch between")
    return list(found)


def _switch_s(page: Page, symbol: str) -> float:
    shown = page.locator("h1").first.inner_text()
    if symbol in shown:
        raise SystemExit(f"ui: {symbol} is on show already")
    page.evaluate(_WANT, symbol)
    page.locator(f'#cc-watchlist [data-symbol="{symbol}"]').click()
    page.wait_for_function(_SHOWN, timeout=PATIENCE_MS)
    return float(page.evaluate("() => window.ccMarks.shownAt - window.ccMarks.askedAt")) / 1_000


@contextmanager
def _page_address(options: argparse.Namespace) -> Iterator[str]:
    if options.page:
        yield options.page
        return
    with stand.folder() as root:
        data = options.data or _generated(root)
        news = ["--news", str(root / "news.csv")] if (root / "news.csv").exists() else []
        stack = LocalStack(root / "stack", PORTS, ["--data", str(data), "--timeframe", "1h", "--speed", "60", *news])
        stack.start()
        try:
            stack.wait_until_ready()
            yield PORTS.url("ui")
        finally:
            stack.stop()


def _generated(root: Path) -> Path:
    write_recording(make_recording(list(NAMES), timeframe="1h", n_candles=N_CANDLES, seed=11), root / "data")
    end = FIRST_OPEN + timedelta(hours=N_CANDLES)
    found = make_headlines(list(NAMES), end - timedelta(hours=600), end, seed=13, story_every_s=3_600)
    lines = ["published_at,title,source,url"]
    lines += [f'{one.published_at.isoformat()},"{one.title}",{one.source},{one.url}' for one in found.items]
    (root / "news.csv").write_text("\n".join(lines))
    return root / "data"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 first paints instead of 10, each reader switches once")
    parser.add_argument("--page", default="", help="address of a running page; empty: a stack is started")
    parser.add_argument("--data", type=Path, help="folder of recorded candles for the stack that is started")
    parser.add_argument("--tabs", type=int, default=1, help=f"how many of the {N_READERS} readers are real tabs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
