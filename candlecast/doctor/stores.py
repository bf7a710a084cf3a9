"""How are PostgreSQL and Redis, as this process is told to reach them?"""

from collections.abc import Iterator

from candlecast.doctor.finding import Finding, broken, together, warning
from candlecast.errors import StorageError
from candlecast.settings import Settings
from candlecast.storage.postgres.health import DatabaseHealth, read_health
from candlecast.storage.redis_health import RedisHealth, read_redis_health

POLICY = "allkeys-lru"
START = 'start the stack with `candlecast run`, then eval "$(candlecast env)"'
_UPGRADE = "candlecast db upgrade"
_CROWDED = 0.9
# words of the server or its client library, and what they ask for
_MENDS = (
    (
        "password authentication failed",
        "give the role's password in CANDLECAST_DATABASE__PASSWORD or its file; `candlecast db upgrade` sets it anew",
    ),
    ("no password supplied", "give the role's password in CANDLECAST_DATABASE__PASSWORD or its file"),
    ("does not exist", "correct role and database in CANDLECAST_DATABASE__URL, or run `candlecast db upgrade`"),
    ("could not translate host name", "correct the host in CANDLECAST_DATABASE__URL"),
    ("SSL", "give the database TLS and a certificate that sslrootcert knows, or change sslmode in the address"),
    ("certificate", "give the database a certificate that sslrootcert knows, or change sslrootcert in the address"),
    ("too many clients", "raise max_connections of PostgreSQL, or lower CANDLECAST_DATABASE__POOL_SIZE"),
)
_REDIS_PASSWORD = "give Redis' password in CANDLECAST_REDIS__PASSWORD or its file"
_REFUSALS = ("auth", "wrongpass", "username-password")


def look_at_database(settings: Settings, *, timeout_s: float) -> Finding:
    """Connect as the application does: does the database answer, and is it as it must be?"""
    url = settings.database.url.get_secret_value()
    if not url:
        return broken("no database is configured, CANDLECAST_DATABASE__URL is empty", START)
    try:
        health = read_health(url, timeout_s=timeout_s)
    except StorageError as error:
        otherwise = f"start PostgreSQL, or {START}"
        return broken(str(error), next((mend for word, mend in _MENDS if word in str(error)), otherwise))
    way = "by TLS" if health.tls else "on this machine" if health.local else "without TLS"
    return together(list(_wrongs_of(health)), otherwise=f"answers {way}, writable, schema at {health.schema}")


def look_at_redis(settings: Settings, *, timeout_s: float) -> Finding:
    """Ask Redis: does it answer, and does it drop old keys when it is full?"""
    url = settings.redis.url.get_secret_value()
    if not url:
        return warning("not configured: nothing is cached, limits and streams are each process' own", START)
    try:
        health = read_redis_health(url, timeout_s=timeout_s)
    except StorageError as error:
        detail = f"{error}; nothing is lost, everything is slower"
        refused = any(word in str(error).lower() for word in _REFUSALS)
        return broken(detail, _REDIS_PASSWORD if refused else f"start Redis, or {START}")
    used, limit = health.memory_bytes / 1e6, health.memory_limit_bytes / 1e6
    return together(list(_wrongs_of_redis(health)), otherwise=f"answers, {used:,.0f} of {limit:,.0f} MB, {POLICY}")


def _wrongs_of(health: DatabaseHealth) -> Iterator[Finding]:
    if health.schema is None:
        yield broken("its schema was never made", _UPGRADE)
    elif health.schema < health.newest_schema:
        yield broken(f"its schema is at {health.schema}, newest is {health.newest_schema}", _UPGRADE)
    elif health.schema > health.newest_schema:
        detail = f"its schema is at {health.schema}, this version knows up to {health.newest_schema}"
        yield warning(detail, "install the version that brought it there")
    if health.refusal:
        yield broken(f"nothing can be written: {health.refusal}", "make room on its disk, or name the primary server")
    if not (health.tls or health.local):
        yield warning("goes over the network without TLS", "add sslmode=verify-full to CANDLECAST_DATABASE__URL")
    if health.superuser:
        yield warning("is used by a superuser, who may change the ledger", "use the application's role in the address")
    if health.n_connections > _CROWDED * health.most_connections:
        detail = f"holds {health.n_connections} of {health.most_connections} connections"
        yield warning(detail, "raise max_connections of PostgreSQL, or lower CANDLECAST_DATABASE__POOL_SIZE")


def _wrongs_of_redis(health: RedisHealth) -> Iterator[Finding]:
    if not health.writable:
        yield broken("is a replica, which takes no writes", "name the primary in CANDLECAST_REDIS__URL")
    if not health.saves:
        yield broken("its last save failed: it may refuse writes", "make room on its disk")
    if health.policy != POLICY:
        detail = f"has maxmemory-policy {health.policy}: when it is full, it refuses or drops the wrong keys"
        yield warning(detail, f"redis-cli config set maxmemory-policy {POLICY}")
    if not health.memory_limit_bytes:
        yield warning("may take all memory of its machine", "redis-cli config set maxmemory 256mb")
