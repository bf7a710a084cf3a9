"""Does the doctor see what is wrong, and nothing else?"""

import json
import socket
import time

import pandas as pd
import pytest

from candlecast.bootstrap import Market
from candlecast.market.gaps import Hole
from candlecast.market.symbols import Symbol
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore
from cluster.environment import settings_environment
from jobs.cli import main
from jobs.data_report import SeriesReport, as_json, as_lines, report_data
from tests.builders import make_frozen_clock, make_small_recording
from tests.integration.world import HOUR, market_at
from tests.loopback import free_port
from tests.storage_builders import START, make_rows

PAIR, OTHER = Symbol.parse("BTC/USDT"), Symbol.parse("ETH/USDT")
N = 48


@pytest.fixture
def btc(database) -> int:
    return SymbolStore(database).ensure([PAIR])[PAIR.name]


def report(database, *, now=START + N * HOUR, symbols=(PAIR,)) -> list[SeriesReport]:
    market = Settings(market={"timeframe": "1h"}, _env_file=None).market
    return report_data(Market(market, symbols, make_frozen_clock(now, now)), database)


def write(database, number: int, candles: pd.DataFrame, *, quality: str = "rest") -> None:
    CandleStore(database).upsert(
        number, "1h", candles, source="binance", quality=quality, known_at=candles["close_time"]
    )


def note_hole(database, number: int, hole: Hole) -> int:
    span = (START, START + N * HOUR)
    [gap] = GapStore(database).record(number, "1h", [hole], span=span, noticed_at=span[1])
    return gap.id


def test_report_of_a_whole_series_is_well(database, btc):
    write(database, btc, make_rows(40))
    write(database, btc, make_rows(8, start=START + 40 * HOUR), quality="stream")

    [one] = report(database)

    assert one.ok
    assert (one.n_expected, one.missing, one.outages) == (N, (), ())
    assert as_lines(one) == [
        "ok  BTC/USDT 1h: 48 of 48 candles, 2022-01-01 00:00 to 2022-01-03 00:00; 0 missing, 0 that no venue has, "
        "repaired holes: 0; binance rest 40, binance stream 8; 0 revised, 0 quarantined"
    ]


def test_report_of_a_series_with_a_hole_names_its_span(database, btc):
    write(database, btc, make_rows(N).drop(index=[10, 11, 12, 30]))

    [one] = report(database)

    assert not one.ok
    assert one.n_expected == N
    assert as_lines(one)[0].startswith("BAD BTC/USDT 1h: 44 of 48 candles")
    assert as_lines(one)[1:] == [
        "      missing 2022-01-01 10:00 to 2022-01-01 13:00, 3 candles",
        "      missing 2022-01-02 06:00 to 2022-01-02 07:00, 1 candle",
    ]


def test_report_of_a_hole_that_is_settled_as_outage_is_well(database, btc):
    write(database, btc, make_rows(N).drop(index=[10, 11]))
    number = note_hole(database, btc, Hole(START + 10 * HOUR, START + 12 * HOUR, 2))
    GapStore(database).mark_asked([number], venue="binance", asked_at=START + N * HOUR)
    GapStore(database).mark_outage([number], settled_at=START + N * HOUR)

    [one] = report(database)

    assert one.ok
    assert one.missing == ()
    assert "2 that no venue has" in as_lines(one)[0]
    assert as_json(one)["outages"][0]["venues_asked"] == ("binance",)


def test_report_of_a_repaired_hole_counts_it(database, btc):
    write(database, btc, make_rows(N).drop(index=[10, 11]))
    note_hole(database, btc, Hole(START + 10 * HOUR, START + 12 * HOUR, 2))
    write(database, btc, make_rows(2, start=START + 10 * HOUR), quality="repaired")
    GapStore(database).record(btc, "1h", [], span=(START, START + N * HOUR), noticed_at=START + N * HOUR)

    [one] = report(database)

    assert one.ok
    assert "repaired holes: 1; binance repaired 2, binance rest 46" in as_lines(one)[0]


def test_report_of_a_followed_series_that_stopped_is_bad_and_of_another_one_is_not(database, btc):
    write(database, btc, make_rows(40))

    [followed] = report(database)
    nothing, other = report(database, symbols=(OTHER,))

    assert [hole.n_candles for hole in followed.missing] == [6]
    assert (other.census.symbol, other.ok) == (PAIR.name, True)
    assert as_lines(nothing) == ["BAD ETH/USDT 1h: no candle is stored, 0 quarantined"]


def test_report_counts_revisions_and_what_lies_in_quarantine_by_reason(database, btc):
    write(database, btc, make_rows(N))
    write(database, btc, make_rows(3, volume=7.0))
    rejected = make_rows(3).assign(reason=["off the grid", "off the grid", "jump"])
    QuarantineStore(database).add(btc, "1h", rejected, source="binance", seen_at=START)

    [one] = report(database)

    assert as_lines(one)[0].endswith("3 revised, 3 quarantined (jump 1, off the grid 2)")


