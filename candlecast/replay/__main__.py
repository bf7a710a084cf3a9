"""``python -m candlecast.replay``: play recorded candles and headlines on a local port."""

import argparse
import sys
from pathlib import Path

import uvicorn

from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.logs import configure_logs
from candlecast.replay.faults.script import read_script
from candlecast.replay.headlines import Headlines, load_headlines, make_headlines
from candlecast.replay.position import Position, start_clock
from candlecast.replay.recordings import Recording, load_recording
from candlecast.replay.server import build_replay
from candlecast.replay.synthetic import make_recording, name_symbols
from candlecast.settings import Settings

EXAMPLE = "example: python -m candlecast.replay --data candles --symbols BTC/USDT --speed 3600 --port 8100"


def main(arguments: list[str] | None = None) -> int:
    """Serve a recording until stopped; return 2 when what was asked for cannot be played."""
    options = _parser().parse_args(arguments)
    configure_logs(Settings(), program="replay")
    try:
        recording = _recording(options)
        position = None
        if options.state:
            state = Path(options.state)
            position = Position(state, recording.name, recording.timeframe, options.start)
        clock = start_clock(recording, start=options.start, speed=options.speed, position=position)
        headlines = _headlines(options, recording)
        faults = read_script(Path(options.faults), symbols=recording.series) if options.faults else None
    except CandlecastError as error:
        sys.stderr.write(f"replay: {error}\n")
        return 2
    app = build_replay(recording, clock, headlines=headlines, position=position, faults=faults)
    uvicorn.run(
        app,
        host=options.host,
        port=options.port,
        access_log=False,
        log_config=None,
        ws_per_message_deflate=False,
        # Requests that a fault holds up would hold up the end as well.
        timeout_graceful_shutdown=1,
    )
    return 0


def _recording(options: argparse.Namespace) -> Recording:
    if options.synthetic is None:
        return load_recording(Path(options.data) if options.data else None, _split(options.symbols))
    if options.data or options.symbols:
        raise InvalidRequestError("--synthetic makes up its own symbols; leave out --data and --symbols")
    names = name_symbols(options.synthetic)
    return make_recording(names, timeframe=options.timeframe, n_candles=options.candles, seed=options.seed)


def _headlines(options: argparse.Namespace, recording: Recording) -> Headlines | None:
    if options.news:
        return load_headlines(Path(options.news))
    if options.synthetic is None:
        return None
    return make_headlines(list(recording.series), recording.start, recording.end, seed=options.seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="candlecast.replay", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--data", default="", help="folder of SYMBOL.csv(.gz) or .parquet; empty: shipped daily stocks")
    parser.add_argument("--news", default="", help="CSV(.gz) of published_at,title[,source,url] to play as news")
    parser.add_argument("--symbols", default="", help="comma-separated, as BTC/USDT,ETH/USDT; empty: all")
    parser.add_argument("--synthetic", type=int, metavar="N_SYMBOLS", help="generate candles instead of reading --data")
    parser.add_argument("--timeframe", default="1m", help="of generated candles, default 1m")
    parser.add_argument("--candles", type=int, default=2_000, help="generated candles a symbol, default 2000")
    parser.add_argument("--seed", type=int, default=1, help="seed of generated candles, default 1")
    parser.add_argument("--start", default="", help="market time to begin at, RFC 3339; empty: 500 candles before end")
    parser.add_argument("--speed", type=_speed, default=60.0, help="market seconds per wall second, default 60")
    parser.add_argument("--host", default="127.0.0.1", help="interface to listen on")
    parser.add_argument("--port", type=int, default=8100, help="port to listen on")
    parser.add_argument("--state", default="", help="file that keeps the market time across restarts; empty: none")
    parser.add_argument("--faults", default="", help="JSON script of what goes wrong, see docs/replay.md; empty: none")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 86_400:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most 86400, was {text}")
    return speed


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


if __name__ == "__main__":
    sys.exit(main())
