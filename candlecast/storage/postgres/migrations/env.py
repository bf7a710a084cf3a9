"""What Alembic runs to apply the scripts: uses the connection it is given and opens none."""

from alembic import context
from sqlalchemy import Connection

# Outside of Alembic (a plain import) there is no configuration, and nothing is done.
_connection = context.config.attributes.get("connection") if hasattr(context, "config") else None
if isinstance(_connection, Connection):
    context.configure(connection=_connection)
    with context.begin_transaction():
        context.run_migrations()
