"""Orders as the venue numbers them, positions without a stop, blocked order books, somebody else's orders, breaks.

Revision ID: 0004
Revises: 0003
"""

from quorate.domain.errors import BadInput
from quorate.store.migrations.sql_file import run_sql_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and fill them with what the journal says already."""
    run_sql_file("0004_venue")


def downgrade() -> None:
    """What the journal says is never thrown away by a migration."""
    raise BadInput("What is known of a venue is not taken back by a migration.", hint="Restore a backup instead.")
