"""Do the pages show the figures of the API, and does the API count what the database holds?"""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser import expect_drawn
from tests.e2e.conftest import SYMBOLS
from tests.e2e.page_reading import HOME, answers_during, api, forecast_known, row_of, same_round, visible
from ui import words

SETTLED = """
    SELECT count(*), avg(((p_up > 0.5) = (realised_log_return > 0))::int),
           avg(power(p_up - (realised_log_return > 0)::int, 2)),
           avg((realised_close BETWEEN (band->>'low')::float8 AND (band->>'high')::float8)::int)
    FROM outcomes_table JOIN predictions_table p ON p.id = prediction_id JOIN model_metadata m ON m.id = model_id,
         jsonb_array_elements(intervals::jsonb) band
    WHERE unsettled_reason IS NULL AND m.status = 'champion' AND (band->>'level')::float8 = 0.8
"""

pytestmark = pytest.mark.timeout(300)


def test_prediction_card_says_what_the_forecast_says(tab, stack):
    forecast_known(stack)

    def read(page: Page) -> dict[str, str]:
        expect(page.locator("#cc-forecast .cc-row").first).to_be_visible()
        labels = ("P(up)", "Expected move", "50 % interval", "80 % interval", "95 % interval", "Model", "Data as of")
        found = {label: row_of(page, "#cc-forecast", label) for label in labels}
        return found | {"all": page.locator("#cc-forecast").inner_text()}

    made, shown = same_round(tab, lambda: forecast_known(stack), read, path=HOME)

    bands = {round(100 * one["level"]): one for one in made["intervals"]}
    assert shown["P(up)"] == words.share_pct(made["p_up"])
    assert shown["Expected move"] == words.move_pct(made["expected_log_return"])
    for level in (50, 80, 95):
        band = bands[level]
        assert shown[f"{level} % interval"] == f"{words.price(band['low'])} – {words.price(band['high'])}"
    assert shown["Model"].startswith(made["model"]["algorithm"])
    assert "trained" in shown["all"].lower()
    assert "closes in" in shown["all"].lower() or "closes now" in shown["all"].lower()
    assert shown["Data as of"].startswith(f"{int(made['as_of'][8:10])} ")
    assert {"up": "Up", "down": "Down", "abstain": "No call"}[made["direction"]] in shown["all"]


def test_drivers_add_up_to_the_odds_of_the_forecast(tab, stack):
    page = tab.open(HOME)
    expect(page.locator("#cc-why .cc-num").first).to_be_visible()

    pushes = [visible(text) for text in page.locator("#cc-why .cc-driver .cc-num").all_inner_texts()]
    total = visible(page.locator("#cc-why .cc-sum .cc-num").inner_text())

    assert len(pushes) > 2
    # each one is rounded to hundredths
    assert sum(pushes) == pytest.approx(total, abs=0.005 * (len(pushes) + 1))
    assert "_" not in page.locator("#cc-why").inner_text()


def test_watchlist_shows_price_and_change_of_each_symbol(tab, stack):
    page = tab.open(HOME)
    expect_drawn(page)
    told = {one["price"]["symbol"]: one["price"] for one in api(stack, "/v1/prices")["items"] if one["price"]}

    for symbol in SYMBOLS[:2]:
        shown = float(page.locator(f'#cc-watchlist [data-price-symbol="{symbol}"]').inner_text().replace(",", ""))
        # the price moves on between the two looks
        assert shown == pytest.approx(told[symbol]["price"], rel=0.02)
        assert page.locator(f'#cc-watchlist [data-symbol="{symbol}"] svg').count() == 1


def test_sentiment_gauge_says_score_stories_and_window(tab, stack):
    def ask() -> tuple[float | None, int]:
        told = api(stack, "/v1/sentiment", symbol=SYMBOLS[0], window="24h")
        return told["score"], told["n"]

    def figures(score: float | None, n: int) -> set[str]:
        return {words.signed(score), f"n {n}"} if n >= 3 else {"not enough news"}

    with answers_during(ask) as told:
        page = tab.open(HOME)
        expect(page.locator("#cc-sentiment .cc-panel")).to_be_visible()
        shown = page.locator("#cc-sentiment").inner_text()

    assert "24h" in shown.lower().replace(" ", "")
    assert any(all(figure in shown for figure in figures(*answer)) for answer in told), (told, shown)


def test_symbol_without_news_says_so_instead_of_zero(tab):
    page = tab.open(f"?symbol={SYMBOLS[2]}&tf=1h")

    expect(page.locator("#cc-sentiment")).to_contain_text(re.compile("not enough news", re.IGNORECASE))


def test_news_page_lists_the_stories_of_the_api(tab, stack):
    def tidy(titles: list[str]) -> list[str]:
        return [" ".join(title.split()) for title in titles[:10]]

    def ask() -> list[str]:
        return tidy([one["title"] for one in api(stack, "/v1/news", symbol=SYMBOLS[1])["items"]])

    with answers_during(ask) as told:
        page = tab.open(f"news?symbol={SYMBOLS[1]}")
        expect(page.locator("#cc-news-list a").first).to_be_visible()
        shown = tidy(page.locator("#cc-news-list a").all_inner_texts())

    assert shown in told


def test_track_record_page_shows_the_figures_of_the_api_and_these_the_database(tab, stack):
    deadline_s = time.monotonic() + 90
    while not (found := api(stack, "/v1/track-record", window="all")["items"]) or not found[0]["n"]:
        assert time.monotonic() < deadline_s, "no forecast settled"
        time.sleep(1)

    def ask() -> tuple[int, float, float, float]:
        record = api(stack, "/v1/track-record", window="all")["items"][0]
        figures = {figure["metric"]: figure["value"] for figure in record["figures"]}
        return record["n"], figures["accuracy"], figures["brier"], figures["coverage_80"]

    def read(page: Page) -> str:
        expect(page.locator("h1")).to_have_text("Track record")
        expect(page.locator(".cc-skeleton")).to_have_count(0)
        return page.locator("body").inner_text()

    told, shown = same_round(tab, lambda: (ask(), stack.query(SETTLED)), read, path="track-record?window=all")

    (n, accuracy, brier, coverage), [(settled, right, squared, held)] = told
    assert n == settled
    assert (accuracy, brier, coverage) == pytest.approx((float(right), float(squared), float(held)))
    assert words.share_pct(accuracy) in shown
    assert words.share_pct(coverage) in shown
    assert f"{brier:.3f}" in shown


def test_models_page_shows_the_champion_of_the_registry(tab, stack):
    champion = next(one for one in api(stack, "/v1/models")["items"] if one["status"] == "champion")
    page = tab.open("models")

    expect(page.locator("body")).to_contain_text(champion["id"].rsplit("-", 1)[-1][:8])
    expect(page.locator("body")).to_contain_text("champion", ignore_case=True)
