import httpx2
import pytest


@pytest.fixture
def web(ui_url):
    with httpx2.Client(base_url=ui_url, trust_env=False) as client:
        yield client


def test_health_answers_without_the_api(web, api_server):
    api_server.stop()

    answer = web.get("/healthz")

    assert answer.json() == {"status": "ok"}


def test_plotly_script_comes_from_here_and_is_kept_for_good(web):
    answer = web.get("/assets/plotly-finance.min.js")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert b"plotly.js (finance - minified) v" in answer.content[:100]


def test_page_configuration_exposes_no_endpoint_and_no_history(web):
    assert web.get("/gradio_api/info").json()["named_endpoints"] == {}
    assert web.get("/config").json()["analytics_enabled"] is False
    assert web.get("/gradio_api/runs").status_code == 404


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_page_serves_no_api_docs_of_its_own(web, path):
    assert "swagger" not in web.get(path).text.lower()
    assert "jsdelivr" not in web.get(path).text.lower()
