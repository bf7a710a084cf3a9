"""What may the application do in the database? Everything its work needs, and only append to the ledger."""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import encrypt_password

from candlecast.errors import InvalidRequestError

APPEND_ONLY_TABLES = ("predictions_table", "outcomes_table", "forecast_misses", "alert_firings", "ohlcv_revisions")
EDITABLE_TABLES = (
    *("symbols", "ohlcv_table", "candle_gaps", "quarantine"),
    *("news_table", "news_symbols", "news_outlets", "sentiment_table"),
    *("model_metadata", "model_studies", "model_trials", "model_evaluations", "prediction_heads"),
    *("settling_marks", "track_record_days", "track_record_levels", "track_record_bins", "drift_states"),
    *("api_keys", "alert_rules", "alert_deliveries", "scheduled_runs"),
)


def fit_application_role(connection: Connection, user: str, password: str) -> None:
    """Make `user` a role that can log in and holds exactly the rights of the application.

    Parameters
    ----------
    connection : psycopg2 connection
        As the owner, inside a transaction that is left open; a second run at the same time
        would clash, so hold a lock.
    user : str
        Name of the role, made when absent.
    password : str
        Its password; only the SCRAM verifier is sent to the server.

    Raises
    ------
    InvalidRequestError
        When `user` is the owner itself.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", (user, user))
        is_owner, exists = cursor.fetchone() or (False, False)
        if is_owner:
            raise InvalidRequestError(f"application role must differ from the owner, was {user!r}; name another role")
        role = sql.Identifier(user)
        verb = sql.SQL("ALTER" if exists else "CREATE")
        verifier = sql.Literal(encrypt_password(password, user, connection, "scram-sha-256"))
        rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD"
        cursor.execute(sql.SQL("{} ROLE {} {} {}").format(verb, role, sql.SQL(rights), verifier))
        _grant(cursor, role)


def _grant(cursor: Cursor, role: sql.Identifier) -> None:
    append_only = sql.SQL(", ").join(map(sql.Identifier, APPEND_ONLY_TABLES))
    editable = sql.SQL(", ").join(map(sql.Identifier, EDITABLE_TABLES))
    statements = (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT ON alembic_version TO {role}",
        "GRANT SELECT, INSERT ON {append_only} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {editable} TO {role}",
        "GRANT EXECUTE ON FUNCTION ensure_candle_partitions TO {role}",
    )
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(role=role, append_only=append_only, editable=editable))
