"""The first tables: the journal, its projections, and what the roles tell each other.

Revision ID: 0001
Revises:
"""

from quorate.domain.errors import BadInput
from quorate.store.migrations.sql_file import run_sql_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    for name in ("0001_journal", "0001_projections", "0001_exchange_between_roles", "0001_grants"):
        run_sql_file(name)


def downgrade() -> None:
    """The journal is never thrown away by a migration."""
    raise BadInput("There is nothing before the first tables.", hint="Restore a backup instead.")
