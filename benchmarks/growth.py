"""What grows with the data? Time to write, forecast and ask at 10 to 1,000 symbols and 1 to 100 million candles.

``python benchmarks/growth.py [--quick] [--sizes 100x1M,100x100M] [--folder DIR] [--page docs/growth.md] [--json]``

Without --sizes up to 10 million candles, 2 GB of disk; 100 million (``--sizes all``) take 20 GB. Where they are not
free, nothing is begun.

Each size gets a PostgreSQL database of generated 5m candles in the product's own table with its monthly partitions,
written by COPY; the ledger holds a forecast for each 500 candles. Then everything is done by the product's own code, in
this process. There is no peer: each figure is compared with itself at another size, as the exponent of growth between
the smallest and the largest (0: the same at any size, 1: in proportion). The run fails where the newest candles or the
forecasts of a close take more than `MOST_RATIO` times as long at the most candles as at the fewest.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import stand
from growth_page import write_page
from growth_questions import time_bulk, time_questions
from growth_work import open_growth, time_closes
from growth_world import Size, drop_size, open_size, server
from report import Bar, commit, finish, machine

from candlecast.storage.embedded import EmbeddedPostgres

SIZES = "10x1M,100x1M,1000x1M,10x10M,100x10M,1000x10M"
ALL_SIZES = f"{SIZES},100x100M"
# a candle with its indexes, and its share of the ledger
BYTES_A_CANDLE = 200
QUICK = "10x0.1M,100x0.1M,10x1M"
HELD = ("latest 500 candles", "forecasts of a close", "first forecasts")
MOST_RATIO = 2.0
LEDGER_SHARE = 500

Figures = dict[Size, dict[str, float]]


def main() -> None:
    options = _options()
    chosen = QUICK if options.quick else ALL_SIZES if options.sizes == "all" else options.sizes
    sizes = [_size(text) for text in chosen.split(",")]
    with _folder(options.folder) as root:
        require_disk(disk_need(sizes, kept=options.folder is not None), root)
        with server(root) as postgres:
            found = _measure(postgres, sizes, options)
    if not found:
        return
    n = options.closes
    rows = [_row(size, name, seconds, n=n) for size, figures in found.items() for name, seconds in figures.items()]
    if options.page:
        write_page(Path(options.page), rows, commit=commit(), machine=machine())
    bars = [Bar(f"{name}, held", "ratio", least=1 / MOST_RATIO) for name in HELD]
    finish("growth", rows + _held(found, n=n), as_json=options.json, bars=[] if options.quick else bars)


def disk_need(sizes: Sequence[Size], *, kept: bool) -> int:
    """Return the bytes that databases of `sizes` take: all of them where they are kept, else the largest."""
    taken = [size.n_candles * BYTES_A_CANDLE for size in sizes]
    return sum(taken) if kept else max(taken)


def require_disk(n_bytes: int, root: Path) -> None:
    """Return if `root` has room for `n_bytes`, what it holds already among them, and say so."""
    held = sum(file.stat().st_blocks * 512 for file in root.rglob("*") if file.is_file())
    free = shutil.disk_usage(root).free
    said = f"growth: the databases take {n_bytes / 1e9:.1f} GB in {root}, where {(free + held) / 1e9:.1f} GB are free"
    if n_bytes > free + held:
        raise SystemExit(f"{said}; name smaller --sizes, or a --folder with room")
    print(said, flush=True)


def _measure(postgres: EmbeddedPostgres, sizes: Sequence[Size], options: argparse.Namespace) -> Figures:
    found: Figures = {}
    for size in sizes:
        database = open_size(postgres, size)
        if options.fill_only:
            database.close()
            continue
        with tempfile.TemporaryDirectory() as models:
            growth = open_growth(database, f"{postgres.url.rsplit('/', 1)[0]}/{size.name}", size, Path(models))
            figures = time_closes(growth, n_closes=options.closes, n_recorded=size.n_candles // LEDGER_SHARE)
            found[size] = figures | time_questions(growth, n=options.closes * 5) | time_bulk(growth)
            _show(size, found[size])
        database.close()
        if options.folder is None:
            drop_size(postgres, size)
    return found


def _held(found: Figures, *, n: int) -> list[dict[str, Any]]:
    # at the most candles, beside the same at the fewest
    rows = []
    for n_symbols in sorted({size.n_symbols for size in found}):
        same = sorted((size for size in found if size.n_symbols == n_symbols), key=lambda size: size.n_candles)
        for name in HELD if len(same) > 1 else ():
            peer_s, ours_s = found[same[0]][name], found[same[-1]][name]
            print(f"{name}, {n_symbols} symbols: {ours_s / peer_s:.2f} times as long at {same[-1].n_candles:,} candles")
            row = _row(same[-1], name, ours_s, n=n) | {"metric": f"{name}, held", "peer": peer_s}
            rows.append(row | {"ratio": peer_s / ours_s, "peer_is": f"at {same[0].n_candles:,} candles"})
    return rows


def _show(size: Size, figures: dict[str, float]) -> None:
    print(f"\n{size.n_symbols:,} symbols, {size.n_candles:,} candles", flush=True)
    for name, seconds in figures.items():
        print(f"  {name:40} {seconds * 1_000:12,.2f} ms")


def _row(size: Size, name: str, seconds: float, *, n: int) -> dict[str, Any]:
    scale = {"symbols": size.n_symbols, "candles": size.n_candles, "n": n}
    return {"metric": name, "ours": seconds, "unit": "s", "higher_is_better": False, **scale}


def _size(text: str) -> Size:
    n_symbols, millions = text.strip().removesuffix("M").split("x")
    return Size(int(n_symbols), int(float(millions) * 1_000_000))


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with stand.folder() as made:
        yield made


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"the sizes {QUICK}")
    parser.add_argument("--sizes", default=SIZES, help="SYMBOLSxMILLIONSM, comma-separated; all: to 100 million")
    parser.add_argument("--closes", type=int, default=8, help="closes that are timed; questions five times as often")
    parser.add_argument("--folder", type=Path, help="keeps the databases here, for the next run; default: thrown away")
    parser.add_argument("--fill-only", action="store_true", help="only write the candles that --folder lacks")
    parser.add_argument("--page", help="Markdown page whose table is written anew, its plot beside it in images/")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
