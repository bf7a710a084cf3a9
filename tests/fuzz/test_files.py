"""Whatever lies in a file that someone names: is it read as what it says, or refused in one line that names it?"""

import gzip
import io
from dataclasses import asdict
from pathlib import Path

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from candlecast.backup.archive import unpack_archive
from candlecast.backup.manifest import Manifest, read_manifest
from candlecast.clock import ReplayClock
from candlecast.errors import InvalidRequestError
from candlecast.market.symbols import Symbol
from candlecast.replay.faults.script import read_script
from candlecast.replay.files import read_candle_file
from candlecast.replay.headlines import load_headlines
from candlecast.replay.position import Position
from candlecast.replay.recordings import load_recording
from candlecast.replay.server import build_replay
from candlecast.sentiment.labelled import read_labelled, read_texts
from jobs.symbols_option import read_symbols
from tests.builders import make_candles
from tests.fuzz.budget import searched
from tests.fuzz.outcome import result_of
from tests.fuzz.spoiling import as_json, bodies_like, cut_or_recoded, odd_times, scalars

FRAME = make_candles(6).rename(columns={"open_time": "ts"}).drop(columns="close_time")
CANDLES = FRAME.to_csv(index=False).encode()
NEWS = b"published_at,title,source,url\n2021-01-04T00:00:00Z,Bitcoin gains,wire,https://a.example/1\n"
TEXTS = b"text,label\nBitcoin gains,positive\nBitcoin falls,negative\n"
SYMBOLS = b"symbol,name\nBTC/USDT,Bitcoin\nAAPL,Apple\n"
FAULTS = [{"kind": "drop", "venue": "binance", "start_s": 1, "length_s": 2, "symbols": ["BTC/USDT"]}]
STATE = {"recording": "r", "timeframe": "1h", "start": "", "market_time": "2021-01-04T00:00:00+00:00", "speed": 60.0}
MANIFEST = Manifest("2021-01-04T00:00:00+00:00", "0015", "live", {"symbols": 1}, {"m": "ab"}, {"database.dump": "cd"})

cells = st.one_of(scalars.map(str), odd_times).map(lambda text: text.replace("\ud800", "?"))


def tables_like(table: bytes) -> st.SearchStrategy[bytes]:
    """Return a strategy of CSV in the place of `table`: cells that are something else, rows too short, broken bytes."""
    lines = [line.split(",") for line in table.decode().splitlines()]

    @st.composite
    def other_cells(draw):
        rows = [list(line) for line in lines]
        for _ in range(draw(st.integers(1, 3))):
            row = draw(st.sampled_from(rows))
            place = draw(st.integers(0, len(row)))
            row[place : place + draw(st.integers(0, 1))] = [draw(cells)]
        return "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")

    return st.one_of(other_cells(), other_cells(), cut_or_recoded(table), st.binary(max_size=80))


@st.composite
def packed(draw, bodies):
    """Draw a body packed by gzip, whole, cut or with bytes changed."""
    body = gzip.compress(draw(bodies), mtime=0)
    return body if draw(st.booleans()) else draw(cut_or_recoded(body))


@pytest.mark.parametrize("name", ["BTC_USDT.csv", "BTC_USDT.csv.gz", "AAPL.csv"])
def test_candle_table_is_candles_that_can_be_played_or_refused(tmp_path, name):
    path, bodies = tmp_path / name, tables_like(CANDLES)

    @searched(60)
    @hypothesis.given(body=packed(bodies) if name.endswith(".gz") else bodies)
    def read(body):
        path.write_bytes(body)
        symbol = Symbol.parse(name.partition(".")[0].replace("_", "/"))
        raw = result_of(lambda: read_candle_file(path, symbol), errors=InvalidRequestError)
        if raw is not None:
            assert raw.opens.is_monotonic_increasing
            assert raw.opens.is_unique
            assert np.isfinite(raw.values[:, :4]).all()
        playable(tmp_path)

    read()


