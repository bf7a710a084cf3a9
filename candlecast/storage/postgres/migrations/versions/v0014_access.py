"""Keys of the HTTP API are called by a name that one key in force has."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Let names be given again once their key is revoked, and not before."""
    op.execute("CREATE UNIQUE INDEX api_keys_name_in_force ON api_keys (name) WHERE revoked_at IS NULL")