def run_doctor(settings: Settings, monkeypatch, *flags: str) -> int:
    for name, value in settings_environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["candlecast", "doctor", *flags])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code or 0


def settings_with_all_at(address: str, **others) -> Settings:
    return Settings(
        market={"source": "recorded", "venue_url": f"http://{address}"},
        replay={"url": f"http://{address}"},
        database={"url": f"postgresql://a:b@{address}/c"},
        redis={"url": f"redis://{address}/0"},
        api={"url": f"http://{address}"},
        cluster={"jobs_url": f"http://{address}"},
        _env_file=None,
        **others,
    )


def test_doctor_of_a_stack_that_is_down_says_so_on_a_line_a_part(monkeypatch, capsys):
    code = run_doctor(settings_with_all_at(f"127.0.0.1:{free_port()}"), monkeypatch)

    lines = capsys.readouterr().out.strip().splitlines()
    told = {line.split(":")[0][5:]: line for line in lines}
    assert code == 1
    assert list(told) == [
        *("versions", "secrets", "settings", "ports", "disk", "clock", "database", "redis", "cluster"),
        *("models", "sentiment", "replay", "venues", "feeds", "api"),
    ]
    broken = {name for name, line in told.items() if line.startswith("BAD ")}
    assert broken >= {"settings", "database", "redis", "cluster", "replay", "venues", "api"}
    assert all(" -> " in told[name] for name in broken)
    assert told["models"].startswith("skip")


def test_doctor_ends_in_bounded_time_where_nobody_says_anything(tmp_path, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = f"127.0.0.1:{silent.getsockname()[1]}"
        feeds = {"feed_url": f"http://{nobody}"}
        settings = settings_with_all_at(nobody, news=feeds, stack={"folder": tmp_path}, doctor={"timeout_s": 4})
        before_s = time.monotonic()
        code = run_doctor(settings, monkeypatch, "--json")
        took_s = time.monotonic() - before_s

    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert code == 1
    assert not any(
        checks[name]["ok"] for name in ("settings", "database", "redis", "cluster", "replay", "venues", "api")
    )
    # four seconds of patience, and what starting takes on a busy machine
    assert took_s < 60


def test_doctor_whose_settings_cannot_be_read_tells_what_it_can(tmp_path, monkeypatch, capsys):
    settings = Settings(_env_file=None)
    monkeypatch.setenv("CANDLECAST_REDIS__PASSWORD_FILE", str(tmp_path / "gone"))

    code = run_doctor(settings, monkeypatch, "--json")

    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert code == 1
    assert list(checks) == ["settings", "versions", "secrets"]
    assert "which cannot be read" in checks["settings"]["detail"]
    assert "which is not there" in checks["secrets"]["detail"]


def test_doctor_of_a_full_disk_and_a_taken_port_names_both_mends(tmp_path, monkeypatch, capsys):
    offset = 1_650
    settings = Settings(
        market={"source": "recorded"},
        stack={"folder": tmp_path, "port_offset": offset},
        doctor={"min_free_mb": 1e12},
        _env_file=None,
    )
    with socket.create_server(("127.0.0.1", 8_000 + offset)):
        run_doctor(settings, monkeypatch, "--json")

    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert (checks["disk"]["verdict"], checks["ports"]["verdict"]) == ("broken", "broken")
    assert f"{8_000 + offset} (serve)" in checks["ports"]["detail"]
    assert "--port-offset" in checks["ports"]["mend"]
    assert "models prune" in checks["disk"]["mend"]
    assert not list(tmp_path.iterdir())


def test_doctor_with_data_reports_parts_and_series_as_json(database, btc, postgres, tmp_path, monkeypatch, capsys):
    recording = make_small_recording([PAIR.name], N, start=START)
    write(database, btc, make_rows(N).drop(index=[10]))

    with market_at(recording.end, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        code = run_doctor(settings, monkeypatch, "--data", "--json")

    said = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check["ok"] for check in said["checks"]}
    assert (code, said["ok"]) == (1, False)
    assert [checks[name] for name in ("settings", "database", "redis", "replay", "venues")] == [True] * 5
    assert said["series"][0]["missing"][0]["n_candles"] == 1


def test_doctor_with_data_and_no_database_still_tells_of_the_parts(tmp_path, monkeypatch, capsys):
    nobody = f"127.0.0.1:{free_port()}"
    settings = Settings(market={"source": "recorded"}, database={"url": f"postgresql://a:b@{nobody}/c"}, _env_file=None)

    code = run_doctor(settings, monkeypatch, "--data")

    lines = capsys.readouterr().out.strip().splitlines()
    assert code == 1
    assert lines[-1].startswith("BAD  data: the database does not answer")
