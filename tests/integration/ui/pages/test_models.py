import threading

from playwright.sync_api import expect

from candlecast.job_progress import JobProgress
from tests.browser import SHARED_S
from tests.fakes.models import make_job, make_model

RETIRED = "ffee00112233"
KEY = "the-admin-key"


def row(page, model_id):
    return page.locator("#cc-registry tbody tr", has=page.locator(f"button[title='{model_id}']"))


def test_registry_detail_and_comparison_follow_the_address(tab, fake):
    page = tab.open("models")
    expect(page.locator("#cc-registry tbody tr")).to_have_count(2)
    expect(page.locator("#cc-importance .cc-plot")).to_have_attribute("data-drawn", fake.models[0].id)
    expect(row(page, fake.models[0].id)).to_contain_text("53.1 % [51.8–54.4]")

    page.locator(f"#cc-registry button[title='{RETIRED}']").click()
    expect(page.locator("#cc-model h2")).to_contain_text("ffee0011")
    row(page, fake.models[0].id).get_by_role("button", name="Compare").click()

    expect(page.locator("#cc-comparison thead")).to_contain_text("ffee0011")
    expect(page.locator("#cc-comparison")).to_contain_text("Both were judged on the same rows")
    assert f"model={RETIRED}" in page.url
    assert f"with={fake.models[0].id}" in page.url
    assert tab.errors == []


def test_promotion_asks_first_and_refuses_a_wrong_key_before_the_right_one_is_kept_in_the_tab(tab, fake):
    fake.admin_key = KEY
    page = tab.open(f"models?model={RETIRED}")
    changing = page.locator("#cc-changing")
    page.locator("#cc-key input[type=password]").fill("wrong")
    page.locator("#cc-key input[type=password]").press("Tab")
    changing.get_by_role("button", name="Let it serve…").click()
    expect(changing).to_contain_text("in place of xgboost")
    assert fake.models[0].status == "champion"
    changing.get_by_role("button", name="Yes, do it").click()
    expect(changing).to_contain_text("the key was refused")
    expect(changing).to_contain_text("Nothing changed.")

    page.locator("#cc-key input[type=password]").fill(KEY)
    page.locator("#cc-key input[type=password]").press("Tab")
    changing.get_by_role("button", name="Ask again").click()
    changing.get_by_role("button", name="Yes, do it").click()

    expect(changing).to_contain_text("serves 1h, 1 ahead, now")
    expect(row(page, RETIRED)).to_contain_text("champion")
    assert [model.status for model in fake.models] == ["retired", "champion"]
    assert page.evaluate("[...Object.values(localStorage)].join()").count(KEY) == 0
    assert KEY not in page.url
    assert all(KEY not in call for call in fake.calls)


def test_question_stays_when_a_refresh_from_before_the_click_is_answered_after_it(tab, fake):
    page = tab.open(f"models?model={RETIRED}")
    changing = page.locator("#cc-changing")
    expect(changing).to_contain_text("Let it serve…")
    go_on = threading.Event()
    fake.held["/v1/models"] = go_on
    page.keyboard.press("r")
    while fake.held:
        page.wait_for_timeout(20)
    # the page's server no longer shares the question that waits
    page.wait_for_timeout(3_000 * SHARED_S)

    changing.get_by_role("button", name="Let it serve…").click()
    expect(changing).to_contain_text("Yes, do it")
    fake.models = [make_model("0011", status="candidate"), *fake.models]
    go_on.set()

    # the refresh was answered
    expect(page.locator("#cc-registry tbody tr")).to_have_count(3)
    expect(changing).to_contain_text("Yes, do it")


def test_button_that_is_pressed_while_its_panel_changes_is_still_clicked(tab, fake):
    page = tab.open(f"models?model={RETIRED}")
    button = page.locator("#cc-changing").get_by_role("button", name="Let it serve…")
    button.hover()
    page.mouse.down()
    fake.models = [make_model("abcd"), make_model(RETIRED, status="retired")]
    page.keyboard.press("r")
    expect(page.locator("#cc-registry tbody tr").first).to_contain_text("abcd")

    page.mouse.up()

    expect(page.locator("#cc-changing")).to_contain_text("in place of xgboost abcd")


def test_training_from_the_page_is_watched_to_its_end_and_survives_a_reload(tab, fake):
    page = tab.open("models")
    page.locator("#cc-order-start").click()
    expect(page.locator("#cc-job [data-job-status]")).to_have_text("runs")
    expect(page.locator("#cc-job progress")).to_have_attribute("value", "50")
    assert "job=train_1" in page.url

    page.reload()
    # Gradio complains of answers that a reload cuts off
    tab.errors.clear()
    expect(page.locator("#cc-job .cc-log")).to_contain_text("reading candles")
    fake.models = [make_model("0011", status="candidate"), *fake.models]
    done = JobProgress(done=4, total=4, unit="folds", note="all folds")
    fake.jobs["train_1"] = make_job("train_1", status="SUCCEEDED", progress=done)

    expect(page.locator("#cc-job [data-job-status]")).to_have_text("done")
    expect(page.locator("#cc-registry tbody tr")).to_have_count(3)
    assert tab.errors == []
