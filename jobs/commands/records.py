"""What is stored: the schema, the models, the settings in force, and one forecast."""

from typing import Annotated

import typer

from candlecast.bootstrap import open_database, open_market
from candlecast.client import CandlecastClient
from candlecast.registry import Registry
from candlecast.settings_example import env_example
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.upgrading import schema_state, upgrade_schema
from jobs.entry import load_settings, show, with_market

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]

database = typer.Typer(no_args_is_help=True, help="The schema of PostgreSQL.")
models = typer.Typer(no_args_is_help=True, help="Trained models.")
config = typer.Typer(no_args_is_help=True, help="The settings in force.")


@database.command()
def upgrade() -> None:
    """Bring the schema to its newest step, as the owner; safe to repeat."""
    result = upgrade_schema(load_settings())
    typer.echo(f"schema at {result.current}")


@database.command("status")
def schema_status(as_json: AsJson = False) -> None:
    """Print at which step the schema stands; exit 1 when steps are missing."""
    result = schema_state(load_settings())
    text = f"schema at {result.current}, newest {result.head}"
    show({"current": result.current, "head": result.head, "up_to_date": result.up_to_date}, text=text, as_json=as_json)
    if not result.up_to_date:
        raise typer.Exit(1)


@models.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Print all models, newest first."""
    records = ModelStore(open_database(load_settings())).list()
    lines = [
        f"{m.id}  {_state(m):9}  {m.timeframe} h={m.horizon}  {m.algorithm}  trained {m.trained_at:%Y-%m-%d %H:%M}Z"
        for m in records
    ]
    rows = [
        {"id": m.id, "status": _state(m), "timeframe": m.timeframe, "horizon": m.horizon, "algorithm": m.algorithm}
        for m in records
    ]
    show(
        {"models": rows},
        text="\n".join(lines) or "no model is registered; train one with `candlecast train`",
        as_json=as_json,
    )


@models.command()
def promote(model_id: Annotated[str, typer.Argument(help="id from `candlecast models list`")]) -> None:
    """Make a model the one that answers, whatever its figures say."""
    from candlecast.reading import tell_promoted

    settings = load_settings()
    market = open_market(settings)
    registry = Registry(ModelStore(open_database(settings)), settings.models.folder)
    record = registry.promote(model_id, promoted_at=market.clock.now())
    tell_promoted(settings, market, record)
    typer.echo(f"model {model_id} is promoted")


@models.command()
def rollback(
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    horizon: Annotated[int, typer.Option(min=0, max=96, help="candles ahead; 0: the one that is followed")] = 0,
) -> None:
    """Let the model answer again that was promoted before the present one; run again, and the one before that."""
    from candlecast.reading import tell_promoted

    settings = with_market(load_settings(), symbols="", timeframe=timeframe, horizon=horizon)
    market, database = open_market(settings), open_database(settings)
    registry = Registry(ModelStore(database), settings.models.folder)
    record = registry.roll_back(market.settings.timeframe, market.settings.horizon)
    tell_promoted(settings, market, record)
    typer.echo(f"model {record.id} is promoted again")


@models.command()
def prune(as_json: AsJson = False) -> None:
    """Delete the files of old models: all but each champion, the 3 before it, and the last 30 days' models."""
    settings = load_settings()
    registry = Registry(ModelStore(open_database(settings)), settings.models.folder)
    gone = registry.prune(now=open_market(settings).clock.now())
    show({"pruned": gone}, text="\n".join([f"pruned {name}" for name in gone] or ["nothing to prune"]), as_json=as_json)


def _state(record: ModelRecord) -> str:
    return "pruned" if record.pruned else record.status


@config.command("show")
def show_config(as_json: AsJson = False) -> None:
    """Print every setting; secrets are masked."""
    plain = load_settings().model_dump(mode="json")
    lines = []
    for group, value in plain.items():
        fields = value.items() if isinstance(value, dict) else [("", value)]
        lines += [f"CANDLECAST_{group}{'__' if name else ''}{name}".upper() + f"={field}" for name, field in fields]
    show(plain, text="\n".join(lines), as_json=as_json)


@config.command("example")
def show_example() -> None:
    """Print `.env.example`: every setting with its meaning and default."""
    typer.echo(env_example(), nl=False)


def predict(
    symbol: Annotated[str, typer.Argument(help="as BTC/USDT or AAPL")],
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d")] = "1h",
    horizon: Annotated[int, typer.Option(min=1, max=96, help="candles ahead")] = 1,
    as_json: AsJson = False,
) -> None:
    """Ask the running API for one forecast.

    Example: candlecast predict BTC/USDT --timeframe 1h
    """
    api = load_settings().api
    with CandlecastClient(api.url, api_key=api.key.get_secret_value(), timeout_s=30) as client:
        forecast = client.forecast(symbol, timeframe, horizon=horizon)
    band = next(interval for interval in forecast.intervals if interval.level == 0.8)
    text = (
        f"{forecast.symbol} {forecast.timeframe} at {forecast.target_time:%Y-%m-%d %H:%M}Z: {forecast.direction}, "
        f"P(up) {forecast.p_up:.3f}, 80 % interval {band.low:.6g} to {band.high:.6g}, "
        f"last close {forecast.last_close:.6g}"
    )
    show(forecast.model_dump(mode="json"), text=text, as_json=as_json)
