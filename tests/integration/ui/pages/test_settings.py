from playwright.sync_api import expect

from candlecast.schemas import Problem


def test_changed_preferences_show_at_once_are_kept_and_can_be_reset(tab, fake):
    page = tab.open("settings")
    expect(page.locator("#cc-about")).to_contain_text("Apache License 2.0")
    before = page.evaluate("getComputedStyle(document.body).getPropertyValue('--cc-up').trim()")

    page.locator("#cc-theme-setting").get_by_label("Light").click()
    expect(page.locator("#cc-kept")).to_contain_text("Kept in this browser")
    expect(page.locator("#cc-theme-setting").get_by_label("Light")).to_be_checked()
    page.locator("#cc-colours-setting").get_by_label("Blue up").click()
    expect(page.locator("[data-palette=blue-orange]")).to_have_attribute("data-chosen", "true")
    page.reload()
    # Gradio complains of answers that a reload cuts off
    tab.errors.clear()

    expect(page.locator("#cc-colours-setting").get_by_label("Blue up")).to_be_checked()
    expect(page.locator("#cc-theme-setting").get_by_label("Light")).to_be_checked()
    assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--cc-up').trim()") != before
    assert [data["colours"] for data in fake.sessions.values()] == ["blue-orange"]

    page.locator("#cc-reset").get_by_role("button", name="Reset…").click()
    page.locator("#cc-reset").get_by_role("button", name="Yes, reset").click()
    expect(page.locator("#cc-colours-setting").get_by_label("Green up")).to_be_checked()
    expect(page.locator("#cc-theme-setting").get_by_label("As the system")).to_be_checked()
    assert tab.errors == []


def test_alert_is_made_and_deleted_after_a_question(tab, fake):
    fake.alerts = []
    page = tab.open("settings")
    expect(page.locator("#cc-rules")).to_contain_text("No rule is kept yet")
    page.locator("#cc-alert-symbol input").click()
    page.get_by_role("option", name="ETH/USDT").click()
    page.locator("#cc-alert-threshold input").fill("1500")
    page.locator("#cc-alert-add").click()

    expect(page.locator("#cc-rules")).to_contain_text("ETH/USDT: Price above 1,500.00")
    assert [(alert.symbol, alert.threshold) for alert in fake.alerts] == [("ETH/USDT", 1_500.0)]
    page.locator("#cc-rules").get_by_role("button", name="Delete ETH").click()
    assert len(fake.alerts) == 1
    page.locator("#cc-rules").get_by_role("button", name="Yes, delete").click()

    expect(page.locator("#cc-rules")).to_contain_text("No rule is kept yet")
    assert fake.alerts == []


def test_alerts_that_cannot_be_asked_leave_the_rest_alone(tab, fake):
    fake.failing["/v1/alerts"] = Problem(title="Storage unavailable", status=503, detail="database away")
    page = tab.open("settings")

    expect(page.locator("#cc-rules")).to_contain_text("database away")
    expect(page.locator("#cc-about")).to_contain_text("Apache License 2.0")
    fake.failing.clear()
    page.locator("#cc-rules").get_by_role("button", name="Try again").click()

    expect(page.locator("#cc-rules")).to_contain_text("BTC/USDT: Price above 20,000.00")
