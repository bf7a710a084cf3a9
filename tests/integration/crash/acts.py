"""The acts that a process may die in: each as a function of addresses and folders alone, for a process of its own."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from candlecast.forecasts.ledger import LedgerEntry
from candlecast.market.gaps import Hole
from candlecast.market.symbols import Symbol
from candlecast.models.artefacts import load_model, save_model
from candlecast.record.settler import Settler
from candlecast.registry import Registry
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.migrate import upgrade
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.predictions import PredictionStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.record_world import HOUR, RecordWorld, frozen
from tests.storage_builders import START, make_entry, make_record, make_rows

SYMBOL = Symbol.parse("BTC/USDT")
TIMEFRAME = "1h"
N_OLD, N_NEW = 40, 30
SPAN = (START, START + 30 * HOUR)
BEFORE = [Hole(START + 2 * HOUR, START + 6 * HOUR, 4), Hole(START + 10 * HOUR, START + 12 * HOUR, 2)]
AFTER = [Hole(START + 3 * HOUR, START + 4 * HOUR, 1), Hole(START + 20 * HOUR, START + 21 * HOUR, 1)]


def write_candles(url: str, *, n: int = N_OLD + N_NEW, revised: bool = True) -> None:
    """Write `n` candles; the first ones, where they are stored, with other closes."""
    rows = make_rows(n)
    if revised:
        rows.loc[: N_OLD // 2, "close"] += 0.5
    known_at = rows["close_time"] + timedelta(minutes=int(revised))
    with closing(Database(url)) as database:
        number = SymbolStore(database).ensure([SYMBOL])[SYMBOL.name]
        CandleStore(database).upsert(number, TIMEFRAME, rows, source="test", quality="rest", known_at=known_at)


def note_gaps(url: str, holes: list[Hole]) -> None:
    """Bring the ledger of gaps up to `holes`."""
    with closing(Database(url)) as database:
        number = SymbolStore(database).ensure([SYMBOL])[SYMBOL.name]
        GapStore(database).record(number, TIMEFRAME, holes, span=SPAN, noticed_at=SPAN[1])


def migrate(owner_url: str, app_user: str, password: str) -> None:
    """Bring a schema to its newest step."""
    upgrade(owner_url, app_user=app_user, app_password=password)


def publish(url: str, source: Path, sha256: str, folder: Path) -> None:
    """Save a model, enter it, and let it serve."""
    model = load_model(source, sha256=sha256)
    artefact = save_model(model, folder)
    record = make_record(artefact.path.name, artefact_path=str(artefact.path), sha256=artefact.sha256)
    with closing(Database(url)) as database:
        registry = Registry(ModelStore(database), folder)
        registry.register(record)
        registry.promote(record.id, promoted_at=START)


def promote(url: str, model_id: str) -> None:
    """Let another model serve."""
    with closing(Database(url)) as database:
        ModelStore(database).promote(model_id, promoted_at=START)


def record_forecasts(url: str, entries: list[LedgerEntry]) -> None:
    """Record forecasts in the ledger."""
    with closing(Database(url)) as database:
        PredictionStore(database).record(entries)


def settle(url: str, world: RecordWorld) -> None:
    """Settle all that is due at the end of the candles."""
    now = world.candles[SYMBOL.name]["close_time"].iloc[-1].to_pydatetime()
    with closing(Database(url)) as database:
        Settler(database, clock=frozen(now), timeframe=TIMEFRAME).round()


def entries_of(*hours: int) -> list[LedgerEntry]:
    """Return forecasts of two models after these hours."""
    makers = [make_entry(0).forecast.model.model_copy(update={"id": name}) for name in ("m1", "m2")]
    return [make_entry(hour, model=maker) for hour in hours for maker in makers]
