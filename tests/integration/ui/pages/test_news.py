"""The news in a real browser: filters, older stories, new ones by themselves, CSV, and titles that would do harm."""

import csv
import io

from playwright.sync_api import expect

from candlecast.schemas import Problem, problem
from tests.browser import SHARED_S
from tests.fakes.news import hostile_stories, make_story


def titles(page) -> list[str]:
    return page.locator(".cc-news-title").all_inner_texts()


def test_filters_narrow_the_list_the_address_and_the_question(tab, fake):
    page = tab.open("news?label=positive")
    expect(page.locator(".cc-news-item")).to_have_count(20)

    page.locator("#cc-news-symbol").select_option("ETH/USDT")
    expect(page.locator(".cc-news-item")).to_have_count(10)
    page.locator("#cc-news-text").fill("headline 21,")
    page.locator("#cc-news-text").press("Enter")
    expect(page.locator(".cc-news-item")).to_have_count(1)

    assert titles(page) == ["Example headline 21, plain text"]
    assert "symbol=ETH%2FUSDT" in page.url
    assert "text=headline+21" in page.url
    assert any("text=headline" in call and "label=positive" in call for call in fake.calls)
    page.locator("#cc-news-clear").click()
    expect(page.locator(".cc-news-item")).to_have_count(50)
    assert "label" not in page.url


def test_older_stories_come_on_demand_and_new_ones_by_themselves(tab, fake):
    page = tab.open("news")
    expect(page.locator(".cc-news-item")).to_have_count(50)
    page.locator("#cc-news-more").click()
    expect(page.locator(".cc-news-item")).to_have_count(60)
    expect(page.locator("#cc-news-more")).to_have_count(0)
    assert "pages=2" in page.url

    fake.stories.insert(0, make_story(-1, title="Told just now"))
    fake.say("news", id=9_001, title="Told just now", symbols=["BTC/USDT"])

    expect(page.locator(".cc-news-title").first).to_have_text("Told just now")
    expect(page.locator(".cc-news-item")).to_have_count(61)


def test_csv_holds_the_stories_on_show(tab):
    page = tab.open("news?source=Decrypt")
    expect(page.locator(".cc-news-item")).to_have_count(40)

    with page.expect_download() as download:
        page.locator("#cc-news-csv").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))

    assert [row["title"] for row in rows] == titles(page)


def test_hostile_stories_run_nothing_and_link_nowhere_else(tab, fake):
    fake.stories = hostile_stories()
    page = tab.open("news")
    expect(page.locator(".cc-news-item")).to_have_count(len(fake.stories))
    page.wait_for_timeout(300)

    assert page.title() != "owned"
    assert titles(page)[0].startswith("<script>")
    assert page.locator(".cc-holder :is(script, img, svg, iframe)").count() == 0
    links = page.locator(".cc-news-title a").evaluate_all("all => all.map((one) => one.protocol + one.rel)")
    assert set(links) <= {"https:noopener noreferrer", "http:noopener noreferrer"}
    assert tab.errors == []


def test_list_keeps_its_stories_while_the_api_fails_and_says_so(tab, fake):
    page = tab.open("news")
    expect(page.locator(".cc-news-item")).to_have_count(50)

    fake.failing["/v1/news"] = Problem(**problem(status=503, title="Storage unavailable", detail="no database"))
    page.wait_for_timeout(2_000 * SHARED_S)
    page.keyboard.press("r")
    expect(page.locator("#cc-news-list .cc-strip")).to_contain_text("Storage unavailable")
    expect(page.locator(".cc-news-item")).to_have_count(50)

    fake.failing.clear()
    page.locator("#cc-news-list .cc-strip [data-retry]").click()
    expect(page.locator("#cc-news-list .cc-strip")).to_be_hidden()
