import pytest


def test_a_script_is_loaded_told_and_forgotten(still):
    fault = {
        "kind": "outage",
        "venue": "kraken",
        "start_s": 60,
        "symbols": ["BTC/USDT"],
        "since": "2021-01-05T00:00:00Z",
    }

    still.load(fault, {"kind": "error", "status": 502}, seed=7)
    told = still.get("/faults").json()
    still.client.delete("/faults")

    assert told["seed"] == 7
    assert 0 <= told["elapsed_s"] < 60
    outage, error = told["faults"]
    assert outage == fault | {
        "length_s": 10.0, "share": 1.0, "since": "2021-01-05T00:00:00+00:00", "state": "waiting",
    }  # fmt: skip
    assert (error["status"], error["symbols"], error["state"]) == (502, None, "at work")
    assert still.get("/faults").json()["faults"] == []
    assert still.klines().status_code == 200


@pytest.mark.parametrize(
    ("content", "message"),
    [('[{"kind": "freez"}]', "did you mean freeze"), ("[{", "JSON"), ('"drop"', "must be a list of faults")],
)
def test_a_wrong_script_is_refused_and_the_old_one_stays(still, content, message):
    still.load({"kind": "error"})

    answer = still.client.post("/faults", content=content)

    assert answer.status_code == 422
    assert message in answer.json()["detail"]
    assert [fault["kind"] for fault in still.get("/faults").json()["faults"]] == ["error"]


def test_the_replays_own_addresses_have_no_faults(still):
    still.load({"kind": "blocked"}, {"kind": "drop", "start_s": 60})

    assert still.klines().status_code == 451
    assert still.get("/clock").status_code == still.get("/recording").status_code == 200
