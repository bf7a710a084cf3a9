"""What does the news desk work with? Put together here, from settings."""

from candlecast.bootstrap import open_cache, open_database, open_market, open_rate_limits
from candlecast.news.collector import NewsCollector
from candlecast.news.desk import NewsDesk
from candlecast.news.feeds.factory import open_feeds
from candlecast.news.intake import NewsIntake
from candlecast.news.linking import SymbolLinker
from candlecast.news.rounds import Listeners
from candlecast.news.scoring import score_new
from candlecast.sentiment.engines import Engines
from candlecast.settings import Settings
from candlecast.storage.feed_states import FeedStates
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.postgres.sentiment import SentimentStore
from candlecast.storage.postgres.symbols import SymbolStore
from candlecast.storage.redis_link import RedisLink


def open_news(settings: Settings) -> NewsDesk:
    """Open what collects news and has it judged.

    Raises
    ------
    InvalidRequestError
        When the feeds are not named as they must be.
    """
    market, database = open_market(settings), open_database(settings)
    # stories are linked to symbols that the database knows
    SymbolStore(database).ensure(market.symbols)
    store, engines = NewsStore(database), Engines(settings.sentiment)
    intake = NewsIntake(store, SymbolLinker(market.symbols))
    link, cache = RedisLink(settings.redis.url.get_secret_value()), open_cache(settings)
    feeds, budgets = open_feeds(settings.news), open_rate_limits(settings, share=1.0)
    collector = NewsCollector(
        feeds,
        intake,
        budgets=budgets,
        clock=market.clock,
        interval_s=settings.news.interval_s,
        listeners=Listeners(states=FeedStates(link), publish=cache.publish_many),
    )
    return NewsDesk(
        collector=collector,
        intake=intake,
        judge_new=lambda: score_new(store, SentimentStore(database), engines.get(), market.clock),
        clock=market.clock,
        interval_s=settings.news.interval_s,
        archive=settings.replay.news if settings.replay.url else None,
        closers=(feeds.client.close, budgets.close, cache.close, link.close),
    )
