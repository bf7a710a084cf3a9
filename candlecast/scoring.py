"""What scores the forecasts of one process? Put together here, from settings."""

from candlecast.bootstrap import followed_symbols, open_cache, open_database, open_market
from candlecast.reading import publish_promoted
from candlecast.record.drift_watch import DriftWatch
from candlecast.record.scorer import LedgerPromoter, Scorer
from candlecast.record.settler import Settler
from candlecast.registry import Registry
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelStore


def open_scorer(settings: Settings) -> Scorer:
    """Open what settles, looks for drift and lets challengers take over."""
    market, database, cache = open_market(settings), open_database(settings), open_cache(settings)
    clock, timeframe, symbols = market.clock, market.settings.timeframe, followed_symbols(market, database)
    registry = Registry(ModelStore(database), settings.models.folder)
    promoter = LedgerPromoter(
        database,
        registry=registry,
        timeframe=timeframe,
        tell=lambda promoted: publish_promoted(cache, list(symbols), promoted),
    )
    return Scorer(
        settler=Settler(database, clock=clock, timeframe=timeframe),
        watch=DriftWatch(database, clock=clock, timeframe=timeframe, symbols=symbols),
        promoter=promoter if settings.models.promote_by_ledger else None,
        cache=cache,
        clock=clock,
        timeframe=timeframe,
    )
