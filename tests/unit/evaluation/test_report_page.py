import json
import re

import pytest

from candlecast.evaluation.full_report import Protocol, full_report
from candlecast.evaluation.report_page import render_page
from tests.forecasts_frame import make_forecasts

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def report():
    frame = make_forecasts()
    frame["symbol"] = frame["symbol"].replace("A", HOSTILE)
    return full_report(frame, protocol=Protocol("1h", 4, 3), importance={"gain": {HOSTILE: 1.0}})


def figures_of(page):
    text = re.search(r'id="figures">(.*?)</script>', page, re.DOTALL).group(1)
    return json.loads(text)


def test_page_escapes_every_text(report):
    gates = [{"name": HOSTILE, "passed": False, "finding": HOSTILE}]

    page = render_page([report | {"leak_alarm": HOSTILE}], plotly_script="", gates=gates)

    assert "<img" not in page
    assert page.count("&lt;/script&gt;&lt;img") >= 4
    assert page.count("</script>") == 3


def test_page_carries_its_charts_and_its_script(report):
    page = render_page([report], plotly_script="window.Plotly = 1; '</script>'")

    figures = figures_of(page)
    titles = [figure["layout"]["xaxis"]["title"]["text"] for figure in figures.values()]
    assert len(figures) == 5
    assert "P(up) promised" in titles
    assert all(f'<div id="{name}">' in page for name in figures)
    assert "window.Plotly = 1; '<\\/script>'" in page


def test_page_fetches_nothing(report):
    page = render_page([report], plotly_script="")

    assert "default-src 'none'" in page
    assert not re.findall(r'(?:src|href)="?https?:', page)
    assert "<link" not in page


def test_page_leaves_out_charts_without_data(report):
    page = render_page([report | {"importance": {}}], plotly_script="")

    assert len(figures_of(page)) == 4


def test_page_of_two_horizons_names_their_charts_apart(report):
    page = render_page([report, report | {"horizon": 24}], plotly_script="")

    assert len(figures_of(page)) == 10
    assert "24 ahead" in page