def playable(folder: Path) -> None:
    # whatever can be loaded can be played from its beginning
    recording = result_of(lambda: load_recording(folder, []), errors=InvalidRequestError)
    if recording is not None:
        clock = ReplayClock(wall_anchor_s=0.0, market_anchor=recording.start, end=recording.end, speed=1.0)
        assert build_replay(recording, clock)


@searched(40)
@hypothesis.given(
    column=st.sampled_from(list(FRAME.columns)),
    values=st.lists(scalars.filter(lambda value: not isinstance(value, str)), min_size=6, max_size=6)
    | st.lists(st.text(max_size=8), min_size=6, max_size=6)
    | st.lists(st.lists(st.integers(), max_size=2), min_size=6, max_size=6),
)
def test_parquet_of_other_types_is_candles_or_refused(tmp_path_factory, column, values):
    path = tmp_path_factory.mktemp("parquet") / "BTC_USDT.parquet"
    try:
        FRAME.assign(**{column: pd.Series(values)}).to_parquet(path)
    except (ValueError, TypeError, OverflowError):
        # what cannot be written is in no file
        hypothesis.reject()
    result_of(lambda: read_candle_file(path, Symbol.parse("BTC/USDT")), errors=InvalidRequestError)


def test_parquet_that_is_cut_or_changed_is_candles_or_refused(tmp_path):
    path = tmp_path / "BTC_USDT.parquet"
    buffer = io.BytesIO()
    FRAME.to_parquet(buffer)

    @searched(60)
    @hypothesis.given(body=cut_or_recoded(buffer.getvalue()))
    def read(body):
        path.write_bytes(body)
        result_of(lambda: read_candle_file(path, Symbol.parse("BTC/USDT")), errors=InvalidRequestError)

    read()


READERS = {
    "news.csv": (load_headlines, tables_like(NEWS)),
    "news.csv.gz": (load_headlines, packed(tables_like(NEWS))),
    "labelled.csv": (read_labelled, tables_like(TEXTS)),
    "texts.csv": (read_texts, tables_like(TEXTS)),
    "symbols.csv": (lambda path: read_symbols(f"@{path}"), tables_like(SYMBOLS)),
    "faults.json": (lambda path: read_script(path, symbols=["BTC/USDT"]), bodies_like(FAULTS)),
    "state.json": (lambda path: Position(path, "r", "1h", "").resume(), bodies_like(STATE)),
    "manifest.json": (lambda path: read_manifest(path.read_bytes()), bodies_like(asdict(MANIFEST))),
}


@pytest.mark.parametrize("name", READERS)
def test_file_is_read_or_refused_in_one_line(tmp_path, name):
    path = tmp_path / name
    reader, bodies = READERS[name]

    @searched(50)
    @hypothesis.given(body=bodies)
    def read(body):
        path.write_bytes(body)
        result_of(lambda: reader(path), errors=InvalidRequestError)

    read()


def test_backup_that_is_cut_or_changed_is_refused_and_nothing_lies_outside_its_folder(tmp_path):
    import tarfile

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in {"manifest.json": MANIFEST.encoded(), "database.dump": b"x" * 600}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

    @searched(60)
    @hypothesis.given(body=cut_or_recoded(stream.getvalue()) | st.binary(max_size=700))
    def unpack(body):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        result_of(lambda: unpack_archive(io.BytesIO(body), folder), errors=InvalidRequestError)
        assert [path.name for path in tmp_path.iterdir()] == ["in"]

    unpack()


def test_files_as_they_should_be_are_read(tmp_path):
    for name, content in {
        "news.csv": NEWS, "labelled.csv": TEXTS, "symbols.csv": SYMBOLS,
        "faults.json": as_json(FAULTS), "state.json": as_json(STATE), "manifest.json": MANIFEST.encoded(),
    }.items():  # fmt: skip
        path = tmp_path / name
        path.write_bytes(content)

        assert READERS[name][0](path)
