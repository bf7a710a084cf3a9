"""Is anything that a stranger may send answered with a problem, never with a failure?"""

import pytest

from candlecast.schemas import Problem

PROBLEM = "application/problem+json"
TEXTS = [
    "%2e%2e%2f%2e%2e",
    "../../etc/passwd",
    "\x00",
    "BTC/USDT\x00",
    "x" * 10_000,
    "'; DROP TABLE symbols; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "@/etc/passwd",
    "\N{RIGHT-TO-LEFT OVERRIDE}BTC",
    "-1",
    "",
]
DATES = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2021-02-30T00:00:00Z", "-1", "1e400", "9" * 30]
LIMITS = ["0", "-1", "1000000000", "1e3", "nan"]
SESSION = "s" * 32


def assert_problem(answer, *, statuses=(404, 422)):
    assert answer.status_code in statuses, answer.text[:300]
    assert answer.headers["content-type"] == PROBLEM
    said = Problem.model_validate_json(answer.content)
    assert said.status == answer.status_code
    assert len(said.detail) < 1_500


@pytest.mark.parametrize("text", TEXTS)
def test_symbol_that_is_none_is_a_problem(client, text):
    for path, others in {
        "/v1/candles": {"timeframe": "1h"},
        "/v1/indicators": {"timeframe": "1h"},
        "/v1/sentiment": {},
        "/v1/news": {},
    }.items():
        assert_problem(client.get(path, params={"symbol": text, **others}))
    answers = client.get("/v1/prices", params={"symbols": text}).json()
    assert all(item["price"] is None for item in answers["items"]) or not text


def test_more_symbols_than_one_answer_holds_are_a_problem(client):
    names = ",".join(f"S{number}" for number in range(1_001))

    assert_problem(client.get("/v1/prices", params={"symbols": names}), statuses=(422,))


@pytest.mark.parametrize("text", TEXTS)
def test_timeframe_indicator_and_cursor_that_are_none_are_problems(client, text):
    known = {"symbol": "BTC/USDT", "timeframe": "1h"}
    assert_problem(client.get("/v1/candles", params=known | {"timeframe": text}))
    assert_problem(client.get("/v1/indicators", params=known | {"names": text}))
    if text != "-1":
        for path in ("/v1/candles", "/v1/news", "/v1/models"):
            assert_problem(client.get(path, params=known | {"cursor": text} if "candles" in path else {"cursor": text}))


@pytest.mark.parametrize("text", [text for text in TEXTS if text])
def test_id_in_a_path_that_is_none_is_a_problem(client, text):
    for path in ("/v1/models/{}", "/v1/jobs/{}", "/v1/sessions/{}"):
        assert_problem(client.get(path.format(text.replace("\x00", "%00"))), statuses=(404, 422))


@pytest.mark.parametrize("date", DATES)
def test_candles_of_a_date_beyond_the_range_are_none_or_a_problem(client, date):
    for bound in ("start", "end"):
        answer = client.get("/v1/candles", params={"symbol": "BTC/USDT", "timeframe": "1h", bound: date})

        assert answer.status_code == 200 or assert_problem(answer) is None


@pytest.mark.parametrize("limit", LIMITS)
def test_limit_beyond_the_range_is_a_problem(client, limit):
    known = {"symbol": "BTC/USDT", "timeframe": "1h", "limit": limit}
    for path in ("/v1/candles", "/v1/indicators"):
        assert_problem(client.get(path, params=known))
    for path in ("/v1/news", "/v1/models"):
        assert_problem(client.get(path, params={"limit": limit}))


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/../etc/passwd", 404),
        ("DELETE", "/v1/candles", 405),
        ("GET", "/v1/jobs/train", 404),
        ("GET", "/v1/models/", 404),
        ("TRACE", "/healthz", 405),
    ],
)
def test_path_or_method_that_is_none_is_a_problem(client, verb, path, status):
    answer = client.request(verb, path)

    assert_problem(answer, statuses=(status,))
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "text/plain"}, b"{}", 415),
        ({"content-type": "application/x-www-form-urlencoded"}, b"a=b", 415),
        ({}, b"{}", 415),
        ({"content-type": "application/json", "content-length": str(20 * 2**20)}, b"{}", 413),
        ({"content-type": "application/json"}, b"{", 422),
        ({"content-type": "application/json"}, b"\xff\xfe", 422),
        ({"content-type": "application/json"}, b'"\\ud800"', 422),
        ({"content-type": "application/json"}, b'{"data": {"a": ' + b"[" * 3_000 + b"]" * 3_000 + b"}}", 400),
        ({"content-type": "application/json"}, b'{"data": {"a": 1' + b"0" * 400 + b"}}", 422),
        ({"content-type": "application/json"}, b'{"data": {"a": "' + b"x" * 70_000 + b'"}}', 422),
    ],
)
def test_body_that_cannot_be_used_is_a_problem(client, headers, body, status):
    assert_problem(client.put(f"/v1/sessions/{SESSION}", content=body, headers=headers), statuses=(status,))


def test_body_that_grows_beyond_the_limit_is_cut_off(client):
    parts = (b"x" * 2**20 for _ in range(17))

    answer = client.put(f"/v1/sessions/{SESSION}", content=parts, headers={"content-type": "application/json"})

    assert_problem(answer, statuses=(413,))


@pytest.mark.parametrize("name", ["@/etc/passwd", "BTC/USDT,ETH/USDT", "$(reboot)", "--if-missing", "ETH/USDT"])
def test_job_for_a_symbol_that_is_not_followed_never_reaches_the_cluster(world, client, name):
    n_orders = len(world.cluster.orders)

    assert_problem(client.post("/v1/jobs/train", json={"symbols": [name]}))

    assert len(world.cluster.orders) == n_orders
