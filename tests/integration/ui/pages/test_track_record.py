"""The track record in a real browser: its figures are those of the API, for whomever the address names."""

import csv
import io

from playwright.sync_api import expect

from tests.fakes.record import FIGURES, make_record
from ui.record.judge import KINDS


def test_figures_on_the_page_are_those_of_the_api(tab):
    page = tab.open("track-record")
    expect(page.locator("#cc-record-tiles [data-count='settled']")).to_have_text("500")

    for kind in KINDS:
        tile = page.locator(f"#cc-record-tiles [data-figure='{kind.metric}']")
        expect(tile).to_have_text(kind.text(FIGURES[kind.metric][0]))
    expect(page.locator("#cc-record-rows tbody tr")).to_have_count(50)
    for name in ("reliability", "score", "coverage"):
        expect(page.locator(f"#cc-record-{name} .cc-plot[data-drawn]")).to_have_count(1)
    expect(page.locator("#cc-record-coverage .scatterlayer .trace")).to_have_count(2)
    assert tab.errors == []


def test_choices_go_into_the_address_and_the_question(tab, fake):
    fake.records = [make_record(), make_record("BTC/USDT"), make_record("ETH/USDT", n=321)]
    page = tab.open("track-record")
    page.locator("#cc-record-board tr[data-record='ETH/USDT'] button").click()
    expect(page.locator("#cc-record-tiles [data-count='settled']")).to_have_text("321")
    page.locator("[data-go='window=7d']").click()
    expect(page.locator("[data-go='window=7d']")).to_have_attribute("aria-pressed", "true")

    assert "symbol=ETH%2FUSDT" in page.url
    assert "window=7d" in page.url
    assert any("track-record" in call and "window=7d" in call and "symbol=ETH" in call for call in fake.calls)
    expect(page.locator("#cc-record-rows")).to_contain_text("No forecast is recorded here yet")


def test_csv_holds_the_rows_of_the_ledger(tab, fake):
    page = tab.open("track-record?symbol=BTC%2FUSDT&window=all")
    expect(page.locator("#cc-record-rows tbody tr")).to_have_count(50)

    with page.expect_download() as download:
        page.locator("#cc-record-csv").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))

    assert [int(row["id"]) for row in rows] == [item.id for item in fake.ledger]
    assert float(rows[1]["p_up"]) == fake.ledger[1].forecast.p_up


def test_record_of_nothing_says_what_it_waits_for(tab, fake):
    fake.records, fake.ledger = [], []
    page = tab.open("track-record")

    expect(page.locator("#cc-record-tiles")).to_contain_text("No forecast of any symbol has settled")
    expect(page.locator("#cc-record-score .cc-note")).to_be_visible()
    expect(page.locator("#method")).to_contain_text("Frozen before the outcome")
