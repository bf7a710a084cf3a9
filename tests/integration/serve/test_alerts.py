"""Do the alert routes work over what is stored?"""

RULE = {"symbol": "BTC/USDT", "metric": "p_up", "side": "below", "threshold": 0.4, "horizon": 4, "name": "turning"}


def test_rule_is_kept_shown_and_deleted(client):
    created = client.post("/v1/alerts", json=RULE)

    found = client.get("/v1/alerts").json()
    gone = client.delete(created.headers["location"])
    assert created.status_code == 201
    assert [(rule["id"], rule["hysteresis"], rule["armed"]) for rule in found["items"]] == [
        (created.json()["id"], 0.01, True)
    ]
    assert gone.status_code == 204
    assert client.get("/v1/alerts").json()["items"] == []


def test_rule_that_is_refused_says_why(client):
    answers = [client.post("/v1/alerts", json=RULE | change) for change in ({"symbol": "X/Y"}, {"channels": ["ops"]})]

    assert [answer.status_code for answer in answers] == [404, 422]
    assert "there are none" in answers[1].json()["detail"]


def test_deliveries_of_nobody_are_an_empty_page(client):
    assert client.get("/v1/alerts/deliveries").json() == {"items": [], "next_cursor": None}
